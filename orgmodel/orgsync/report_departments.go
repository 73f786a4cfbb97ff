package orgsync

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

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
