package wire

import (
	"bytes"
	"encoding/binary"
	"math/bits"
	"unicode/utf8"
)

// maxDepth is how deep a document may be nested, as with encoding/json.
const maxDepth = 10_000

// Scanner reads a JSON document from front to back, without reflection. Its caller
// asks for what it expects:
//
//	for more := s.Begin('{'); more; more = s.More('}') {
//		switch string(s.Key()) {
//		case "name":
//			name = s.Text("name", Strict)
//		default:
//			s.Skip()
//		}
//	}
//	err := s.End()
//
// Invalid JSON ends the reading: every method then does nothing, and [Scanner.End]
// returns the error. A value of the wrong kind is skipped and noted as the problem of
// the record at hand, see [Scanner.Problem]; what follows it is read.
//
// Unlike encoding/json, keys match exactly, and what cannot be read is not replaced
// (half a surrogate pair, a fraction where an integer belongs).
//
// The strings it returns share a few blocks of memory: clone one that is kept longer
// than the document. They do not share the document's own memory, which may be
// reused.
type Scanner struct {
	data  []byte
	pos   int
	depth int
	err   *DecodeError

	values arena
	buffer []byte // of a value with escapes

	field, problem string
}

// NewScanner returns a scanner of one document.
func NewScanner(data []byte) *Scanner {
	s := &Scanner{}
	s.data, s.err = prepared(data)
	s.values.size = min(max(len(s.data)/blocks, minBlock), maxBlock, len(s.data))
	return s
}

