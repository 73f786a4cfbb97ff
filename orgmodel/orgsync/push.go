package orgsync

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/orgbridge/orgbridge/orgmodel"
)

// errHeldBack is the outcome of people whose department could not be pushed.
var errHeldBack = errors.New("not sent: a department of theirs failed")

// pusher carries out the plan of one target. Its order makes every prefix a safe
// state: whatever is added comes first, whatever is removed last.
type pusher struct {
	*targetPlan

	lease  Lease
	report *TargetReport
	done   int
	failed map[string]bool // departments
	owed   map[string]bool // people who are not as they should be
	stop   error           // why the target was given up
}

// stateTimeout bounds a write of the state that must not be cut short: what a
// target has acknowledged is noted down even when the run has been cancelled.
const stateTimeout = 30 * time.Second

// push returns an error only if the state cannot be written, which ends the run.
func (p *pusher) push(ctx context.Context) error {
	if p.replace {
		replaced, err := p.replaceAll(ctx)
		if replaced || err != nil || p.stop != nil {
			return err
		}
		p.dropReplaceOnly()
	}
	for _, step := range p.steps() {
		if err := p.send(ctx, step.op, step.items); err != nil {
			return err
		}
	}
	if entry, news := p.complete(); news {
		return p.writeSafely(ctx, []Entry{entry})
	}
	return nil
}

// complete notes that the target holds everything it should by its present
// settings, and reports whether that is news.
func (p *pusher) complete() (Entry, bool) {
	if p.stop != nil || len(p.owed)+len(p.failed) > 0 || p.state.Started && p.state.Fingerprint == p.fingerprint {
		return Entry{}, false
	}
	p.state.Started, p.state.Fingerprint = true, p.fingerprint
	return stored(bucketTargets, p.name, p.state.targetMeta), true
}

type step struct {
	op    Op
	items []item
}

func (p *pusher) steps() []step {
	addDepartments := OpAddDepartments
	if p.traits.Upserts {
		addDepartments = OpUpdateDepartments
	}
	return []step{
		{addDepartments, p.additions.newDepartments},
		{OpUpdateDepartments, p.additions.changedDepartments},
		{OpAddPeople, p.additions.newPeople},
		{OpUpdatePeople, p.additions.changedPeople},
		{OpRemovePeople, p.removals.people},
		{OpRemoveDepartments, p.removals.departments},
	}
}

// send sends items in batches and writes the state around each: before it that the
// records are uncertain, after it what was acknowledged.
func (p *pusher) send(ctx context.Context, op Op, items []item) error {
	for chunk := range slices.Chunk(items, p.traits.Batch) {
		if p.stop == nil && ctx.Err() != nil {
			p.stop = context.Cause(ctx)
		}
		if p.stop != nil {
			p.notSent(op, chunk)
			continue
		}
		if err := p.sendChunk(ctx, op, chunk); err != nil {
			return err
		}
	}
	return nil
}

func (p *pusher) sendChunk(ctx context.Context, op Op, chunk []item) error {
	sent := make([]*item, 0, len(chunk))
	batch := Batch{Op: op}
	var acknowledged []*item
	for i := range chunk {
		it := &chunk[i]
		if it.handover {
			acknowledged = append(acknowledged, it)
			continue
		}
		out, err := p.make(op, it)
		if err != nil {
			p.fail(op, it, err)
			continue
		}
		sent, batch.Items = append(sent, it), append(batch.Items, out)
	}
	if len(sent) > 0 {
		err := p.writeAhead(ctx, op, sent)
		if ctx.Err() != nil {
			p.stop = context.Cause(ctx)
			p.notSent(op, chunk)
			return nil //nolint:nilerr // the run was ended, which is why the write failed
		}
		if err != nil {
			return err
		}
		outcomes := p.target.Push(ctx, batch)
		if len(outcomes) != len(sent) {
			outcomes = failAll(len(sent), fmt.Errorf("%w: %d for %d records", errOutcomes, len(outcomes), len(sent)))
		}
		acknowledged = append(acknowledged, p.judge(op, sent, outcomes)...)
	}
	if err := p.acknowledge(ctx, op, acknowledged); err != nil {
		return err
	}
	p.progress(len(chunk))
	return nil
}

