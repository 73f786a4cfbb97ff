package aiguanhuai

import (
	"log/slog"
	"time"

	"github.com/orgbridge/orgbridge/internal/batch"
	"github.com/orgbridge/orgbridge/internal/kernel"
)

const (
	vendor = "aiguanhuai"

	// errnoSystem is the one refusal that a repetition may get over.
	errnoSystem = 200007
)

// Error is a failed call. Its text, like every field, is free of credentials
// and URLs; Message had what the call sent, and what looks like a phone
// number, masked.
//
// The refusals that the page documents (组织架构错误码说明) have sentinels; tell
// others by Code.
type Error struct {
	Vendor         string        // "aiguanhuai"
	Op             string        // the vendor's name of the call, "add-prepare"
	HTTPStatus     int           // 0 when no answer came; refusals come with 200
	Code           string        // errno of a refusal, else ""
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
//	if f, ok := errors.AsType[*aiguanhuai.FieldError](err); ok {
//		log.Println(f.Field, f.Reason)
//	}
type FieldError = kernel.FieldError

// PartialError says that some records of a call did not succeed. errors.Is and
// errors.As reach the error of every such record.
//
//	type PartialError struct {
//		Total int     // records in the batch
//		Errs  []error // one for each record that did not succeed
//	}
type PartialError = batch.PartialError

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
	// ErrUnauthorized: HTTP 401 or 403, which the page does not mention: ask
	// who runs the gateway in front of the vendor.
	ErrUnauthorized = kernel.ErrUnauthorized
	// ErrNotFound: HTTP 404. Check BaseURL.
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
)

// ErrNotSent says that nothing is wrong with the record, but it was not sent, because the
// department above it or an earlier call of the batch failed, or the context ended.
// Send it again. It is the same value in all vendor packages.
var ErrNotSent = batch.ErrNotSent

// Sentinels of the vendor's errno, for use with errors.Is.
var (
	// ErrSignature: 200003 签名错误. The vendor wants a signature, or another
	// one: set Config.Signer and compare it with what the vendor told you, byte
	// by byte. The page does not describe it.
	ErrSignature error = kernel.NewCode(vendor, "200003", "signature not accepted")
	// ErrPartnerNotFound: 200004 partnerId不存在. Put the partnerId that the
	// vendor gave you into Config.Query.
	ErrPartnerNotFound error = kernel.NewCode(vendor, "200004", "partnerId does not exist")
	// ErrCorpNotFound: 200005 公司不存在. Check Config.CorpID, and that BaseURL is
	// the environment (test or production) which knows the company.
	ErrCorpNotFound error = kernel.NewCode(vendor, "200005", "company does not exist")
	// ErrTaskNotFound: 200006 任务id不存在. The task is completed or was dropped by
	// the vendor. Unless it comes with ErrOutcomeUnknown, which means that an
	// earlier try may have completed it, prepare a new task and push everything.
	ErrTaskNotFound error = kernel.NewCode(vendor, "200006", "task does not exist")
	// ErrSystem: 200007 系统错误. The vendor's fault; the client has already
	// repeated the call. Try later.
	ErrSystem error = kernel.NewCode(vendor, "200007", "system error")
	// ErrDataFormat: 200008 数据格式错误. The vendor did not accept the records of
	// the call, without saying which: halve the call to find the one.
	ErrDataFormat error = kernel.NewCode(vendor, "200008", "data format not accepted")
	// ErrDataEmpty: 200009 数据为空. The vendor saw no records; empty calls are
	// refused here, so something in between dropped the body.
	ErrDataEmpty error = kernel.NewCode(vendor, "200009", "no data")
)
