package wire

import (
	"encoding/json"
	"strconv"
	"unicode/utf8"

	"github.com/orgbridge/orgbridge/internal/civil"
)

// The functions of this file write records without reflection, byte for byte as
// [Encode] writes the equal struct. A record's appender writes each field with
// its comma and closes the object with [CloseObject]:
//
//	start := len(b)
//	b = wire.AppendText(b, `,"id":`, r.ID)
//	b = wire.AppendOptText(b, `,"mail":`, r.Mail)
//	return wire.CloseObject(b, start)

const hexDigits = "0123456789abcdef"

// plainASCII marks the ASCII characters that stand in a JSON string as they are.
var plainASCII = func() (plain [utf8.RuneSelf]bool) {
	for c := range plain {
		plain[c] = c >= ' ' && c != '"' && c != '\\'
	}
	return plain
}()

// plain8 reports whether the eight bytes at i stand in a JSON string as they are.
func plain8(s string, i int) bool {
	const ones, highs = 0x0101010101010101, 0x8080808080808080
	s = s[i : i+8]
	x := uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
	// A byte's highest bit is set in x above ASCII, and in a difference where that
	// goes below zero: for control characters, quotes and backslashes.
	return (x|(x-ones*' ')|((x^ones*'"')-ones)|((x^ones*'\\')-ones))&highs == 0
}

// AppendString appends s as a JSON string, without HTML escaping. Bytes that are
// not UTF-8 become U+FFFD, as encoding/json has it.
func AppendString(b []byte, s string) []byte {
	b = append(b, '"')
	from := 0 // what is not written yet
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			if plainASCII[c] {
				i++
				for i+8 <= len(s) && plain8(s, i) {
					i += 8
				}
				continue
			}
			b = appendEscape(append(b, s[from:i]...), c)
			i++
			from = i
			continue
		}
		if c >= 0xE3 && c <= 0xEC && i+2 < len(s) && s[i+1]&0xC0 == 0x80 && s[i+2]&0xC0 == 0x80 {
			i += 3 // U+3000 to U+CFFF: Chinese, mostly
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			b = append(append(b, s[from:i]...), `\ufffd`...)
			from = i + size
		case r == '\u2028', r == '\u2029':
			b = append(append(b, s[from:i]...), `\u202`...)
			b = append(b, hexDigits[r&0xF])
			from = i + size
		}
		i += size
	}
	return append(append(b, s[from:]...), '"')
}

func appendEscape(b []byte, c byte) []byte {
	switch c {
	case '"', '\\':
		return append(b, '\\', c)
	case '\b':
		return append(b, `\b`...)
	case '\f':
		return append(b, `\f`...)
	case '\n':
		return append(b, `\n`...)
	case '\r':
		return append(b, `\r`...)
	case '\t':
		return append(b, `\t`...)
	}
	return append(b, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&0xF])
}

// AppendText appends a field. key is `,"name":`, here and below.
func AppendText(b []byte, key, s string) []byte { return AppendString(append(b, key...), s) }

// AppendInt appends a field that is a number.
func AppendInt(b []byte, key string, n int64) []byte {
	return strconv.AppendInt(append(b, key...), n, 10)
}

// AppendBool appends a field that is true or false.
func AppendBool(b []byte, key string, v bool) []byte {
	return strconv.AppendBool(append(b, key...), v)
}

// AppendNonzeroText appends a field with the tag omitzero.
func AppendNonzeroText(b []byte, key, s string) []byte {
	if s == "" {
		return b
	}
	return AppendText(b, key, s)
}

// AppendNonzeroInt appends a field with the tag omitzero.
func AppendNonzeroInt(b []byte, key string, n int64) []byte {
	if n == 0 {
		return b
	}
	return AppendInt(b, key, n)
}

// AppendOptText appends a field unless it is absent.
func AppendOptText(b []byte, key string, o Opt[string]) []byte {
	if !o.set {
		return b
	}
	return AppendText(b, key, o.value)
}

// AppendOptInt appends a field unless it is absent.
func AppendOptInt[T ~int | ~int64](b []byte, key string, o Opt[T]) []byte {
	if !o.set {
		return b
	}
	return AppendInt(b, key, int64(o.value))
}

// AppendOptBool appends a field unless it is absent.
func AppendOptBool(b []byte, key string, o Opt[bool]) []byte {
	if !o.set {
		return b
	}
	return AppendBool(b, key, o.value)
}

// AppendTexts appends a list of strings, [] for none.
func AppendTexts[T ~string](b []byte, list []T) []byte {
	b = append(b, '[')
	for i, s := range list {
		if i > 0 {
			b = append(b, ',')
		}
		b = AppendString(b, string(s))
	}
	return append(b, ']')
}

// CloseObject makes an object of the fields that were appended from start on,
// each behind a comma.
func CloseObject(b []byte, start int) []byte {
	if len(b) == start {
		return append(b, "{}"...)
	}
	b[start] = '{'
	return append(b, '}')
}

// AppendDate appends a day as a string, its parts joined by separator, and the
// zero Date as "". ok is false, and b unchanged, for a day that the calendar does
// not have.
func AppendDate(b []byte, d civil.Date, separator string) (_ []byte, ok bool) {
	start := len(b)
	if b, ok = d.Append(append(b, '"'), separator); !ok {
		return b[:start], false
	}
	return append(b, '"'), true
}

// AppendRaw appends a JSON document without the white space between its parts. ok
// is false, and b unchanged, if raw is not JSON.
func AppendRaw(b []byte, raw json.RawMessage) (_ []byte, ok bool) {
	if !json.Valid(raw) {
		return b, false
	}
	quoted := false
	for i := 0; i < len(raw); i++ {
		c := raw[i]
		switch {
		case quoted && c == '\\':
			b = append(b, c)
			i++
			c = raw[i]
		case c == '"':
			quoted = !quoted
		case !quoted && (c == ' ' || c == '\t' || c == '\n' || c == '\r'):
			continue
		}
		b = append(b, c)
	}
	return b, true
}
