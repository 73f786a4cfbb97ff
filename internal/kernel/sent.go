package kernel

import (
	"encoding/json"
	"net/url"
	"strings"

	"github.com/orgbridge/orgbridge/internal/redact"
)

// What is longer than this is not a code. The longest code that a vendor
// documents has seven digits, the shortest phone number eleven.
const (
	maxCode   = 32
	maxDigits = 10

	// Within a code, shorter values that were sent are a coincidence; so are
	// numbers (an id, a count) that are no longer than a code.
	minQuoted       = 6
	minQuotedDigits = 8
)

// scrub masks in a vendor's message whatever this call sent: vendors like to
// quote the name or number that they object to.
func (r *run) scrub(message string) string {
	if message == "" {
		return ""
	}
	return redact.Scrub(message, r.sensitive()...)
}

// safeCode keeps a code as it is, since callers compare it; what does not look
// like one is treated as a message.
func (r *run) safeCode(code string) string {
	digits := 0
	for _, c := range []byte(code) {
		switch {
		case c >= '0' && c <= '9':
			digits++
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c == '_', c == '-', c == '.':
		default:
			return r.scrub(code)
		}
	}
	if len(code) > maxCode || digits > maxDigits || r.quoted(code, digits == len(code)) {
		return r.scrub(code)
	}
	return code
}

// quoted reports whether a code repeats something that was sent.
func (r *run) quoted(code string, numeric bool) bool {
	if credential := r.token.Reveal(); credential != "" && strings.Contains(code, credential) {
		return true
	}
	least := minQuoted
	if numeric {
		least = minQuotedDigits
	}
	if len(code) < least && numeric {
		return false // no value of that length is within it
	}
	folded := strings.ToLower(code)
	for _, v := range r.sensitive() {
		v = strings.ToLower(v)
		if len(v) >= least && strings.Contains(folded, v) || v == folded && !numeric {
			return true
		}
	}
	return false
}

// sensitive lists what the latest attempt sent, signatures and a gateway's
// credentials included.
func (r *run) sensitive() []string {
	values := []string{r.token.Reveal()}
	base := r.client.base()
	for _, query := range []url.Values{base.Query(), r.sent.Query} {
		for _, v := range query {
			values = append(values, v...)
		}
	}
	for name, v := range r.sent.Header {
		switch name {
		case "Accept", "Content-Type", "User-Agent":
			continue
		}
		for _, value := range v {
			values = append(values, value)
			values = append(values, strings.Fields(value)...) // "Bearer …"
		}
	}
	values = append(values, SentValues(r.call.ContentType, r.sent.Body)...)
	if r.call.Sensitive != nil {
		values = append(values, r.call.Sensitive()...)
	}
	return values
}

// SentValues lists the values that a form or JSON body holds, and those of the
// JSON that a form carries in a field.
func SentValues(contentType string, body []byte) []string {
	if !strings.HasPrefix(contentType, "application/x-www-form-urlencoded") {
		return jsonValues(body)
	}
	form, _ := url.ParseQuery(string(body)) // whatever of it can be read
	var values []string
	for _, list := range form {
		for _, v := range list {
			values = append(values, v)
			values = append(values, jsonValues([]byte(v))...)
		}
	}
	return values
}

// jsonValues lists the strings and numbers of a JSON document, keys excepted.
func jsonValues(body []byte) []string {
	if !json.Valid(body) {
		return nil
	}
	text := string(body) // which the values share
	var values []string
	for i := 0; i < len(text); {
		start := i
		switch c := text[i]; {
		case c == '"':
			i = closing(text, i+1) + 1
			if strings.HasPrefix(strings.TrimLeft(text[i:], " \t\r\n"), ":") {
				continue
			}
			values = append(values, unquoted(text[start:i]))
		case c == '-', c >= '0' && c <= '9':
			// In its own digits: a card number is not a float.
			for i < len(text) && strings.IndexByte("+-.0123456789Ee", text[i]) >= 0 {
				i++
			}
			values = append(values, text[start:i])
		default:
			i++
		}
	}
	return values
}

// closing returns where the string that begins at i ends.
func closing(text string, i int) int {
	for text[i] != '"' {
		if text[i] == '\\' {
			i++
		}
		i++
	}
	return i
}

func unquoted(literal string) (s string) {
	if strings.IndexByte(literal, '\\') < 0 {
		return literal[1 : len(literal)-1]
	}
	_ = json.Unmarshal([]byte(literal), &s) // it is part of a valid document
	return s
}
