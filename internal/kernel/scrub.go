package kernel

import (
	"net/url"
	"slices"
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

	// Shorter parts of a base URL's path are words, not keys.
	minPathKey = 6
)

// Scrubber masks in the texts of an answer whatever its call sent and the credentials
// behind it. A vendor package puts one into [Call.Scrubber] for the texts of an answer
// that is a success as a whole: those of a refusal are scrubbed by the kernel. The
// zero Scrubber masks what looks personal or secret.
type Scrubber struct {
	collect func() []string
	values  []string
}

// Collect takes the values from the call. It is needed only if [Scrubber.Scrub] is called
// after [Call.Buffer] was released, and does its work once.
func (s *Scrubber) Collect() {
	if s.collect == nil {
		return
	}
	s.values = s.collect()
	slices.Sort(s.values)
	s.values = slices.Compact(s.values)
	s.collect = nil
}

// Scrub returns text without what must not be shown. It is not safe for concurrent use.
func (s *Scrubber) Scrub(text string) string {
	if text == "" {
		return ""
	}
	s.Collect()
	return redact.Scrub(text, s.values...)
}

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
	code = strings.TrimSpace(code)
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
	if code == "" {
		return false
	}
	if numeric {
		// The short ones, which are most, cannot hold a value that counts.
		return redact.Repeats(code, 0, r.credentials()...) || len(code) >= minQuotedDigits && r.repeats(code, minQuotedDigits)
	}
	return r.repeats(code, minQuoted) || redact.Same(code, r.sensitive()...)
}

// credentials lists the tokens that this call used, and what they were got with.
func (r *run) credentials() []string {
	values := append(slices.Clone(r.used), r.token.Reveal())
	if r.call.Tokens != nil {
		values = append(values, r.call.Tokens.Secrets()...)
	}
	return values
}

// sensitive lists what the latest attempt sent, signatures and a gateway's
// credentials included.
func (r *run) sensitive() []string {
	if r.values == nil {
		r.values = r.collect()
	}
	return r.values
}

func (r *run) collect() []string {
	values := r.credentials()
	base := r.client.base()
	for _, query := range []url.Values{base.Query(), r.sent.Query} {
		for _, v := range query {
			values = append(values, v...)
		}
	}
	for part := range strings.SplitSeq(base.Path, "/") {
		if len(part) >= minPathKey {
			values = append(values, part)
		}
	}
	for name, v := range r.sent.Header {
		switch name {
		case "Accept", "Content-Type", "User-Agent":
			continue
		}
		if isRequestIDHeader(name) {
			continue
		}
		for _, value := range v {
			values = append(values, value)
			values = append(values, strings.Fields(value)...) // "Bearer …"
		}
	}
	if jar := r.client.http().Jar; jar != nil {
		for _, cookie := range jar.Cookies(&base) {
			values = append(values, cookie.Value)
		}
	}
	values = append(values, SentValues(r.call.ContentType, r.sent.Body)...)
	if r.call.Sensitive != nil {
		values = append(values, r.call.Sensitive()...)
	}
	return values
}
