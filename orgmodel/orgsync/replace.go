package orgsync

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"

	"github.com/orgbridge/orgbridge/orgmodel"
)

// ErrNoReplacement says that a target cannot be given everything at once, or must not
// be by this run.
var ErrNoReplacement = errors.New("orgsync: not replaced")

// mayReplace says why a replacement that was asked for must not take place: whatever is
// missing from it would be removed.
func (r *run) mayReplace(ctx context.Context, a *applier) error {
	if !a.replace {
		return nil
	}
	refuse := func(why string) error { return fmt.Errorf("%w: %s", ErrNoReplacement, why) }
	target := r.target(a.name)
	if _, ok := target.(Replacer); !ok {
		return refuse("the target cannot do that")
	}
	switch {
	case !r.reading.full() || !r.reading.org.Complete() || len(r.reading.unfit) > 0:
		return refuse("the reading is incomplete")
	case !a.area.all:
		return refuse("there is a scope")
	case len(a.skipped)+len(a.withheld)+len(a.dropped) > 0:
		return refuse("records are skipped, withheld or held back")
	case len(r.reading.doubts) > 0:
		return refuse("some records are in doubt")
	}
	if a.unsettled() {
		return refuse("some removals are not confirmed")
	}
	shared, err := r.shared(ctx, a.name, target.Destination())
	if err != nil {
		return err
	}
	if shared {
		return &DestinationError{Target: a.name, Reason: reasonTenantsShared}
	}
	return nil
}

func (t *targetPlan) unsettled() bool {
	return slices.ContainsFunc(t.details, func(d detail) bool { return d.unsettled })
}

// refuse leaves everything to the next run.
func (a *applier) refuse(err error) {
	a.stop = err
	for c := range a.all {
		a.notSent(c)
	}
}

// replaceAll gives the target everything at once. It reports false if the target
// rejected single records, so that the changes have to go one by one.
func (a *applier) replaceAll(ctx context.Context) (bool, error) {
	var keys []Entry
	for s := range a.steps {
		for chunk := range slices.Chunk(a.steps[s], maxIntent) {
			in := intent{entity: chunk[0].op.entity()}
			for i := range chunk {
				d := a.detailOf(&chunk[i])
				row := intentRow{id: chunk[i].id, key: d.key, removal: chunk[i].step.removes()}
				s := sending{change: &chunk[i], detail: d}
				if !chunk[i].op.isDepartment() {
					s.person, s.index = a.personOf(&chunk[i], d)
				}
				row.at = a.whereTo(&s)
				in.rows = append(in.rows, row)
			}
			a.number++
			e := Entry{Bucket: a.ts.bucket(bucketIntents), Key: intentKey(a.number), Value: in.encode()}
			if err := a.run.fence.write(ctx, e); err != nil {
				return false, err
			}
			keys = append(keys, Entry{Bucket: e.Bucket, Key: e.Key})
		}
	}
	callCtx, cancel, err := a.run.fence.attempt(ctx)
	if err != nil {
		return false, err
	}
	defer cancel()
	var failed error
	fail := func(err error) { // what is cut short must not pass for everything
		failed = err
		cancel()
	}
	err = a.maker.target.replace(callCtx, a.everyDepartment(fail), a.everyone(ctx, fail))
	switch {
	case failed == nil && errors.Is(err, ErrRejected):
		a.report.Replaced = false
		return false, a.run.fence.writeSafely(ctx, keys...)
	case failed != nil || err != nil:
		a.refuse(a.run.masked(ctx, errors.Join(failed, err)))
		return false, nil // the intents stay: the next run finds them
	}
	if err := a.acknowledgeAll(ctx); err != nil {
		return false, err
	}
	return true, a.run.fence.writeSafely(ctx, keys...)
}

// acknowledgeAll notes every change of the plan as carried out, some thousands at a time.
func (a *applier) acknowledgeAll(ctx context.Context) error {
	for s := range a.steps {
		for changes := range slices.Chunk(a.steps[s], maxIntent) {
			chunk := make([]sending, len(changes))
			for i := range changes {
				chunk[i] = sending{change: &changes[i], detail: a.detailOf(&changes[i])}
			}
			if err := a.before(ctx, chunk); err != nil {
				return err
			}
			for i := range chunk {
				if !chunk[i].detail.handover && a.reasonOf(&changes[i]) != ReasonReplaced {
					if err := a.make(ctx, &chunk[i]); err != nil {
						return err
					}
				}
				a.acknowledge(&chunk[i], Outcome{})
			}
			a.store(chunk, nil)
			if err := a.settle(ctx); err != nil {
				return err
			}
			a.done += len(chunk)
			a.run.tell(Progress{Phase: PhasePush, Target: a.name, Done: a.done, Total: a.size()})
		}
	}
	return nil
}

// everyDepartment yields all departments, parents first. If a record cannot be made, the
// sequence ends with an item that no target takes, after fail has ended the call: whatever
// is missing from a replacement would be removed.
func (a *applier) everyDepartment(fail func(error)) iter.Seq[Item] {
	return func(yield func(Item) bool) {
		for _, level := range a.org.Levels() {
			for _, d := range level {
				record, err := a.maker.target.Department(d)
				if err != nil {
					fail(err)
					yield(Item{ID: d.ID}) // has no value, which no target takes
					return
				}
				if !yield(Item{ID: d.ID, Value: record.Value}) {
					return
				}
			}
		}
	}
}

// everyone yields all people in service, and those not in service of whom the
// target was once told: they stay there, disabled.
func (a *applier) everyone(ctx context.Context, fail func(error)) iter.Seq[Item] {
	return func(yield func(Item) bool) {
		send := func(p orgmodel.Person) bool {
			var e entry
			if !a.fresh {
				found, err := a.run.state.entriesOf(ctx, a.ts, orgmodel.EntityPerson, p.ID)
				if err != nil {
					fail(err)
					yield(Item{ID: p.ID})
					return false
				}
				e = found[p.ID]
				if _, held := found[p.ID]; !held && !inService(p) {
					return true
				}
			} else if !inService(p) {
				return true
			}
			if !inService(p) {
				p = a.leaving(p)
			}
			record, err := a.maker.record(p, e.key)
			if err != nil && !inService(p) {
				return true // no record can be made of someone long gone, and none is needed
			}
			if err != nil {
				fail(err)
				yield(Item{ID: p.ID})
				return false
			}
			return yield(Item{ID: p.ID, Key: record.Key, Value: record.Value})
		}
		for p := range a.org.People() {
			if departing, there := a.departing[p.ID]; there {
				p = departing
			}
			if !send(p) {
				return
			}
		}
		for id, p := range a.departing {
			if !a.org.HasPerson(id) && a.evidence.people[id] != confirmed && !send(p) {
				return
			}
		}
	}
}
