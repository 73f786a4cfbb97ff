package wire

import (
	"bytes"
	"unicode"
	"unicode/utf8"
)

// tidy removes invisible characters without width from a text, and control characters
// from its ends; control reports that there are more within it. A text that needs
// nothing is returned as it is.
func tidy(text []byte) (tidied []byte, control bool) {
	if bytes.ContainsFunc(text, noWidth) {
		kept := make([]byte, 0, len(text))
		for i := 0; i < len(text); {
			r, size := utf8.DecodeRune(text[i:])
			if !noWidth(r) {
				kept = append(kept, text[i:i+size]...)
			}
			i += size
		}
		text = kept
	}
	inner := bytes.TrimFunc(text, func(r rune) bool { return isControl(r) || unicode.IsSpace(r) })
	control = bytes.ContainsFunc(inner, isControl)
	if !control && bytes.ContainsFunc(text, isControl) {
		return inner, false // blanks beside a control character at an end go with it
	}
	return bytes.TrimFunc(text, isControl), control
}

// Tidy cleans a text as [Scanner.Text] does. It reports whether a control character
// is left within it.
func Tidy(text string) (tidied string, control bool) {
	if isTidy(text) {
		return text, false
	}
	b, control := tidy([]byte(text))
	return string(b), control
}

// isTidy reports whether a text has no byte that is one, or begins one, of the characters
// that tidy looks for. If it has one, the text may be tidy all the same.
func isTidy[T string | []byte](text T) bool {
	for i := range len(text) {
		if c := text[i]; c < ' ' || c == del || leads[c] {
			return false
		}
	}
	return true
}

// isControl knows the control characters and the separators of lines, which no name has.
func isControl(r rune) bool { return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' }

// noWidth knows the characters that take no room and change nothing that a person sees:
// soft hyphens, joiners, marks of direction, byte order marks.
func noWidth(r rune) bool {
	switch {
	case r == 0xad, r == 0x180e, r == 0xfeff:
		return true
	case r >= 0x200b && r <= 0x200f, r >= 0x202a && r <= 0x202e, r >= 0x2060 && r <= 0x206f:
		return true
	}
	return false
}
