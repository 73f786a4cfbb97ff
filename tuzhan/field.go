package tuzhan

import (
	"time"
	"unicode/utf8"
)

const isRequired = "is required"

type text struct{ field, value string }

// notUTF8 finds a text that JSON cannot carry: it would arrive with U+FFFD in
// the place of every bad byte, without a word.
func notUTF8(texts ...text) (field, reason string) {
	for _, t := range texts {
		if !utf8.ValidString(t.value) {
			return t.field, "is not UTF-8"
		}
	}
	return "", ""
}

// beijing writes a time as the vendor does (yyyy-MM-dd HH:mm:ss), "" for the
// zero time. The page names no zone; Beijing is an assumption.
func beijing(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(time.FixedZone("", 8*60*60)).Format(time.DateTime)
}
