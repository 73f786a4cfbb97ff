package orgsync

import (
	"context"
	"errors"
	"iter"
	"slices"

	"github.com/orgbridge/orgbridge/aiguanhuai"
	"github.com/orgbridge/orgbridge/orgmodel"
)

// replaceAll gives the target everything at once. It reports false if the target
// took exception to some record, so that the changes have to go one by one.
func (p *pusher) replaceAll(ctx context.Context) (bool, error) {
	err := p.noteAll(func(op Op, it *item) Entry { return p.set(op, it.id, it.next.uncertain()) },
		func(entries []Entry) error { return p.lease.Write(ctx, entries...) })
	if ctx.Err() != nil {
		p.giveUp(context.Cause(ctx))
		return false, nil //nolint:nilerr // the run was ended, which is why the write failed
	}
	if err != nil {
		return false, err
	}
	var made error
	err = p.target.replace(ctx, p.everyDepartment(&made), p.everybody(&made))
	switch {
	case errors.Is(err, aiguanhuai.ErrDataFormat):
		return false, nil
	case err != nil:
		p.giveUp(p.masked(errors.Join(made, err)))
		return false, nil
	}
	if err := p.noteAll(func(op Op, it *item) Entry {
		p.report.Done[it.action]++
		return p.settled(op, it)
	}, func(entries []Entry) error { return p.writeSafely(ctx, entries) }); err != nil {
		return false, err
	}
	now := p.run.set.now()
	p.state.count(KindPeople, pointers(p.removals.people), p.run.approved, now)
	p.state.count(KindDepartments, pointers(p.removals.departments), p.run.approved, now)
	p.complete()
	p.progress(p.size())
	return true, p.writeSafely(ctx, []Entry{stored(bucketTargets, p.name, p.state.targetMeta)})
}

// noteAll writes an entry for every item of the plan, some thousands at a time: one
// write for everybody of a large company would hold them all in memory once more. What
// a crash between two of them leaves uncertain is sent again.
func (p *pusher) noteAll(entry func(Op, *item) Entry, write func([]Entry) error) error {
	const most = 5000
	for _, step := range p.steps() {
		for chunk := range slices.Chunk(step.items, most) {
			entries := make([]Entry, len(chunk))
			for i := range chunk {
				entries[i] = entry(step.op, &chunk[i])
			}
			if err := write(entries); err != nil {
				return err
			}
		}
	}
	return nil
}

func pointers(items []item) []*item {
	list := make([]*item, len(items))
	for i := range items {
		list[i] = &items[i]
	}
	return list
}

// giveUp leaves everything to the next run.
func (p *pusher) giveUp(err error) {
	p.stop = err
	for _, step := range p.steps() {
		p.notSent(step.op, step.items)
	}
}

// dropReplaceOnly sets aside who can be removed by a full push and not otherwise.
func (p *pusher) dropReplaceOnly() {
	p.report.FullPush = false
	var kept []item
	for _, it := range p.removals.people {
		if it.action != Delete {
			kept = append(kept, it)
			continue
		}
		p.report.Skipped = append(p.report.Skipped, Note{Entity: orgmodel.EntityPerson, ID: it.id, Reason: "waits for a full push, which was refused"})
	}
	p.removals.people = kept
}

// everyDepartment yields all departments, parents first. The sequence ends early
// if a record cannot be made, with the error in failed; the target then has less
// than the plan says, so a failure here must end the push.
func (p *pusher) everyDepartment(failed *error) iter.Seq[Item] {
	return func(yield func(Item) bool) {
		for _, level := range p.rd.org.Levels() {
			for _, d := range level {
				record, err := p.target.Department(d)
				if err != nil {
					*failed = err
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

// everybody yields everybody in service, and of those who are not, whom the target
// was told of once: they stay there, disabled.
func (p *pusher) everybody(failed *error) iter.Seq[Item] {
	return func(yield func(Item) bool) {
		sent := map[string]bool{}
		send := func(person orgmodel.Person) bool {
			_, held := p.state.people[person.ID]
			if sent[person.ID] || person.Status != orgmodel.StatusActive && !held {
				return true
			}
			sent[person.ID] = true
			if person.Status != orgmodel.StatusActive {
				person = p.leaving(person, false)
			}
			record, err := p.target.Person(person, p.rd.org)
			if err != nil {
				*failed = err
				yield(Item{ID: person.ID})
				return false
			}
			return yield(Item{ID: person.ID, Key: record.Key, Value: record.Value})
		}
		for person := range p.rd.org.People() {
			if !send(person) {
				return
			}
		}
		for _, person := range p.rd.leavers {
			if !send(person) {
				return
			}
		}
	}
}
