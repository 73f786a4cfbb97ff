package orgsync

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/orgbridge/orgbridge/internal/batch"
	"github.com/orgbridge/orgbridge/internal/kernel"
	"github.com/orgbridge/orgbridge/orgmodel"
)

// Remarks says for programs what an error of [Engine.Plan] or [Engine.Run] says: one
// remark for each thing that went wrong. Nothing of it names a person.
func Remarks(err error) []Remark {
	if err == nil {
		return nil
	}
	if found := runRemarks(err); found != nil {
		return found
	}
	if several, ok := err.(interface{ Unwrap() []error }); ok {
		var all []Remark
		for _, one := range several.Unwrap() {
			for _, r := range Remarks(one) {
				if !slices.ContainsFunc(all, func(known Remark) bool { return known.Code == r.Code && slices.Equal(known.Args, r.Args) }) {
					all = append(all, r)
				}
			}
		}
		return all
	}
	return []Remark{remarkOf(err)}
}

// runRemarks are those of the errors of a run.
func runRemarks(err error) []Remark {
	switch e := err.(type) { //nolint:errorlint // the caller walks the tree
	case *GuardError:
		var all []Remark
		for _, v := range e.Violations {
			all = append(all, Remark{RemarkGuard, []string{
				string(v.Kind), v.Target, v.Department, strconv.Itoa(v.Planned), strconv.Itoa(v.Of), strconv.Itoa(v.Allowed),
			}})
		}
		return all
	case *SourceError:
		return []Remark{because(RemarkSource, "", remarkOf(e.Err), e.Source).Remark}
	case *ReadingError:
		var all []Remark
		if len(e.Reasons) > 0 {
			all = append(all, Remark{RemarkReading, []string{e.Source}})
		}
		if e.Unanswered {
			all = append(all, Remark{RemarkUnanswered, []string{e.Source}})
		}
		return all
	case *TargetError:
		args := []string{e.Target, strconv.Itoa(e.Failed), strconv.Itoa(e.NotSent)}
		if e.Err == nil {
			return []Remark{{RemarkTarget, args}}
		}
		return []Remark{because(RemarkTarget, "", remarkOf(e.Err), args...).Remark}
	case *CoverageError:
		return []Remark{e.remark()}
	case *DestinationError:
		return []Remark{{understood(e.Reason).Code, []string{e.Target}}}
	}
	return nil
}

func (e *CoverageError) remark() Remark {
	args := []string{e.Target, strconv.Itoa(e.InScope), strconv.Itoa(e.Planned)}
	code := understood(e.Reason).Code
	switch {
	case e.Target == "" && code == RemarkHoldsNoOne:
		return Remark{Code: RemarkScopeEmpty}
	case e.Target == "":
		return Remark{Code: code}
	case e.Unplannable > 0:
		return Remark{RemarkUnplannable, append(args, strconv.Itoa(e.Unplannable))}
	}
	return Remark{code, args}
}

// remarkOf says what one error is: of a record, a call, or what ended a run.
func remarkOf(err error) Remark {
	if refused, ok := errors.AsType[*orgmodel.ConversionError](err); ok {
		return Remark{RemarkField, []string{refused.Field, refused.Reason}}
	}
	if field, problem, ok := unreadableRow(err); ok {
		return Remark{RemarkField, []string{field, problem}}
	}
	if other, ok := errors.AsType[*DestinationError](err); ok {
		return runRemarks(other)[0]
	}
	if field, ok := errors.AsType[*kernel.FieldError](err); ok {
		return Remark{RemarkField, []string{field.Field, field.Reason}}
	}
	if f := cmp.Or(sourceFailure(err), targetFailure(err)); f != nil {
		return vendorRemark(err, f)
	}
	if locked, ok := errors.AsType[*LockedError](err); ok {
		return Remark{RemarkLocked, []string{locked.Holder}}
	}
	for _, known := range []struct {
		err  error
		code RemarkCode
	}{
		{errNotReplaced, RemarkNotReplaced}, {errHeldBack, RemarkDepartmentFailed}, {errNoUpserts, RemarkReplacementNeeded},
		{errSourceDown, RemarkNotAsked}, {errPanicked, RemarkPanicked}, {ErrNotFound, RemarkNotFound}, {ErrSlid, RemarkSlid},
		{ErrLeaseLost, RemarkLeaseLost}, {ErrCorrupt, RemarkCorrupt}, {ErrSealKey, RemarkSealKey},
		{context.Canceled, RemarkInterrupted}, {context.DeadlineExceeded, RemarkTimeout},
	} {
		if errors.Is(err, known.err) {
			return Remark{Code: known.code}
		}
	}
	if errors.Is(err, ErrLocked) {
		return Remark{RemarkLocked, []string{""}}
	}
	if errors.Is(err, ErrNoReplacement) {
		return Remark{RemarkNotReplacedBecause, []string{strings.TrimPrefix(err.Error(), ErrNoReplacement.Error()+": ")}}
	}
	if unclear, ok := errors.AsType[*Unclear](err); ok && unclear.Err == nil {
		return Remark{Code: RemarkNoRecord}
	}
	return Remark{RemarkOther, []string{trimmed(errorText(err))}}
}

func vendorRemark(err error, f *kernel.Failure) Remark {
	code := RemarkRefused
	for _, known := range []struct {
		err  error
		code RemarkCode
	}{
		{kernel.ErrUnauthorized, RemarkUnauthorized}, {kernel.ErrRateLimited, RemarkRateLimited}, {batch.ErrNotSent, RemarkNotSent},
		{kernel.ErrOutcomeUnknown, RemarkOutcomeUnknown}, {kernel.ErrUnavailable, RemarkUnavailable}, {kernel.ErrMalformed, RemarkMalformed},
		{context.DeadlineExceeded, RemarkTimeout},
	} {
		if errors.Is(err, known.err) {
			code = known.code
			break
		}
	}
	message := f.Message
	if masked, ok := errors.AsType[*maskedError](err); ok && !strings.Contains(masked.text, message) {
		message = "" // it named a person
	}
	status := ""
	if f.HTTPStatus != 0 && f.HTTPStatus != 200 {
		status = strconv.Itoa(f.HTTPStatus)
	}
	return Remark{code, []string{f.Vendor, f.Op, status, f.Code, message}}
}