// prepared removes what may surround a document, and refuses what is not a document.
func prepared(data []byte) ([]byte, *DecodeError) {
	data = bytes.TrimSpace(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")))
	switch {
	case len(data) == 0:
		return nil, &DecodeError{Problem: problemEmpty}
	case data[0] == '<':
		return nil, &DecodeError{Problem: problemHTML}
	case !utf8.Valid(data):
		// encoding/json would silently put U+FFFD into people's names.
		return nil, &DecodeError{Problem: problemUTF8}
	}
	return data, nil
}

// End returns what is wrong with the document as a whole, nil if it was read to its end.
func (s *Scanner) End() error {
	if s.err == nil {
		if s.space(); s.pos < len(s.data) {
			s.fail(s.pos)
		}
	}
	if s.err != nil {
		return s.err
	}
	return nil
}

// Failed reports whether the reading has ended before the end of the document.
func (s *Scanner) Failed() bool { return s.err != nil }

// Offset returns how many bytes have been read.
func (s *Scanner) Offset() int { return s.pos }

// Rest returns how many bytes have not been read.
func (s *Scanner) Rest() int { return len(s.data) - s.pos }

// fail ends the reading at a byte that cannot be there, or at the end of the data.
func (s *Scanner) fail(at int) {
	if s.err != nil {
		return
	}
	s.err = &DecodeError{Problem: problemSyntax}
	if at >= len(s.data) {
		s.err.Problem = problemTruncated
	}
	s.pos = len(s.data)
}

func (s *Scanner) space() {
	for s.pos < len(s.data) {
		switch s.data[s.pos] {
		case ' ', '\t', '\n', '\r':
			s.pos++
		default:
			return
		}
	}
}

// Kind returns the first byte of the next value: one of {["ntf, '0' for a number, and
// 0 if there is none.
func (s *Scanner) Kind() byte {
	if s.pos < len(s.data) && s.data[s.pos] == '"' {
		return '"'
	}
	s.space()
	if s.err != nil {
		return 0
	}
	if s.pos < len(s.data) {
		switch c := s.data[s.pos]; c {
		case '{', '[', '"', 'n', 't', 'f':
			return c
		case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9':
			return '0'
		}
	}
	s.fail(s.pos)
	return 0
}

// Begin enters the object or array that opens with open, and reports whether it holds
// anything. The next value must be one: see [Scanner.Kind].
func (s *Scanner) Begin(open byte) bool {
	if s.Kind() != open {
		s.fail(s.pos)
		return false
	}
	if s.depth++; s.depth > maxDepth {
		s.fail(s.pos)
		return false
	}
	s.pos++
	s.space()
	if s.pos < len(s.data) && s.data[s.pos] == open+2 { // '{' and '}', '[' and ']'
		s.pos++
		s.depth--
		return false
	}
	return s.err == nil
}

// More goes on after a member or an element, and reports whether there is another one.
func (s *Scanner) More(end byte) bool {
	if s.pos < len(s.data) && s.data[s.pos] == ',' {
		s.pos++
		return true
	}
	s.space()
	if s.pos >= len(s.data) {
		s.fail(s.pos)
		return false
	}
	switch s.data[s.pos] {
	case ',':
		s.pos++
		return true
	case end:
		s.pos++
		s.depth--
		return false
	}
	s.fail(s.pos)
	return false
}

// Key reads the key of the next member. It is good until the next call.
func (s *Scanner) Key() []byte {
	if s.pos < len(s.data) && s.data[s.pos] <= ' ' {
		s.space()
	}
	if s.pos >= len(s.data) || s.data[s.pos] != '"' {
		s.fail(s.pos)
		return nil
	}
	key, escaped, _ := s.quoted()
	if escaped {
		key, _ = s.unescape(key)
	}
	if s.pos < len(s.data) && s.data[s.pos] <= ' ' {
		s.space()
	}
	if s.pos >= len(s.data) || s.data[s.pos] != ':' {
		s.fail(s.pos)
		return nil
	}
	s.pos++
	return key
}

// Skip reads a value of any kind and forgets it.
func (s *Scanner) Skip() {
	switch kind := s.Kind(); kind {
	case '{':
		for more := s.Begin('{'); more; more = s.More('}') {
			s.Key()
			s.Skip()
		}
	case '[':
		for more := s.Begin('['); more; more = s.More(']') {
			s.Skip()
		}
	case '"':
		s.quoted()
	case '0':
		s.number()
	case 'n', 't', 'f':
		s.word()
	}
}

// Raw reads a value of any kind and returns it as it is written: a part of the document.
func (s *Scanner) Raw() []byte {
	s.space()
	start := s.pos
	if s.Skip(); s.err != nil {
		return nil
	}
	return s.data[start:s.pos]
}

// Null reads null, if the next value is null.
func (s *Scanner) Null() bool {
	if s.Kind() != 'n' {
		return false
	}
	s.word()
	return true
}

// word reads null, true or false.
func (s *Scanner) word() []byte {
	word := "null"
	switch s.data[s.pos] {
	case 't':
		word = "true"
	case 'f':
		word = "false"
	}
	start := s.pos
	for i := range len(word) {
		if start+i >= len(s.data) || s.data[start+i] != word[i] {
			s.fail(start + i)
			return nil
		}
	}
	s.pos += len(word)
	return s.data[start:s.pos]
}

// number reads a number, and returns it as it is written. integer means that it stands
// for itself: not -0, which is written by what keeps integers as doubles.
func (s *Scanner) number() (text []byte, integer bool) {
	start, i := s.pos, s.pos
	digits := func() bool {
		from := i
		for i < len(s.data) && s.data[i]-'0' <= 9 {
			i++
		}
		return i > from
	}
	at := func(a, b byte) bool { return i < len(s.data) && (s.data[i] == a || s.data[i] == b) }
	if at('-', '-') {
		i++
	}
	integer = true
	ok := true
	if at('0', '0') {
		i++
	} else {
		ok = digits()
	}
	if ok && at('.', '.') {
		i++
		integer, ok = false, digits()
	}
	if ok && at('e', 'E') {
		if i++; at('+', '-') {
			i++
		}
		integer, ok = false, digits()
	}
	if !ok {
		s.fail(i)
		return nil, false
	}
	s.pos = i
	text = s.data[start:i]
	return text, integer && string(text) != "-0"
}

// leads are the bytes that an invisible character may begin with.
var leads = [256]bool{0xc2: true, 0xe1: true, 0xe2: true, 0xef: true}

const del = 0x7f

// quoted reads a text, and returns what stands between the quotes, whether there are
// escapes in it, and whether there may be invisible characters.
func (s *Scanner) quoted() (raw []byte, escaped, suspect bool) {
	data := s.data
	start := s.pos + 1
	for i := start; i < len(data); {
		for i+8 <= len(data) {
			hit := unusual(binary.LittleEndian.Uint64(data[i:]))
			if hit != 0 {
				i += bits.TrailingZeros64(hit) / 8
				break
			}
			i += 8
		}
		// To the end of a run of characters beyond ASCII there is nothing to skip.
		for i < len(data) && data[i] >= utf8.RuneSelf {
			suspect = suspect || leads[data[i]]
			i++
		}
		if i >= len(data) {
			break
		}
		switch c := data[i]; {
		case c == '"':
			s.pos = i + 1
			return data[start:i], escaped, suspect || escaped
		case c == '\\':
			escaped = true
			if !s.escape(i + 1) {
				return nil, false, false
			}
			i++
		case c < ' ':
			s.fail(i)
			return nil, false, false
		case c == del:
			suspect = true
		}
		i++
	}
	s.fail(len(data))
	return nil, false, false
}

const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// unusual sets the high bit of a byte of w where it is a quote, a backslash, a control
// character, or from DEL on. Carries go upwards, so the lowest of them is right.
func unusual(w uint64) uint64 {
	return (w | (w + ones) | (w - ones*' ') | (w ^ ones*'"' - ones) | (w ^ ones*'\\' - ones)) & highs
}

// escape checks what follows a backslash.
func (s *Scanner) escape(at int) bool {
	if at < len(s.data) {
		switch s.data[at] {
		case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
			return true
		case 'u':
			for i := at + 1; i < at+5; i++ {
				if i >= len(s.data) || hexDigit(s.data[i]) < 0 {
					s.fail(i)
					return false
				}
			}
			return true
		}
	}
	s.fail(at)
	return false
}
