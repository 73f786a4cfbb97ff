package kernel

import (
	"context"
	"net/http"
	"net/url"

	"github.com/orgbridge/orgbridge/internal/token"
)

// Class says what repeating a call may do. It belongs to the operation, not to
// the HTTP method.
type Class int

const (
	// Read changes nothing: repeated after every failure that may pass.
	Read Class = iota
	// Idempotent changes something, and twice is the same as once: repeated
	// like a read, but a final failure leaves the outcome unknown.
	Idempotent
	// Once must not run twice: repeated only if the vendor certainly did not
	// run it.
	Once
)

// Op is one operation of a vendor.
type Op struct {
	Name   string // the vendor's own name of it
	Method string
	Path   string // below the base URL
	Class  Class
}

// Outgoing is one attempt before it is sent. Authorize may change all of it
// but Method and Path.
type Outgoing struct {
	Method string
	Path   string
	Query  url.Values
	Header http.Header
	Body   []byte
}

// Call is one call of an operation.
type Call struct {
	Op          Op
	Query       url.Values
	ContentType string
	Body        []byte
	// Buffer holds the memory of Body, and of a body that Authorize puts in its
	// place; nil if that is memory of its own. The caller releases it after the
	// call.
	Buffer *Buffer

	// Tokens, when set, supplies the credential of each attempt.
	Tokens *token.Cache
	// Authorize, when set, puts the credential on an attempt ("" without
	// Tokens) or signs it.
	Authorize func(ctx context.Context, out *Outgoing, credential string) error
	// Read reads an answer's body and returns nil, a [*Rejection], or what decoding
	// returned. It runs once per attempt, so it decodes into a value of its own: what
	// a failed attempt left behind must not leak. It must keep no part of body, whose
	// memory is reused.
	Read func(body []byte) error
	// Header, when set, is shown the header of every answer before Read is: a vendor's
	// clock is nowhere else. It must not keep it.
	Header func(h http.Header)
	// Rejected reports whether a refusal may be due to the token: it is then
	// replaced, and the call replayed once if another token came back.
	Rejected func(status int, code string) bool
	// Sensitive, when set, lists further values that the vendor's messages
	// must not repeat. What the request itself holds need not be listed.
	Sensitive func() []string
	// Scrubber, when set, learns what the call sent.
	Scrubber *Scrubber
}
