package orgmodel

import (
	"errors"
	"fmt"
	"maps"
	"slices"
)

// ErrIDMismatch says that two records with different ids were to be merged.
var ErrIDMismatch = errors.New("orgmodel: records have different ids")

// Person is one member of an organisation, as far as the record knows.
//
// Values are plain. Known says which of them mean something: a field in Known is
// known (and cleared, if its value is zero); any other field is unknown whatever
// its value, is never pushed and never changes anything. The Set methods write
// value and mark together.
type Person struct {
	// ID is the source's own immutable id and the only key. Never empty in a
	// [Directory], never changed by [Person.Merge].
	ID string

	EmployeeNo string
	Name       string
	Gender     Gender
	Status     Status
	Mobile     string
	Email      string
	Position   string // job title
	Birthday   Date
	JoinDate   Date // first day in the company

	// DepartmentIDs are ordered, the primary department first. The others count only
	// if PersonSideDepartments is known; then they are all there are.
	DepartmentIDs []string
	ManagerIDs    []string // ids of the people this person reports to

	// Attributes is the rest, under names of the source's choosing. A present
	// key is known, with an empty value cleared; an absent key is unknown.
	Attributes map[string]string

	// Known is the set of fields above that mean something.
	Known FieldSet[PersonField]
}

// ref returns a pointer to the field's value. It is the one place that ties a
// field to its storage; comparing, merging and encoding are built on it.
func (p *Person) ref(f PersonField) any {
	switch f {
	case PersonEmployeeNo:
		return &p.EmployeeNo
	case PersonName:
		return &p.Name
	case PersonGender:
		return &p.Gender
	case PersonStatus:
		return &p.Status
	case PersonMobile:
		return &p.Mobile
	case PersonEmail:
		return &p.Email
	case PersonPosition:
		return &p.Position
	case PersonBirthday:
		return &p.Birthday
	case PersonJoinDate:
		return &p.JoinDate
	case PersonDepartments:
		return &p.DepartmentIDs
	case PersonSideDepartments:
		return &sidesMark{}
	default:
		return &p.ManagerIDs
	}
}

// Cleared returns the known fields whose value is zero: those the source says
// are empty.
func (p Person) Cleared() FieldSet[PersonField] {
	var cleared FieldSet[PersonField]
	for f := range p.known().All() {
		if p.isZero(f) {
			cleared = cleared.With(f)
		}
	}
	return cleared
}

// Equal reports whether p and q have the same id, know the same fields and
// attributes, and agree on them. Values of unknown fields do not matter.
func (p Person) Equal(q Person) bool {
	if p.ID != q.ID || p.known() != q.known() || !maps.Equal(p.Attributes, q.Attributes) {
		return false
	}
	for f := range p.known().All() {
		if !p.agrees(f, &q) {
			return false
		}
	}
	return true
}

// Merge returns p with everything that update knows: its known fields and attributes win, those
// unknown to it stay as they are. Values that the setters would not take count as unknown in
// either. If the ids differ, one person's data would end up on another's record: that is
// [ErrIDMismatch].
func (p Person) Merge(update Person) (Person, error) {
	if p.ID != update.ID {
		return Person{}, fmt.Errorf("%w: person %q and %q", ErrIDMismatch, p.ID, update.ID)
	}
	merged, update := p.normalized(), update.normalized()
	rest := update.Known.Without(PersonDepartments, PersonSideDepartments)
	for f := range rest.All() {
		assign(merged.ref(f), update.ref(f))
	}
	merged.Known = merged.Known.Union(rest)
	merged.takeDepartments(&update)
	merged.Attributes = mergeAttributes(merged.Attributes, update.Attributes)
	return merged, nil
}

// Refuse returns the [*ConversionError] with which an adapter declines p because
// of one field. The reason must not contain the value.
func (p Person) Refuse(field PersonField, reason string) error {
	return &ConversionError{Entity: EntityPerson, ID: p.ID, Field: field.String(), Reason: reason}
}

func (p Person) summary() string {
	return summary(EntityPerson, p.ID, p.knownStatus(), p.known().String())
}

func (p Person) knownStatus() Status {
	if p.Known.Has(PersonStatus) {
		return p.Status
	}
	return StatusUnknown
}

// outOfService reports whether p is known not to be active.
func (p Person) outOfService() bool {
	status := p.knownStatus()
	return status.isOne() && status != StatusActive
}

// known is Known without a claim about side departments if the departments are
// unknown.
func (p *Person) known() FieldSet[PersonField] {
	if !p.Known.Has(PersonDepartments) {
		return p.Known.Without(PersonSideDepartments)
	}
	return p.Known
}

// agrees reports whether p and q have the same value of a field.
func (p *Person) agrees(f PersonField, q *Person) bool {
	switch f {
	case PersonDepartments:
		return slices.Equal(p.mainDepartment(), q.mainDepartment())
	case PersonSideDepartments:
		return slices.Equal(p.sideDepartments(), q.sideDepartments())
	}
	return same(p.ref(f), q.ref(f))
}

// isZero reports whether the value of a field is zero, known or not.
func (p *Person) isZero(f PersonField) bool {
	switch f {
	case PersonEmployeeNo:
		return p.EmployeeNo == ""
	case PersonName:
		return p.Name == ""
	case PersonGender:
		return p.Gender == GenderUnknown
	case PersonStatus:
		return p.Status == StatusUnknown
	case PersonMobile:
		return p.Mobile == ""
	case PersonEmail:
		return p.Email == ""
	case PersonPosition:
		return p.Position == ""
	case PersonBirthday:
		return p.Birthday.IsZero()
	case PersonJoinDate:
		return p.JoinDate.IsZero()
	case PersonDepartments:
		return len(p.DepartmentIDs) == 0
	case PersonSideDepartments:
		return len(p.DepartmentIDs) <= 1
	}
	return len(p.ManagerIDs) == 0
}
