package wire

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
)

// DecodeError says which part of an answer could not be read. It never holds
// the content, which may be personal.
type DecodeError struct {
	Field   string // path of the field, "" when the document as a whole is at fault
	Problem string
}

func (e *DecodeError) Error() string {
	if e.Field == "" {
		return "answer: " + e.Problem
	}
	return fmt.Sprintf("answer field %q: %s", e.Field, e.Problem)
}

// Truncated reports whether the document stopped before its end or was empty:
// what a lost connection leaves behind.
func (e *DecodeError) Truncated() bool {
	return e.Problem == problemEmpty || e.Problem == problemTruncated
}

const (
	problemEmpty     = "is empty"
	problemTruncated = "is cut off"
	problemHTML      = "is HTML, not JSON"
	problemUTF8      = "is not UTF-8"
	problemSyntax    = "is not JSON"
)

// Decode reads one small JSON document into v with encoding/json, which takes keys in any
// case and lets the last of two win: good for the answer of a robot in a group, on which
// nothing depends. Answers of vendors are read with a [Scanner].
func Decode(data []byte, v any) error {
	trimmed, bad := prepared(data)
	if bad != nil {
		return bad
	}
	if err := json.Unmarshal(trimmed, v); err != nil {
		return decodeError(trimmed, v, err)
	}
	return nil
}

func decodeError(data []byte, v any, err error) error {
	if own, ok := errors.AsType[*DecodeError](err); ok {
		return own
	}
	if !json.Valid(data) {
		// The decoder's own texts differ between its versions and may quote the
		// input; what matters is whether the document just stopped.
		var document json.RawMessage
		err = json.NewDecoder(bytes.NewReader(data)).Decode(&document)
		if errors.Is(err, io.ErrUnexpectedEOF) {
			return &DecodeError{Problem: problemTruncated}
		}
		return &DecodeError{Problem: problemSyntax}
	}
	t := reflect.TypeOf(v)
	if t == nil || t.Kind() != reflect.Pointer {
		return &DecodeError{Problem: "has nowhere to go: not a pointer"}
	}
	path, culprit := locate(data, t.Elem())
	return &DecodeError{Field: strings.Join(path, "."), Problem: "cannot be read as " + kindName(culprit)}
}

// Encode writes v as JSON without HTML escaping and without a trailing line
// break: names travel as they are.
func Encode(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, fmt.Errorf("encode: %T", err)
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}
