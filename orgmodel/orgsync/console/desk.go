package console

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
)

// desk holds the plan that lies before the team, what was decided about it, and what the
// page has set in motion. One thing is under way at a time.
type desk struct {
	config *Config

	mu      sync.Mutex
	changed chan struct{} // closed whenever something begins or ends
	version int           // of all that a page shows, besides progress
	doing   string        // "plan" or "run", "" if nothing is under way
	since   time.Time
	plan    *kept
	earlier []*kept // outlines of the plans before, newest first
	failure trouble // why there is no new plan
	closed  bool
	stop    context.CancelFunc // of what is under way
	work    sync.WaitGroup
}

// kept is a plan, and what became of it.
type kept struct {
	id       string
	made     time.Time
	options  orgsync.RunOptions
	plan     *orgsync.Plan
	index    *index // nil of an outline
	decision *Decision
	pending  bool    // it is being carried out
	result   trouble // why it was not carried out in full
	outcome  Outcome
	runID    string
	added    []orgsync.Objection // what a newer plan objects to beyond it
}

const maxEarlier = 8

// errors of decisions, which the page shows.
var (
	errOld     = errors.New("this is not the newest plan any more")
	errDecided = errors.New("this plan was decided already")
	errVerdict = errors.New("that cannot be decided about this plan")
)

func newDesk(config *Config) *desk { return &desk{config: config, changed: make(chan struct{})} }

// tell wakes those who wait for something to change. The lock is held.
func (d *desk) tell() {
	d.version++
	close(d.changed)
	d.changed = make(chan struct{})
}

// glance is what a page needs to know, read at once.
type glance struct {
	version int
	doing   string
	since   time.Time
	plan    *kept // a copy
	failure trouble
	changed <-chan struct{}
	closed  bool
}

func (d *desk) look() glance {
	d.mu.Lock()
	defer d.mu.Unlock()
	g := glance{version: d.version, doing: d.doing, since: d.since, failure: d.failure, changed: d.changed, closed: d.closed}
	if d.plan != nil {
		copied := *d.plan
		g.plan = &copied
	}
	return g
}

// start does something in the background, unless something is under way. The lock is held.
func (d *desk) start(ctx context.Context, doing string, do func(ctx context.Context)) {
	if d.doing != "" || d.closed {
		return
	}
	ctx, d.stop = context.WithCancel(context.WithoutCancel(ctx))
	d.doing, d.since, d.failure = doing, d.config.Now(), trouble{}
	stop := d.stop
	d.work.Go(func() {
		defer stop()
		do(ctx)
		d.mu.Lock()
		defer d.mu.Unlock()
		d.doing = ""
		d.tell()
	})
	d.tell()
}

// makePlan plans in the background. It does nothing while something is under way.
func (d *desk) makePlan(ctx context.Context, options orgsync.RunOptions) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.start(ctx, "plan", func(ctx context.Context) { d.planNow(ctx, options) })
}

func (d *desk) planNow(ctx context.Context, options orgsync.RunOptions) *kept {
	plan, err := d.config.Host.Plan(ctx, options)
	if err != nil {
		d.config.Logger.LogAttrs(ctx, slog.LevelWarn, "no plan", slog.String("error", shown(err.Error())))
		d.mu.Lock()
		defer d.mu.Unlock()
		d.failure = troubleOf(err)
		return nil
	}
	made := &kept{id: rand.Text(), made: d.config.Now(), options: options, plan: plan, index: newIndex(plan)}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.plan != nil {
		d.plan.plan, d.plan.index = d.plan.plan.Outline(), nil
		d.earlier = append([]*kept{d.plan}, d.earlier[:min(len(d.earlier), maxEarlier-1)]...)
	}
	d.plan = made
	return made
}

