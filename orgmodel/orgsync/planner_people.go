package orgsync

import (
	"github.com/orgbridge/orgbridge/orgmodel"
)

// person plans for one person of the reading. e is what the target has acknowledged,
// if held.
func (t *planner) person(p orgmodel.Person, e entry, held bool) {
	live := held && !e.gone
	switch {
	case !p.Known.Has(orgmodel.PersonStatus):
		t.skipPerson(p.ID, e, live, say(RemarkNoStatus))
		if live { // they may have left
			t.owed[p.ID] = true
		}
		return
	case p.Status != orgmodel.StatusActive:
		t.leaver(p, e, held)
		return
	}
	if !t.area.all && !p.Known.Has(orgmodel.PersonDepartments) { // which is not to be outside
		t.skipPerson(p.ID, e, live, say(RemarkPlaceUnknown))
		return
	}
	inside, ok := t.area.person(p)
	if ok {
		t.inScope++
	}
	for _, id := range p.DepartmentIDs {
		if !t.org.HasDepartment(id) || t.badDepartments[id] {
			t.skipPerson(p.ID, e, live, say(RemarkNoPlace, id))
			return
		}
	}
	if ok {
		t.put(inside, e, held)
		return
	}
	if !live {
		return
	}
	if why, ok := outside(t.scope); ok {
		_ = t.remove(p, e, why)
		return
	}
	t.outside++
	t.staying[e.place] = true
}

// skipPerson notes that no record can be made of a person who should have one.
func (t *planner) skipPerson(id string, e entry, live bool, reason said) {
	t.skip(orgmodel.EntityPerson, id, reason)
	if live {
		t.unplannable++
		t.staying[e.place] = true
	}
}

// put adds a person in service, or updates.
func (t *planner) put(p orgmodel.Person, e entry, held bool) {
	live := held && !e.gone
	if live && !p.Known.Has(orgmodel.PersonDepartments) {
		t.staying[e.place] = true
	}
	record, err := t.maker.record(p, e.key)
	same := false
	if err == nil && live {
		same, err = t.maker.matches(record, e.hash)
	}
	if err != nil {
		t.skipPerson(p.ID, e, live, sayError(err))
		return
	}
	if same && (record.Key == e.key || !t.traits.keyed()) {
		t.unchanged++
		t.planned++
		t.refresh(&p, &e)
		t.retire(p.ID, e, record.Key, "")
		return
	}
	d := detail{}
	if !t.org.Complete() && (!p.Cleared().IsEmpty() || clearsAttributes(p)) {
		d.withhold = true
		t.owed[p.ID] = true
		t.withhold(orgmodel.EntityPerson, p.ID, Update, say(RemarkNotCleared))
		record, err = t.maker.record(withoutCleared(p), e.key)
		if err == nil && live {
			same, err = t.maker.matches(record, e.hash)
		}
		if err != nil {
			t.skipPerson(p.ID, e, live, sayError(err))
			return
		}
		if same {
			t.unchanged++
			t.planned++
			return
		}
	}
	step, op, action, reason := t.putting(p, e, held)
	rekeyed := t.traits.keyed() && record.Key != e.key
	if live && rekeyed && e.key != "" {
		reason = ReasonRekeyed
	}
	if action == Move {
		d.from = e.place
	}
	t.countChange(p, e, action, live, rekeyed)
	c := t.change(step, p.ID, op, action, reason, d)
	if e.gone && !rekeyed {
		t.returning[record.Key] = p.ID
	}
	if rekeyed {
		claim := claim{change: c, key: record.Key}
		if held {
			before := e // on the heap for these few alone
			claim.held = &before
		}
		t.claims = append(t.claims, claim) // settled when all are known
		return
	}
	t.planned++
	t.steps[step] = append(t.steps[step], c)
	t.retire(p.ID, e, record.Key, p.ID)
}

// refresh lists people whose name or mobile is known, but not yet hashed in the state:
// without the hash, a mass change of them would pass the guard.
func (t *planner) refresh(p *orgmodel.Person, e *entry) {
	named := e.name == 0 && p.Known.Has(orgmodel.PersonName) && p.Name != ""
	reachable := e.mobile == 0 && p.Known.Has(orgmodel.PersonMobile) && p.Mobile != ""
	if named || reachable {
		t.unhashed = append(t.unhashed, p.ID)
	}
}

// putting says how a person in service is brought to the target.
func (t *planner) putting(p orgmodel.Person, e entry, held bool) (step, Op, Action, Reason) {
	s, op, action, reason := stepChangedPeople, OpUpdatePeople, Update, ReasonChanged
	switch {
	case !held:
		action, reason = Create, ReasonNew
		s, op = stepNewPeople, t.adding(OpAddPeople)
	case e.gone:
		action, reason = Reactivate, ReasonReturned
		if t.traits.DeletesLeavers {
			s, op = stepNewPeople, t.adding(OpAddPeople)
		}
	case e.isUncertain():
		reason = ReasonUncertain
	case p.Known.Has(orgmodel.PersonDepartments) && e.place != t.places.place(p.PrimaryDepartmentID()):
		action = Move
	}
	if t.traits.Upserts {
		s = stepChangedPeople
	}
	return s, op, action, reason
}

