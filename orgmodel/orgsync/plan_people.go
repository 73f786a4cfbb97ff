package orgsync

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/orgbridge/orgbridge/orgmodel"
)

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
		Hash: sum, Parent: p.PrimaryDepartmentID(), Key: shortKey(key, p.ID), Old: e.Old, Adopted: e.Adopted,
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
	case e.Parent != it.next.Parent && e.Hash != (hash{}):
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
