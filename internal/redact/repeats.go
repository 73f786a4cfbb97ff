package redact

import (
	"strings"
	"unicode/utf8"
)

// Repeats reports whether text holds one of the values of at least so many runes, in
// any case or width and whatever blanks, dashes and dots are within.
func Repeats(text string, least int, values ...string) bool {
	f := fold(clean(text))
	known, _ := prepare(f.possible(values))
	for _, v := range known {
		if utf8.RuneCountInString(v.text) >= least && strings.Contains(f.text, v.text) {
			return true
		}
	}
	return false
}

// Same reports whether text is one of the values, in any case or width and whatever
// blanks, dashes and dots are within.
func Same(text string, values ...string) bool {
	f := fold(clean(text))
	known, _ := prepare(f.possible(values))
	for _, v := range known {
		if v.text == f.text {
			return true
		}
	}
	return false
}
