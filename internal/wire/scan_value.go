package wire

import (
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// Care says what a text may hold.
type Care bool

const (
	// Lenient is for texts that nothing is looked up by.
	Lenient Care = false
	// Strict is for names and keys: a control character within one is a problem.
	Strict Care = true
)

// Bad notes a problem of the record at hand; the first one counts.
func (s *Scanner) Bad(field, problem string) {
	if s.problem == "" {
		s.field, s.problem = field, problem
	}
}

// Problem returns what is wrong with the record at hand, "" for nothing, and forgets
// it for the next one.
func (s *Scanner) Problem() (field, problem string) {
	field, problem = s.field, s.problem
	s.field, s.problem = "", ""
	return field, problem
}

// Sound reports whether no problem has been noted since the last [Scanner.Problem].
func (s *Scanner) Sound() bool { return s.problem == "" }

// Apart reads a part of the document whose problems are its own. It returns the first
// of them, nil if there is none; what was noted before stays.
func (s *Scanner) Apart(read func()) *DecodeError {
	field, problem := s.Problem()
	read()
	ownField, own := s.Problem()
	s.field, s.problem = field, problem
	if own == "" {
		return nil
	}
	return &DecodeError{Field: ownField, Problem: own}
}

// Within puts name before the field of a problem that was noted since sound was taken
// from [Scanner.Sound].
func (s *Scanner) Within(sound bool, name string) {
	if sound && s.problem != "" {
		s.field = join(name, s.field)
	}
}

func join(path, field string) string {
	if path == "" || field == "" {
		return path + field
	}
	return path + "." + field
}

// Object enters an object like [Scanner.Begin]. A value of another kind is skipped and
// noted as a problem of field; it holds nothing.
func (s *Scanner) Object(field string) bool { return s.enter(field, '{', problemObject) }

// Array enters an array in the same way.
func (s *Scanner) Array(field string) bool { return s.enter(field, '[', problemArray) }

func (s *Scanner) enter(field string, open byte, problem string) bool {
	if kind := s.Kind(); kind != open {
		s.Bad(field, problem)
		s.Skip()
		return false
	}
	return s.Begin(open)
}

// Seen is the set of the fields of an object that have come.
type Seen uint64

// Once notes that a field has come, by its number from 0. Coming twice is a problem.
func (v *Seen) Once(s *Scanner, number int, field string) {
	if *v&(1<<number) != 0 {
		s.Bad(field, problemTwice)
	}
	*v |= 1 << number
}

// Need notes a problem if a field has not come.
func (v *Seen) Need(s *Scanner, number int, field string) {
	if *v&(1<<number) == 0 {
		s.Bad(field, problemNotThere)
	}
}

// Text reads a text, a number that is an integer (in digits, however it is written), a
// boolean, or null (""). Control and invisible characters are removed at both ends,
// those without width everywhere.
func (s *Scanner) Text(field string, care Care) string {
	switch s.Kind() {
	case '"':
		raw, escaped, suspect := s.quoted()
		if suspect {
			raw = s.clean(raw, escaped, field, care)
		}
		return s.values.add(raw)
	case '0':
		raw, integer := s.number()
		if !integer {
			return s.integral(raw, field)
		}
		return s.values.add(raw)
	case 't', 'f':
		return s.values.add(s.word())
	case 'n':
		s.word()
	default:
		s.Bad(field, problemText)
		s.Skip()
	}
	return ""
}

// Verbatim reads what [Scanner.Text] reads and removes nothing: for an id that comes
// back, to be compared with the one that was sent.
func (s *Scanner) Verbatim(field string) string {
	if s.Kind() != '"' {
		return s.Text(field, Lenient)
	}
	raw, escaped, _ := s.quoted()
	if escaped {
		var whole bool
		if raw, whole = s.unescape(raw); !whole {
			s.Bad(field, problemHalf)
			return ""
		}
	}
	return s.values.add(raw)
}

// Remark reads a text for people, such as the reason of a refusal. What cannot be read
// is "" and no problem: the refusal stands whatever it says.
func (s *Scanner) Remark() string {
	field, problem := s.field, s.problem
	text := s.Text("", Lenient)
	s.field, s.problem = field, problem
	return text
}

// OptText reads what [Scanner.Text] reads. null is absent.
func (s *Scanner) OptText(field string, care Care) Opt[string] {
	if s.Null() {
		return Opt[string]{}
	}
	return Set(s.Text(field, care))
}

// OptInt reads what [Scanner.Int] reads.
func (s *Scanner) OptInt(field string) Opt[int64] {
	if n, set := s.Int(field); set {
		return Set(n)
	}
	return Opt[int64]{}
}

// integral writes 91228.0 and 9.1E4 in digits.
func (s *Scanner) integral(raw []byte, field string) string {
	n, err := strconv.ParseInt(plain(string(raw)), 10, 64)
	if err != nil {
		if s.err == nil {
			s.Bad(field, problemText)
		}
		return ""
	}
	return strconv.FormatInt(n, 10)
}

// clean is the slow path of Text.
func (s *Scanner) clean(raw []byte, escaped bool, field string, care Care) []byte {
	if escaped {
		var whole bool
		if raw, whole = s.unescape(raw); !whole {
			s.Bad(field, problemHalf)
			return nil
		}
	}
	cleaned, control := tidy(raw)
	if control && care == Strict {
		s.Bad(field, problemControl)
		return nil
	}
	return cleaned
}

// unescape resolves the escapes of a text. Half a surrogate pair becomes U+FFFD, and whole
// is false.
func (s *Scanner) unescape(raw []byte) (text []byte, whole bool) {
	b, whole := s.buffer[:0], true
	for i := 0; i < len(raw); i++ {
		c := raw[i]
		if c != '\\' {
			b = append(b, c)
			continue
		}
		i++
		switch c = raw[i]; c {
		case 'b':
			b = append(b, '\b')
		case 'f':
			b = append(b, '\f')
		case 'n':
			b = append(b, '\n')
		case 'r':
			b = append(b, '\r')
		case 't':
			b = append(b, '\t')
		case 'u':
			r := hex4(raw[i+1:])
			i += 4
			if r >= surrogateFirst && r <= surrogateLast {
				low := rune(-1)
				if rest := raw[i+1:]; len(rest) >= sixDigitsOfAPair && rest[0] == '\\' && rest[1] == 'u' {
					low = hex4(rest[2:])
				}
				if r = utf16.DecodeRune(r, low); r == utf8.RuneError {
					whole = false
				} else {
					i += sixDigitsOfAPair
				}
			}
			b = utf8.AppendRune(b, r)
		default: // quote, backslash, slash
			b = append(b, c)
		}
	}
	s.buffer = b
	return b, whole
}

const (
	surrogateLast    = 0xdfff
	surrogateFirst   = 0xd800
	surrogateSecond  = 0xdc00
	sixDigitsOfAPair = 6 // a backslash, a u and four hexadecimal digits
)

func hex4(b []byte) (r rune) {
	for _, c := range b[:4] {
		r = r<<4 | hexDigit(c)
	}
	return r
}

func hexDigit(c byte) rune {
	switch {
	case c >= '0' && c <= '9':
		return rune(c - '0')
	case c|0x20 >= 'a' && c|0x20 <= 'f':
		return rune(c|0x20) - 'a' + 10
	}
	return -1
}

// scalar returns the text of a value that is no object or array, as it is: null is "".
// It is good until the next call.
func (s *Scanner) scalar() (text string, ok bool) {
	switch s.Kind() {
	case '"':
		raw, escaped, _ := s.quoted()
		if escaped {
			raw, _ = s.unescape(raw)
		}
		return string(raw), true
	case '0':
		raw, integer := s.number()
		if !integer {
			if whole := plain(string(raw)); whole != "" {
				return whole, true
			}
		}
		return string(raw), true
	case 't', 'f':
		return string(s.word()), true
	case 'n':
		s.word()
		return "", true
	}
	s.Skip()
	return "", false
}

// Int reads an integer like [Int]. It is not set if it is null or "".
func (s *Scanner) Int(field string) (n int64, set bool) {
	text, ok := s.scalar()
	text = strings.TrimSpace(text)
	if ok && text == "" {
		return 0, false
	}
	n, err := parseInt(text)
	if err != nil {
		s.Bad(field, problemInteger)
		return 0, false
	}
	return n, true
}

// Flag reads true or false like [Bool]. It is not set if it is null or "".
func (s *Scanner) Flag(field string) (value, set bool) {
	text, ok := s.scalar()
	text = strings.TrimSpace(text)
	if ok && text == "" {
		return false, false
	}
	if ok {
		value, ok = parseBool(text)
	}
	if !ok {
		s.Bad(field, problemFlag)
		return false, false
	}
	return value, true
}

const (
	blocks   = 16
	minBlock = 4 << 10
	maxBlock = 64 << 10
)

// arena keeps the values of a document in a few blocks, so that there is no
// allocation per value, and a value that is kept does not keep all others alive.
type arena struct {
	block strings.Builder
	size  int
}

func (a *arena) add(value []byte) string {
	n := a.block.Len()
	if a.block.Cap()-n < len(value) {
		n = 0
		a.block.Reset()
		a.block.Grow(max(a.size, len(value)))
	}
	_, _ = a.block.Write(value)
	return a.block.String()[n:]
}
