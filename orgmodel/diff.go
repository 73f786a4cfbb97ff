package orgmodel

// Changes is what happened between two snapshots. Every list is ordered by id.
//
// From an incomplete snapshot it holds nothing that takes something away: no
// removal, no cleared field, no status other than active. Those are in Withheld.
type Changes struct {
	CreatedDepartments []Department
	ChangedDepartments []DepartmentChange
	CreatedPeople      []Person
	ChangedPeople      []PersonChange
	Withheld           []Withheld

	removedDepartments absence[Department]
	removedPeople      absence[Person]
}

// Change is one record that both snapshots have, with what is new about it. A
// status that changed, a return of somebody who had left among them, is a changed
// field like any other.
type Change[T Person | Department, F Field] struct {
	Before, After T
	Fields        FieldSet[F] // known after, and unknown or different before
	Attributes    []string    // likewise, the sorted keys
}

// DepartmentChange is a change of a department.
type DepartmentChange = Change[Department, DepartmentField]

// PersonChange is a change of a person.
type PersonChange = Change[Person, PersonField]

// ID returns the id of the record.
func (c Change[T, F]) ID() string { return any(c.Before).(interface{ key() string }).key() }

// Moved reports whether the parent of the department or the departments of the
// person changed.
func (c Change[T, F]) Moved() bool {
	switch fields := any(c.Fields).(type) {
	case FieldSet[DepartmentField]:
		return fields.Has(DepartmentParent)
	case FieldSet[PersonField]:
		return fields.Has(PersonDepartments)
	}
	return false
}

// Withheld names what an incomplete snapshot says and is not believed about: fields
// it clears, and a status other than active. Such a field of a changed record is in
// Change.After as it was before; a new record with such a status is not created.
type Withheld struct {
	Entity Entity
	ID     string
	Fields []string // field names, then attributes as "attributes.<key>"
}

// absence is what the old snapshot has and the new one does not, or why that
// cannot be told.
type absence[T any] struct {
	gone   []T
	unsure []Problem
}

// Diff compares two snapshots in O(n). A field unknown to the new one never counts
// as changed, one that it clears does. A nil old snapshot is an empty one.
func Diff(old, current *Directory) Changes {
	old, current = old.orEmpty(), current.orEmpty()
	var c Changes
	trusted := current.Complete()
	c.CreatedDepartments, c.ChangedDepartments = diffRecords[Department, DepartmentField](
		EntityDepartment, old.departments, old.departmentIndex, current.departments, trusted, &c.Withheld)
	c.CreatedPeople, c.ChangedPeople = diffRecords[Person, PersonField](
		EntityPerson, old.people, old.personIndex, current.people, trusted, &c.Withheld)

	c.removedDepartments = absent(EntityDepartment, old.departments, current.departmentIndex, current)
	c.removedPeople = absent(EntityPerson, old.people, current.personIndex, current)
	return c
}

// RemovedDepartments returns the departments that are gone. If the new snapshot is
// incomplete, or its departments were read incrementally, nobody can tell: the
// error is an [*IncompleteError] with the reasons.
func (c Changes) RemovedDepartments() ([]Department, error) { return c.removedDepartments.answer() }

// RemovedPeople returns the people who are gone, or why that cannot be told, as
// RemovedDepartments does. Somebody whose status says so is not gone but changed.
func (c Changes) RemovedPeople() ([]Person, error) { return c.removedPeople.answer() }

// IsEmpty reports whether nothing was created, changed, removed or withheld.
func (c Changes) IsEmpty() bool {
	return len(c.CreatedDepartments)+len(c.ChangedDepartments)+len(c.CreatedPeople)+len(c.ChangedPeople)+
		len(c.Withheld)+len(c.removedDepartments.gone)+len(c.removedPeople.gone) == 0
}

type diffable[T any, F Field] interface {
	Person | Department
	Clone() T
	Cleared() FieldSet[F]
	key() string
	attributes() map[string]string
	knownStatus() Status
	statusField() FieldSet[F]
	changedFrom(T) FieldSet[F]
	restored(FieldSet[F], []string, T) T
}

func diffRecords[T diffable[T, F], F Field](
	entity Entity, old []T, index map[string]int, current []T, trusted bool, withheld *[]Withheld,
) (created []T, changed []Change[T, F]) {
	for _, after := range current {
		var before T
		i, existed := index[after.key()]
		if existed {
			before = old[i]
		}
		fields := after.changedFrom(before)
		attributes := changedAttributes(before.attributes(), after.attributes())
		if !trusted {
			held := newHold(fields, attributes, after)
			if !held.isEmpty() {
				*withheld = append(*withheld, Withheld{Entity: entity, ID: after.key(), Fields: held.names()})
			}
			if !existed && held.inactive {
				continue
			}
			after = after.restored(held.fields, held.attributes, before)
			fields = fields.Minus(held.fields)
			attributes = changedAttributes(before.attributes(), after.attributes())
		}
		switch {
		case !existed:
			created = append(created, after.Clone())
		case !fields.IsEmpty() || len(attributes) > 0:
			changed = append(changed, Change[T, F]{Before: before.Clone(), After: after.Clone(), Fields: fields, Attributes: attributes})
		}
	}
	return created, changed
}

// hold is the part of a change that takes something away.
type hold[F Field] struct {
	fields     FieldSet[F]
	attributes []string
	inactive   bool
}

func newHold[T diffable[T, F], F Field](fields FieldSet[F], attributes []string, after T) hold[F] {
	taken := after.Cleared()
	status := after.knownStatus()
	inactive := status != StatusUnknown && status != StatusActive
	if inactive {
		taken = taken.Union(after.statusField())
	}
	h := hold[F]{fields: fields.Intersect(taken), inactive: inactive}
	for _, key := range attributes {
		if after.attributes()[key] == "" {
			h.attributes = append(h.attributes, key)
		}
	}
	return h
}

func (h hold[F]) isEmpty() bool { return h.fields.IsEmpty() && len(h.attributes) == 0 }

func (h hold[F]) names() []string {
	names := h.fields.Names()
	for _, key := range h.attributes {
		names = append(names, "attributes."+key)
	}
	return names
}

func absent[T interface {
	key() string
	Clone() T
}](entity Entity, old []T, index map[string]int, current *Directory) absence[T] {
	unsure := current.Incomplete()
	if current.IsIncremental(entity) {
		unsure = append(unsure, Problem{Kind: ErrIncremental, Entity: entity})
	}
	if len(unsure) > 0 {
		return absence[T]{unsure: unsure}
	}
	var gone []T
	for _, record := range old {
		if _, found := index[record.key()]; !found {
			gone = append(gone, record.Clone())
		}
	}
	return absence[T]{gone: gone}
}

func (a absence[T]) answer() ([]T, error) {
	if len(a.unsure) > 0 {
		return nil, &IncompleteError{Problems: a.unsure}
	}
	return a.gone, nil
}
