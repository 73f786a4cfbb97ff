package notify

import (
	"log/slog"
	"slices"
	"time"

	"github.com/orgbridge/orgbridge/internal/kernel"
)

// Error says that a message or a heartbeat was not delivered, or that this is not known.
// Its fields and its text are free of the address, the secret and the message.
type Error struct {
	Vendor         string        // the [Channel], or "heartbeat"
	Op             string        // "send" or "ping"
	HTTPStatus     int           // 0 when no answer came; robots refuse with 200
	Code           string        // the receiver's code of a refusal, else ""
	Message        string        // its text, scrubbed
	RequestID      string        // of the receiver or a gateway, "" if the answer has none
	RetryAfter     time.Duration // how long the receiver asked to wait, 0 if it did not
	Attempts       int           // attempts made by the last try, 0 when nothing was sent
	OutcomeUnknown bool          // it may have been delivered
	BudgetSpent    bool          // it was not tried again, because too many attempts had failed
	Err            error         // the cause, if the failure is not a refusal
}

// Error names channel, status, code, scrubbed message and cause.
func (e *Error) Error() string { return (*kernel.Failure)(e).Error() }

// Unwrap returns the cause: context.DeadlineExceeded and net.Error are found with
// errors.Is and errors.As.
func (e *Error) Unwrap() error { return e.Err }

// Is matches the sentinels of this package.
func (e *Error) Is(target error) bool {
	if target == ErrRateLimited && slices.Contains(rateCodes(Channel(e.Vendor)), e.Code) {
		return true
	}
	return (*kernel.Failure)(e).Is(target)
}

// LogValue lists the attributes that are safe to log.
func (e *Error) LogValue() slog.Value { return (*kernel.Failure)(e).LogValue() }

func wrap(f *kernel.Failure) error { return (*Error)(f) }

// FieldError says which setting is wrong. It is returned before anything is sent, matches
// [ErrInvalid] and never holds the value.
type FieldError = kernel.FieldError

// Sentinels, for use with errors.Is.
var (
	// ErrInvalid: a setting is wrong. The error is a *FieldError, or joins several.
	ErrInvalid = kernel.ErrInvalid
	// ErrRateLimited: too many messages, by HTTP 429 or by the robot's own code.
	ErrRateLimited = kernel.ErrRateLimited
	// ErrUnavailable: no answer, or HTTP 5xx.
	ErrUnavailable = kernel.ErrUnavailable
	// ErrMalformed: an answer that is not the documented one, such as a proxy's page.
	ErrMalformed = kernel.ErrMalformed
)
