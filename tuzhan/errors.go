package tuzhan

import (
	"errors"
	"log/slog"
	"time"

	"github.com/orgbridge/orgbridge/internal/batch"
	"github.com/orgbridge/orgbridge/internal/kernel"
)

const vendor = "tuzhan"

// Error is a failed call, or a record that the vendor refused within a call
// that was carried out. Its text, like every field, is free of credentials and
// URLs; Message had what the call sent, and what looks like a phone number,
// masked.
type Error struct {
	Vendor         string        // "tuzhan"
	Op             string        // path and optType of the call, "dept/batchAdd add"
	HTTPStatus     int           // 0 when no answer came; refusals come with 200
	Code           string        // code of a refused call, else ""
	Message        string        // msg of a refused call, errorMsg of a refused record; scrubbed
	RequestID      string        // of the vendor or a gateway, "" if the answer has none
	RetryAfter     time.Duration // how long the vendor asked to wait, 0 if it did not
	Attempts       int           // attempts made, 0 when nothing was sent
	OutcomeUnknown bool          // the vendor may have carried out the write
	BudgetSpent    bool          // not tried again because the client's retry budget was used up
	Err            error         // the cause, if the failure is not the vendor's refusal; ErrExists or ErrNotExists if it is
}

// Error names vendor, call, status, code, message and cause.
func (e *Error) Error() string { return (*kernel.Failure)(e).Error() }

// Unwrap returns the cause: context.DeadlineExceeded and net.Error are found
// with errors.Is and errors.As.
func (e *Error) Unwrap() error { return e.Err }

// Is matches the sentinels of this package. The three codes that refuse a
// credential match [ErrUnauthorized] as well.
func (e *Error) Is(target error) bool {
	if target == ErrUnauthorized && (e.Code == codeAppSecret || e.Code == codeToken || e.Code == codeAuthCode) {
		return true
	}
	return (*kernel.Failure)(e).Is(target)
}

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
//	if f, ok := errors.AsType[*tuzhan.FieldError](err); ok {
//		log.Println(f.Field, f.Reason)
//	}
type FieldError = kernel.FieldError

// PartialError says that some records of a batch did not succeed. errors.Is
// and errors.As reach the error of every one of them.
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
	// vendor carried it out. There is no call to look; adding again answers
	// [ErrExists] if it did.
	ErrOutcomeUnknown = kernel.ErrOutcomeUnknown
	// ErrRateLimited: HTTP 429 to the last attempt. Error.RetryAfter may say
	// how long to wait.
	ErrRateLimited = kernel.ErrRateLimited
	// ErrUnauthorized: HTTP 401 or 403, or one of the codes below. Check the
	// credentials and that the app's permissions cover 组织架构 and 渠道.
	ErrUnauthorized = kernel.ErrUnauthorized
	// ErrNotFound: HTTP 404. Check the base URL.
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

const (
	codeSuccess   = "200"
	codeAppSecret = "100100"
	codeToken     = "100200"
	codeAuthCode  = "100300"
)

// Sentinels of the vendor's codes.
var (
	// ErrAppSecret is code 100100 APPID_SECRET_ERROR. Check instanceAppID and
	// instanceSecret against 工作台-配置-数据集成-自建应用, and that the app,
	// which the vendor approves for a limited time, has not expired.
	ErrAppSecret error = kernel.NewCode(vendor, codeAppSecret, "instanceAppid or instanceSecrect not accepted")
	// ErrToken is code 100200 TOKEN_ERROR: the token is wrong or has expired.
	// A client with [AppCredentials] has by then fetched another one and
	// replayed the call once; with [AccessToken], supply a new one.
	ErrToken error = kernel.NewCode(vendor, codeToken, "token not accepted")
	// ErrAuthCode is code 100300 AUTHCODE_ERROR. The app lacks the
	// authorisation: have it approved in the vendor's console.
	ErrAuthCode error = kernel.NewCode(vendor, codeAuthCode, "authorisation code not accepted")
)

// Sentinels of single records.
var (
	// ErrNotSent: nothing is wrong with the record, but it was not sent, because there
	// was no token, an earlier call of the batch failed, or the context ended. Send it
	// again. It is the same value in all vendor packages.
	ErrNotSent = batch.ErrNotSent
	// ErrPending: the vendor answered status 0, "in progress". There is no call
	// that tells how it ended; sending an update again is harmless.
	ErrPending = batch.ErrPending
	// ErrExists: the vendor's message says that the record, and nothing else, exists
	// already (部门已存在). Update it instead.
	ErrExists = errors.New("exists already")
	// ErrNotExists: the vendor's message says that the record, and nothing else, does
	// not exist (员工渠道不存在). Add it instead. A message about its parent, its department
	// or the company is a failure like any other.
	ErrNotExists = errors.New("does not exist")
)
