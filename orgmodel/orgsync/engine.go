package orgsync

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strconv"
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
	set := defaultSettings()
	for _, option := range options {
		option(&set)
	}
	if err := config.check(set); err != nil {
		return nil, err
	}
	config.Targets = slices.Clone(config.Targets)
	return &Engine{config: config, set: set}, nil
}

// Run brings every target up to date. The error is nil only if nothing failed:
// it is, or joins,
//
//   - [*SourceError]: the source could not be read to its end;
//   - [*GuardError]: too much would have changed;
//   - [*DestinationError]: a target leads somewhere else than its state says;
//   - [*TargetError], one for each target that does not hold all it should;
//   - [*CoverageError]: no one, or too few, can be planned for a target;
//   - [*ReadingError]: the reading was used as far as it goes, and is not believed;
//   - ErrLocked, ErrLeaseLost, ErrCorrupt, ErrSealKey or another error of the state.
//
// After the first three nothing was sent, unless a [*GuardError] says that the rest
// was. Records that were skipped because the target requires what no one knows are not
// an error: they are in the report, which is never nil.
//
// Canceling ctx ends a run cleanly at any point; the next one goes on.
func (e *Engine) Run(ctx context.Context, options RunOptions) (*Report, error) {
	r := e.newRun(options)
	err := r.locked(ctx, r.steps)
	return r.report, r.finish(ctx, err)
}

// Plan returns what Run would do, and does nothing. It fails if a run would not
// come to a plan. What the guard objects to is in the plan, and is not an error
// here.
func (e *Engine) Plan(ctx context.Context, options RunOptions) (*Plan, error) {
	options.DryRun = true
	r := e.newRun(options)
	var plan *Plan
	err := r.locked(ctx, func(ctx context.Context) error {
		objections, left, err := r.planned(ctx)
		if err == nil {
			plan = r.value(objections, left)
		}
		return err
	})
	return plan, r.finish(ctx, err)
}

func (e *Engine) newRun(options RunOptions) *run {
	now := e.set.now()
	return &run{
		config: e.config, set: e.set, options: options, started: now, unlisted: map[string]bool{},
		report: &Report{
			Tenant: e.config.Tenant, Source: e.config.Source.Name(), Started: now, DryRun: options.DryRun, Targets: []TargetReport{},
		},
	}
}

// steps is a run: read, confirm, plan, guard, apply, checkpoint.
func (r *run) steps(ctx context.Context) error {
	objections, left, err := r.planned(ctx)
	if err == nil && r.options.DryRun {
		r.report.plan = r.value(objections, left)
	}
	if err != nil || r.options.DryRun {
		return err
	}
	if len(left) > 0 && !r.mayHold(left) {
		return errors.Join(r.guardError(objections, left, false), r.noteStop(ctx, objections))
	}
	if len(left) > 0 {
		holdBack(r.plansOf(), left)
	}
	appliers, err := r.applyAll(ctx, objections, left)
	if err != nil {
		return err
	}
	err = r.outcome(appliers, objections, left)
	if len(left) > 0 {
		err = errors.Join(err, r.noteStop(ctx, objections))
	}
	return errors.Join(err, r.checkpoint(ctx, appliers))
}

// planned is the part of a run that takes nothing from anyone: read, confirm, plan,
// guard. It returns what the guard objects to, and what of that no approval covers.
func (r *run) planned(ctx context.Context) (objections, left []objection, err error) {
	err = r.asking(ctx, func() (err error) {
		r.reading, err = r.read(ctx)
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	rd := r.reading
	r.names, r.report.org = &nameMasker{state: r.state, org: rd.org}, rd.org
	if err := r.asking(ctx, func() error { return r.confirm(ctx, rd) }); err != nil {
		return nil, nil, err
	}
	r.describe(ctx)
	if found := r.guardSource(rd); len(found) == 1 && found[0].Kind == KindNothing {
		r.report.Guard = []Violation{found[0].Violation}
		return nil, nil, r.guardError(found, found, false)
	}
	if err := r.scoped(rd); err != nil {
		return nil, nil, err
	}
	if err := r.plan(ctx, rd); err != nil {
		return nil, nil, err
	}
	counts, err := r.counts(ctx)
	if err != nil {
		return nil, nil, err
	}
	objections = r.guard(rd, r.plansOf(), counts)
	left = r.decide(objections)
	for _, o := range objections {
		r.report.Guard = append(r.report.Guard, o.Violation)
	}
	r.report.Digest, r.report.Approved = digest(objections), len(objections) > 0 && len(left) == 0
	r.reportPlans(ctx)
	return objections, left, nil
}

func (r *run) plansOf() []*targetPlan {
	plans := make([]*targetPlan, len(r.planners))
	for i, t := range r.planners {
		plans[i] = t.targetPlan
	}
	return plans
}

// locked does something while the tenant is held.
func (r *run) locked(ctx context.Context, do func(context.Context) error) (err error) {
	if err := r.options.check(r.config.Targets); err != nil {
		return err
	}
	lease, err := r.config.Store.Lock(ctx, r.config.Tenant)
	if err != nil {
		return err
	}
	defer func() {
		unlockCtx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stateTimeout)
		defer cancel()
		err = errors.Join(err, lease.Unlock(unlockCtx))
	}()
	r.fence = newFence(lease, r.begin)
	if r.state, err = loadState(ctx, lease, r.config.Targets, r.options.DryRun); err != nil {
		return err
	}
	if err = r.prepare(ctx); err == nil {
		err = do(ctx)
	}
	if lost := r.remember(ctx, err); lost != nil && !errors.Is(err, lost) {
		err = errors.Join(err, lost)
	}
	return err
}

// prepare checks what must be right before anything is read.
func (r *run) prepare(ctx context.Context) error {
	if r.sealer = newSealer(r.config.Tenant, r.set.sealing, newHasher(r.state.HashKey)); r.sealer != nil {
		fresh, err := r.sealer.check(r.state.SealCheck)
		if errors.Is(err, ErrSealKey) && r.options.ForgetSealed {
			fresh, err = r.forgetSealed(ctx)
		}
		if err != nil {
			return err
		}
		if len(r.state.SealCheck) == 0 {
			r.state.SealCheck = fresh
		} else {
			r.newSealCheck = fresh // stored by the full reading that seals all anew
		}
	} else if len(r.state.SealCheck) > 0 {
		r.report.remark(say(RemarkNoKey))
	}
	if n := len(r.state.held); n > 0 {
		r.report.remark(say(RemarkHeldEarlier, strconv.Itoa(n)))
	}
	for _, t := range r.state.others {
		if t.People > 0 {
			r.report.remark(say(RemarkNoTarget, printable(t.name), strconv.Itoa(t.People)))
		}
	}
	if err := r.bind(ctx); err != nil {
		return err
	}
	if err := r.loadApprovals(ctx); err != nil {
		return err
	}
	return r.prepareIndexes(ctx)
}

func (r *run) finish(ctx context.Context, err error) error {
	r.report.Finished = r.set.now()
	if err != nil {
		r.report.Error, r.report.ErrorCodes = errorText(err), Remarks(err)
		r.set.logger.LogAttrs(ctx, slog.LevelError, "sync failed", slog.String("tenant", r.config.Tenant), slog.String("error", r.report.Error))
	}
	r.tell(Progress{Phase: PhaseDone})
	return err
}
