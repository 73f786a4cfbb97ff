package orgsync

import (
	"context"
	"iter"
	"slices"

	"github.com/orgbridge/orgbridge/orgmodel"
)

// plan compares the reading with what every target has acknowledged. It reads the
// entries; the planners do the rest without any I/O except to look up the owners
// of keys.
func (r *run) plan(ctx context.Context, rd *reading) error {
	r.tell(Progress{Phase: PhasePlan})
	snap := &snapshot{
		org: rd.org, badDepartments: rd.badDepartments, evidence: rd.evidence,
		fits: len(rd.unfit) == 0, scope: r.set.scope, area: r.set.scope.in(rd.org), places: newPlaces(r.state.HashKey, rd.org), shorts: make(shorts, rd.org.NumPeople()),
	}
	if err := r.departing(ctx, snap); err != nil {
		return err
	}
	r.snapshot = snap
	planners := make([]*planner, len(r.config.Targets))
	for i, target := range r.config.Targets {
		planners[i] = newPlanner(snap, r.makerFor(target, rd.org))
		ts := r.state.targets[target.Name()]
		planners[i].started, planners[i].replace = ts.Started, slices.Contains(r.options.Replace, ts.name)
		if ts.traits.keyed() && !ts.everHeld { // everyone claims a key
			planners[i].claims = make([]claim, 0, rd.org.NumPeople())
		}
		if !ts.traits.Departments || !rd.full() && !ts.DepartmentsOwed {
			continue
		}
		held := map[string]entry{}
		for e, err := range r.state.scan(ctx, ts, orgmodel.EntityDepartment) {
			if err != nil {
				return err
			}
			held[e.id] = e.entry
			if !rd.org.HasDepartment(e.id) {
				r.dissolved = append(r.dissolved, dissolved{target: ts.name, heldEntry: e})
			}
		}
		ts.DepartmentsOwed = false // until something fails
		planners[i].departments(held)
	}
	if err := r.planPeople(ctx, rd, planners); err != nil {
		return err
	}
	if err := r.asking(ctx, func() error { return r.askForTombstones(ctx, planners) }); err != nil {
		return err
	}
	for _, t := range planners {
		if err := t.settleClaims(r.ownersAt(ctx, r.state.targets[t.name])); err != nil {
			return err
		}
		if !rd.full() {
			r.stuck(t)
		}
		t.order()
	}
	r.planners = planners
	return nil
}

func (r *run) makerFor(target Target, org *orgmodel.Directory) *maker {
	return &maker{target: recovered{target}, hash: newHasher(r.state.HashKey), org: org, keyed: target.Traits().keyed()}
}

// departing collects those who may go, completed with what was sealed of them.
func (r *run) departing(ctx context.Context, snap *snapshot) error {
	var list []orgmodel.Person
	for id, v := range snap.evidence.leavers {
		if v == confirmed || v == pending {
			p, _ := snap.org.Person(id)
			list = append(list, p)
		}
	}
	for id, p := range snap.evidence.found {
		p.ID = id
		list = append(list, p)
	}
	for id, v := range snap.evidence.people {
		if v == confirmed || v == pending {
			p := orgmodel.Person{ID: id}
			p.SetStatus(orgmodel.StatusLeft)
			list = append(list, p)
		}
	}
	if err := r.remembered(ctx, list); err != nil {
		return err
	}
	snap.departing = make(map[string]orgmodel.Person, len(list))
	for _, p := range list {
		snap.departing[p.ID] = p
	}
	for id := range snap.evidence.found {
		snap.evidence.found[id] = snap.departing[id]
	}
	return nil
}

// planPeople hands every person, and every entry without one, to the planners.
func (r *run) planPeople(ctx context.Context, rd *reading, planners []*planner) error {
	if !rd.full() {
		return r.planChanged(ctx, rd, planners)
	}
	cursors := make([]*cursor, len(planners))
	for i, t := range planners {
		next, stop := iter.Pull2(r.state.scan(ctx, r.state.targets[t.name], orgmodel.EntityPerson))
		defer stop()
		cursors[i] = &cursor{next: next, passed: t.missing}
	}
	for p := range rd.org.People() {
		unknown := !inService(p)
		for i, t := range planners {
			e, held, err := cursors[i].seek(p.ID)
			if err != nil {
				return err
			}
			skipped := len(t.skipped)
			t.person(p, e, held)
			unknown = unknown || len(t.skipped) > skipped
		}
		if unknown { // those who are told to a target are in the index already
			r.readNames = append(r.readNames, p.Name)
		}
	}
	for _, c := range cursors {
		if err := c.drain(); err != nil {
			return err
		}
	}
	return nil
}

