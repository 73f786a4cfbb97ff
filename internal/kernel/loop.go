package kernel

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/orgbridge/orgbridge/internal/token"
)

// Do runs the call. The error is what wrap made of a [Failure], or what a
// token source returned.
//
// A call is a loop that ends when an attempt succeeds, judge says no, or prepare fails.
// Go-retryablehttp runs it (see repeat); these are its steps:
//
//	for {
//		prepare // wait for the limiter, get a token, sign, build the request
//		send
//		read    // the answer, bounded; the vendor's own refusal is an error as well
//		judge   // may the attempt be repeated? Is another token needed?
//		wait    // r.pause: full jitter, or as long as the vendor asked for
//	}
func (c *Client) Do(ctx context.Context, call Call) error {
	if err := c.Ready(ctx, call.Op.Name); err != nil {
		return err
	}
	if len(call.Body) > maxRequest {
		return &FieldError{Op: call.Op.Name, Field: "request", Reason: "is larger than 64 MiB"}
	}
	c.warn(ctx)
	r := &run{client: c, call: &call, ctx: ctx}
	if call.Scrubber != nil {
		*call.Scrubber = Scrubber{collect: r.collect}
	}
	if end := r.ended(); end != nil {
		return r.fail(&Failure{Err: endCause(end)})
	}
	err := repeat(c.http(), r)
	if err != nil {
		return r.finish(err)
	}
	c.set.Budget.succeeded(r.repeated)
	return nil
}

// attemptError is how one attempt failed.
type attemptError struct {
	*Failure

	transport error // of the transport, when no answer came
	refused   bool  // the vendor's own envelope refused the call,
	definite  bool  // within HTTP 200,
	temporary bool  // and it means "try again"
}

// run is the state of one call. One goroutine at a time uses it.
type run struct {
	client *Client
	call   *Call
	ctx    context.Context //nolint:containedctx // a run lives within one Do

	sent     Outgoing // the latest attempt
	values   []string // of it, which no text may show; nil: not collected
	token    token.Token
	next     token.Token // for the replay
	used     []string    // tokens of earlier attempts
	attempts int

	sentAt      time.Time
	took        time.Duration // the latest attempt, until its answer was read
	silentSince time.Time     // first attempt since the vendor last answered
	status      int           // of the latest answer
	answered    http.Header   // of the latest answer
	pause       time.Duration // before the next attempt
	asked       time.Duration // for which the vendor asked to wait in all

	unknown  bool          // an attempt may have been carried out without our knowing
	writes   *atomic.Int32 // how often net/http wrote the latest attempt, nil: not counted
	replayed bool
	repeated bool // the latest attempt was paid for by the retry budget
	last     *Failure
}

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
// is safe to show, and passes as it is, unless it would hide that an
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
	if d, ok := errors.AsType[*attemptError](err); ok {
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
		f.HTTPStatus, f.Code, f.Message, f.RequestID, f.RetryAfter = r.last.HTTPStatus, r.last.Code, r.last.Message, r.last.RequestID, r.last.RetryAfter
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
