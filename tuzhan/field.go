package tuzhan

import (
	"strings"
	"unicode/utf8"
)

const (
	isRequired = "is required"
	isMasked   = "is masked"
)

func blank(text string) bool { return strings.TrimSpace(text) == "" }

type field struct{ name, text string }

// notUTF8 finds a text that JSON cannot carry: it would arrive with U+FFFD in
// the place of every bad byte, without a word.
func notUTF8(fields ...field) (name, reason string) {
	for _, f := range fields {
		if !utf8.ValidString(f.text) {
			return f.name, "is not UTF-8"
		}
	}
	return "", ""
}
