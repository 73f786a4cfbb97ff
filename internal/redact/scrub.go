package redact

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	mask = "***"

	// maxMessage bounds a vendor's message, in runes.
	maxMessage = 200

	// Shorter values ("1", "M", "ok") would punch holes into ordinary words
	// and identify no one. Two Chinese characters are a full name.
	minASCII, minOther = 3, 2

	// maxEscape is the size of the longest escape of a rune (%F0%A0%AE%B7, \uD842\uDFB7).
	maxEscape = 12

	// maxPlain bounds the values that are looked for as they are.
	maxPlain = 64

	// maxToken is longer than what any of the patterns needs to see, escaped.
	maxToken = 128
)

// What looks personal or secret even if it was not sent: keyed credentials and
// names, e-mail addresses, digit runs as long as a phone or card number (vendor
// codes have six digits), opaque tokens. The first group is what is masked.
var patterns = []*regexp.Regexp{
	regexp.MustCompile(`(?i)(?:token|secret|secrect|sign|signature|session_?id|password|passwd|pwd|(?:sign|api|app|access)_?key|authorization|` +
		`密码|密钥|口令|令牌|签名|姓名|手机号?码?|电话|身份证号?码?|证件号码?|邮箱)` +
		`[\\"']*\s*[=:：]\s*[\\"']*((?:bearer\s+)?[^\s"'\\&,;，；]+)`),
	regexp.MustCompile(`([\pL\pN._%+\-]+@[\pL\pN.\-]+)`),
	regexp.MustCompile(`(\p{Nd}(?:[\p{Zs}.\-–]{0,2}\p{Nd}){6,}[Xx]?)`),
	regexp.MustCompile(`([A-Za-z0-9_\-+/=]{32,})`),
}

// Scrub makes a vendor's message safe to show in an error. Every one of the
// sensitive values (what was sent, what a record holds) is masked, also where
// the message repeats it escaped, in another case or width, or with blanks, dashes
// or dots within. So is what looks like a phone number, a card number, an address or a
// token. Escapes are undone, control characters become spaces, and the rest is
// cut to a bounded length.
func Scrub(message string, sensitive ...string) string {
	if message == "" {
		return ""
	}
	longest := maxToken
	if len(message) > maxEscape*(4*maxMessage+maxToken) {
		_, longest = prepare(sensitive)
	}
	most := maxEscape * (4*maxMessage + longest)
	cut := len(message) > most
	if cut {
		message = message[:most]
	}

	text := maskKnown(clean(message), sensitive)
	for range maxDecode {
		// Level by level, because a value may itself look like an escape.
		decoded := decode(text)
		if decoded == text {
			break
		}
		text = maskKnown(clean(decoded), sensitive)
	}
	text = maskPatterns(text)
	if cut {
		// The end may hold a part of a value, too short to be recognised.
		runes := []rune(text)
		text = string(runes[:max(0, len(runes)-longest)])
	}
	return shorten(text, cut)
}

// prepare folds the values that are worth masking and tells how many runes the
// longest thing to look for has.
func prepare(sensitive []string) (known []sought, longest int) {
	longest = maxToken
	seen := make(map[sought]bool, len(sensitive))
	for _, v := range sensitive {
		// As it is; freed of an escape that it was sent with; in a form's spelling.
		for _, form := range [3]string{v, decode(v), strings.ReplaceAll(v, " ", "+")} {
			form = strings.TrimSpace(clean(form))
			v := fold(form).sought()
			if seen[v] || !telling(v.text) {
				continue
			}
			seen[v] = true
			known = append(known, v)
			longest = max(longest, utf8.RuneCountInString(form)+maxToken)
		}
	}
	return known, longest
}

// clean removes what is invisible and what breaks a log line.
func clean(s string) string {
	return strings.Map(cleanRune, s)
}

func cleanRune(r rune) rune {
	switch {
	case r >= ' ' && r < unicode.MaxASCII, isHan(r): // the last of ASCII is a control character
		return r
	case unicode.IsControl(r), unicode.IsSpace(r), r == utf8.RuneError:
		return ' '
	case unicode.Is(unicode.Cf, r):
		return -1
	}
	return r
}

func maskKnown(text string, sensitive []string) string {
	f := fold(text)
	known, _ := prepare(f.possible(sensitive))
	return render(text, func(hide func(from, to int)) {
		for _, v := range known {
			f.find(v, hide)
		}
		for _, v := range sensitive {
			findPlain(text, v, hide)
		}
	})
}

// findPlain finds a value of which little is left when it is folded, such as a/b, as it is.
func findPlain(text, value string, hide func(from, to int)) {
	if len(value) > maxPlain || !telling(value) {
		return
	}
	kept := 0 // by folding, as nearly all of most values is
	for _, r := range value {
		if !isSeparator(r) {
			kept++
		}
		if kept >= minASCII {
			return
		}
	}
	if telling(fold(value).text) {
		return
	}
	for start := 0; ; start++ {
		i := strings.Index(text[start:], value)
		if i < 0 {
			return
		}
		start += i
		hide(start, start+len(value))
	}
}

func maskPatterns(text string) string {
	return render(text, func(hide func(from, to int)) {
		for _, p := range patterns {
			for _, at := range p.FindAllStringSubmatchIndex(text, -1) {
				hide(at[2], at[3])
			}
		}
	})
}

// render masks the parts of text that mark hides; they may overlap.
func render(text string, mark func(hide func(from, to int))) string {
	var hidden []bool
	mark(func(from, to int) {
		if hidden == nil {
			hidden = make([]bool, len(text))
		}
		for i := from; i < to; i++ {
			hidden[i] = true
		}
	})
	if hidden == nil {
		return text
	}
	var b strings.Builder
	for i, r := range text {
		switch {
		case !hidden[i]:
			b.WriteRune(r)
		case i == 0 || !hidden[i-1]:
			b.WriteString(mask)
		}
	}
	return b.String()
}

func shorten(text string, more bool) string {
	text = strings.TrimSpace(text)
	if utf8.RuneCountInString(text) > maxMessage {
		text, more = string([]rune(text)[:maxMessage]), true
	}
	if more {
		text += "…"
	}
	return text
}

func telling(v string) bool {
	n := utf8.RuneCountInString(v)
	if n == len(v) {
		return n >= minASCII
	}
	return n >= minOther
}
