package console

import (
	"context"
	"errors"
	"time"

	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
)

// Host is what a page shows and sets in motion. [Runner] is the ready-made one. All
// methods must be safe for concurrent use.
type Host interface {
	// Plan reads and plans, and sends nothing. It fails with ErrBusy while another plan
	// or run is under way.
	Plan(ctx context.Context, options orgsync.RunOptions) (*orgsync.Plan, error)
	// Run brings the targets up to date, as [orgsync.Engine.Run] does. It fails with
	// ErrBusy, and a nil report, while another plan or run is under way.
	Run(ctx context.Context, options orgsync.RunOptions) (*orgsync.Report, error)
	// Runs returns the last runs, newest first. The page shows 50.
	Runs(ctx context.Context) ([]Run, error)
	// Report returns the report of a run. It fails with ErrNoReport if there is none.
	Report(ctx context.Context, id string) (*orgsync.Report, error)
	// State says how things stand. It must not wait for a run that is under way.
	State(ctx context.Context) (State, error)
}

// Errors of a [Host], for errors.Is.
var (
	// ErrBusy says that a plan or a run is under way. Try again when it has ended.
	ErrBusy = errors.New("console: a plan or a run is under way")
	// ErrNoReport says that no report of that run is kept.
	ErrNoReport = errors.New("console: there is no report of that run")
)

// Outcome is how a run ended.
type Outcome string

// The outcomes.
const (
	Done    Outcome = "done"    // nothing failed
	Failed  Outcome = "failed"  // something failed; the next run goes on from there
	Stopped Outcome = "stopped" // by the guard, before anything was sent
	Held    Outcome = "held"    // the guard held something back, the rest was sent
)

// Run is a run in the history.
type Run struct {
	ID       string // unique, and the same for as long as the run is listed
	Started  time.Time
	Finished time.Time
	Outcome  Outcome
	Full     bool // everyone was read
	Changes  int  // that targets acknowledged
	Failures int  // records that were refused, or whose outcome is unknown
}

// RunOf summarises a run by what [orgsync.Engine.Run] returned.
func RunOf(id string, report *orgsync.Report, err error) Run {
	run := Run{ID: id, Started: report.Started, Finished: report.Finished, Outcome: Done, Full: report.Reading.Full}
	for i := range report.Targets {
		t := &report.Targets[i]
		for _, n := range t.Done {
			run.Changes += n
		}
		run.Failures += len(t.Failed)
	}
	stopped, guarded := errors.AsType[*orgsync.GuardError](err)
	switch {
	case guarded && stopped.Held:
		run.Outcome = Held
	case guarded:
		run.Outcome = Stopped
	case err != nil:
		run.Outcome = Failed
	}
	return run
}

// State is how things stand between runs. What is not known is left zero.
type State struct {
	Tenant string
	// Running says that a plan or a run is under way, since Since.
	Running bool
	Since   time.Time
	// Watermark is how far the source was read, in its own words.
	Watermark string
	// NextRun is when the schedule starts the next run.
	NextRun time.Time
	// Lease says who holds the state now.
	Lease Lease
}

// Lease is the hold of a run on the state.
type Lease struct {
	// Holder names who holds it: this process, or another one. "" is no one.
	Holder string
	// Until is when it can pass to another run at the latest, zero if it cannot.
	Until time.Time
}
