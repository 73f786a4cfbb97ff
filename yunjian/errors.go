package yunjian

import (
	"log/slog"
	"time"

	"github.com/orgbridge/orgbridge/internal/batch"
	"github.com/orgbridge/orgbridge/internal/kernel"
)

const vendor = "yunjian"

// Error is a failed call, or a user that the endpoint reports as failed. Its
// text, like every field, is free of credentials and URLs; Message had what
// the call sent, and what looks like a phone number, masked.
//
// The page documents one code, 10000 for success. What other codes mean is
// the endpoint's own affair: a refusal is told by Code and Message.
type Error struct {
	Vendor         string        // "yunjian"
	Op             string        // the vendor's name of the call, "userSyn" or "getSession"
	HTTPStatus     int           // 0 when no answer came; refusals come with 200
	Code           string        // resCode of a refusal, "status 0" of a failed user, else ""
	Message        string        // error text of a refusal, scrubbed
	RequestID      string        // of the endpoint or a gateway, "" if the answer has none
	RetryAfter     time.Duration // how long the endpoint asked to wait, 0 if it did not
	Attempts       int           // attempts made, 0 when nothing was sent
	OutcomeUnknown bool          // the endpoint may have carried out a write
	BudgetSpent    bool          // not tried again because the client's retry budget was used up
	Err            error         // the cause, if the failure is not the endpoint's refusal
}

// Error names vendor, call, status, code, message and cause.
func (e *Error) Error() string { return (*kernel.Failure)(e).Error() }

// Unwrap returns the cause: context.DeadlineExceeded and net.Error are found
// with errors.Is and errors.As.
func (e *Error) Unwrap() error { return e.Err }

// Is matches the sentinels of this package.
func (e *Error) Is(target error) bool { return (*kernel.Failure)(e).Is(target) }

// LogValue lists the attributes that are safe to log.
func (e *Error) LogValue() slog.Value { return (*kernel.Failure)(e).LogValue() }

func wrap(f *kernel.Failure) error { return (*Error)(f) }

// FieldError says which field of the caller's input is wrong. It is returned
// before any request is sent, matches [ErrInvalid] and never holds the value. It is one
// type in all vendor packages:
//
//	type FieldError struct {
//		Op     string // the call, "" for New
//		Field  string // name of the field, with an index where there are several
//		Reason string // "is required"
//	}
//
//	if f, ok := errors.AsType[*yunjian.FieldError](err); ok {
//		log.Println(f.Field, f.Reason)
//	}
type FieldError = kernel.FieldError

// PartialError says that some users of a push did not succeed. errors.Is and
// errors.As reach every user's error.
//
//	type PartialError struct {
//		Total int     // records in the batch
//		Errs  []error // one for each record that did not succeed
//	}
type PartialError = batch.PartialError

// Sentinels, for use with errors.Is. Apart from ErrUserFailed
// they are the same values in all vendor packages.
var (
	// ErrInvalid: the input is wrong, nothing was sent. The error is a *FieldError.
	ErrInvalid = kernel.ErrInvalid
	// ErrOutcomeUnknown: a write failed in a way that leaves open whether the
	// endpoint carried it out. userSyn overwrites by user number, so the users
	// can simply be sent again.
	ErrOutcomeUnknown = kernel.ErrOutcomeUnknown
	// ErrRateLimited: HTTP 429 to the last attempt. Error.RetryAfter may say
	// how long to wait.
	ErrRateLimited = kernel.ErrRateLimited
	// ErrUnauthorized: HTTP 401 or 403. Check account, secret and sign key, or
	// the session that was configured.
	ErrUnauthorized = kernel.ErrUnauthorized
	// ErrNotFound: HTTP 404. Check the URL: it is the full address of the endpoint.
	ErrNotFound = kernel.ErrNotFound
	// ErrUnavailable: no answer, or HTTP 5xx, to the last attempt. Try later.
	ErrUnavailable = kernel.ErrUnavailable
	// ErrRetryBudget: the last attempt failed, and the retry budget that the calls of
	// the client share was used up, so it was not tried again. The vendor is down or
	// throttling; see [WithRetryBudget].
	ErrRetryBudget = kernel.ErrRetryBudget
	// ErrMalformed: an answer that is not the documented JSON, such as a
	// proxy's HTML page.
	ErrMalformed = kernel.ErrMalformed
	// ErrTooLarge: an answer above 32 MiB.
	ErrTooLarge = kernel.ErrTooLarge
	// ErrNotSent: nothing is wrong with the user, but it was not sent, because there
	// was no session, an earlier call of the batch failed, or the context ended. Send
	// it again. It is the same value in all vendor packages.
	ErrNotSent = batch.ErrNotSent
	// ErrUserFailed: the endpoint reports this user as failed ("status": 0).
	// Item.Message says why; correct the user or the endpoint's master
	// data, and send the user again.
	ErrUserFailed error = kernel.NewCode(vendor, codeUserFailed, "the third party could not sync the user")
)

// codeUserFailed cannot be mistaken for a resCode.
const codeUserFailed = "status 0"
