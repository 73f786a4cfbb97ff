package aiguanhuai

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/orgbridge/orgbridge/internal/kernel"
)

// Option is what the With functions of this package return, for [New] and [Client.With].
// Options may be given in any order; all are checked, and every bad one is reported. The
// same option of another vendor package can be used too.
type Option = kernel.Option

// Limiter is waited for before every attempt, retries included. A *rate.Limiter
// of golang.org/x/time/rate is one; so is anything that shares a quota between
// processes. Wait returns nil when the attempt may go, and an error if ctx ends before.
type Limiter interface {
	Wait(ctx context.Context) error
}

// Attempt is what a [WithHook] function learns of one attempt. It holds no URL, header
// or body. It is one type in all vendor packages, so that one function serves them all:
//
//	type Attempt struct {
//		Vendor    string        // "aiguanhuai"
//		Op        string        // the vendor's name of the call, "add-prepare"
//		Number    int           // 1 for the first attempt
//		Status    int           // HTTP status, 0 when no answer came
//		Code      string        // vendor code of a refusal, "" on success
//		RequestID string        // of the vendor or a gateway, "" if the answer has none
//		Duration  time.Duration // from sending to the answer's last byte, without waits
//		Wait      time.Duration // until the next attempt
//		Retry     bool          // whether there is a next attempt
//		Err       error         // an *Error, nil on success
//	}
type Attempt = kernel.Attempt

// WithHTTPClient sets the client whose transport, timeout and cookie jar are
// used. It is copied, never changed, and its idle connections are left alone.
// Redirects are refused whatever its policy. Tracing and metrics come in
// through its transport. Its timeout applies if it is shorter than that of
// [WithAttemptTimeout].
func WithHTTPClient(c *http.Client) Option { return kernel.WithHTTPClient(c) }

// WithLogger makes the client log every attempt with the fixed attributes
// vendor, op, attempt, status, code, duration, requestId: as a warning when it failed, at
// debug level when it succeeded or its caller canceled it. A base URL that is http,
// except to loopback, is one warning more, with the first call. The default is silence.
func WithLogger(l *slog.Logger) Option { return kernel.WithLogger(l) }

// WithHook sets a function that is told of every attempt after it ended. It
// must be safe for concurrent use and must not block. ctx is the call's, or that of the
// call that a token was got for.
func WithHook(h func(ctx context.Context, a Attempt)) Option { return kernel.WithHook(h) }

// WithLimiter sets a limiter, which every attempt waits for. There is none by
// default: the vendor documents no quota.
func WithLimiter(l Limiter) Option { return kernel.WithLimiter(l) }

// WithRetry sets the number of attempts of one call (default 6; 1 turns
// retries off) and the longest single wait between two of them (default 30 s).
// A vendor that asks for a longer wait, or for one and a half times that in all, is
// not tried again: the error says how long it asked for.
func WithRetry(maxAttempts int, maxWait time.Duration) Option {
	return kernel.WithRetry(maxAttempts, maxWait)
}

// WithAttemptTimeout sets the longest time of one attempt, from sending to the last
// byte of the answer (default 30 s), whatever the HTTP client. Waits for the limiter, a
// token or the next attempt are not part of it. The time limit of a whole call is its
// context's. d must be positive.
func WithAttemptTimeout(d time.Duration) Option { return kernel.WithAttemptTimeout(d) }

// WithRetryBudget sets how many retries (default 100) all calls of a client may make
// before they must earn more, so that an outage does not multiply the traffic: N calls
// to a vendor that is down make at most N attempts and so many retries. First attempts
// are free. A call that succeeds after a retry gives that one back, five that need none
// earn one. Without budget a call fails at its first failure, with [ErrRetryBudget].
// 0 removes the limit; retries must be within 0 to 1,000,000.
func WithRetryBudget(retries int) Option { return kernel.WithRetryBudget(retries) }

// WithHeader adds headers to every request, for gateways in front of the
// vendor.
func WithHeader(h http.Header) Option { return kernel.WithHeader(h) }

// WithClock sets the clock; the default is [time.Now]. A Retry-After that is a
// date is measured with it if the answer has no Date.
func WithClock(now func() time.Time) Option { return kernel.WithClock(now) }
