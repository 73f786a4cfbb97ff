package orgsync

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"
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
	people []int // by action, as in actionCodes
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

// mostDepartments is how many departments the text lists for a target.
const mostDepartments = 10

// writeDepartments says where most has changed, in words that people know.
func writeDepartments(line func(string, ...any), departments []DepartmentChanges, titles map[string]string) {
	for _, d := range departments[:min(mostDepartments, len(departments))] {
		var parts []string
		if d.Itself != "" {
			parts = append(parts, "the department itself "+string(d.Itself))
		}
		for _, action := range []Action{Create, Update, Move, Reactivate, Disable, Delete} {
			if n := d.People[action]; n > 0 {
				parts = append(parts, fmt.Sprintf("%d %s", n, action))
			}
		}
		line("  %s: %s", titles[d.ID], strings.Join(parts, ", "))
	}
	if more := len(departments) - mostDepartments; more > 0 {
		line("  and %d more departments", more)
	}
}

// titles names the departments that the text lists, for people: by the id alone if the
// name could be, or hold, a person's.
func (r *Report) titles() map[string]string {
	titles, within := map[string]string{}, map[string][]string{} // texts within names -> ids
	for _, t := range r.Targets {
		for _, c := range t.Departments[:min(mostDepartments, len(t.Departments))] {
			d, there := r.org.Department(c.ID)
			switch {
			case titles[c.ID] != "":
			case c.ID == "":
				titles[c.ID] = "without a department"
			case !there || d.Name == "":
				titles[c.ID] = "department " + c.ID
			default:
				titles[c.ID] = d.Name + " (" + c.ID + ")"
				for from := range d.Name {
					for to := from + 1; to <= len(d.Name); to++ {
						if to == len(d.Name) || utf8.RuneStart(d.Name[to]) {
							within[d.Name[from:to]] = append(within[d.Name[from:to]], c.ID)
						}
					}
				}
			}
		}
	}
	if len(within) == 0 {
		return titles
	}
	for p := range r.org.People() {
		for _, id := range within[p.Name] {
			titles[id] = "department " + id
		}
	}
	return titles
}
