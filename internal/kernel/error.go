package kernel

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Sentinels that hold for every vendor.
var (
	ErrInvalid        = errors.New("invalid input")
	ErrOutcomeUnknown = errors.New("outcome unknown: the vendor may or may not have carried the call out")
	ErrRateLimited    = errors.New("rate limited")
	ErrUnauthorized   = errors.New("unauthorized")
	ErrNotFound       = errors.New("not found")
	ErrUnavailable    = errors.New("vendor unavailable")
	ErrMalformed      = errors.New("malformed answer")
	ErrTooLarge       = errors.New("answer too large")
	ErrRetryBudget    = errors.New("retry budget used up")
)

// FieldError says which field of the caller's input is wrong; no request was
// sent. It matches [ErrInvalid] and never holds the value.
type FieldError struct {
	Op     string // the call, "" for a constructor
	Field  string // name of the field, with an index where there are several
	Reason string
}

func (e *FieldError) Error() string {
	if e.Op == "" {
		return e.Field + " " + e.Reason
	}
	return e.Op + ": " + e.Field + " " + e.Reason
}

// Is reports whether target is [ErrInvalid].
func (e *FieldError) Is(target error) bool { return target == ErrInvalid }

// CodeError is a sentinel for one documented vendor code.
type CodeError struct{ vendor, code, text string }

// NewCode returns the sentinel of a vendor's code.
func NewCode(vendor, code, text string) *CodeError {
	return &CodeError{vendor: vendor, code: code, text: text}
}

func (e *CodeError) Error() string { return e.vendor + ": " + e.text + " (code " + e.code + ")" }

// Rejection is what a vendor package's Read returns when the vendor itself,
// in its envelope, refused the call.
type Rejection struct {
	Code      string
	Message   string // as the vendor wrote it; the kernel scrubs it
	Temporary bool   // the vendor means "try again"
}

func (r *Rejection) Error() string { return "refused with code " + r.Code }

// Failure is a failed call. Every vendor's Error type has these very fields,
// so that one converts into the other.
type Failure struct {
	Vendor         string
	Op             string
	HTTPStatus     int
	Code           string
	Message        string
	RequestID      string
	RetryAfter     time.Duration
	Attempts       int
	OutcomeUnknown bool
	BudgetSpent    bool
	Err            error
}

// Error is the allow-list: vendor, call, status, code, scrubbed message, the
// kind of the cause. Never a URL, a header or a body.
func (f *Failure) Error() string {
	var b strings.Builder
	b.WriteString(f.Vendor + " " + f.Op)
	if f.HTTPStatus != 0 && (f.HTTPStatus < 200 || f.HTTPStatus > 299) {
		b.WriteString(": HTTP " + strconv.Itoa(f.HTTPStatus))
		if text := http.StatusText(f.HTTPStatus); text != "" {
			b.WriteString(" " + text)
		}
	}
	if f.Code != "" {
		b.WriteString(": code " + f.Code)
	}
	if f.Message != "" {
		b.WriteString(": " + f.Message)
	}
	if f.Err != nil {
		b.WriteString(": " + f.Err.Error())
	}
	if f.RetryAfter > 0 {
		fmt.Fprintf(&b, " (retry after %s)", f.RetryAfter)
	}
	if f.Attempts > 1 {
		fmt.Fprintf(&b, " (after %d attempts)", f.Attempts)
	}
	if f.BudgetSpent {
		b.WriteString(" (retry budget used up)")
	}
	if f.OutcomeUnknown {
		b.WriteString(" (outcome unknown)")
	}
	if f.RequestID != "" {
		b.WriteString(" (request id " + f.RequestID + ")")
	}
	return b.String()
}

// Is compares with the vendor's code sentinels and with those of all vendors.
func (f *Failure) Is(target error) bool {
	if code, ok := target.(*CodeError); ok {
		return code.vendor == f.Vendor && code.code == f.Code
	}
	switch target {
	case ErrOutcomeUnknown:
		return f.OutcomeUnknown
	case ErrRetryBudget:
		return f.BudgetSpent
	case ErrRateLimited:
		return f.HTTPStatus == http.StatusTooManyRequests
	case ErrUnauthorized:
		return f.HTTPStatus == http.StatusUnauthorized || f.HTTPStatus == http.StatusForbidden
	case ErrNotFound:
		return f.HTTPStatus == http.StatusNotFound
	case ErrUnavailable:
		return f.HTTPStatus >= 500 || f.HTTPStatus == http.StatusRequestTimeout || isTransport(f.Err)
	}
	return false
}

// LogValue is the same allow-list for slog, except causes that are not ours.
func (f *Failure) LogValue() slog.Value {
	attrs := []slog.Attr{
		slog.String("vendor", f.Vendor),
		slog.String("op", f.Op),
		slog.Int("status", f.HTTPStatus),
		slog.String("code", f.Code),
		slog.Int("attempts", f.Attempts),
		slog.Duration("retryAfter", f.RetryAfter),
		slog.Bool("outcomeUnknown", f.OutcomeUnknown),
	}
	if f.BudgetSpent {
		attrs = append(attrs, slog.Bool("budgetSpent", true))
	}
	if f.RequestID != "" {
		attrs = append(attrs, slog.String("requestId", f.RequestID))
	}
	if f.Message != "" {
		attrs = append(attrs, slog.String("message", f.Message))
	}
	if cause := f.cause(); cause != "" {
		attrs = append(attrs, slog.String("cause", cause))
	}
	return slog.GroupValue(attrs...)
}

// cause is the text of the cause if it is one of ours, "" otherwise: that of a
// caller's token source or signer was not made for logs.
func (f *Failure) cause() string {
	if c, ok := errors.AsType[*cause](f.Err); ok {
		return c.text
	}
	if m, ok := errors.AsType[*malformedError](f.Err); ok {
		return m.Error()
	}
	return ""
}