// cursor walks through entries in step with people, both ordered by id.
type cursor struct {
	next   func() (heldEntry, error, bool)
	passed func(id string, e entry) // for entries without a person
	ahead  heldEntry                // if there
	there  bool
	ended  bool
}

// peek reads the next entry, unless it did already.
func (c *cursor) peek() error {
	if c.there || c.ended {
		return nil
	}
	var err error
	c.ahead, err, c.there = c.next()
	c.ended = !c.there
	return err
}

func (c *cursor) seek(id string) (entry, bool, error) {
	for {
		if err := c.peek(); err != nil || !c.there || c.ahead.id > id {
			return entry{}, false, err
		}
		c.there = false
		if c.ahead.id == id {
			return c.ahead.entry, true, nil
		}
		c.passed(c.ahead.id, c.ahead.entry)
	}
}

func (c *cursor) drain() error {
	for {
		if err := c.peek(); err != nil || !c.there {
			return err
		}
		c.there = false
		c.passed(c.ahead.id, c.ahead.entry)
	}
}

// planChanged looks the people of an incremental reading up by key.
func (r *run) planChanged(ctx context.Context, rd *reading, planners []*planner) error {
	for batch := range batches(rd.org.People(), planBatch) {
		ids := idsOf(batch)
		for i := range batch {
			r.readNames = append(r.readNames, batch[i].Name)
		}
		for _, t := range planners {
			found, err := r.state.entriesOf(ctx, r.state.targets[t.name], orgmodel.EntityPerson, ids...)
			if err != nil {
				return err
			}
			for _, p := range batch {
				e, held := found[p.ID]
				t.person(p, e, held)
			}
		}
	}
	return nil
}

// ownersAt returns who has a key at a target, by the index and the entries.
func (r *run) ownersAt(ctx context.Context, t *targetState) owners {
	return func(key string) ([]heldEntry, error) {
		if !t.everHeld {
			return nil, nil
		}
		ids, err := r.state.keys.find(ctx, key)
		if err != nil || len(ids) == 0 {
			return nil, err
		}
		found, err := r.state.entriesOf(ctx, t, orgmodel.EntityPerson, ids...)
		if err != nil {
			return nil, err
		}
		var owners []heldEntry
		for _, id := range ids {
			if e, there := found[id]; there && e.key == key {
				owners = append(owners, heldEntry{id, e})
			}
		}
		return owners, nil
	}
}

// askForTombstones asks the source about people whose tombstones are in the way of
// people in service, so that the target can be told of them under another key.
// Without an answer, it is left to the target.
func (r *run) askForTombstones(ctx context.Context, planners []*planner) error {
	for _, t := range planners {
		ids, err := t.tombstones(r.ownersAt(ctx, r.state.targets[t.name]))
		if err != nil {
			return err
		}
		for _, id := range ids {
			p, err := r.config.Source.Person(ctx, id)
			if err == nil {
				p, err = r.set.enrichment.maybe(p)
			}
			if ctx.Err() != nil {
				return r.sourceError(ctx, context.Cause(ctx))
			}
			if err == nil && p.Known.Has(orgmodel.PersonStatus) && !inService(p) {
				r.snapshot.departing[id] = p
			}
		}
	}
	return nil
}

// stuck lists once more, in an incremental run, the people whom the last full one
// could not disable, until they can be.
func (r *run) stuck(t *planner) {
	for _, id := range r.state.targets[t.name].Stuck {
		if !t.org.HasPerson(id) {
			t.cannotRemove(orgmodel.EntityPerson, id, say(RemarkGoneCannotDisable))
		}
	}
}

// prepareIndexes makes indexes usable: those that cannot be trusted are made anew in
// memory, from the entries, and written at the checkpoint.
func (r *run) prepareIndexes(ctx context.Context) error {
	anew := !r.state.clean || r.state.fresh
	if anew {
		r.state.names.inMemory()
		r.state.keys.inMemory()
	}
	for _, t := range r.state.targets {
		t.everHeld = t.People > 0 || t.Started || !r.state.clean
		if !anew || !t.traits.keyed() {
			continue
		}
		for e, err := range r.state.scan(ctx, t, orgmodel.EntityPerson) {
			if err != nil {
				return err
			}
			t.everHeld = true
			if e.key == "" {
				continue
			}
			if err := r.state.keys.add(ctx, e.key, e.id); err != nil {
				return err
			}
		}
	}
	return nil
}