// decide takes a decision about a plan. To take the same decision twice does nothing,
// so that a double click is harmless. If the plan is not the newest one, the result
// holds what the newest one objects to beyond it.
func (d *desk) decide(ctx context.Context, id, digest string, decision Decision) (added []orgsync.Objection, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	k := d.plan
	if k == nil || k.id != id {
		i := slices.IndexFunc(d.earlier, func(e *kept) bool { return e.id == id })
		if i < 0 {
			return nil, errOld
		}
		if e := d.earlier[i]; e.decision != nil && e.decision.Verdict == decision.Verdict {
			return nil, nil
		}
		return k.plan.Added(d.earlier[i].plan), errOld
	}
	switch {
	case k.decision != nil && k.decision.Verdict == decision.Verdict:
		return nil, nil
	case k.decision != nil:
		return nil, errDecided
	case digest != k.plan.GuardDigest || !slices.Contains(verdicts(k.plan), decision.Verdict):
		return nil, errVerdict
	case d.doing != "" || d.closed:
		return nil, ErrBusy
	}
	decision.Digest, decision.At = digest, d.config.Now()
	k.decision = &decision
	d.note(ctx, k)
	if decision.Verdict == Reject {
		d.tell()
		return nil, nil
	}
	k.pending = true
	d.start(ctx, "run", func(ctx context.Context) { d.carryOut(ctx, k) })
	return nil, nil
}

// note logs a decision. Who took it is known to the hook and to the engine's state.
func (d *desk) note(ctx context.Context, k *kept) {
	changes := 0
	for i := range k.plan.Targets {
		changes += len(k.plan.Targets[i].Changes)
	}
	d.config.Logger.LogAttrs(ctx, slog.LevelInfo, "decided", slog.String("verdict", string(k.decision.Verdict)),
		slog.String("digest", k.decision.Digest), slog.Int("changes", changes), slog.Int("violations", len(k.plan.Violations)),
		slog.Bool("named", k.decision.By != ""))
	if d.config.Decided != nil {
		d.config.Decided(ctx, *k.decision)
	}
}

// verdicts returns what can be decided about a plan.
func verdicts(plan *orgsync.Plan) []Verdict {
	switch {
	case len(plan.Violations) == 0 || plan.Approved:
		return []Verdict{Apply, Reject}
	case plan.GuardDigest == "":
		return []Verdict{Reject}
	}
	source := slices.ContainsFunc(plan.Violations, func(v orgsync.Violation) bool { return v.Target == "" })
	if source || len(plan.Reading.Unfit) > 0 {
		return []Verdict{Approve, Reject} // nothing goes while the source is in doubt
	}
	return []Verdict{Approve, Hold, Reject}
}

// carryOut runs what was decided.
func (d *desk) carryOut(ctx context.Context, k *kept) {
	options := k.options
	switch k.decision.Verdict {
	case Approve:
		options.Approve = orgsync.Approve{Digest: k.decision.Digest, By: k.decision.By, Plan: k.plan.Outline()}
	case Hold:
		options.Hold = true
	}
	report, err := d.config.Host.Run(ctx, options)
	stopped, guarded := errors.AsType[*orgsync.GuardError](err)
	d.mu.Lock()
	k.pending = false
	if report == nil { // it did not begin
		k.decision, d.failure = nil, troubleOf(err)
		d.mu.Unlock()
		return
	}
	k.outcome = RunOf("", report, err).Outcome
	if err != nil {
		k.result = troubleOf(err)
	}
	d.mu.Unlock()
	id := d.runID(ctx, report)
	d.mu.Lock()
	k.runID = id
	d.mu.Unlock()
	if !guarded || stopped.Held {
		return
	}
	// The guard objects to more than was approved: the newest plan says to what.
	next := d.planNow(ctx, k.options)
	if next == nil {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	next.added = next.plan.Added(k.plan)
}

// runID finds a run in the history.
func (d *desk) runID(ctx context.Context, report *orgsync.Report) string {
	runs, err := d.config.Host.Runs(ctx)
	if err != nil {
		return ""
	}
	for _, run := range runs {
		if run.Started.Equal(report.Started) {
			return run.ID
		}
	}
	return ""
}

// close ends what is under way, and waits for it.
func (d *desk) close() {
	d.mu.Lock()
	if !d.closed {
		d.closed = true
		d.tell()
	}
	if d.stop != nil {
		d.stop()
	}
	d.mu.Unlock()
	d.work.Wait()
}
