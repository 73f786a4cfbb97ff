package orgsync

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strconv"
	"time"
)

// MaxRuns is how many runs a state remembers.
const MaxRuns = 50

// bucketRuns holds the last runs: number, in hexadecimal digits of fixed width -> RunSummary.
const bucketRuns = "runs"

// RunSummary is what a state remembers of a run: counts, and no one's id, name or other value.
type RunSummary struct {
	Started  time.Time `json:"started"`
	Finished time.Time `json:"finished"`
	// Full says that everyone was read, Why the reason. A run that did not come to a
	// reading read no departments and no people.
	Full        bool            `json:"full,omitempty"`
	Why         string          `json:"why,omitempty"`
	Departments int             `json:"departments"`
	People      int             `json:"people"`
	Outcome     RunOutcome      `json:"outcome"`
	Digest      string          `json:"digest,omitempty"` // of what the guard objected to
	Approved    bool            `json:"approved,omitempty"`
	Quarantined int             `json:"quarantined,omitempty"` // records of the source that are of no use
	Targets     []TargetSummary `json:"targets,omitempty"`
}

// TargetSummary counts what a run did at one target.
type TargetSummary struct {
	Name      string         `json:"name"`
	Done      map[Action]int `json:"done,omitempty"`
	Unchanged int            `json:"unchanged,omitempty"`
	Skipped   int            `json:"skipped,omitempty"`
	Withheld  int            `json:"withheld,omitempty"`
	Held      int            `json:"held,omitempty"`
	Failed    int            `json:"failed,omitempty"`
	NotSent   int            `json:"notSent,omitempty"`
	Replaced  bool           `json:"replaced,omitempty"`
	GivenUp   bool           `json:"givenUp,omitempty"`
}

// Changes is the number of records that the target acknowledged.
func (t TargetSummary) Changes() int {
	n := 0
	for _, done := range t.Done {
		n += done
	}
	return n
}

// RunOutcome says in one word how a run ended. Later versions may know more words.
type RunOutcome string

// How runs end.
const (
	RunDone        RunOutcome = "done"
	RunIncomplete  RunOutcome = "incomplete"  // records or a target failed, or a target holds too few
	RunStopped     RunOutcome = "stopped"     // by the guard, before anything was sent
	RunHeld        RunOutcome = "held"        // the guard held something back, the rest went
	RunUnread      RunOutcome = "unread"      // the source was not read to its end, or is not believed
	RunElsewhere   RunOutcome = "elsewhere"   // a target leads to another destination
	RunInterrupted RunOutcome = "interrupted" // the context ended
	RunBroken      RunOutcome = "broken"      // the state or its key
)

// endOf puts an end in one word. The first reason that a person would look at counts.
func endOf(ctx context.Context, err error) RunOutcome {
	if err == nil {
		return RunDone
	}
	if ctx.Err() != nil {
		return RunInterrupted
	}
	if guard, is := errors.AsType[*GuardError](err); is {
		if guard.Held {
			return RunHeld
		}
		return RunStopped
	}
	for _, end := range []struct {
		is      bool
		outcome RunOutcome
	}{
		{is[*DestinationError](err), RunElsewhere},
		{is[*TargetError](err) || is[*CoverageError](err), RunIncomplete},
		{is[*SourceError](err) || is[*ReadingError](err), RunUnread},
	} {
		if end.is {
			return end.outcome
		}
	}
	return RunBroken
}

func is[E error](err error) bool {
	_, found := errors.AsType[E](err)
	return found
}

// summary returns what is remembered of a run that ended with err; ctx is that of the run.
func (r *Report) summary(ctx context.Context, err error) RunSummary {
	s := RunSummary{
		Started: r.Started, Finished: r.Finished, Full: r.Reading.Full, Why: r.Reading.Why,
		Departments: r.Reading.Departments, People: r.Reading.People, Quarantined: len(r.Reading.Quarantined),
		Outcome: endOf(ctx, err), Digest: r.Digest, Approved: r.Approved,
	}
	for i := range r.Targets {
		t := &r.Targets[i]
		s.Targets = append(s.Targets, TargetSummary{
			Name: t.Name, Done: maps.Clone(t.Done), Unchanged: t.Unchanged, Skipped: len(t.Skipped), Withheld: len(t.Withheld),
			Held: len(t.Held), Failed: len(t.Failed), NotSent: t.NotSent, Replaced: t.Replaced, GivenUp: t.Error != "",
		})
	}
	return s
}

// remember notes the run among the last ones. A dry run leaves no trace, nor does one that
// lost its lease or whose state cannot be read.
func (r *run) remember(ctx context.Context, err error) error {
	if r.options.DryRun || errors.Is(err, ErrLeaseLost) || errors.Is(err, ErrCorrupt) {
		return nil
	}
	summary := r.report.summary(ctx, err)
	summary.Finished = r.set.now()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stateTimeout)
	defer cancel()
	var keys []string
	for stored, err := range r.fence.lease.All(ctx, bucketRuns) {
		if err != nil {
			return err
		}
		keys = append(keys, stored.Key)
	}
	next := uint64(1)
	if len(keys) > 0 {
		last, err := strconv.ParseUint(keys[len(keys)-1], 16, 64)
		if err != nil {
			return fmt.Errorf("%w: the runs", ErrCorrupt)
		}
		next = last + 1
	}
	writes := []Entry{storedJSON(bucketRuns, fmt.Sprintf("%016x", next), summary)}
	for _, key := range keys[:max(0, len(keys)+1-MaxRuns)] {
		writes = append(writes, Entry{Bucket: bucketRuns, Key: key})
	}
	return r.fence.lease.Write(ctx, writes...)
}

// readRuns returns the runs that a state remembers, the latest first.
func readRuns(ctx context.Context, lease Lease) ([]RunSummary, error) {
	var runs []RunSummary
	for stored, err := range lease.All(ctx, bucketRuns) {
		if err != nil {
			return nil, err
		}
		var s RunSummary
		if json.Unmarshal(stored.Value, &s) != nil {
			return nil, fmt.Errorf("%w: the runs", ErrCorrupt)
		}
		runs = append([]RunSummary{s}, runs...)
	}
	return runs, nil
}
