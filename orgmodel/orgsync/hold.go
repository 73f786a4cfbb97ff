package orgsync

import (
	"slices"

	"github.com/orgbridge/orgbridge/orgmodel"
)

// holdBack takes out of the plans what is objected to, and what depends on it.
func holdBack(plans []*targetPlan, objections []objection) {
	for i := range objections {
		o := &objections[i]
		t := plans[slices.IndexFunc(plans, func(t *targetPlan) bool { return t.name == o.Target })]
		held := map[string]bool{}
		for _, item := range o.set {
			held[item] = true
		}
		for c := range t.all {
			var is bool
			switch o.Kind {
			case KindSettings, KindReplace:
				is = true
			case KindPeople, KindSubtree, KindDepartments:
				is = (c.step.removes() || c.step == stepReleaseKeys) && held[removalName(t, c)]
			default: // created, changed; colliding ones wait anyway
				is = !c.op.isDepartment() && held[c.id]
			}
			if is {
				t.hold(c, o.Kind)
			}
		}
		if o.Kind == KindSettings || o.Kind == KindReplace {
			t.replace, t.whole = false, true
		}
	}
	for _, t := range plans {
		t.holdHeirs()
	}
}

// hold marks one change as held back.
func (t *targetPlan) hold(c *change, why Kind) {
	if t.dropped[changeName(c)] && c.detail >= 0 && t.details[c.detail].held {
		return // for another reason too
	}
	entity := c.op.entity()
	t.dropped[changeName(c)] = true
	t.detailFor(c).held = true
	d := t.detailOf(c)
	t.occupied[d.parent], t.staying[d.place] = true, true
	if entity == orgmodel.EntityPerson {
		// What waits for a replacement goes with the next run that is asked for none.
		if delete(t.owed, c.id); why == KindReplace {
			t.owed[c.id] = true
		}
	}
	t.heldBack = append(t.heldBack, Note{
		Entity: entity, ID: c.id, Action: t.actionOf(c), Reason: "held back: " + why.text(), Code: RemarkHeldBack, Args: []string{string(why)},
	})
}

// holdHeirs holds back people whose key is to come from a person who is held back.
func (t *targetPlan) holdHeirs() {
	heirs := map[string]bool{}
	for c := range t.removedPeople {
		if d := t.detailOf(c); d.handover && d.after != "" && t.dropped[changeName(c)] {
			heirs[d.after] = true
		}
	}
	for c := range t.all {
		if !c.step.removes() && !c.op.isDepartment() && heirs[c.id] && !t.dropped[changeName(c)] {
			t.hold(c, KindPeople)
		}
	}
}