// make makes a record as it is sent.
func (p *pusher) make(op Op, it *item) (Item, error) {
	if isDepartment(op) {
		return p.departmentItem(it)
	}
	if len(p.failed) > 0 && op != OpRemovePeople {
		person, _ := p.rd.org.Person(it.id)
		for _, id := range person.DepartmentIDs {
			if p.failed[id] {
				return Item{}, errHeldBack
			}
		}
	}
	return p.personItem(it)
}

// judge sorts outcomes, and gives the target up when a whole batch failed for a
// reason that is not in its records.
func (p *pusher) judge(op Op, sent []*item, outcomes []Outcome) (acknowledged []*item) {
	systemicErr := error(nil)
	for i, o := range outcomes {
		if o.Err != nil {
			p.fail(op, sent[i], o.Err)
			if systemic(o.Err) {
				systemicErr = o.Err
			}
			continue
		}
		if o.Adopted {
			sent[i].next.Adopted = true
			p.report.Adopted++
		}
		acknowledged = append(acknowledged, sent[i])
	}
	if len(acknowledged) == 0 {
		p.stop = p.masked(systemicErr)
	}
	return acknowledged
}

func (p *pusher) fail(op Op, it *item, err error) {
	entity := orgmodel.EntityPerson
	if isDepartment(op) {
		entity = orgmodel.EntityDepartment
		p.failed[it.id] = true
	} else {
		p.owed[it.id] = true
	}
	p.report.Failed = append(p.report.Failed, Note{Entity: entity, ID: it.id, Action: it.action, Reason: p.rd.masked(err.Error())})
}

func (p *pusher) notSent(op Op, chunk []item) {
	p.report.NotSent += len(chunk)
	if isDepartment(op) {
		return // departments are read whole each time
	}
	for i := range chunk {
		p.owed[chunk[i].id] = true
	}
}

// writeAhead notes that records are about to be sent: should nobody learn what
// became of them, they are ours all the same, and are sent again.
func (p *pusher) writeAhead(ctx context.Context, op Op, sent []*item) error {
	var entries []Entry
	for _, it := range sent {
		if it.retire {
			continue // the earlier key is noted already
		}
		entries = append(entries, p.set(op, it.id, it.next.uncertain()))
	}
	if len(entries) == 0 {
		return nil
	}
	return p.lease.Write(ctx, entries...)
}

// acknowledge notes what the target has taken, together with how much was removed.
func (p *pusher) acknowledge(ctx context.Context, op Op, items []*item) error {
	if len(items) == 0 {
		return nil
	}
	entries := make([]Entry, 0, len(items)+1)
	for _, it := range items {
		p.report.Done[it.action]++
		entries = append(entries, p.settled(op, it))
	}
	kinds := map[Op]Kind{OpRemovePeople: KindPeople, OpRemoveDepartments: KindDepartments}
	if kind, removal := kinds[op]; removal {
		p.state.count(kind, items, p.run.approved, p.run.set.now())
		entries = append(entries, stored(bucketTargets, p.name, p.state.targetMeta))
	}
	return p.writeSafely(ctx, entries)
}

// writeSafely writes although the run may have been cancelled meanwhile.
func (p *pusher) writeSafely(ctx context.Context, entries []Entry) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stateTimeout)
	defer cancel()
	return p.lease.Write(ctx, entries...)
}

// settled is the state of an item that was acknowledged.
func (p *pusher) settled(op Op, it *item) Entry {
	switch {
	case it.retire:
		e := p.state.people[it.id]
		e.Old = without(e.Old, it.key)
		return p.set(op, it.id, e)
	case op == OpRemoveDepartments && it.action == Delete:
		delete(p.state.departments, it.id)
		return Entry{Bucket: p.state.departmentsBucket, Key: it.id}
	}
	return p.set(op, it.id, it.next)
}

// set returns what is to be stored. In memory only what was there is kept up to
// date: nobody asks for the rest any more, and of a first sync that is everything.
func (p *pusher) set(op Op, id string, e entry) Entry {
	bucket, entries := p.state.peopleBucket, p.state.people
	if isDepartment(op) {
		bucket, entries = p.state.departmentsBucket, p.state.departments
	}
	if _, held := entries[id]; held {
		entries[id] = e
	}
	return stored(bucket, id, e)
}

func (p *pusher) progress(n int) {
	p.done += n
	p.run.tell(Progress{Phase: PhasePush, Target: p.name, Done: p.done, Total: p.size()})
}

func isDepartment(op Op) bool {
	return op == OpAddDepartments || op == OpUpdateDepartments || op == OpRemoveDepartments
}
