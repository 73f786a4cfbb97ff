package orgsync

import (
	"fmt"
	"strings"
)

// CoverageError says that a target holds no one, or far fewer than are in scope, or
// that the scope names no one, or a department that is not there: a failure, not an empty
// success. What could be sent was sent, unless the scope comes to nothing.
type CoverageError struct {
	Target  string // "" for the scope
	Reason  string
	InScope int // people in service and in scope, by this reading
	Planned int // of these, for whom a record could be made
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
	if len(scope.lacking(rd.org)) == len(scope.Departments) {
		return &CoverageError{Reason: "names no department that is there"}
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
	return &CoverageError{Reason: "holds no one"}
}

// named says which departments of the scope are not there: a slip, or dissolved. Their
// people are out of scope, so that without a word a part of the organisation would be missing.
func (r *run) named(rd *reading) error {
	lacking := r.set.scope.lacking(rd.org)
	if len(lacking) == 0 {
		return nil
	}
	for i, id := range lacking {
		lacking[i] = printable(id)
	}
	return &CoverageError{Reason: "names departments that are not there: " + strings.Join(lacking, ", ")}
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
		e.Reason = "holds no one"
	case !r.reading.full() && a.ts.People == 0 && r.expected() > 0 && len(r.set.scope.Departments) == 0:
		e.Reason = "holds no one"
	case r.reading.full() && a.planned*2 < a.inScope:
		e.Reason = "has no record for most people"
	case a.unplannable > allowed:
		e.Reason = fmt.Sprintf("holds %d people of whom no record can be made any more", a.unplannable)
	default:
		return nil
	}
	return e
}
