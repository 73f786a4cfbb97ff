package kernel

import (
	"bytes"
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

func jsonValues(body []byte) []string {
	var doc any
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber() // a card number must be masked in its own digits
	if dec.Decode(&doc) != nil {
		return nil
	}
	return leaves(doc, nil)
}

func leaves(doc any, values []string) []string {
	switch v := doc.(type) {
	case string:
		return append(values, v)
	case json.Number:
		return append(values, v.String())
	case []any:
		for _, e := range v {
			values = leaves(e, values)
		}
	case map[string]any:
		for _, e := range v {
			values = leaves(e, values)
		}
	}
	return values
}
