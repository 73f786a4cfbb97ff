package orgsync

import (
	"maps"
	"slices"

	"github.com/orgbridge/orgbridge/orgmodel"
)

// departments plans for the tree. held is all that the target was told of.
func (t *planner) departments(held map[string]entry) {
	for _, level := range t.org.Levels() {
		for i := range level {
			e, there := held[level[i].ID]
			t.department(level[i], e, there)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(t.badDepartments)) {
		t.skip(orgmodel.EntityDepartment, id, say(RemarkNoChain))
	}
	var absent []string
	for id, e := range held {
		if !e.gone && !t.org.HasDepartment(id) {
			absent = append(absent, id)
		}
	}
	for _, id := range childrenFirst(append(absent, t.outsiders...), held) {
		e := held[id]
		d, read := t.org.Department(id)
		p, ok := outside(t.scope)
		if !read {
			d = e.asDepartment(id)
			p, ok = t.absent(orgmodel.EntityDepartment, id)
		}
		if !ok {
			t.occupied[e.parent] = true
			t.withhold(orgmodel.EntityDepartment, id, t.removing(), say(RemarkMissing))
			continue
		}
		t.removeDepartment(d, e, p)
	}
}

func (t *planner) department(d orgmodel.Department, e entry, held bool) {
	switch {
	case t.badDepartments[d.ID]:
		return // skipped once for all
	case !t.area.hasDepartment(d.ID):
		t.departmentOutside(d, e, held)
		return
	case d.Known.Has(orgmodel.DepartmentStatus) && d.Status != orgmodel.StatusActive && !t.org.Complete():
		t.withhold(orgmodel.EntityDepartment, d.ID, Disable, say(RemarkNotSwitchedOff))
		return
	}
	record, err := t.maker.department(d)
	if err != nil {
		t.skip(orgmodel.EntityDepartment, d.ID, sayError(err))
		return
	}
	switch {
	case !held:
		t.add(stepNewDepartments, d.ID, t.adding(OpAddDepartments), Create, ReasonNew, detail{})
	case e.gone:
		t.add(stepNewDepartments, d.ID, t.adding(OpAddDepartments), Reactivate, ReasonReturned, detail{})
	case e.hash == record.sum:
		t.unchanged++
	case e.isUncertain(): // it may not be there, and its children come after it
		t.add(stepNewDepartments, d.ID, OpUpdateDepartments, Update, ReasonUncertain, detail{})
	case e.parent != d.ParentID:
		t.retitled(&d, &e)
		t.add(stepChangedDepartments, d.ID, OpUpdateDepartments, Move, ReasonChanged, detail{above: e.parent})
	default:
		t.retitled(&d, &e)
		t.add(stepChangedDepartments, d.ID, OpUpdateDepartments, Update, ReasonChanged, detail{})
	}
}

func (t *planner) departmentOutside(d orgmodel.Department, e entry, held bool) {
	if !held || e.gone {
		return
	}
	if !t.scope.RemoveOutside {
		t.outside++
		return
	}
	t.outsiders = append(t.outsiders, d.ID)
}

// retitled notes by which name the target knows a department, if by another one.
func (t *planner) retitled(d *orgmodel.Department, e *entry) {
	if e.title != "" && e.title != d.Name {
		t.titles[d.ID] = e.title
	}
}

// removeDepartment deletes a department, or switches it off where a status can say so.
func (t *planner) removeDepartment(d orgmodel.Department, e entry, p proof) {
	if !t.org.HasDepartment(d.ID) && e.title != "" {
		t.titles[d.ID] = e.title
	}
	action := Delete
	if !t.traits.DeletesLeavers {
		d.SetStatus(orgmodel.StatusDisabled)
		if _, err := t.maker.target.Department(d); err != nil {
			t.cannotRemove(orgmodel.EntityDepartment, d.ID, because(RemarkCannotDisable, "cannot be disabled: "+err.Error(), remarkOf(err)))
			t.occupied[e.parent] = true
			return
		}
		action = Disable
	}
	t.add(stepRemoveDepartments, d.ID, OpRemoveDepartments, action, p.reason, detail{parent: e.parent, unsettled: !p.settled})
}

// childrenFirst orders departments by their depth in what the target holds.
func childrenFirst(ids []string, held map[string]entry) []string {
	depths := map[string]int{}
	depth := func(id string) int {
		var chain []string
		for at := id; ; at = held[at].parent {
			if _, known := depths[at]; known || at == "" || len(chain) > len(held) {
				break
			}
			depths[at] = 0 // a cycle ends here
			chain = append(chain, at)
		}
		for _, at := range slices.Backward(chain) {
			depths[at] = depths[held[at].parent] + 1
		}
		return depths[id]
	}
	slices.Sort(ids)
	for _, id := range ids {
		depth(id)
	}
	slices.SortStableFunc(ids, func(a, b string) int { return depths[b] - depths[a] })
	return ids
}
