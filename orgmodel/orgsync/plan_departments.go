package orgsync

import (
	"maps"
	"slices"

	"github.com/orgbridge/orgbridge/orgmodel"
)

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
