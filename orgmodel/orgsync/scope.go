package orgsync

import (
	"slices"

	"github.com/orgbridge/orgbridge/orgmodel"
)

// Scope limits what is pushed to a part of the organisation. The zero Scope is all
// of it. Everything is still read, so that people outside are known to exist:
// falling out of scope is never taken for leaving.
type Scope struct {
	// Departments are the ids of departments that are pushed with everything below
	// them. The departments above them are pushed without their people, because a
	// tree must hang together. None means all. People are in scope with any of
	// their departments, and are pushed with just those. People whose departments
	// are not known are neither pushed nor removed. A report notes departments that
	// are not there.
	Departments []string
	// RemoveOutside removes people and departments that were pushed once and are
	// outside now, within the limits of the guard. Otherwise they stay as they are,
	// until they leave the source.
	RemoveOutside bool
}

// area is a scope applied to one snapshot.
type area struct {
	all         bool
	departments map[string]bool // pushed
	staffed     map[string]bool // pushed with their people
}

func (s Scope) in(org *orgmodel.Directory) area {
	a := area{all: len(s.Departments) == 0, departments: map[string]bool{}, staffed: map[string]bool{}}
	for _, top := range s.Departments {
		for _, above := range org.Ancestors(top) {
			a.departments[above.ID] = true
		}
		below := []string{top}
		for len(below) > 0 {
			id := below[0]
			below = below[1:]
			if a.staffed[id] {
				continue // scopes that overlap, or a cycle
			}
			a.departments[id], a.staffed[id] = true, true
			for _, child := range org.Children(id) {
				below = append(below, child.ID)
			}
		}
	}
	return a
}

// lacking returns the departments that the scope names and the organisation lacks.
func (s Scope) lacking(org *orgmodel.Directory) []string {
	return slices.DeleteFunc(slices.Clone(s.Departments), org.HasDepartment)
}

func (a area) hasDepartment(id string) bool { return a.all || a.departments[id] }

// person returns p with the departments that are in scope, and whether there are any.
func (a area) person(p orgmodel.Person) (orgmodel.Person, bool) {
	if a.all {
		return p, true
	}
	var inside []string
	for _, id := range p.DepartmentIDs {
		if a.staffed[id] {
			inside = append(inside, id)
		}
	}
	if len(inside) == 0 {
		return p, false
	}
	if len(inside) < len(p.DepartmentIDs) {
		p.DepartmentIDs = inside // and no more is known of side departments than before
	}
	return p, true
}

// text describes the scope for the fingerprint. RemoveOutside is part of it, so
// that switching it on needs an approval.
func (s Scope) text() []string {
	if len(s.Departments) == 0 {
		return nil
	}
	text := slices.Sorted(slices.Values(s.Departments))
	if s.RemoveOutside {
		text = append(text, "", "remove outside")
	}
	return slices.Compact(text)
}
