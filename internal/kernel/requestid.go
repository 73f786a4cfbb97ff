package kernel

import (
	"net/http"
	"slices"
	"strings"

	"github.com/orgbridge/orgbridge/internal/redact"
)

const maxRequestID = 128

// requestIDHeaders are where vendors and the gateways in front of them say by what
// name they know a request, the one closest to the vendor first.
func requestIDHeaders() []string {
	return []string{
		"X-Request-Id", "X-Ca-Request-Id", "X-Kong-Request-Id", "X-Correlation-Id", "X-Trace-Id", "Eagleeye-Traceid",
		"X-Tt-Logid", "X-Amzn-Requestid", "X-Amzn-Trace-Id", "Cf-Ray",
	}
}

func isRequestIDHeader(name string) bool { return slices.Contains(requestIDHeaders(), name) }

// requestIDOf returns the first id of an answer that is safe to show, "" for none.
func (r *run) requestIDOf(h http.Header) string {
	for _, name := range requestIDHeaders() {
		if id := strings.TrimSpace(h.Get(name)); isRequestID(id) && !r.repeats(id, minQuotedDigits) {
			return id
		}
	}
	return ""
}

// isRequestID reports whether id looks like one: short, in one line, and no mobile or
// identity card number.
func isRequestID(id string) bool {
	if id == "" || len(id) > maxRequestID {
		return false
	}
	digits := 0
	for _, c := range []byte(id) {
		switch {
		case c >= '0' && c <= '9':
			digits++
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', strings.IndexByte("-_.:;=/+", c) >= 0:
		default:
			return false
		}
	}
	number := digits >= len(id)-1 // the last character of a card number may be an X
	return !number || len(id) != 11 && len(id) != 15 && len(id) != 18
}

// repeats reports whether text holds a credential, or a value of at least so many
// characters that was sent.
func (r *run) repeats(text string, least int) bool {
	return redact.Repeats(text, 0, r.credentials()...) || redact.Repeats(text, least, r.sensitive()...)
}
