package aiguanhuai

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/orgbridge/orgbridge/internal/batch"
	"github.com/orgbridge/orgbridge/internal/kernel"
	"github.com/orgbridge/orgbridge/internal/wire"
)

// MaxBatch is the most records that one call takes (推荐每次最多2000条记录). A client cuts longer lists by
// itself.
const MaxBatch = 2000

// Opt is an optional field of a record. The zero Opt is absent and leaves the
// field out; a set one travels, and a set empty value clears what the vendor
// holds. It prints as "set" or "absent", never as its value.
//
//	func Set[T any](v T) Opt[T]       // an Opt that holds v
//	func (o Opt[T]) Get() (T, bool)   // the value, and whether it is set
//	func (o Opt[T]) Or(fallback T) T  // the value, or fallback when absent
//	func (o Opt[T]) IsSet() bool
//	func (o Opt[T]) IsZero() bool     // absent, for the omitzero tag
//
// As JSON a set Opt is its value, and an absent one null.
type Opt[T any] = wire.Opt[T]

// Set returns an Opt that holds v.
func Set[T any](v T) Opt[T] { return wire.Set(v) }

// record is what a call carries, one kind a call.
type record[T any] interface {
	*T

	kind() string
	id() string
	idField() string
	parentID() string
	// check names the first field that must not be sent as it is, and why.
	check() (field, reason string)
	appendTo(b []byte) ([]byte, error)
}

// encode appends the body of a call that carries n records to b.
func encode[T any, P record[T]](b []byte, n int, at func(i int) P) ([]byte, error) {
	var err error
	b = wire.AppendString(append(b, `{"type":`...), P(nil).kind())
	b = append(b, `,"data":[`...)
	for i := range n {
		if i > 0 {
			b = append(b, ',')
		}
		start := len(b)
		if b, err = at(i).appendTo(b); err != nil {
			return b, err
		}
		if i == 0 {
			// Assume that the others are like it, and somewhat longer.
			b = slices.Grow(b, n*(len(b)-start)*9/8)
		}
	}
	return append(b, "]}"...), nil
}

// send makes one call that carries n records.
func send[T any, P record[T]](ctx context.Context, c *Client, op kernel.Op, taskID string, n int, at func(i int) P) error {
	buffer := kernel.NewBuffer()
	defer buffer.Release()
	var err error
	if buffer.Bytes, err = encode(buffer.Bytes, n, at); err != nil {
		return err
	}
	_, err = c.do(ctx, op, taskID, buffer)
	return err
}

// checkAll returns nil, or a *PartialError of one *FieldError for each record
// that must not be sent. No records at all are an error too (200009 数据为空).
func checkAll[T any, P record[T]](op string, records []T) error {
	if len(records) == 0 {
		return &FieldError{Op: op, Field: "data", Reason: "is empty"}
	}
	var errs []error
	for i := range records {
		if err := checkOne(op, "data", i, P(&records[i])); err != nil {
			errs = append(errs, err)
		}
	}
	return batch.Join(len(records), errs)
}

func checkOne[T any, P record[T]](op, list string, i int, r P) error {
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
