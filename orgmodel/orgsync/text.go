package orgsync

import (
	"slices"
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

// errorText is an error in one line: what was joined is listed, once each.
func errorText(err error) string {
	several, ok := err.(interface{ Unwrap() []error })
	if !ok || !strings.Contains(err.Error(), "\n") {
		return printable(err.Error())
	}
	var texts []string
	for _, one := range several.Unwrap() {
		if text := errorText(one); !slices.Contains(texts, text) {
			texts = append(texts, text)
		}
	}
	return strings.Join(texts, "; ")
}
