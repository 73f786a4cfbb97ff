package orgsync

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// DepartmentChanges counts what a target acknowledged of one department.
type DepartmentChanges struct {
	ID     string         `json:"id"`               // at the source; "" for people without one
	Itself Action         `json:"itself,omitempty"` // what became of the department
	People map[Action]int `json:"people,omitempty"` // whose main one it is, or was before they were removed
}

// counted is how much of a department was acknowledged.
type counted struct {
	id     string // if it is known
	itself Action
	people map[Action]int
}

// countDepartment notes that a change was acknowledged.
func (a *applier) countDepartment(s *sending) {
	action := a.actionOf(s.change)
	if s.op.isDepartment() {
		at := a.places.place(s.id)
		c := a.effects.changed[at]
		c.itself, c.id = action, s.id
		a.effects.changed[at] = c
		return
	}
	at := s.after.place
	if s.step.removes() || s.step == stepReleaseKeys {
		at = s.before.place
	}
	c := a.effects.changed[at]
	if c.people == nil {
		c.people = map[Action]int{}
	}
	c.people[action]++
	a.effects.changed[at] = c
}

// reportDepartments fills in what changed where, the departments with most changes first.
func (a *applier) reportDepartments() {
	for _, at := range slices.Sorted(maps.Keys(a.effects.changed)) {
		c := a.effects.changed[at]
		id := c.id
		if id == "" {
			id = a.places.department(at)
		}
		a.report.Departments = append(a.report.Departments, DepartmentChanges{ID: id, Itself: c.itself, People: c.people})
	}
	slices.SortFunc(a.report.Departments, func(x, y DepartmentChanges) int {
		return cmp.Or(y.Changes()-x.Changes(), strings.Compare(x.ID, y.ID))
	})
}

// Changes is how many people and departments this counts.
func (d DepartmentChanges) Changes() int {
	n := 0
	if d.Itself != "" {
		n = 1
	}
	for _, people := range d.People {
		n += people
	}
	return n
}

// writeDepartments says where most has changed, in words that people know.
func (r *Report) writeDepartments(line func(string, ...any), departments []DepartmentChanges) {
	const most = 10
	for _, d := range departments[:min(most, len(departments))] {
		var parts []string
		if d.Itself != "" {
			parts = append(parts, "the department itself "+string(d.Itself))
		}
		for _, action := range []Action{Create, Update, Move, Reactivate, Disable, Delete} {
			if n := d.People[action]; n > 0 {
				parts = append(parts, fmt.Sprintf("%d %s", n, action))
			}
		}
		line("  %s: %s", r.titleOf(d.ID), strings.Join(parts, ", "))
	}
	if more := len(departments) - most; more > 0 {
		line("  and %d more departments", more)
	}
}

// titleOf names a department for people, by its id alone if its name could be a person's.
func (r *Report) titleOf(id string) string {
	if id == "" {
		return "without a department"
	}
	d, there := r.org.Department(id)
	if !there || d.Name == "" {
		return "department " + id
	}
	for p := range r.org.People() {
		if p.Name != "" && strings.Contains(d.Name, p.Name) {
			return "department " + id
		}
	}
	return d.Name + " (" + id + ")"
}
