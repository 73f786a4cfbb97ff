package orgsync

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// acknowledge works out what the state says from now on: what was carried out, and
// nothing else.
func (a *applier) acknowledge(s *sending, o Outcome) {
	action := a.actionOf(s.change)
	a.report.Done[action]++
	if o.Adopted {
		a.report.Adopted++
	}
	s.settled = true
	if s.op.isDepartment() {
		a.acknowledgeDepartment(s, o)
		a.countDepartment(s)
		return
	}
	e := &s.after
	*e = s.before
	switch {
	case s.detail.handover:
		if e.key == s.detail.key {
			e.key, e.gone = "", true
		}
		*e = e.withoutOld(s.detail.key)
	case a.reasonOf(s.change) == ReasonSuperseded:
		*e = e.withoutOld(s.detail.key)
	case s.step == stepReleaseKeys:
		e.hash, e.key, e.gone = s.record.sum, s.detail.key, true
	case s.step.removes():
		if action == Disable {
			e.hash = s.record.sum
		}
		e.gone = true
	default:
		*e = a.put(s)
		e.adopted = e.adopted || o.Adopted
		if !a.anew {
			a.effects.names = append(a.effects.names, s.person.Name)
		}
	}
	if s.before.again {
		// What was uncertain at a takeover goes once more with the next run.
		if e.again = e.gone && !s.before.gone; !e.gone {
			e.hash = hash{}
		}
		if e.again || !e.gone {
			a.owed[s.id] = true
		}
	}
	a.effect(s, false)
	a.countDepartment(s)
}

// put is the entry of a person who was added or updated.
func (a *applier) put(s *sending) entry {
	before := &s.before
	e := entry{hash: s.record.sum, key: s.sentKey(), place: a.whereTo(s).place, adopted: before.adopted}
	e.name, e.mobile = a.shorts.of(s.index, &s.person, a.maker.hash)
	if e.name == 0 {
		e.name = before.name
	}
	if e.mobile == 0 {
		e.mobile = before.mobile
	}
	if a.traits.IdentifiesByKey && s.held {
		e.old = slices.Clone(before.old)
		if !before.gone && before.key != "" && before.key != e.key && !s.passed {
			e.old = append(e.old, before.key)
		}
		e.old = without(e.old, e.key)
	}
	return e
}

func (a *applier) acknowledgeDepartment(s *sending, o Outcome) {
	e, before := &s.after, &s.before
	*e = *before
	switch {
	case s.step == stepRemoveDepartments && a.actionOf(s.change) == Delete:
		s.forgotten = true
		a.ts.HeldDepartments--
		a.remember(KindDepartments, removalName(a.targetPlan, s.change), "")
		a.noteRemoval(s)
		return
	case s.step == stepRemoveDepartments:
		e.hash, e.gone = s.record.sum, true
		a.ts.HeldDepartments--
		a.remember(KindDepartments, removalName(a.targetPlan, s.change), "")
		a.noteRemoval(s)
	default:
		d, _ := a.org.Department(s.id)
		*e = entry{hash: s.record.sum, parent: d.ParentID, title: d.Name, adopted: before.adopted || o.Adopted}
		if !s.held || before.gone {
			a.ts.HeldDepartments++
		}
	}
	if before.again {
		e.hash, e.again = hash{}, false
		a.ts.DepartmentsOwed = true
	}
}

// effect notes what counts and indexes have to learn. failed says that this is what is
// known after a call without an answer.
func (a *applier) effect(s *sending, failed bool) {
	before, e := &s.before, &s.after
	if s.op.isDepartment() {
		if !s.held {
			a.ts.HeldDepartments++
		}
		return
	}
	was, is := s.held && !before.gone, !e.gone
	if was {
		a.ts.People--
		a.effects.counts[before.place]--
	}
	if is {
		a.ts.People++
		a.effects.counts[e.place]++
	}
	if (!a.anew || a.run.keepsKeys()) && a.traits.keyed() && before.key != e.key && e.key != "" {
		a.effects.keys = append(a.effects.keys, keyEffect{s.id, e.key})
	}
	if failed {
		return
	}
	if was && !is {
		a.effects.removed = append(a.effects.removed, s.id)
		a.noteRemoval(s)
		a.remember(KindPeople, removalName(a.targetPlan, s.change), a.places.department(before.place))
		if a.reasonOf(s.change) != ReasonOutside {
			a.ts.Left++
		}
	}
	switch {
	case a.actionOf(s.change) == Create && a.ts.Started:
		a.remember(KindCreated, s.id, "")
	case a.isChange[s.id] && !s.step.removes():
		a.remember(KindChanged, s.id, "")
	}
}

func (a *applier) noteRemoval(s *sending) {
	a.report.Removed = append(a.report.Removed, Note{
		Entity: s.op.entity(), ID: s.id, Action: a.actionOf(s.change), Reason: string(a.reasonOf(s.change)),
	})
}

// remember counts a change against later runs, unless it was approved.
func (a *applier) remember(kind Kind, item, department string) {
	if a.run.approvals.current.names(kind, a.name, item) {
		a.effects.done[item] = true
		return
	}
	if !a.run.options.Force {
		a.ts.remember(kind, department, 1, a.run.started)
	}
}

// countDepartment notes that a change was acknowledged.
func (a *applier) countDepartment(s *sending) {
	at := s.after.place
	switch {
	case s.op.isDepartment():
		at = a.places.place(s.id)
	case s.step.removes(), s.step == stepReleaseKeys:
		at = s.before.place
	}
	c := a.effects.changed[at]
	if c == nil {
		c = &counted{people: make([]int, len(actionCodes()))}
		a.effects.changed[at] = c
	}
	if s.op.isDepartment() {
		c.itself, c.id = a.actionOf(s.change), s.id
		return
	}
	c.people[s.action]++
}

// byAction returns counts as a report has them, nil if there are none.
func (c *counted) byAction() map[Action]int {
	var people map[Action]int
	for i, n := range c.people {
		if n > 0 {
			if people == nil {
				people = map[Action]int{}
			}
			people[actionCodes()[i]] = n
		}
	}
	return people
}

// reportDepartments fills in what changed where, the departments with most changes first.
func (a *applier) reportDepartments() {
	for _, at := range slices.Sorted(maps.Keys(a.effects.changed)) {
		c := a.effects.changed[at]
		id := c.id
		if id == "" {
			id = a.places.department(at)
		}
		a.report.Departments = append(a.report.Departments, DepartmentChanges{ID: id, Itself: c.itself, People: c.byAction()})
	}
	slices.SortFunc(a.report.Departments, func(x, y DepartmentChanges) int {
		return cmp.Or(y.Changes()-x.Changes(), strings.Compare(x.ID, y.ID))
	})
}