// countChange lists those whose creation or change the guard counts.
func (t *planner) countChange(p orgmodel.Person, e entry, action Action, live, rekeyed bool) {
	if action == Create && t.started {
		t.created = append(t.created, p.ID)
	}
	if !live {
		return
	}
	name, mobile := t.maker.hash.shorts(&p)
	differs := func(before, now uint32) bool { return before != 0 && now != 0 && before != now }
	if differs(e.name, name) || differs(e.mobile, mobile) || rekeyed && e.key != "" {
		t.changed = append(t.changed, p.ID)
	}
}

// retire removes the earlier keys of a person, each once the present one is
// acknowledged: by the change of after, "" if it is already.
func (t *planner) retire(id string, e entry, key, after string) {
	if !t.traits.IdentifiesByKey {
		return
	}
	for _, old := range e.old {
		if old != key {
			t.add(stepRemovePeople, id, OpRemovePeople, Disable, ReasonSuperseded, detail{key: old, place: e.place, after: after, retired: true})
		}
	}
}

// leaver removes a person who is not in service, if the target was told of them.
func (t *planner) leaver(p orgmodel.Person, e entry, held bool) {
	live, again := held && !e.gone, held && e.gone && e.again
	if !live && !again && len(e.old) == 0 {
		return
	}
	why, ok := t.evidence.left(p.ID)
	if !ok {
		t.staying[e.place] = true
		t.withhold(orgmodel.EntityPerson, p.ID, t.removing(), say(RemarkLeft))
		return
	}
	if departing, there := t.departing[p.ID]; there {
		p = departing
	}
	if live && !t.remove(p, e, why) {
		return
	}
	if again {
		t.removeAgain(p.ID, e)
	}
	t.retire(p.ID, e, "", "")
}

// removeAgain tells the target once more that a person is gone. One whose key has
// passed on has nothing there any more.
func (t *planner) removeAgain(id string, e entry) {
	d := detail{key: e.key, place: e.place, tombstone: true}
	d.handover = t.traits.IdentifiesByKey && e.key == ""
	t.add(stepRemovePeople, id, OpRemovePeople, t.removing(), ReasonUncertain, d)
}

// missing plans for a person whom the target holds and a full reading lacks.
func (t *planner) missing(id string, e entry) {
	if !e.holds() {
		return
	}
	if p, there := t.evidence.found[id]; there {
		t.leaver(p, e, true)
		return
	}
	why, ok := t.absent(orgmodel.EntityPerson, id)
	if !ok {
		t.staying[e.place] = true
		if _, asked := t.evidence.people[id]; !asked {
			t.withhold(orgmodel.EntityPerson, id, t.removing(), say(RemarkMissingIncomplete))
		} else {
			t.withhold(orgmodel.EntityPerson, id, t.removing(), say(RemarkMissing))
		}
		return
	}
	p, there := t.departing[id]
	if !there {
		p = orgmodel.Person{ID: id}
		p.SetStatus(orgmodel.StatusLeft)
	}
	switch {
	case !e.gone && !t.remove(p, e, why):
		return
	case e.gone && e.again:
		t.removeAgain(id, e)
	}
	t.retire(id, e, "", "")
}

// remove disables or deletes a person. It reports false if that cannot be planned.
func (t *planner) remove(p orgmodel.Person, e entry, why proof) bool {
	d := detail{key: e.key, place: e.place, unsettled: !why.settled}
	if !t.traits.DeletesLeavers {
		record, err := t.maker.record(t.leaving(p), e.key)
		if t.traits.IdentifiesByKey && d.key == "" {
			d.key = record.Key // no key was acknowledged: this is the one that was tried
		}
		if err != nil {
			if t.replace { // they are not in what the target is given
				t.add(stepRemovePeople, p.ID, OpRemovePeople, Delete, ReasonReplaced, d)
				return true
			}
			// This must not pass for done: they still have their account.
			t.staying[e.place] = true
			code, text := RemarkCannotDisable, "cannot be disabled: "
			if why.reason == ReasonAbsent {
				code, text = RemarkGoneCannotDisable, "is gone from the source and cannot be disabled: "
			}
			t.cannotRemove(orgmodel.EntityPerson, p.ID, because(code, text+err.Error(), remarkOf(err)))
			t.owed[p.ID] = true
			return false
		}
	}
	if !why.settled {
		t.staying[e.place] = true
		t.owed[p.ID] = true
	}
	t.add(stepRemovePeople, p.ID, OpRemovePeople, t.removing(), why.reason, d)
	return true
}

// leaving is how a person who goes is pushed: a department of theirs may have gone before.
func (t *snapshot) leaving(p orgmodel.Person) orgmodel.Person {
	if inService(p) {
		p.SetStatus(orgmodel.StatusDisabled)
	}
	for _, id := range p.DepartmentIDs {
		if !t.org.HasDepartment(id) || !t.area.hasDepartment(id) {
			p = p.Clone()
			p.Forget(orgmodel.PersonDepartments, orgmodel.PersonSideDepartments)
			return p
		}
	}
	return p
}
