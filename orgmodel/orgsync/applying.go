package orgsync

import (
	"context"
	"errors"
	"sync"
)

// applyAll pushes to all targets concurrently. A target that fails does not keep the
// others back; a state that cannot be written, or a lease that is lost, does.
func (r *run) applyAll(ctx context.Context, objections, left []objection) ([]*applier, error) {
	if err := r.sealPeople(ctx); err != nil {
		return nil, err
	}
	for _, t := range r.planners {
		if t.size()+len(t.unhashed) == 0 {
			continue
		}
		if err := r.fence.open(ctx); err != nil { // before there are several that write
			return nil, err
		}
	}
	pushCtx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	appliers := make([]*applier, len(r.planners))
	errs := make([]error, len(r.planners))
	var wg sync.WaitGroup
	for i := range r.planners {
		a := r.newApplier(i, objections, left)
		appliers[i] = a
		wg.Go(func() {
			if err := r.mayReplace(pushCtx, a); err != nil {
				a.refuse(err)
				return
			}
			if errs[i] = a.apply(pushCtx); errs[i] != nil {
				cancel(errs[i])
			}
		})
	}
	wg.Wait()
	return appliers, errors.Join(errs...)
}

func (r *run) newApplier(i int, objections, left []objection) *applier {
	t := r.planners[i]
	ts := r.state.targets[t.name]
	a := &applier{
		targetPlan: t.targetPlan, snapshot: t.snapshot, run: r, ts: ts, report: &r.report.Targets[i],
		maker: r.makerFor(r.config.Targets[i], r.reading.org), fresh: !ts.everHeld && !ts.Started,
		anew:         r.state.fresh || !r.state.clean,
		unwrittenIDs: map[string]bool{}, near: map[string]place{}, people: r.reading.org.Lookup(), undone: map[string]bool{}, failed: map[string]bool{}, isChange: map[string]bool{},
		effects: effects{counts: map[place]int{}, done: map[string]bool{}, changed: map[place]*counted{}},
	}
	for _, id := range t.changed {
		a.isChange[id] = true
	}
	waiting := map[string]bool{}
	for _, o := range left {
		waiting[o.name()] = true
	}
	for _, o := range objections {
		r.countApproved = r.countApproved || o.Kind == KindCounted && !waiting[o.name()]
	}
	a.report.Held = append(a.report.Held, t.heldBack...)
	return a
}

// outcome joins what went wrong.
func (r *run) outcome(appliers []*applier, objections, left []objection) error {
	var errs []error
	if len(left) > 0 {
		errs = append(errs, r.guardError(objections, left, true))
	}
	for _, a := range appliers {
		a.reportDepartments()
		if a.stop != nil {
			a.report.Error = errorText(a.stop)
		}
		if err := a.failures(); err != nil {
			errs = append(errs, err)
		}
		if err := r.covered(a); err != nil {
			errs = append(errs, err)
		}
	}
	if rd := r.reading; len(rd.unfit) > 0 || rd.unanswered {
		errs = append(errs, &ReadingError{Source: r.config.Source.Name(), Reasons: r.report.Reading.Unfit, Unanswered: rd.unanswered})
	}
	return errors.Join(errs...)
}
