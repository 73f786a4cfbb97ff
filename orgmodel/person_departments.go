package orgmodel

import "slices"

// SetDepartmentIDs makes all departments known, the primary one first; no ids say
// that there is none.
func (p *Person) SetDepartmentIDs(ids ...string) {
	p.DepartmentIDs, p.Known = slices.Clone(ids), p.Known.With(PersonDepartments, PersonSideDepartments)
}

// SetMainDepartmentID makes the primary department known, and the others unknown:
// the source says nothing of them. "" says that there is no primary department.
func (p *Person) SetMainDepartmentID(id string) {
	p.DepartmentIDs = nil
	if id != "" {
		p.DepartmentIDs = []string{id}
	}
	p.Known = p.Known.With(PersonDepartments).Without(PersonSideDepartments)
}

// PrimaryDepartmentID returns the first department id, or "" when there is none
// or the departments are unknown.
func (p Person) PrimaryDepartmentID() string {
	if !p.Known.Has(PersonDepartments) || len(p.DepartmentIDs) == 0 {
		return ""
	}
	return p.DepartmentIDs[0]
}

// mainDepartment returns the primary department as a list of one or none.
func (p *Person) mainDepartment() []string { return p.DepartmentIDs[:min(1, len(p.DepartmentIDs))] }

// sideDepartments returns the others.
func (p *Person) sideDepartments() []string { return p.DepartmentIDs[min(1, len(p.DepartmentIDs)):] }

// knownDepartments returns the ids that are known.
func (p *Person) knownDepartments() []string {
	switch {
	case !p.Known.Has(PersonDepartments):
		return nil
	case !p.Known.Has(PersonSideDepartments):
		return p.mainDepartment()
	}
	return p.DepartmentIDs
}

// eachOnce returns the ids without those that come again: a side department that is the main
// one, or another side one, is no further place. If any does, the list is a new one.
func eachOnce(ids []string) []string {
	again := false
	for i, id := range ids {
		again = again || slices.Contains(ids[:i], id)
	}
	if !again {
		return ids
	}
	once := make([]string, 0, len(ids))
	for _, id := range ids {
		if !slices.Contains(once, id) {
			once = append(once, id)
		}
	}
	return once
}

// takeDepartments lays over p what update knows of departments. Without a primary
// department there is no place for others, so p's own become unknown then.
func (p *Person) takeDepartments(update *Person) {
	if !update.Known.Has(PersonDepartments) {
		return
	}
	main, sides := update.mainDepartment(), update.sideDepartments()
	known := Fields(PersonDepartments, PersonSideDepartments).Intersect(update.Known)
	if !update.Known.Has(PersonSideDepartments) && p.Known.Has(PersonSideDepartments) {
		sides = slices.DeleteFunc(slices.Clone(p.sideDepartments()), func(id string) bool { return slices.Contains(main, id) })
		if len(main) > 0 || len(sides) == 0 {
			known = known.With(PersonSideDepartments)
		} else {
			sides = nil
		}
	}
	p.DepartmentIDs = append(slices.Clone(main), sides...)
	p.Known = p.Known.Without(PersonDepartments, PersonSideDepartments).Union(known)
}

// sidesMark is the value of PersonSideDepartments, whose ids are in DepartmentIDs.
// In JSON it is true, or not there.
type sidesMark struct{}

func (sidesMark) MarshalJSON() ([]byte, error) { return []byte("true"), nil }

func (*sidesMark) UnmarshalJSON(data []byte) error {
	if string(data) != "true" {
		return errNotTrue
	}
	return nil
}
