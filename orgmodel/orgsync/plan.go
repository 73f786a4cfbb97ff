package orgsync

import (
	"cmp"
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
	Move       Action = "move"       // an update with another main department, or another parent
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
	target      recovered
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
			planner: p, name: target.Name(), target: recovered{target}, traits: target.Traits(),
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
	return replaceFirst(t.target.Target) && t.proof.complete && t.rd.full() && t.area.all && len(t.skipped) == 0 &&
		!t.rd.unconfirmed && len(t.rd.doubts) == 0
}
