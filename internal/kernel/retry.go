package kernel

import (
	"errors"
	"math"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/orgbridge/orgbridge/internal/wire"
)

// baseWait is the ceiling of the first back-off; it doubles per attempt.
const baseWait = 250 * time.Millisecond

// maxRetryAfter keeps an absurd Retry-After from overflowing into a short one.
const maxRetryAfter = int64(math.MaxInt64 / time.Second)

// verdict is what a failed attempt means for the call.
type verdict struct {
	retryable bool
	ambiguous bool // the vendor may have carried it out
}

// judge reports whether the call is to be tried again after an attempt that failed.
func (r *run) judge(d *attemptError) (again bool) {
	v := r.verdict(d)
	r.unknown = r.unknown || v.ambiguous || r.resent()
	r.last = d.Failure
	r.repeated = false
	again = r.replay(d) || v.retryable && r.mayRepeat(d)
	if end := r.ended(); end != nil && v.retryable && d.Err == nil {
		// The caller's context, not the failure, is why this was the last attempt.
		d.Err = endCause(end)
	}
	r.observe(d.Failure, again)
	return again
}

func (r *run) verdict(d *attemptError) verdict {
	if d.transport == nil {
		return r.judgeAnswer(d)
	}
	r.took = time.Since(r.sentAt)
	d.Err = transportCause(d.transport)
	if end := r.ended(); end != nil {
		d.Err = endCause(end)
	}
	if neverSent(d.transport) {
		return verdict{retryable: !lasting(d.transport)}
	}
	return r.lost()
}

// lost is the verdict on an attempt whose effect is unknown.
func (r *run) lost() verdict {
	class := r.call.Op.Class
	return verdict{retryable: class != Once, ambiguous: class != Read}
}

func (r *run) judgeAnswer(d *attemptError) verdict {
	switch status := d.HTTPStatus; {
	case d.definite:
		return verdict{retryable: d.temporary && r.call.Op.Class != Once}
	case status == http.StatusTooManyRequests:
		return verdict{retryable: true}
	case status == http.StatusNotImplemented || status == http.StatusHTTPVersionNotSupported:
		return verdict{}
	case status == http.StatusRequestTimeout || status >= 500:
		return r.lost()
	case status < 200 || status > 299:
		return verdict{}
	}
	// A success that cannot be read. What was cut off may come whole next
	// time; HTML or another encoding will not.
	v := r.lost()
	v.retryable = v.retryable && cutOff(d.Err)
	return v
}

func cutOff(err error) bool {
	if isTransport(err) {
		return true
	}
	bad, ok := errors.AsType[*wire.DecodeError](err)
	return ok && bad.Truncated()
}

// replay exchanges a token that may have been rejected, and asks for one
// further attempt if another one came back.
func (r *run) replay(d *attemptError) bool {
	if r.replayed || r.call.Tokens == nil || r.call.Rejected == nil || r.ended() != nil {
		return false
	}
	if !d.mayBeToken() || !r.call.Rejected(d.HTTPStatus, d.Code) {
		return false
	}
	next, err := r.call.Tokens.Replace(r.ctx, r.token)
	if err != nil {
		d.Err = err
		return false
	}
	if next.Same(r.token) {
		return false
	}
	r.replayed, r.next = true, next
	return true
}

// mayBeToken reports whether a failure can be that of a token: HTTP 401, or a
// refusal in the vendor's envelope, whatever status it came with, except those
// that speak of time.
func (d *attemptError) mayBeToken() bool {
	switch status := d.HTTPStatus; status {
	case http.StatusUnauthorized:
		return true
	case http.StatusRequestTimeout, http.StatusTooManyRequests:
		return false
	default:
		return d.refused && status < 500
	}
}

// mayRepeat applies the limits of the call and of the client, and settles the wait.
func (r *run) mayRepeat(d *attemptError) bool {
	if r.ended() != nil || !r.settleWait(d) {
		return false
	}
	if !r.client.set.Budget.take() {
		d.BudgetSpent, r.pause = true, 0
		return false
	}
	r.repeated = true
	r.asked += d.RetryAfter
	return true
}

// settleWait decides how long to wait, and reports whether the call may still do so.
func (r *run) settleWait(d *attemptError) bool {
	counted := r.attempts
	if r.replayed {
		counted-- // the replay is not an attempt of its own
	}
	if counted >= r.client.set.MaxAttempts {
		return false
	}
	if !r.silentSince.IsZero() && time.Since(r.silentSince) > unreachableAfter {
		return false
	}
	if d.RetryAfter == 0 {
		r.pause = jitter(counted, r.client.set.MaxWait)
		return true
	}
	// Waiting less than asked would only be refused again: give up at once, the
	// wait is in the error. Together such waits last one and a half of the longest,
	// so that a vendor that keeps asking is given up within a minute too.
	most := r.client.set.MaxWait
	if d.RetryAfter > most || d.RetryAfter-most/2 > most-r.asked {
		return false
	}
	if deadline, ok := r.ctx.Deadline(); ok && time.Until(deadline) < d.RetryAfter {
		return false
	}
	r.pause = d.RetryAfter
	return true
}

// jitter draws from the whole range below the ceiling ("full jitter"), so that
// clients that failed together do not come back together.
func jitter(attempt int, ceiling time.Duration) time.Duration {
	limit := ceiling
	if shift := attempt - 1; shift < 16 {
		limit = min(ceiling, baseWait<<shift)
	}
	return rand.N(limit) //nolint:gosec // spreading load needs no cryptographic randomness
}

// retryAfter reads the header's two forms, seconds and date; 0 when there is
// none. Seconds may have a fraction, which counts as a whole one: some gateways write
// one. A date is measured from the answer's own Date, which is of the same clock, and
// from now only where there is none.
func retryAfter(h http.Header, now time.Time) time.Duration {
	value := strings.TrimSpace(h.Get("Retry-After"))
	whole, fraction, _ := strings.Cut(value, ".")
	seconds, err := strconv.ParseInt(whole, 10, 64)
	if (err == nil || errors.Is(err, strconv.ErrRange)) && strings.Trim(fraction, "0123456789") == "" {
		if seconds >= 0 && seconds < maxRetryAfter && strings.Trim(fraction, "0") != "" {
			seconds++
		}
		return time.Duration(min(max(seconds, 0), maxRetryAfter)) * time.Second
	}
	at, err := parseTime(value)
	if err != nil {
		return 0
	}
	if sent, err := parseTime(h.Get("Date")); err == nil {
		now = sent
	}
	return max(at.Sub(now), 0)
}

// parseTime reads the forms of RFC 9110, and the one of mails with a zone in digits.
func parseTime(value string) (time.Time, error) {
	at, err := http.ParseTime(value)
	if err != nil {
		at, err = time.Parse(time.RFC1123Z, value)
	}
	return at, err
}
