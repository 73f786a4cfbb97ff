package yunzhijia

import (
	"errors"
	"log/slog"
	"time"

	"github.com/orgbridge/orgbridge/internal/kernel"
	"github.com/orgbridge/orgbridge/internal/page"
)

const vendor = "yunzhijia"

// Error is a failed call. Its text, like every field, is free of credentials
// and URLs; Message had what the call sent, and what looks like a phone
// number, masked.
//
// The vendor publishes no table of codes for these calls, so apart from the
// sentinels below a refusal is told by Code and Message alone.
type Error struct {
	Vendor         string        // "yunzhijia"
	Op             string        // the vendor's name of the call, "getperson"
	HTTPStatus     int           // 0 when no answer came; refusals come with 200
	Code           string        // errorCode of a refusal, else ""
	Message        string        // error text of a refusal, scrubbed
	RequestID      string        // of the vendor or a gateway, "" if the answer has none
	RetryAfter     time.Duration // how long the vendor asked to wait, 0 if it did not
	Attempts       int           // attempts made, 0 when nothing was sent
	OutcomeUnknown bool          // the vendor may have carried out a write
	BudgetSpent    bool          // not tried again because the client's retry budget was used up
	Err            error         // the cause, if the failure is not the vendor's refusal
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
//	if f, ok := errors.AsType[*yunzhijia.FieldError](err); ok {
//		log.Println(f.Field, f.Reason)
//	}
type FieldError = kernel.FieldError

// Sentinels, for use with errors.Is. They are the same values in all vendor
// packages.
var (
	// ErrInvalid: the input is wrong, nothing was sent. The error is a *FieldError.
	ErrInvalid = kernel.ErrInvalid
	// ErrOutcomeUnknown: a write failed in a way that leaves open whether the
	// vendor carried it out. Look before repeating it.
	ErrOutcomeUnknown = kernel.ErrOutcomeUnknown
	// ErrRateLimited: HTTP 429 to the last attempt. Error.RetryAfter may say
	// how long to wait.
	ErrRateLimited = kernel.ErrRateLimited
	// ErrUnauthorized: HTTP 401 or 403. Check app, secret and that the app
	// belongs to the team (eid).
	ErrUnauthorized = kernel.ErrUnauthorized
	// ErrNotFound: HTTP 404. Check BaseURL and GatewayPath.
	ErrNotFound = kernel.ErrNotFound
	// ErrNoRecord: [Client.GetPerson] or [Client.GetOrg] succeeded, and the answer
	// holds no record: its data is missing, null, {}, [], [null] or [{}]. Whether
	// that means that the id does not exist, or that the app may not see it, is not
	// documented.
	ErrNoRecord = errors.New("the answer holds no record")
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
	// ErrRepeatedPage: the vendor sent the same page twice in a row, so the
	// listing would never end. Pages of one or two rows may be alike by chance:
	// ask for more with PageOptions.Count.
	ErrRepeatedPage = page.ErrRepeatedPage
	// ErrSlid: a list of openimport changed while its pages were read, again and again,
	// so that records may be missing. Read it anew later.
	ErrSlid = errors.New("the list changed while it was read")
	// ErrWrongKey: 10000401 认证失败, as programs that call openimport report it. The key
	// is of another area (文件, 签到, 生态圈) or team: copy that of 通讯录同步.
	ErrWrongKey error = kernel.NewCode(vendor, "10000401", "the key or its level is wrong")
	// ErrTooManyPages: the listing did not end within the page cap.
	ErrTooManyPages = page.ErrTooManyPages
)
