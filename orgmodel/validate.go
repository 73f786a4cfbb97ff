package orgmodel

import "slices"

// Validate reports every fault of the data at once, as a [*ValidationError], in an
// order that depends on the data alone; nil means that there is none. An unknown
// field is no fault, except where the tree cannot do without it: the parent of a
// department, and the departments of a person who still belongs to the organisation.
//
// A person known not to be in service (left, retired or disabled) may be in no
// department, or in one that was dissolved since: feeds keep such people and do
// not move them.
func (d *Directory) Validate() error {
	d = d.orEmpty()
	var problems []Problem
	for _, refused := range d.evidence.quarantined {
		if blank(refused.ID) {
			problems = append(problems, Problem{Kind: ErrEmptyID, Entity: refused.Entity})
		}
	}
	problems = append(problems, cloneProblems(d.evidence.duplicates)...)
	problems = append(problems, d.missingParents()...)
	problems = append(problems, d.treeProblems()...)
	problems = append(problems, d.missingDepartments()...)
	problems = append(problems, d.fieldProblems()...)
	if len(problems) == 0 {
		return nil
	}
	return &ValidationError{Problems: problems}
}

func (d *Directory) missingParents() []Problem {
	var problems []Problem
	for i := range d.departments {
		department := &d.departments[i]
		if department.Known.Has(DepartmentParent) && !department.IsRoot() && d.forest.parent[i] == none {
			problems = append(problems, departmentProblem(ErrMissingParent, department.ID, department.ParentID))
		}
	}
	return problems
}

func (d *Directory) missingDepartments() []Problem {
	var problems []Problem
	for _, person := range d.people.each() {
		if person.outOfService() {
			continue
		}
		for _, id := range person.DepartmentIDs {
			if _, found := d.departmentIndex[id]; !found {
				problems = append(problems, personProblem(ErrMissingDepartment, person.ID, id))
			}
		}
	}
	return problems
}

// treeProblems are those of the tree as a whole.
func (d *Directory) treeProblems() []Problem {
	var problems []Problem
	var roots []string
	for i := range d.departments {
		department := &d.departments[i]
		if department.IsRoot() {
			roots = append(roots, department.ID)
		}
		if !department.Known.Has(DepartmentParent) {
			problems = append(problems, departmentProblem(ErrUnknownParent, department.ID))
		}
	}
	for _, cycle := range d.forest.cycles() {
		problems = append(problems, departmentProblem(ErrCycle, d.cycleIDs(cycle)...))
	}
	switch {
	case len(roots) == 0:
		problems = append(problems, departmentProblem(ErrNoRoot))
	case len(roots) > 1:
		problems = append(problems, departmentProblem(ErrSeveralRoots, roots...))
	}
	return problems
}

// cycleIDs starts with the smallest id, so that a cycle looks the same however
// it was entered. Departments are sorted by id: the smallest index is it.
func (d *Directory) cycleIDs(cycle []int) []string {
	start := slices.Index(cycle, slices.Min(cycle))
	var ids []string
	for _, i := range slices.Concat(cycle[start:], cycle[:start]) {
		ids = append(ids, d.departments[i].ID)
	}
	return ids
}

// fieldProblems are those that one record shows by itself.
func (d *Directory) fieldProblems() []Problem {
	var problems []Problem
	for i := range d.departments {
		department := &d.departments[i]
		if department.Known.Has(DepartmentName) && blank(department.Name) {
			problems = append(problems, departmentProblem(ErrEmptyName, department.ID))
		}
		if department.Known.Has(DepartmentStatus) && !department.Status.isOne() {
			problems = append(problems, departmentProblem(ErrEmptyStatus, department.ID))
		}
	}
	for _, person := range d.people.each() {
		if len(person.DepartmentIDs) == 0 && !person.outOfService() {
			problems = append(problems, personProblem(ErrNoDepartment, person.ID))
		}
		if person.Known.Has(PersonName) && blank(person.Name) {
			problems = append(problems, personProblem(ErrEmptyName, person.ID))
		}
		if person.Known.Has(PersonStatus) && !person.Status.isOne() {
			problems = append(problems, personProblem(ErrEmptyStatus, person.ID))
		}
	}
	return problems
}

func departmentProblem(kind ProblemKind, ids ...string) Problem {
	return Problem{Kind: kind, Entity: EntityDepartment, IDs: ids}
}

func personProblem(kind ProblemKind, ids ...string) Problem {
	return Problem{Kind: kind, Entity: EntityPerson, IDs: ids}
}
