package kernel

import (
	"context"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/hashicorp/go-retryablehttp"

	"github.com/orgbridge/orgbridge/internal/token"
)

// run is the state of one call. One goroutine at a time uses it.
type run struct {
	client *Client
	call   *Call
	ctx    context.Context //nolint:containedctx // a run lives within one Do

	req      *retryablehttp.Request
	sent     Outgoing // the latest attempt
	token    token.Token
	next     token.Token // for the replay
	attempts int

	sentAt      time.Time
	took        time.Duration // the latest attempt, until its answer was read
	silentSince time.Time     // first attempt since the vendor last answered
	status      int           // of the latest answer
	wait        time.Duration // before the next attempt
	asked       time.Duration // for which the vendor asked to wait in all

	unknown  bool          // an attempt may have been carried out without our knowing
	writes   *atomic.Int32 // how often net/http wrote the latest attempt, nil: nobody counts
	replayed bool
	last     *Failure
}

// prepare waits for the limiter and builds the next attempt.
func (r *run) prepare() error {
	if l := r.client.set.Limiter; l != nil {
		if err := l.Wait(r.ctx); err != nil {
			return r.limited(err)
		}
	}
	out := Outgoing{
		Method: r.call.Op.Method,
		Path:   r.call.Op.Path,
		Query:  cloneValues(r.call.Query),
		Header: r.header(),
		Body:   r.call.Body,
	}
	credential := ""
	if r.call.Tokens != nil {
		if err := r.credential(); err != nil {
			return r.halt(err)
		}
		credential = r.token.Reveal()
	}
	if r.call.Authorize != nil {
		if err := r.call.Authorize(r.ctx, &out, credential); err != nil {
			return r.halt(err)
		}
	}
	if err := r.build(&out); err != nil {
		return r.halt(err)
	}
	if end := r.ended(); end != nil {
		// Sending now would only leave the outcome in doubt.
		return r.halt(end)
	}
	r.attempts++
	r.status, r.wait = 0, 0
	r.sentAt = time.Now()
	if r.silentSince.IsZero() {
		r.silentSince = r.sentAt
	}
	return nil
}

// credential settles the token of the next attempt.
func (r *run) credential() error {
	if !r.next.IsZero() {
		r.token, r.next = r.next, token.Token{}
		return nil
	}
	t, err := r.call.Tokens.Token(r.ctx)
	if err != nil {
		return err
	}
	r.token = t
	return nil
}

func (r *run) header() http.Header {
	h := make(http.Header, 4)
	h.Set("Accept", "application/json")
	h.Set("User-Agent", "orgbridge-go")
	if r.call.ContentType != "" {
		h.Set("Content-Type", r.call.ContentType)
	}
	for name, values := range r.client.header() {
		h[name] = slices.Clip(values) // shared by all calls: appending must copy
	}
	return h
}

func cloneValues(v url.Values) url.Values {
	if v == nil {
		return url.Values{}
	}
	return maps.Clone(v)
}

// build makes the request anew, because a transport may still read the one of
// the attempt before.
func (r *run) build(out *Outgoing) error {
	if err := checkHeader(r.call.Op.Name, out.Header); err != nil {
		return err
	}
	u := r.client.base()
	u.Path += out.Path
	switch query := out.Query.Encode(); {
	case u.RawQuery == "":
		u.RawQuery = query
	case query != "":
		u.RawQuery += "&" + query
	}
	h, err := http.NewRequestWithContext(r.ctx, out.Method, "", nil)
	if err != nil {
		return &FieldError{Op: r.call.Op.Name, Field: "method", Reason: "is not an HTTP method"}
	}
	h.URL, h.Host, h.Header = &u, u.Host, out.Header
	if host := out.Header.Get("Host"); host != "" {
		h.Host = host
	}
	h = r.counted(h, out)
	if r.req == nil {
		r.req = &retryablehttp.Request{}
	}
	*r.req = retryablehttp.Request{Request: h}
	if out.Body != nil {
		if err := r.req.SetBody(r.body(out.Body)); err != nil {
			return err // impossible for bytes, and for a buffer that the caller holds
		}
	}
	r.req.SetResponseHandler(r.receive)
	r.sent = *out
	return nil
}

