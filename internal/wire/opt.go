package wire

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"reflect"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Opt is an optional field of a record: set or absent. The zero Opt is absent
// and leaves the field out of the request altogether, whereas a set zero value
// travels and clears what the vendor holds. Use it with the omitzero tag.
//
// An Opt prints as "set" or "absent", never as its value, which is often
// personal; take the value out with [Opt.Get] or [Opt.Or].
type Opt[T any] struct {
	value T
	set   bool
}

// Set returns an Opt that holds v.
func Set[T any](v T) Opt[T] { return Opt[T]{value: v, set: true} }

// Get returns the value and whether it is set.
func (o Opt[T]) Get() (T, bool) { return o.value, o.set }

// Or returns the value, or fallback when the field is absent.
func (o Opt[T]) Or(fallback T) T {
	if o.set {
		return o.value
	}
	return fallback
}

// IsSet reports whether the field is set.
func (o Opt[T]) IsSet() bool { return o.set }

// IsZero reports whether the field is absent; encoding/json asks it for
// omitzero.
func (o Opt[T]) IsZero() bool { return !o.set }

// String returns "set" or "absent".
func (o Opt[T]) String() string {
	if o.set {
		return "set"
	}
	return "absent"
}

// Format prints [Opt.String] whatever the verb.
func (o Opt[T]) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, o.String()) }

// LogValue returns [Opt.String].
func (o Opt[T]) LogValue() slog.Value { return slog.StringValue(o.String()) }

// MarshalJSON writes the value; null when absent.
func (o Opt[T]) MarshalJSON() ([]byte, error) {
	if !o.set {
		return []byte("null"), nil
	}
	// A chunk of 2,000 people has some ten thousand of these: the common kinds
	// need no encoder of their own.
	switch v := any(o.value).(type) {
	case string:
		if plainText(v) {
			return append(append(append(make([]byte, 0, len(v)+2), '"'), v...), '"'), nil
		}
	case int:
		return strconv.AppendInt(nil, int64(v), 10), nil
	case int64:
		return strconv.AppendInt(nil, v, 10), nil
	case bool:
		return strconv.AppendBool(nil, v), nil
	}
	return Encode(o.value)
}

// plainText reports whether s stands in JSON as it is.
func plainText(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c == '"' || c == '\\' {
			return false
		}
	}
	// U+2028 and U+2029 are escaped by encoding/json, and invalid text replaced.
	return utf8.ValidString(s) && !strings.ContainsAny(s, "\u2028\u2029")
}

// UnmarshalJSON reads the value as a [Scanner] does: texts, integers and flags in each of
// the forms that mean one thing. null is absent, and so is "" where no text is expected.
func (o *Opt[T]) UnmarshalJSON(b []byte) error {
	*o = Opt[T]{}
	s := NewScanner(b)
	if s.Null() {
		return nil
	}
	switch v := any(&o.value).(type) {
	case *string:
		*v, o.set = s.Verbatim(""), true
	case *int:
		var n int64
		n, o.set = s.Int("")
		if *v = int(n); int64(*v) != n {
			s.Bad("", problemInteger)
		}
	case *int64:
		*v, o.set = s.Int("")
	case *bool:
		*v, o.set = s.Flag("")
	default:
		o.set = json.Unmarshal(b, v) == nil
		if s.Skip(); !o.set {
			s.Bad("", "cannot be read as what is documented")
		}
	}
	if s.End() != nil || !s.Sound() {
		*o = Opt[T]{}
		return &json.UnmarshalTypeError{Value: "value", Type: reflect.TypeFor[T]()} // never quotes it
	}
	return nil
}
