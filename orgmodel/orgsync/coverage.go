package orgsync

import (
	"fmt"
	"strings"
)

// CoverageError says that a target holds no one, or far fewer than are in scope, or
// that the scope names no one: a failure, not an empty success. What could be sent was
// sent, unless Target is "".
type CoverageError struct {
	Target  string // "" for the scope
	Reason  string
	InScope int // people in service and in scope, by this reading
	Planned int // of these, for whom a record could be made
	// Unplannable is how many people the target holds of whom no record can be made any more,
	// if that is the reason.
	Unplannable int
}

// Error names the target and what is missing.
func (e *CoverageError) Error() string {
	if e.Target == "" {
		return "orgsync: the scope " + e.Reason
	}
	return fmt.Sprintf("orgsync: %s %s (%d in scope, %d planned)", e.Target, e.Reason, e.InScope, e.Planned)
}

// scoped stops a scope that names no department, or no one, before anything is sent.
func (r *run) scoped(rd *reading) error {
	scope := r.set.scope
	if len(scope.Departments) == 0 {
		return nil
	}
	area := scope.in(rd.org)
	switch lacking := scope.lacking(rd.org); len(lacking) {
	case 0:
	case len(scope.Departments):
		return &CoverageError{Reason: remarkTexts[RemarkScopeUnknown]}
	default: // a slip, or dissolved: otherwise a part of the organisation would silently be missing
		for i, id := range lacking {
			lacking[i] = printable(id)
		}
		r.report.remark(say(RemarkScopeLacks, strings.Join(lacking, ", ")))
	}
	if !rd.full() {
		return nil
	}
	for p := range rd.org.People() {
		if inService(p) {
			if _, inside := area.person(p); inside {
				return nil
			}
		}
	}
	return &CoverageError{Reason: remarkTexts[RemarkHoldsNoOne]}
}

// covered compares what a target holds and was planned with who is in scope.
func (r *run) covered(a *applier) error {
	if a.stop != nil || a.whole {
		return nil //nolint:nilerr // which says more
	}
	e := &CoverageError{Target: a.name, InScope: a.inScope, Planned: a.planned}
	allowed := r.set.limits.Unplannable.Allowed(a.ts.People)
	switch {
	case a.inScope > 0 && a.planned == 0 && a.ts.People == 0:
		e.Reason = remarkTexts[RemarkHoldsNoOne]
	case !r.reading.full() && a.ts.People == 0 && r.state.InService > a.ts.Left && len(r.set.scope.Departments) == 0:
		e.Reason = remarkTexts[RemarkHoldsNoOne]
	case r.reading.full() && a.planned*2 < a.inScope:
		e.Reason = remarkTexts[RemarkFewRecords]
	case a.unplannable > allowed:
		e.Unplannable = a.unplannable
		e.Reason = fmt.Sprintf("holds %d people of whom no record can be made any more", a.unplannable)
	default:
		return nil
	}
	return e
}
