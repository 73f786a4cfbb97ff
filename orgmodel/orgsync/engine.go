package orgsync

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"
)

// Engine keeps the targets of one tenant in step with its source. Make it with
// [New]. It can be used again and again and is safe for concurrent use: the store
// lets one run of a tenant in at a time.
type Engine struct {
	config Config
	set    settings
}

// New returns an engine. It does no I/O; the error joins a [*ConfigError] for
// everything that is wrong.
func New(config Config, options ...Option) (*Engine, error) {
	set := settings{
		limits: DefaultLimits(), grace: 1, fullEvery: defaultFullEvery,
		now: time.Now, logger: slog.New(slog.DiscardHandler),
	}
	for _, option := range options {
		option(&set)
	}
	if err := config.check(set); err != nil {
		return nil, err
	}
	config.Targets = slices.Clone(config.Targets)
	return &Engine{config: config, set: set}, nil
}

// RunOptions say how one run differs from the usual.
type RunOptions struct {
	// DryRun reads and plans, and neither sends nor stores anything.
	DryRun bool
	// Full reads everybody from the beginning, so that whoever is missing counts as
	// absent once the source has confirmed it.
	Full bool
	// Approve is the digest of a plan that the guard may let pass.
	Approve string
	// Force overrules the guard, for this run alone.
	Force bool
}

// Run brings every target up to date. The error is nil only if nothing failed:
// it is, or joins,
//
//   - [*SourceError]: the source could not be read to its end;
//   - [*GuardError]: too much would have changed;
//   - [*TargetError], one for each target that does not hold all it should;
//   - ErrLocked, ErrLeaseLost, ErrCorrupt or another error of the store.
//
// After the first two nothing was sent. Records that were skipped, because the
// target demands what nobody knows, are no error: they are in the report, which is
// never nil.
//
// Cancelling ctx ends a run in good order at any point; the next one goes on.
func (e *Engine) Run(ctx context.Context, options RunOptions) (*Report, error) {
	r := &run{Engine: e, options: options, report: &Report{
		Tenant: e.config.Tenant, Source: e.config.Source.Name(), Started: e.set.now(), DryRun: options.DryRun,
		Targets: []TargetReport{},
	}}
	err := r.locked(ctx)
	r.report.Finished = e.set.now()
	if err != nil {
		r.report.Error = err.Error()
		e.set.logger.LogAttrs(ctx, slog.LevelError, "sync failed", slog.String("tenant", e.config.Tenant), slog.String("error", err.Error()))
	}
	r.tell(Progress{Phase: PhaseDone})
	return r.report, err
}

// run is one run of an engine.
type run struct {
	*Engine

	options  RunOptions
	report   *Report
	state    *state
	approved bool // the plan exceeds limits, and somebody wants it so

	telling sync.Mutex
}

func (r *run) locked(ctx context.Context) (err error) {
	lease, err := r.config.Store.Lock(ctx, r.config.Tenant)
	if err != nil {
		return err
	}
	defer func() {
		unlockCtx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stateTimeout)
		defer cancel()
		err = errors.Join(err, lease.Unlock(unlockCtx))
	}()
	if r.state, err = loadState(ctx, lease, r.config.Targets); err != nil {
		return err
	}
	rd, err := r.read(ctx)
	if err != nil {
		return err
	}
	r.report.describe(rd)
	plans, err := r.guarded(ctx, rd)
	if err != nil || r.options.DryRun {
		return err
	}
	return r.carryOut(ctx, lease, rd, plans)
}

// guarded plans, and fails if the plan exceeds what is allowed.
func (r *run) guarded(ctx context.Context, rd *reading) ([]*targetPlan, error) {
	violations := r.set.limits.checkSource(r.state, rd)
	if len(violations) == 1 && violations[0].Kind == KindNothing {
		// Nothing can be planned from nothing, whoever forces it.
		r.report.Guard = violations
		return nil, &GuardError{Violations: violations}
	}
	r.tell(Progress{Phase: PhasePlan})
	plans := r.plan(rd)
	r.report.Digest = digest(plans)
	for _, t := range plans {
		sortNotes(t.skipped)
		r.report.Targets = append(r.report.Targets, t.report(r.options.DryRun))
		violations = append(violations, r.set.limits.checkTarget(t, r.set.now())...)
		r.set.logger.LogAttrs(ctx, slog.LevelInfo, "planned", slog.String("target", t.name),
			slog.Int("additions", t.numAdditions()), slog.Int("removals", t.numRemovals()), slog.Int("skipped", len(t.skipped)))
	}
	r.report.Guard = violations
	r.approved = r.options.Force || r.options.Approve == r.report.Digest
	if len(violations) > 0 && !r.approved && !r.options.DryRun {
		return nil, &GuardError{Violations: violations, Digest: r.report.Digest}
	}
	r.approved = r.approved && len(violations) > 0
	return plans, nil
}

