package orgsync

import (
	"context"
	"errors"
	"net/http"

	"github.com/orgbridge/orgbridge/aiguanhuai"
	"github.com/orgbridge/orgbridge/internal/kernel"
	"github.com/orgbridge/orgbridge/tuzhan"
	"github.com/orgbridge/orgbridge/yunjian"
)

// outcomeOf classifies the failure of one record of a vendor's client. The general
// sentinels are the same in all vendor packages.
func outcomeOf(err error) Outcome {
	if err == nil {
		return Outcome{}
	}
	o := Outcome{Err: err, Down: isDown(err)}
	if refusedRecord(err) {
		o.Err = Rejected(err)
	}
	return o
}

// outcomesOf classifies what became of n records. The type of a result is the same in
// all vendor packages.
func outcomesOf[T any](n int, result tuzhan.Result[T]) []Outcome {
	outcomes := make([]Outcome, n)
	for item := range result.NotSucceeded() {
		outcomes[item.Index] = outcomeOf(item.Err)
	}
	return outcomes
}

// isDown reports whether an error is about the vendor as a whole, so that the next
// batch would fare no better.
func isDown(err error) bool {
	for _, kind := range []error{
		tuzhan.ErrUnavailable, tuzhan.ErrUnauthorized, tuzhan.ErrRateLimited, tuzhan.ErrNotFound, tuzhan.ErrMalformed,
		tuzhan.ErrTooLarge, tuzhan.ErrOutcomeUnknown, context.Canceled, context.DeadlineExceeded,
		aiguanhuai.ErrSignature, aiguanhuai.ErrPartnerNotFound, aiguanhuai.ErrCorpNotFound, aiguanhuai.ErrSystem,
	} {
		if errors.Is(err, kind) {
			return true
		}
	}
	return false
}

// refusedRecord reports whether a record was certainly not carried out: it was not sent,
// the vendor's answer names it, or the whole call was turned away with a documented
// code, or by the HTTP status, before anything in it was looked at. Anything else leaves
// that open.
func refusedRecord(err error) bool {
	if errors.Is(err, tuzhan.ErrOutcomeUnknown) {
		return false
	}
	for _, kind := range []error{
		tuzhan.ErrNotSent, tuzhan.ErrInvalid,
		tuzhan.ErrUnauthorized, tuzhan.ErrRateLimited, tuzhan.ErrNotFound,
		tuzhan.ErrExists, tuzhan.ErrNotExists, yunjian.ErrUserFailed,
		aiguanhuai.ErrSignature, aiguanhuai.ErrPartnerNotFound, aiguanhuai.ErrCorpNotFound, aiguanhuai.ErrTaskNotFound,
		aiguanhuai.ErrDataFormat, aiguanhuai.ErrDataEmpty,
	} {
		if errors.Is(err, kind) {
			return true
		}
	}
	// A row of 兔展's errorData, which has no code.
	row, ok := errors.AsType[*tuzhan.Error](err)
	return ok && row.Code == "" && row.HTTPStatus == http.StatusOK && !errors.Is(err, tuzhan.ErrMalformed) &&
		!errors.Is(err, tuzhan.ErrPending) && !errors.Is(err, tuzhan.ErrTooLarge)
}

// targetFailure returns the failed call of a target's client, nil if it is none.
func targetFailure(err error) *kernel.Failure {
	if e, ok := errors.AsType[*aiguanhuai.Error](err); ok {
		return (*kernel.Failure)(e)
	}
	if e, ok := errors.AsType[*tuzhan.Error](err); ok {
		return (*kernel.Failure)(e)
	}
	if e, ok := errors.AsType[*yunjian.Error](err); ok {
		return (*kernel.Failure)(e)
	}
	return nil
}
