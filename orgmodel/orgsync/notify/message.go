package notify

import (
	"errors"
	"time"

	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
)

// Event is what a message is about.
type Event string

// The events.
const (
	Failed    Event = "sync.failed"    // a run failed, or did not bring all targets up to date
	Stopped   Event = "sync.stopped"   // the guard stopped a run or held something back: a person has to decide
	Recovered Event = "sync.recovered" // the first good run after an alarm
	Stale     Event = "sync.stale"     // no good run for too long
)

// Exit statuses that mean more than "failed", as examples/orgsync has them.
const (
	ExitDone        = 0
	ExitGuarded     = 3
	ExitLocked      = 4   // another run holds the state
	ExitInterrupted = 130 // from outside
)

// Message is one alarm. Plain JSON receivers get it as it is, robots as a text. It holds
// counts, names of targets and a few ids; its fields only grow.
type Message struct {
	Event   Event     `json:"event"`
	Tenant  string    `json:"tenant"`
	Run     time.Time `json:"run,omitzero"` // when the run started
	Exit    int       `json:"exit"`
	Summary string    `json:"summary"` // one line, in English
	Targets []Target  `json:"targets"`

	Problems []Problem `json:"problems,omitempty"`
	Digest   string    `json:"digest,omitempty"`   // to approve what the guard objects to
	Since    time.Time `json:"since,omitzero"`     // when this began, if it did not begin with this run
	Repeated int       `json:"repeated,omitempty"` // how many runs ended like this before, since then
	LastGood time.Time `json:"last_good,omitzero"` // when the last good run ended, of a stale message
}

// Target is what a run did at one target.
type Target struct {
	Name     string   `json:"name"`
	Sent     int      `json:"sent"`
	Failed   int      `json:"failed"`
	Skipped  int      `json:"skipped"`
	Withheld int      `json:"withheld,omitempty"`
	Held     int      `json:"held,omitempty"`
	NotSent  int      `json:"not_sent,omitempty"`
	IDs      []string `json:"failed_ids,omitempty"` // of the failed ones, if there are at most five
}

// Run is a run that has ended: what Engine.Run returned, and what the program made of it.
type Run struct {
	Report *orgsync.Report // nil if it came to none
	Err    error
	// Exit is the program's exit status for it: 0 is a good run, 3, 4 and 130 are told
	// apart (see [ExitGuarded]), anything else is a failure.
	Exit int
}

const maxIDs = 5

// message returns the message about a run.
func (r Run) message(event Event) Message {
	m := Message{Event: event, Exit: r.Exit, Targets: []Target{}, Problems: problems(r.Err)}
	if r.Report != nil {
		m.Tenant, m.Run = r.Report.Tenant, r.Report.Started
		for i := range r.Report.Targets {
			m.Targets = append(m.Targets, target(&r.Report.Targets[i]))
		}
		if event == Stopped {
			m.Digest = r.Report.Digest
		}
	}
	if stopped, ok := errors.AsType[*orgsync.GuardError](r.Err); ok {
		m.Digest = stopped.Digest
	}
	if event == Failed && len(m.Problems) == 0 {
		m.Problems = r.unnamed()
	}
	m.Summary = m.summary()
	return m
}

// unnamed says why a run that returned no error is a failure.
func (r Run) unnamed() []Problem {
	if r.Report == nil || r.Report.Error != "" {
		return []Problem{{Kind: ProblemOther}}
	}
	var all []Problem
	reading := &r.Report.Reading
	if n := len(reading.Quarantined); n > 0 {
		all = append(all, Problem{Kind: ProblemQuarantined, Failed: n})
	}
	for i := range r.Report.Targets {
		t := &r.Report.Targets[i]
		if len(t.Failed)+t.NotSent > 0 {
			all = append(all, Problem{Kind: ProblemTarget, Name: show(t.Name), Failed: len(t.Failed), NotSent: t.NotSent})
		}
		if !reading.Complete && len(t.Withheld) > 0 {
			all = append(all, Problem{Kind: ProblemWithheld, Name: show(t.Name), Failed: len(t.Withheld)})
		}
	}
	if len(all) == 0 {
		all = append(all, Problem{Kind: ProblemInput})
	}
	return all
}

func target(t *orgsync.TargetReport) Target {
	out := Target{
		Name: t.Name, Failed: len(t.Failed), Skipped: len(t.Skipped),
		Withheld: len(t.Withheld), Held: len(t.Held), NotSent: t.NotSent,
	}
	for _, n := range t.Done {
		out.Sent += n
	}
	if len(t.Failed) <= maxIDs {
		for _, note := range t.Failed {
			out.IDs = append(out.IDs, showID(note.ID))
		}
	}
	return out
}
