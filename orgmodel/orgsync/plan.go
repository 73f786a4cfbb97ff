package orgsync

import (
	"cmp"
	"fmt"
	"iter"
	"maps"
	"slices"
	"sync"

	"github.com/orgbridge/orgbridge/orgmodel"
)

// Action is what a plan does with a record.
type Action string

// The actions.
const (
	Create     Action = "create"
	Update     Action = "update"
	Move       Action = "move"       // an update with other departments, or another parent
	Reactivate Action = "reactivate" // somebody who was disabled or deleted returns
	Disable    Action = "disable"
	Delete     Action = "delete"
)

// item is one record of a plan. The record itself is made again when it is sent, so
// that a plan for 100,000 people holds none of them.
type item struct {
	id       string
	action   Action
	next     entry            // what the state says once it is acknowledged
	add      bool             // the target is not thought to hold it
	withhold bool             // cleared fields stay behind
	outside  bool             // leaves because of the scope
	key      string           // by which the target knows who is to be removed
	retire   bool             // key is an earlier one of somebody who stays
	handover bool             // key is somebody else's by now: forget, send nothing
	leaver   *orgmodel.Person // of a point read
}

// additions can be planned from any snapshot.
type additions struct {
	newDepartments     []item // parents first, as the next
	changedDepartments []item
	newPeople          []item // none where adding and updating are the same
	changedPeople      []item
}

// peopleFor returns the list that somebody belongs to who is added, or is not.
func (t *targetPlan) peopleFor(add bool) *[]item {
	if add && !t.traits.Upserts {
		return &t.additions.newPeople
	}
	return &t.additions.changedPeople
}

// removals take something away. They are made with a proof and in no other way.
type removals struct {
	people      []item
	departments []item // children first
}

// proof is evidence that a snapshot is complete. [prove] alone makes a valid one.
type proof struct{ complete bool }

// prove computes the proof from how the snapshot was read.
func prove(org *orgmodel.Directory) (proof, bool) {
	complete := org.Complete()
	return proof{complete: complete}, complete
}

// addTo adds an item to a list of removals, and nothing without a valid proof.
func (p proof) addTo(list *[]item, it item) {
	if p.complete {
		*list = append(*list, it)
	}
}

// targetPlan is what one target gets.
type targetPlan struct {
	*planner

	name        string
	target      Target
	traits      Traits
	state       *targetState
	fingerprint string

	additions additions
	removals  removals
	replace   bool // all at once, see Replacer
	skipped   []Note
	stuck     []Note          // leavers who cannot be removed for want of data
	withheld  map[string]bool // ids of people about whom the snapshot is not believed
	unchanged int
	outside   int

	claims    map[string]string // key -> whose it is
	contested map[string]bool
}

// size counts what would be sent.
func (t *targetPlan) size() int { return t.numAdditions() + t.numRemovals() }

func (t *targetPlan) numAdditions() int {
	return len(t.additions.newDepartments) + len(t.additions.changedDepartments) +
		len(t.additions.newPeople) + len(t.additions.changedPeople)
}

func (t *targetPlan) numRemovals() int { return len(t.removals.people) + len(t.removals.departments) }

// planner is what the plans of all targets share.
type planner struct {
	run   *run
	rd    *reading
	area  area
	proof proof
}

// plan compares a reading with what every target has acknowledged.
func (r *run) plan(rd *reading) []*targetPlan {
	p := &planner{run: r, rd: rd, area: r.set.scope.in(rd.org)}
	p.proof, _ = prove(rd.org)
	plans := make([]*targetPlan, len(r.config.Targets))
	for i, target := range r.config.Targets {
		plans[i] = &targetPlan{
			planner: p, name: target.Name(), target: target, traits: target.Traits(),
			state: r.state.targets[target.Name()], fingerprint: r.fingerprint(target),
			withheld: map[string]bool{}, claims: map[string]string{}, contested: map[string]bool{},
		}
		if len(plans[i].state.people) == 0 {
			*plans[i].peopleFor(true) = make([]item, 0, rd.org.NumPeople())
		}
		plans[i].claimForSilent()
		plans[i].planDepartments()
	}
	// People are copied once for all targets, which work side by side.
	for batch := range batches(rd.org.People(), planBatch) {
		var wg sync.WaitGroup
		for _, t := range plans {
			wg.Go(func() {
				for _, person := range batch {
					t.planPerson(person)
				}
			})
		}
		wg.Wait()
	}
	for _, t := range plans {
		for _, id := range slices.Sorted(maps.Keys(rd.leavers)) {
			t.planLeaver(rd.leavers[id], new(rd.leavers[id]), false)
		}
		t.settleClaims()
		t.planAbsent()
	}
	return plans
}

func (t *targetPlan) skip(entity orgmodel.Entity, id, reason string) {
	t.skipped = append(t.skipped, Note{Entity: entity, ID: id, Reason: reason})
}

const planBatch = 1000

