package redact

import (
	"encoding/hex"
	"html"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// A vendor may repeat what it was sent in escaped form, and a gateway may
// escape that once more.
const maxDecode = 3

// decode undoes one level of HTML, percent and JSON escapes.
func decode(s string) string {
	if !strings.ContainsAny(s, `&%\`) {
		return s
	}
	return unescape(html.UnescapeString(s))
}

// unescape undoes %XX, %uXXXX and the escapes of JSON and JavaScript wherever they
// stand, and leaves anything else alone.
func unescape(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	for i := 0; i < len(s); {
		c, size := escape(s[i:])
		if size == 0 {
			b.WriteByte(s[i])
			i++
			continue
		}
		b.Write(c)
		i += size
	}
	return b.String()
}

// escape reads the escape at the start of s; size is 0 if there is none.
func escape(s string) (c []byte, size int) {
	if len(s) < 2 || s[0] != '%' && s[0] != '\\' {
		return nil, 0
	}
	if r, size := escapedRune(s); size > 0 {
		return utf8.AppendRune(nil, r), size
	}
	digits := s[1:] // of %XX
	if s[0] == '\\' {
		switch {
		case strings.IndexByte(`"\/`, s[1]) >= 0:
			return []byte{s[1]}, 2
		case strings.IndexByte("bfnrt", s[1]) >= 0:
			return []byte{' '}, 2
		case s[1] != 'x':
			return nil, 0
		}
		digits = s[2:]
	}
	if len(digits) < 2 {
		return nil, 0
	}
	c, err := hex.DecodeString(digits[:2])
	if err != nil {
		return nil, 0
	}
	return c, len(s) - len(digits) + 2
}

// escapedRune reads \uXXXX or %uXXXX, two of them for a pair of surrogates, or
// \u{X…}. Half a pair becomes U+FFFD.
func escapedRune(s string) (r rune, size int) {
	if s[1] != 'u' {
		return 0, 0
	}
	if end := strings.IndexByte(s[:min(len(s), maxEscape)], '}'); end > 3 && s[2] == '{' {
		n, ok := hexNumber(s[3:end], end-3)
		if !ok {
			return 0, 0
		}
		return n, end + 1
	}
	n, ok := hexNumber(s[2:], 4)
	if !ok {
		return 0, 0
	}
	const one = 6
	if utf16.IsSurrogate(n) && len(s) >= 2*one && s[one:one+2] == s[:2] {
		if low, ok := hexNumber(s[one+2:], 4); ok {
			if pair := utf16.DecodeRune(n, low); pair != utf8.RuneError {
				return pair, 2 * one
			}
		}
	}
	return n, one
}

// hexNumber reads the hexadecimal number in the first n bytes of s, six at most.
func hexNumber(s string, n int) (rune, bool) {
	const most = "000000"
	if len(s) < n || n > len(most) {
		return 0, false
	}
	b, err := hex.DecodeString(most[n:] + s[:n])
	if err != nil {
		return 0, false
	}
	return rune(b[0])<<16 | rune(b[1])<<8 | rune(b[2]), true
}

// folded is a text in lower case and usual width, without what may stand between the
// parts of a name or number, that knows where each byte came from.
type folded struct {
	raw  string
	text string
	from []int // per byte of text: where its rune starts in the original
	to   []int // and where it ends
}

func fold(s string) folded {
	var b strings.Builder
	f := folded{raw: s, from: make([]int, 0, len(s)), to: make([]int, 0, len(s))}
	for i, r := range s {
		end := i + utf8.RuneLen(r)
		if r = foldRune(r); r < 0 {
			continue
		}
		n, _ := b.WriteRune(r)
		for range n {
			f.from, f.to = append(f.from, i), append(f.to, end)
		}
	}
	f.text = b.String()
	return f
}

