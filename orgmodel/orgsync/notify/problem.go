package notify

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/orgbridge/orgbridge/internal/kernel"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
)

// ProblemKind is one of the things that can be wrong with a run.
type ProblemKind string

// The kinds. Each names a remedy in the text of a message.
const (
	ProblemSource      ProblemKind = "source"      // the source could not be read to its end
	ProblemReading     ProblemKind = "reading"     // the reading is not believed
	ProblemTarget      ProblemKind = "target"      // a target does not hold all it should
	ProblemGuard       ProblemKind = "guard"       // the guard objects
	ProblemDestination ProblemKind = "destination" // a target leads somewhere else than its state says
	ProblemCoverage    ProblemKind = "coverage"    // no one, or too few, can be planned for a target
	ProblemQuarantined ProblemKind = "quarantined" // records that cannot be used
	ProblemWithheld    ProblemKind = "withheld"    // leavers who are kept, because the reading is incomplete
	ProblemInput       ProblemKind = "input"       // something else that the run was given, such as a roster
	ProblemLocked      ProblemKind = "locked"      // another run holds the state, or took it over
	ProblemState       ProblemKind = "state"       // the state cannot be read, or not unsealed
	ProblemConfig      ProblemKind = "config"      // a setting is wrong
	ProblemInterrupted ProblemKind = "interrupted" // the run was ended from outside
	ProblemOther       ProblemKind = "other"
)

// Cause is why a source or a target failed, as far as that can be told.
type Cause string

// The causes; "" if it is none of them.
const (
	CauseUnavailable  Cause = "unavailable"  // no answer, or HTTP 5xx
	CauseUnauthorized Cause = "unauthorized" // HTTP 401 or 403
	CauseRateLimited  Cause = "rate-limited"
	CauseMalformed    Cause = "malformed" // an answer that is not the documented one
	CauseTimeout      Cause = "timeout"
)

// Problem is one thing that is wrong with a run.
type Problem struct {
	Kind       ProblemKind  `json:"kind"`
	Name       string       `json:"name,omitempty"` // of the source or target
	Cause      Cause        `json:"cause,omitempty"`
	Failed     int          `json:"failed,omitempty"`   // records, or those set aside or withheld
	NotSent    int          `json:"not_sent,omitempty"` // records
	Guard      orgsync.Kind `json:"guard,omitempty"`    // what the guard objects to
	Planned    int          `json:"planned,omitempty"`  // and how much of it there is
	Of         int          `json:"of,omitempty"`
	Allowed    int          `json:"allowed,omitempty"`
	Department string       `json:"department,omitempty"` // id
}

// name tells alarms apart. Counts are no part of it: the same trouble with three records
// and then with four is one alarm.
func (p Problem) name() string {
	return strings.Join([]string{string(p.Kind), p.Name, string(p.Cause), string(p.Guard), p.Department}, "/")
}

// problems lists what an error of Engine.Run is, or joins. Nothing of its text is used.
func problems(err error) []Problem {
	if err == nil {
		return nil
	}
	if p, ok := problem(err); ok {
		return p
	}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		var all []Problem
		for _, each := range joined.Unwrap() {
			for _, p := range problems(each) {
				if !slices.Contains(all, p) {
					all = append(all, p)
				}
			}
		}
		return all
	}
	if p, ok := sentinel(err); ok {
		return []Problem{p}
	}
	if inner := errors.Unwrap(err); inner != nil {
		found := problems(inner)
		if len(found) == 1 && found[0].Kind == ProblemOther {
			found[0].Cause = causeOf(err) // a layer outside knows the status
		}
		return found
	}
	return []Problem{{Kind: ProblemOther, Cause: causeOf(err)}}
}

// problem judges one error, not those that it joins.
func problem(err error) ([]Problem, bool) {
	switch e := err.(type) { //nolint:errorlint // the caller walks the tree
	case *orgsync.GuardError:
		var all []Problem
		for _, v := range e.Violations {
			all = append(all, Problem{
				Kind: ProblemGuard, Name: show(v.Target), Guard: v.Kind,
				Planned: v.Planned, Of: v.Of, Allowed: v.Allowed, Department: showID(v.Department),
			})
		}
		return all, true
	case *orgsync.SourceError:
		return []Problem{{Kind: ProblemSource, Name: show(e.Source), Cause: causeOf(e.Err)}}, true
	case *orgsync.ReadingError:
		return []Problem{{Kind: ProblemReading, Name: show(e.Source)}}, true
	case *orgsync.TargetError:
		return []Problem{{
			Kind: ProblemTarget, Name: show(e.Target), Cause: causeOf(e.Err), Failed: e.Failed, NotSent: e.NotSent,
		}}, true
	case *orgsync.DestinationError:
		return []Problem{{Kind: ProblemDestination, Name: show(e.Target)}}, true
	case *orgsync.CoverageError:
		return []Problem{{Kind: ProblemCoverage, Name: show(e.Target), Planned: e.Planned, Of: e.InScope}}, true
	case *orgsync.ConfigError, *kernel.FieldError:
		return []Problem{{Kind: ProblemConfig}}, true
	}
	return nil, false
}

// sentinel judges an error that joins no others.
func sentinel(err error) (Problem, bool) {
	switch {
	case errors.Is(err, orgsync.ErrLocked), errors.Is(err, orgsync.ErrLeaseLost):
		return Problem{Kind: ProblemLocked}, true
	case errors.Is(err, orgsync.ErrCorrupt), errors.Is(err, orgsync.ErrSealKey):
		return Problem{Kind: ProblemState}, true
	case errors.Is(err, context.Canceled):
		return Problem{Kind: ProblemInterrupted}, true
	}
	return Problem{}, false
}

func causeOf(err error) Cause {
	switch {
	case err == nil:
		return ""
	case errors.Is(err, kernel.ErrUnauthorized):
		return CauseUnauthorized
	case errors.Is(err, kernel.ErrRateLimited):
		return CauseRateLimited
	case errors.Is(err, kernel.ErrUnavailable):
		return CauseUnavailable
	case errors.Is(err, kernel.ErrMalformed):
		return CauseMalformed
	case errors.Is(err, context.DeadlineExceeded):
		return CauseTimeout
	}
	return ""
}

// personal matches ids that are a phone or card number, or an e-mail address: some teams
// use these as ids.
var personal = regexp.MustCompile(`@|^\D*(?:\d[\s-]?){10,18}[\dXx]?\D*$`)

// showID returns an id as it may stand in a group's chat.
func showID(id string) string {
	if personal.MatchString(id) {
		return "***"
	}
	return show(id)
}

// show cleans and bounds a name that settings chose, or an id.
func show(name string) string {
	clean := strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || unicode.IsSpace(r) && r != ' ' {
			return -1
		}
		return r
	}, strings.ToValidUTF8(name, ""))
	if runes := []rune(clean); len(runes) > 64 {
		return string(runes[:64]) + "…"
	}
	return clean
}
