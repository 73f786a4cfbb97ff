package aiguanhuai

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/orgbridge/orgbridge/internal/batch"
	"github.com/orgbridge/orgbridge/internal/wire"
)

// maxChunk is the most records of one call: 推荐每次最多2000条记录.
const maxChunk = 2000

// Opt is an optional field of a record. The zero Opt is absent and leaves the
// field out; a set one travels, and a set empty value clears what the vendor
// holds. It prints as "set" or "absent", never as its value.
type Opt[T any] = wire.Opt[T]

// Set returns an Opt that holds v.
func Set[T any](v T) Opt[T] { return wire.Set(v) }

// record is what a call carries, one kind a call.
type record[T any] interface {
	Department | Person

	kind() string
	id() string
	parentID() string
	// check names the first field that must not be sent as it is, and why.
	check() (field, reason string)
	// outgoing returns the record as it travels.
	outgoing() T
}

func encode[T record[T]](records []T) ([]byte, error) {
	var zero T
	payload := struct {
		Type string `json:"type"`
		Data []T    `json:"data"`
	}{zero.kind(), make([]T, len(records))}
	for i, r := range records {
		payload.Data[i] = r.outgoing()
	}
	return wire.Encode(payload)
}

// checkAll returns nil, or a *PartialError of one *FieldError for each record
// that must not be sent. No records at all are an error too (200009 数据为空).
func checkAll[T record[T]](op string, records []T) error {
	if len(records) == 0 {
		return &FieldError{Op: op, Field: "data", Reason: "is empty"}
	}
	errs := make([]error, len(records))
	for i, r := range records {
		errs[i] = checkOne(op, "data", i, r)
	}
	return batch.Join(len(records), errs)
}

func checkOne[T record[T]](op, list string, i int, r T) error {
	field, reason := r.check()
	if field == "" {
		return nil
	}
	return &FieldError{Op: op, Field: fmt.Sprintf("%s[%d].%s", list, i, field), Reason: reason}
}

// text is a field with a text in it.
type text struct {
	field    string
	value    string
	required bool
}

// checkTexts refuses what is missing, and what JSON would quietly replace by
// U+FFFD.
func checkTexts(texts ...text) (field, reason string) {
	for _, t := range texts {
		switch {
		case t.required && strings.TrimSpace(t.value) == "":
			return t.field, "is required"
		case !utf8.ValidString(t.value):
			return t.field, "is not valid UTF-8"
		}
	}
	return "", ""
}