// foldRune is negative for blanks, dashes, dots and other separators, marks on other
// characters, and what is invisible.
func foldRune(r rune) rune {
	if isHan(r) || r < 0 {
		return r
	}
	if r >= '！' && r <= '～' { // full-width forms of ASCII
		r -= '！' - '!'
	}
	switch {
	case r >= '0' && r <= '9', r >= 'a' && r <= 'z':
		return r
	case isSeparator(r):
		return -1
	case r < unicode.MaxASCII:
		return unicode.ToLower(r)
	case unicode.IsDigit(r):
		return '0' + digitValue(r)
	case unicode.In(r, unicode.Mn, unicode.Me), strings.ContainsRune("\u115f\u1160\u2800\u3164\uffa0", r): // the latter look like blanks
		return -1
	}
	return unicode.ToLower(unicode.ToUpper(r)) // two letters may have one upper case
}

func isSeparator(r rune) bool {
	if r < unicode.MaxASCII {
		return asciiSeparators[r&0x7f] || unicode.IsSpace(r)
	}
	return unicode.IsSpace(r) || unicode.Is(unicode.Pd, r) || strings.ContainsRune("·•‧∙⋅・･−、，。；：｜／（）《》〈〉「」『』【】“”‘’", r)
}

// asciiSeparators may stand between the parts of a name or number: 139/1234/5678,
// (139)1234-5678, 诸葛,金丝雀. Not among them are those that begin an escape, and what tokens hold.
var asciiSeparators = func() (is [unicode.MaxASCII + 1]bool) {
	for _, c := range []byte(`.-_,;:/|()[]{}`) {
		is[c] = true
	}
	return is
}()

// digitValue returns what a decimal digit stands for: those of a script follow each
// other from 0 to 9, some several times over.
func digitValue(r rune) rune {
	before := rune(0)
	for unicode.IsDigit(r - before - 1) {
		before++
	}
	return before % 10
}

// possible returns those of the values that may be in f. A call sends tens of
// thousands, and a message has few characters: most values end at their first.
func (f folded) possible(values []string) []string {
	var runes runeSet
	for _, r := range f.text {
		runes.add(r)
	}
	var possible []string
	for _, v := range values {
		if runes.holds(v) {
			possible = append(possible, v)
		}
	}
	return possible
}

// runeSet holds runes by their last ten bits: it has some that were never added.
type runeSet [1 << 10 / 64]uint64

func (s *runeSet) add(r rune)      { s[r>>6&0xF] |= 1 << (r & 63) }
func (s *runeSet) has(r rune) bool { return s[r>>6&0xF]&(1<<(r&63)) != 0 }

// holds reports whether s has every rune of v, folded, up to one with which an
// escape may begin: what is behind that has other forms.
func (s *runeSet) holds(v string) bool {
	for _, r := range v {
		switch {
		case r == '&', r == '%', r == '\\':
			return true
		case r >= 'A' && r <= 'Z':
			r += 'a' - 'A'
		case r < unicode.MaxASCII && asciiSeparators[r&0x7f]:
			continue
		case r <= ' ' || r >= unicode.MaxASCII && !isHan(r):
			if r = foldRune(cleanRune(r)); r < 0 {
				continue
			}
		}
		if !s.has(r) {
			return false
		}
	}
	return true
}

// isHan is a short way past the tables of package unicode for most names.
func isHan(r rune) bool { return r >= 0x4E00 && r <= 0x9FFF }

// sought is a value to find: folded, and how long it was before that, from its first
// rune that counts to its last.
type sought struct {
	text string
	size int
}

func (f folded) sought() sought {
	if f.text == "" {
		return sought{}
	}
	return sought{f.text, f.to[len(f.to)-1] - f.from[0]}
}

// find calls hit with the place of each occurrence of v.
func (f folded) find(v sought, hit func(from, to int)) {
	// A short word may well arise from the end of one and the start of another.
	short := len(v.text) < 6 && utf8.RuneCountInString(v.text) == len(v.text)
	for start := 0; ; start++ {
		i := strings.Index(f.text[start:], v.text)
		if i < 0 {
			return
		}
		start += i
		from, to := f.from[start], f.to[start+len(v.text)-1]
		if !short || utf8.RuneCountInString(f.raw[from:to]) == len(v.text) || to-from == v.size {
			hit(from, to)
		}
	}
}