// carryOut pushes to all targets side by side and writes the checkpoint.
func (r *run) carryOut(ctx context.Context, lease Lease, rd *reading, plans []*targetPlan) error {
	if r.state.fresh {
		// Without its key the hashes that follow would mean nothing after a crash.
		if err := lease.Write(ctx, stored(bucketMeta, keyMeta, r.state.meta)); err != nil {
			return err
		}
	}
	pushCtx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	pushers := make([]*pusher, len(plans))
	var wg sync.WaitGroup
	errs := make([]error, len(plans))
	for i, t := range plans {
		p := &pusher{targetPlan: t, lease: lease, report: &r.report.Targets[i], failed: map[string]bool{}, owed: maps.Clone(t.withheld)}
		pushers[i] = p
		wg.Go(func() {
			if errs[i] = p.push(pushCtx); errs[i] != nil {
				cancel(errs[i]) // the state cannot be written: nobody may go on
			}
		})
	}
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		return err
	}
	var failures []error
	for _, p := range pushers {
		if p.stop != nil {
			p.report.Error = p.stop.Error()
		}
		if len(p.report.Failed)+p.report.NotSent > 0 || p.stop != nil {
			failures = append(failures, &TargetError{Target: p.name, Failed: len(p.report.Failed), NotSent: p.report.NotSent, Err: p.stop})
		}
	}
	if err := r.checkpoint(ctx, lease, rd, pushers); err != nil {
		failures = append(failures, err)
	}
	return errors.Join(failures...)
}

// checkpoint moves the watermark, last of all: every target has by now
// acknowledged what was read, or the rest is listed as owed.
func (r *run) checkpoint(ctx context.Context, lease Lease, rd *reading, pushers []*pusher) error {
	s := r.state
	var entries []Entry
	owed := map[string]bool{}
	for _, p := range pushers {
		maps.Copy(owed, p.owed)
		if rd.full() {
			p.state.Left = 0
		}
		if p.stop == nil {
			p.state.Started, p.state.Fingerprint = true, p.fingerprint
		}
		entries = append(entries, stored(bucketTargets, p.name, p.state.targetMeta))
	}
	s.Watermark, r.report.Reading.WatermarkWhy = s.Watermark.advance(rd.watermark, r.set.now())
	r.report.Reading.Watermark = s.Watermark
	s.FullDue = ""
	switch {
	case len(owed) > maxOwed:
		s.FullDue, owed = manyOwed, nil
	case rd.unread:
		s.FullDue = "somebody could not be read one by one"
	case rd.unconfirmed:
		s.FullDue = "more is missing than was confirmed"
	}
	s.Tree, s.Roster = rd.tree, rd.roster
	s.Departments = rd.org.NumDepartments()
	if rd.full() {
		s.InService, s.LastFull = rd.inService, r.set.now()
	}
	for _, id := range s.owed {
		if !owed[id] {
			entries = append(entries, Entry{Bucket: bucketOwed, Key: id})
		}
	}
	for _, id := range slices.Sorted(maps.Keys(owed)) {
		entries = append(entries, Entry{Bucket: bucketOwed, Key: id, Value: []byte{}})
	}
	if rd.missing != nil {
		for key := range s.missing {
			if _, still := rd.missing[key]; !still {
				entries = append(entries, Entry{Bucket: bucketMissing, Key: key})
			}
		}
		for key, n := range rd.missing {
			entries = append(entries, stored(bucketMissing, key, n))
		}
	}
	entries = append(entries, stored(bucketMeta, keyMeta, s.meta))
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stateTimeout)
	defer cancel()
	return lease.Write(ctx, entries...)
}

// fingerprint stands for everything that decides which records a target gets.
func (r *run) fingerprint(t Target) string {
	parts := [][]byte{[]byte(t.Settings())}
	for _, text := range r.set.scope.text() {
		parts = append(parts, []byte(text))
	}
	return r.state.hash(parts...).String()
}
