package wire

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Text reads a string, a number that is an integer (in digits, however it is
// written), a boolean, or null (""). Objects, arrays, fractions and texts with half a
// character in them are refused.
type Text string

// UnmarshalJSON implements [json.Unmarshaler].
func (t *Text) UnmarshalJSON(b []byte) error {
	s, ok := textual(b)
	if !ok {
		return mismatch[Text](b)
	}
	*t = Text(s)
	return nil
}

// textual is literal where a text is expected.
func textual(b []byte) (s string, ok bool) {
	s, _, ok = literal(b)
	if !ok || s == "" {
		return s, ok
	}
	switch {
	case b[0] == '"':
		// encoding/json puts U+FFFD in the place of half a surrogate pair.
		if strings.ContainsRune(s, utf8.RuneError) {
			_, ok = new(Scanner).unescape(b[1 : len(b)-1])
		}
	case (s == "-0" || strings.ContainsAny(s, ".eE")) && (b[0] == '-' || hexDigit(b[0]) >= 0 && b[0] <= '9'):
		n, err := parseInt(s)
		return strconv.FormatInt(n, 10), err == nil
	}
	return s, ok
}

// Int reads an integer, bare or quoted; null and "" are 0. It may be written as
// a double writes it (1.0, 1.6187088E12); fractions and values beyond 64 bits
// are refused, never rounded.
type Int int64

// UnmarshalJSON implements [json.Unmarshaler].
func (i *Int) UnmarshalJSON(b []byte) error {
	s, _, ok := literal(b)
	if !ok {
		return mismatch[Int](b)
	}
	s = strings.TrimSpace(s)
	if s == "" {
		*i = 0
		return nil
	}
	n, err := parseInt(s)
	if err != nil {
		return mismatch[Int](b)
	}
	*i = Int(n)
	return nil
}

func parseInt(s string) (int64, error) {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		n, err = strconv.ParseInt(plain(s), 10, 64)
	}
	return n, err
}

// plain writes a decimal with a fraction or an exponent as an integer, digit by
// digit; "" if it is none, or one of absurd length.
func plain(s string) string {
	mantissa, exponent, has := strings.Cut(strings.ToLower(s), "e")
	shift := 0
	if has {
		var err error
		if shift, err = strconv.Atoi(exponent); err != nil {
			return ""
		}
	}
	sign := ""
	if rest, negative := strings.CutPrefix(mantissa, "-"); negative {
		sign, mantissa = "-", rest
	}
	whole, fraction, _ := strings.Cut(mantissa, ".")
	if whole == "" {
		return ""
	}
	digits := strings.TrimRight(whole+fraction, "0")
	if digits == "" {
		return "0" // of either sign, whatever the exponent
	}
	zeros := shift + len(whole) - len(digits) // those that the exponent leaves
	if zeros < 0 || zeros >= 19 {
		return ""
	}
	return sign + digits + strings.Repeat("0", zeros)
}

// Bool reads true/false, 1/0, "Y"/"N", "yes"/"no", quoted or not, in either
// case; null and "" are false.
type Bool bool

// UnmarshalJSON implements [json.Unmarshaler].
func (v *Bool) UnmarshalJSON(b []byte) error {
	s, _, ok := literal(b)
	if !ok {
		return mismatch[Bool](b)
	}
	value, ok := parseBool(strings.TrimSpace(s))
	if !ok {
		return mismatch[Bool](b)
	}
	*v = Bool(value)
	return nil
}

func parseBool(s string) (value, ok bool) {
	switch strings.ToLower(s) {
	case "true", "1", "y", "yes":
		return true, true
	case "false", "0", "n", "no", "":
		return false, true
	}
	return false, false
}

// literal returns a scalar's text; null is "" and says so; ok is false for
// objects and arrays.
func literal(b []byte) (s string, null, ok bool) {
	if len(b) == 0 {
		return "", false, false
	}
	switch b[0] {
	case '{', '[':
		return "", false, false
	case 'n':
		return "", true, true
	case '"':
		if last := len(b) - 1; last > 0 && bytes.IndexByte(b, '\\') < 0 {
			return string(b[1:last]), false, true // the decoder has checked it
		}
		if err := json.Unmarshal(b, &s); err != nil {
			return "", false, false
		}
		return s, false, true
	default:
		return string(b), false, true
	}
}

// mismatch says which type refused; see locate. Value names the kind of the input, not the input.
func mismatch[T any](b []byte) error {
	kind := "scalar"
	if len(b) > 0 {
		switch b[0] {
		case '{':
			kind = "object"
		case '[':
			kind = "array"
		}
	}
	return &json.UnmarshalTypeError{Value: kind, Type: reflect.TypeFor[T]()}
}