// batches cuts a sequence into slices, whose memory is used again.
func batches[T any](records iter.Seq[T], size int) iter.Seq[[]T] {
	return func(yield func([]T) bool) {
		batch := make([]T, 0, size)
		for record := range records {
			if batch = append(batch, record); len(batch) == size {
				if !yield(batch) {
					return
				}
				batch = batch[:0]
			}
		}
		if len(batch) > 0 {
			yield(batch)
		}
	}
}

// planDepartments goes level by level, so that its lists have parents first.
func (t *targetPlan) planDepartments() {
	if t.traits.NoDepartments {
		return
	}
	for _, level := range t.rd.org.Levels() {
		for _, d := range level {
			t.planDepartment(d)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(t.rd.badDepartments)) {
		t.skip(orgmodel.EntityDepartment, id, "has no chain of parents up to a root")
	}
}

func (t *targetPlan) planDepartment(d orgmodel.Department) {
	e, held := t.state.departments[d.ID]
	switch {
	case t.rd.badDepartments[d.ID]:
		return // skipped once for all
	case !t.area.hasDepartment(d.ID):
		t.departmentOutside(d, e, held)
		return
	case d.Known.Has(orgmodel.DepartmentStatus) && d.Status != orgmodel.StatusActive && !t.proof.complete:
		t.skip(orgmodel.EntityDepartment, d.ID, "is not switched off, because the reading is incomplete")
		return
	}
	_, sum, err := t.hashed(t.target.Department(d))
	if err != nil {
		t.skip(orgmodel.EntityDepartment, d.ID, err.Error())
		return
	}
	it := item{id: d.ID, action: Update, next: entry{Hash: sum, Parent: d.ParentID, Name: d.Name, Adopted: e.Adopted}}
	switch {
	case !held, e.Gone:
		it.action = Create
		if held {
			it.action = Reactivate
		}
		t.additions.newDepartments = append(t.additions.newDepartments, it)
		return
	case e.Hash == it.next.Hash:
		t.unchanged++
		return
	case e.Parent != d.ParentID:
		it.action = Move
	}
	t.additions.changedDepartments = append(t.additions.changedDepartments, it)
}

func (t *targetPlan) departmentOutside(d orgmodel.Department, e entry, held bool) {
	switch {
	case !held || e.Gone:
	case t.run.set.scope.RemoveOutside:
		t.removeDepartment(d, e)
	default:
		t.outside++
	}
}

// removeDepartment deletes a department, or switches it off where a status can say so.
func (t *targetPlan) removeDepartment(d orgmodel.Department, e entry) {
	it := item{id: d.ID, action: Delete, next: e}
	if !t.traits.DeletesLeavers {
		d.SetStatus(orgmodel.StatusDisabled)
		_, sum, err := t.hashed(t.target.Department(d))
		if err != nil {
			t.skip(orgmodel.EntityDepartment, d.ID, "cannot be disabled: "+err.Error())
			return
		}
		it.action, it.next.Hash, it.next.Gone = Disable, sum, true
	}
	t.proof.addTo(&t.removals.departments, it)
}

// planPerson plans for one person of the snapshot.
func (t *targetPlan) planPerson(p orgmodel.Person) {
	if !p.Known.Has(orgmodel.PersonStatus) {
		t.skip(orgmodel.EntityPerson, p.ID, "has no status that is known")
		return
	}
	if p.Status != orgmodel.StatusActive {
		t.planLeaver(p, nil, false)
		return
	}
	for _, id := range p.DepartmentIDs {
		if _, there := t.rd.org.Department(id); !there || t.rd.badDepartments[id] {
			t.skip(orgmodel.EntityPerson, p.ID, fmt.Sprintf("belongs to department %q, which is not there or has no place in the tree", id))
			return
		}
	}
	inside, ok := t.area.person(p)
	if ok {
		t.planPut(inside)
		return
	}
	e, held := t.state.people[p.ID]
	switch {
	case !held || e.Gone:
	case t.run.set.scope.RemoveOutside:
		t.planLeaver(p, nil, true)
	default:
		t.outside++
	}
}

// planPut adds somebody in service, or updates.
func (t *targetPlan) planPut(p orgmodel.Person) {
	key, sum, err := t.hashed(t.target.Person(p, t.rd.org))
	if err != nil {
		t.skip(orgmodel.EntityPerson, p.ID, err.Error())
		return
	}
	t.claim(key, p.ID)
	e, held := t.state.people[p.ID]
	it := item{id: p.ID, next: entry{
		Hash: sum, Where: t.where(p), Parent: p.PrimaryDepartmentID(), Key: shortKey(key, p.ID), Old: e.Old, Adopted: e.Adopted,
	}}
	live := held && !e.Gone
	if live && e.Hash == it.next.Hash {
		t.unchanged++
		t.planRetirement(p.ID, e, nil)
		return
	}
	if !t.proof.complete && (!p.Cleared().IsEmpty() || clearsAttributes(p)) {
		t.withheld[p.ID] = true
		it.withhold = true
		if _, it.next.Hash, err = t.hashed(t.target.Person(withoutCleared(p), t.rd.org)); err != nil {
			t.skip(orgmodel.EntityPerson, p.ID, err.Error())
			return
		}
		if live && e.Hash == it.next.Hash {
			t.unchanged++
			return
		}
	}
	if t.traits.IdentifiesByKey && live && e.Key != it.next.Key {
		if !t.proof.complete {
			t.withheld[p.ID] = true
			t.skip(orgmodel.EntityPerson, p.ID, "has another key now, which waits until the earlier one can be retired")
			return
		}
		it.next.Old = append(slices.Clone(e.Old), cmp.Or(e.Key, p.ID))
	}
	it.next.Old = without(it.next.Old, cmp.Or(key, p.ID))
	t.planRetirement(p.ID, it.next, nil)
	switch {
	case !held:
		it.action, it.add = Create, true
	case e.Gone:
		it.action, it.add = Reactivate, t.traits.DeletesLeavers
	case e.Where != it.next.Where && e.Hash != (hash{}):
		it.action = Move
	default:
		it.action = Update
	}
	people := t.peopleFor(it.add)
	*people = append(*people, it)
}

// planRetirement removes the earlier keys of somebody who has a new one, or had one
// when they left.
func (t *targetPlan) planRetirement(id string, e entry, read *orgmodel.Person) {
	for _, key := range e.Old {
		if !t.proof.complete {
			t.withheld[id] = true
		}
		t.proof.addTo(&t.removals.people, item{id: id, action: Disable, key: key, retire: true, leaver: read, next: e})
	}
}

// planLeaver removes somebody who is not in service, if the target was told of
// them: nobody else is ever touched.
func (t *targetPlan) planLeaver(p orgmodel.Person, read *orgmodel.Person, outside bool) {
	e, held := t.state.people[p.ID]
	// After the leaver, whose entry still has the earlier key.
	defer t.planRetirement(p.ID, e, read)
	if !held || e.Gone {
		return
	}
	if !t.proof.complete {
		t.withheld[p.ID] = true
		return
	}
	it := item{id: p.ID, action: Delete, key: cmp.Or(e.Key, p.ID), leaver: read, outside: outside, next: e}
	it.next.Gone = true
	if !t.traits.DeletesLeavers {
		_, sum, err := t.hashed(t.target.Person(t.leaving(p, outside), t.rd.org))
		if err != nil {
			// Nobody must take this for done: they still have their account.
			t.withheld[p.ID] = true
			t.stuck = append(t.stuck, Note{Entity: orgmodel.EntityPerson, ID: p.ID, Action: Disable, Reason: "cannot be disabled: " + err.Error()})
			return
		}
		it.action, it.next.Hash = Disable, sum
	}
	t.proof.addTo(&t.removals.people, it)
}

// leaving is how somebody is pushed who goes: a department may have gone before.
func (t *targetPlan) leaving(p orgmodel.Person, outside bool) orgmodel.Person {
	if outside {
		p.SetStatus(orgmodel.StatusDisabled)
	}
	for _, id := range p.DepartmentIDs {
		if _, there := t.rd.org.Department(id); !there || !t.area.hasDepartment(id) {
			p.Forget(orgmodel.PersonDepartments)
			return p
		}
	}
	return p
}

// planAbsent removes whoever and whatever the source says is not there. A target
// that would have to be told somebody's name can only be given everything anew.
func (t *targetPlan) planAbsent() {
	people := heldOf(t.rd.absentPeople, t.state.people)
	departments := childrenFirst(heldOf(t.rd.absentDepts, t.state.departments), t.state.departments)
	t.replace = t.mayReplace() && (!t.state.Started || len(people) > 0)
	for _, id := range people {
		e := t.state.people[id]
		if !t.traits.DeletesLeavers && !t.replace {
			t.skip(orgmodel.EntityPerson, id, "is gone from the source and cannot be disabled: "+t.name+" wants data that nobody has any more")
			continue
		}
		forgotten := orgmodel.Person{ID: id}
		forgotten.SetStatus(orgmodel.StatusLeft)
		it := item{id: id, action: Delete, key: cmp.Or(e.Key, id), leaver: &forgotten, next: e}
		it.next.Gone = true
		t.proof.addTo(&t.removals.people, it)
	}
	for _, id := range departments {
		e := t.state.departments[id]
		t.removeDepartment(e.department(id), e)
	}
}

// mayReplace reports whether giving the target everything at once would take
// nobody away who was merely not understood, or not asked for.
func (t *targetPlan) mayReplace() bool {
	replacer, ok := t.target.(Replacer)
	return ok && replacer.ReplaceFirst() && t.proof.complete && t.rd.full() && t.area.all && len(t.skipped) == 0 &&
		!t.rd.unconfirmed && len(t.rd.doubts) == 0
}
