package kernel

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"unicode/utf8"
)

// Ready says why no call can be made at all: the client, which may be nil, was not made
// with New, or there is no context. Both would be a panic far from their cause.
func (c *Client) Ready(ctx context.Context, op string) error {
	var errs []error
	if c == nil {
		errs = append(errs, Unmade(op))
	}
	if ctx == nil {
		errs = append(errs, NoContext(op))
	}
	return errors.Join(errs...)
}

// Unmade is the error of a call of a client that is zero or nil.
func Unmade(op string) error {
	return &FieldError{Op: op, Field: "Client", Reason: "was not made with New"}
}

// NoContext is the error of a call without a context.
func NoContext(op string) error { return &FieldError{Op: op, Field: "ctx", Reason: "is nil"} }

// IsNil reports whether v is nil, or holds a nil pointer, map, slice or function: what is
// left in an interface when a constructor failed and its error was not looked at.
func IsNil(v any) bool {
	if v == nil {
		return true
	}
	switch r := reflect.ValueOf(v); r.Kind() {
	case reflect.Pointer, reflect.Map, reflect.Slice, reflect.Func, reflect.Chan:
		return r.IsNil()
	default:
		return false
	}
}

// Flaw says what is wrong with a text that is required, "" if nothing is.
func Flaw(text string) (reason string) {
	switch {
	case strings.TrimSpace(text) == "":
		return "is required"
	case !utf8.ValidString(text):
		return "is not valid UTF-8"
	}
	return ""
}

// SecretFlaw says in the words of the other problems of credentials what is wrong with
// one, "" if nothing is. A line break at the end comes from the file that it was read
// from; with it the vendor knows the secret as little as without any.
func SecretFlaw(secret string) (reason string) {
	switch {
	case strings.TrimSpace(secret) == "":
		return "is empty"
	case strings.ContainsFunc(secret, isControl):
		return "holds a line break or another control character"
	}
	return ""
}
