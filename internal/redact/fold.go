package redact

import (
	"html"
	"strconv"
	"strings"
	"unicode"
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

// unescape undoes %XX and the escapes of JSON wherever they stand, and leaves
// anything else alone.
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
	switch {
	case len(s) >= 3 && s[0] == '%':
		if n, err := strconv.ParseUint(s[1:3], 16, 8); err == nil {
			return []byte{byte(n)}, 3
		}
	case len(s) >= 6 && s[0] == '\\' && s[1] == 'u':
		// Halves of a surrogate pair become U+FFFD: no name, no number is lost.
		if n, err := strconv.ParseUint(s[2:6], 16, 16); err == nil {
			return utf8.AppendRune(nil, rune(n)), 6
		}
	case len(s) >= 2 && s[0] == '\\' && strings.IndexByte(`"\/`, s[1]) >= 0:
		return []byte{s[1]}, 2
	case len(s) >= 2 && s[0] == '\\' && strings.IndexByte("bfnrt", s[1]) >= 0:
		return []byte{' '}, 2
	}
	return nil, 0
}

// folded is a text in lower case and usual width, without spaces, that knows where each byte came from.
type folded struct {
	text string
	from []int // per byte of text: where its rune starts in the original
	to   []int // and where it ends
}

func fold(s string) folded {
	var b strings.Builder
	f := folded{from: make([]int, 0, len(s)), to: make([]int, 0, len(s))}
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

// foldRune is negative for a space, and for what is.
func foldRune(r rune) rune {
	if isHan(r) || r < 0 {
		return r
	}
	if r >= '！' && r <= '～' { // full-width forms of ASCII
		r -= '！' - '!'
	}
	if unicode.IsSpace(r) {
		return -1
	}
	return unicode.ToLower(r)
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

// sought is a value to find: folded, and as long as it was before that.
type sought struct {
	text string
	size int
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
		if !short || to-from == len(v.text) || to-from == v.size {
			hit(from, to)
		}
	}
}
