package orgsync

import (
	"strconv"
	"strings"
	"unicode"
)

// printable returns an id or a message as it may be printed: what could drive a
// terminal, forge a line or hide is escaped.
func printable(text string) string {
	clean := func(r rune) bool { return r == ' ' || unicode.IsPrint(r) && !unicode.Is(unicode.Cf, r) }
	if strings.IndexFunc(text, func(r rune) bool { return !clean(r) }) < 0 {
		return text
	}
	var b strings.Builder
	for _, r := range text {
		if clean(r) {
			b.WriteRune(r)
			continue
		}
		quoted := strconv.QuoteRuneToASCII(r)
		b.WriteString(quoted[1 : len(quoted)-1])
	}
	return b.String()
}
