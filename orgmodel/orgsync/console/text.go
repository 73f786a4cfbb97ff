package console

import (
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Ids, names and messages come from elsewhere. html/template keeps them from being
// markup; what follows keeps them from hiding, reordering or flooding what is around.
const (
	maxShown  = 160 // characters of one text
	shownHead = 110
	shownTail = 30
)

// shown returns a text as it may be shown: what is invisible or changes the direction
// of the text is escaped, and what is very long is cut in the middle, with its length.
func shown(text string) string {
	if text == "" {
		return ""
	}
	if n := utf8.RuneCountInString(text); n > maxShown {
		runes := []rune(text)
		return visible(string(runes[:shownHead])) + " […" + number(n-shownHead-shownTail) + "…] " + visible(string(runes[n-shownTail:]))
	}
	return visible(text)
}

func visible(text string) string {
	clean := func(r rune) bool {
		return r == ' ' || unicode.IsPrint(r) && !unicode.Is(unicode.Cf, r) && r != utf8.RuneError
	}
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

// number groups digits by thousands.
func number(n int) string {
	digits := strconv.Itoa(max(n, -n))
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	if n < 0 {
		return "−" + digits
	}
	return digits
}

func moment(t time.Time) string {
	if t.IsZero() {
		return "–"
	}
	return t.Format("2006-01-02 15:04:05")
}

func machineTime(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// took says how long something took, to two places.
func took(d time.Duration) string {
	switch {
	case d < time.Second:
		return strconv.FormatInt(d.Milliseconds(), 10) + " ms"
	case d < time.Minute:
		return strconv.FormatFloat(d.Seconds(), 'f', 1, 64) + " s"
	}
	return d.Round(time.Second).String()
}
