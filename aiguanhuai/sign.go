package aiguanhuai

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"slices"

	"github.com/orgbridge/orgbridge/internal/kernel"
	"github.com/orgbridge/orgbridge/internal/redact"
)

// Signer signs requests. The vendor refuses bad signatures (200003 签名错误) but
// publishes neither algorithm nor parameter names, so there is no default: those
// who were given a key and a rule put them here.
//
// Sign is called before every attempt, so that a time stamp is fresh, and must
// be safe for concurrent use. Its error ends the call with nothing sent; the
// call's *[Error] hides its text and errors.Is and errors.As reach it.
type Signer interface {
	Sign(ctx context.Context, r *SignRequest) error
}

// SignerFunc makes a function a [Signer].
type SignerFunc func(ctx context.Context, r *SignRequest) error

// Sign calls f.
func (f SignerFunc) Sign(ctx context.Context, r *SignRequest) error { return f(ctx, r) }

// SignRequest is one attempt as a [Signer] sees it. It prints as method and
// path only: Body holds personal data.
type SignRequest struct {
	Method string      // "GET" or "POST"; changing it has no effect
	Path   string      // below the base URL, "/v3/oms/add"; changing it has no effect
	Query  url.Values  // to be sent; the signer may add to it
	Header http.Header // to be sent; the signer may add to it
	Body   []byte      // a copy of the JSON to be sent, nil for GET
}

// LogValue lists method and path.
func (r SignRequest) LogValue() slog.Value {
	return slog.GroupValue(slog.String("method", r.Method), slog.String("path", r.Path))
}

// Format prints what LogValue lists, whatever the verb.
func (r SignRequest) Format(f fmt.State, _ rune) {
	redact.Format(f, "aiguanhuai.SignRequest", r.LogValue())
}

// signing is the signer's part in one call.
type signing struct {
	signer   Signer
	op       string
	attempts int // signed so far
}

// authorize is the kernel's hook.
func (s *signing) authorize(ctx context.Context, out *kernel.Outgoing, _ string) error {
	// Copies, because the values may be shared with other calls.
	r := SignRequest{
		Method: out.Method,
		Path:   out.Path,
		Query:  cloneQuery(out.Query),
		Header: out.Header.Clone(),
		Body:   bytes.Clone(out.Body),
	}
	if err := s.signer.Sign(ctx, &r); err != nil {
		return &Error{Vendor: vendor, Op: s.op, Attempts: s.attempts, Err: &signError{func() error { return err }}}
	}
	for _, name := range []string{paramCorp, paramTask} {
		if !slices.Equal(r.Query[name], out.Query[name]) {
			// Another company's people, or another task's.
			return &FieldError{Op: s.op, Field: "Signer", Reason: "changed " + name}
		}
	}
	s.attempts++
	out.Query, out.Header = r.Query, r.Header
	return nil
}

// signError stands for a signer's error, whose text may hold the key. Unwrap
// does not hand it out, and a closure hides it from deep printers.
type signError struct{ err func() error }

func (e *signError) Error() string { return "signer failed" }

func (e *signError) Is(target error) bool { return errors.Is(e.err(), target) }

func (e *signError) As(target any) bool { return errors.As(e.err(), target) }