// body returns what go-retryablehttp is to read a body from.
func (r *run) body(body []byte) any {
	if r.call.Buffer == nil {
		return body
	}
	return retryablehttp.ReaderFunc(func() (io.Reader, error) { return r.call.Buffer.open(body) })
}

// counted counts how often net/http writes a request that has no body and does
// more than read: when a kept connection breaks before the answer it sends one
// again by itself, although the vendor may have carried it out.
func (r *run) counted(h *http.Request, out *Outgoing) *http.Request {
	r.writes = nil
	if r.call.Op.Class == Read || out.Body != nil {
		return h
	}
	writes := new(atomic.Int32) // of its own: an old attempt may still be writing
	r.writes = writes
	return h.WithContext(httptrace.WithClientTrace(h.Context(), &httptrace.ClientTrace{
		WroteRequest: func(w httptrace.WroteRequestInfo) {
			if w.Err == nil {
				writes.Add(1)
			}
		},
	}))
}

// resent reports whether net/http sent the latest attempt more than once.
func (r *run) resent() bool { return r.writes != nil && r.writes.Load() > 1 }

// ended returns why the caller's context has ended, nil if it has not.
func (r *run) ended() error {
	if err := r.ctx.Err(); err != nil {
		return err
	}
	// A socket's deadline can fire a moment before the context's own timer.
	if at, ok := r.ctx.Deadline(); ok && !time.Now().Before(at) {
		return context.DeadlineExceeded
	}
	return nil
}

// halt ends the call before an attempt was sent. An error that is not the
// context's comes from the token's source, the signer or the caller's input,
// is fit to be shown, and passes as it is, unless it would hide that an
// earlier attempt may have been carried out.
func (r *run) halt(err error) error {
	if end := r.ended(); end != nil {
		return &Failure{Err: endCause(end)}
	}
	if r.unknown {
		return &Failure{Err: err}
	}
	return err
}

// limited is halt for the limiter, whose errors may say anything.
func (r *run) limited(err error) error {
	if end := r.ended(); end != nil {
		return r.halt(end)
	}
	text := "rate limiter failed"
	if strings.Contains(err.Error(), "exceed context deadline") {
		// rate.Limiter refuses at once, without an error type of its own.
		text = "the wait for the rate limiter would outlast the deadline"
		err = errors.Join(err, context.DeadlineExceeded)
	}
	return &Failure{Err: newCause(text, err)}
}

// finish turns the error of a call into what the caller gets.
func (r *run) finish(err error) error {
	if d, ok := errors.AsType[*decision](err); ok {
		return r.fail(d.Failure)
	}
	if f, ok := err.(*Failure); ok && f.Vendor == "" { //nolint:errorlint // ours, not one that an error of a token call holds
		return r.fail(r.following(f))
	}
	if end := r.ended(); end != nil && errors.Is(err, end) {
		// go-retryablehttp's own wait was ended.
		return r.fail(r.following(&Failure{Err: endCause(end)}))
	}
	return err
}

// following gives f, which ended the call between two attempts, what had gone
// wrong in the last one.
func (r *run) following(f *Failure) *Failure {
	if r.last != nil {
		f.HTTPStatus, f.Code, f.Message, f.RetryAfter = r.last.HTTPStatus, r.last.Code, r.last.Message, r.last.RetryAfter
	}
	return f
}

// fail completes f and dresses it as the vendor's error.
func (r *run) fail(f *Failure) error {
	f.Vendor = r.client.vendor
	f.Op = r.call.Op.Name
	f.Attempts = r.attempts
	f.OutcomeUnknown = r.unknown
	return r.client.wrap(f)
}
