package yunjian

import (
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/orgbridge/orgbridge/internal/wire"
)

// parameters are those of a login, by name. All of them are signed, whatever their names.
//
// What is signed is one text, name=value&name=value, without any escaping. So a text that
// is signed can be cut into parameters in several ways; and MD5 lets anyone who has the
// signature of a text append to it, after some padding of control characters, and sign the
// result, without the key. Names and values with which either can be done are refused.
type parameters map[string]parameter

// parameter is a value in the characters it came with.
type parameter struct {
	text   string
	null   bool
	number bool
}

func readParameters(body []byte) (parameters, *refusal) {
	s := wire.NewScanner(body)
	p := parameters{}
	for more := s.Object(""); more; more = s.More('}') {
		name := string(s.Key())
		if _, twice := p[name]; twice {
			return nil, badRequest(http.StatusBadRequest, "body has a field twice")
		}
		if len(p) == maxSessionFields {
			return nil, badRequest(http.StatusBadRequest, "body has too many fields")
		}
		value := s.Raw()
		if s.Failed() {
			break
		}
		field, ok := readParameter(value)
		if !ok {
			return nil, notDocumented(body)
		}
		p[name] = field
	}
	if s.End() != nil || !s.Sound() {
		return nil, notDocumented(body)
	}
	for name, field := range p {
		if !signableName(name) || !signable(field.text) {
			return nil, badRequest(http.StatusBadRequest, "body has a parameter that cannot be signed")
		}
	}
	return p, nil
}

func readParameter(value []byte) (parameter, bool) {
	if c := value[0]; c == '-' || c >= '0' && c <= '9' {
		return parameter{text: string(value), number: true}, true // what is signed are the digits as they came
	}
	s := wire.NewScanner(value)
	text := s.Verbatim("") // it is signed
	return parameter{text: text, null: isNull(value)}, s.End() == nil && s.Sound()
}

// instant reads a time in milliseconds, which may be written as a double if it is a number.
func (p parameter) instant() (time.Time, bool) {
	if p.number {
		ms, set := wire.NewScanner([]byte(p.text)).Int("timestamp")
		return time.UnixMilli(ms), set
	}
	ms, err := strconv.ParseInt(p.text, 10, 64)
	return time.UnixMilli(ms), err == nil
}

// signableName reports whether a name stands for one parameter only. signKey is signed but
// never sent: a value that was sent would be replaced.
func signableName(name string) bool {
	return name != "" && name != "signKey" && !strings.ContainsAny(name, "&=") && signable(name)
}

// signable reports whether a text has no control character, which MD5's padding has, and
// does not read as if another parameter followed.
func signable(text string) bool {
	_, rest, _ := strings.Cut(text, "&")
	return !strings.Contains(rest, "=") && !strings.ContainsFunc(text, unicode.IsControl) &&
		!strings.ContainsRune(text, utf8.RuneError)
}

// readings are the ways in which the signature may treat a parameter that is
// null or empty; the vendor does not say which. Each says what is signed of it, and
// whether it is signed at all.
var readings = []func(parameter) (text string, signed bool){
	func(p parameter) (string, bool) { return p.text, true },         // all, null as ""
	func(p parameter) (string, bool) { return p.text, p.text != "" }, // neither null nor ""
	func(p parameter) (string, bool) { return p.text, !p.null },      // not null
	func(p parameter) (string, bool) { return orNull(p), true },      // all, null as Java prints it
}

func orNull(p parameter) string {
	if p.null {
		return "null"
	}
	return p.text
}

// signed returns what is signed by one reading. A parameter that the vendor does not
// document is signed in any case, so none can be added.
func (p parameters) signed(reading func(parameter) (string, bool)) map[string]string {
	texts := make(map[string]string, len(p))
	for name, field := range p {
		text, signed := reading(field)
		switch name {
		case "platform", "source", "userId", "userNo":
		default:
			signed = true
		}
		if signed {
			texts[name] = text
		}
	}
	return texts
}
