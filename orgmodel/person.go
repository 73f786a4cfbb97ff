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

	DepartmentIDs []string // ordered, the primary department first
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
	default:
		return &p.ManagerIDs
	}
}

// PrimaryDepartmentID returns the first department id, or "" when there is none
// or the departments are unknown.
func (p Person) PrimaryDepartmentID() string {
	if !p.Known.Has(PersonDepartments) || len(p.DepartmentIDs) == 0 {
		return ""
	}
	return p.DepartmentIDs[0]
}

// Cleared returns the known fields whose value is zero: those the source says
// are empty.
func (p Person) Cleared() FieldSet[PersonField] {
	var none Person
	var cleared FieldSet[PersonField]
	for f := range p.Known.All() {
		if same(p.ref(f), none.ref(f)) {
			cleared = cleared.With(f)
		}
	}
	return cleared
}

// Equal reports whether p and q have the same id, know the same fields and
// attributes, and agree on them. Values of unknown fields do not matter.
func (p Person) Equal(q Person) bool {
	return p.ID == q.ID && p.Known == q.Known && p.changedFrom(q).IsEmpty() && maps.Equal(p.Attributes, q.Attributes)
}

// Merge returns p with everything that update knows: its known fields and
// attributes win, those unknown to it stay as they are. Masked values in either
// count as unknown. The ids must be equal, otherwise one person's data would end
// up on another's record: [ErrIDMismatch].
func (p Person) Merge(update Person) (Person, error) {
	if p.ID != update.ID {
		return Person{}, fmt.Errorf("%w: person %q and %q", ErrIDMismatch, p.ID, update.ID)
	}
	merged, update := p.normalized(), update.normalized()
	for f := range update.Known.All() {
		assign(merged.ref(f), update.ref(f))
	}
	merged.Known = merged.Known.Union(update.Known)
	merged.Attributes = mergeAttributes(merged.Attributes, update.Attributes)
	return merged, nil
}

// Clone returns a copy that shares no memory with p.
func (p Person) Clone() Person {
	p.DepartmentIDs = slices.Clone(p.DepartmentIDs)
	p.ManagerIDs = slices.Clone(p.ManagerIDs)
	p.Attributes = maps.Clone(p.Attributes)
	return p
}

// Refuse returns the [*ConversionError] with which an adapter declines p because
// of one field. The reason must not contain the value.
func (p Person) Refuse(field PersonField, reason string) error {
	return &ConversionError{Entity: EntityPerson, ID: p.ID, Field: field.String(), Reason: reason}
}

func (p Person) key() string                        { return p.ID }
func (p Person) attributes() map[string]string      { return p.Attributes }
func (p Person) statusField() FieldSet[PersonField] { return Fields(PersonStatus) }

func (p Person) summary() string {
	return summary(EntityPerson, p.ID, p.knownStatus(), p.Known.String())
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

// changedFrom returns the fields known to p that q does not know or has differently.
func (p Person) changedFrom(q Person) FieldSet[PersonField] {
	var changed FieldSet[PersonField]
	for f := range p.Known.All() {
		if !q.Known.Has(f) || !same(p.ref(f), q.ref(f)) {
			changed = changed.With(f)
		}
	}
	return changed
}

// restored returns p with fields as they are in from, known or not.
func (p Person) restored(fields FieldSet[PersonField], attributes []string, from Person) Person {
	for f := range fields.All() {
		assign(p.ref(f), from.ref(f))
	}
	p.Known = p.Known.Minus(fields).Union(from.Known.Intersect(fields))
	p.Attributes = restoreAttributes(p.Attributes, attributes, from.Attributes)
	return p.normalized()
}

// normalized returns a deep copy in which unknown fields are zero and masked
// texts are unknown.
func (p Person) normalized() Person {
	n := Person{ID: p.ID}
	for f := range p.Known.All() {
		if text, ok := p.ref(f).(*string); ok && Masked(*text) {
			continue
		}
		assign(n.ref(f), p.ref(f))
		n.Known = n.Known.With(f)
	}
	n.Attributes = maps.Clone(p.Attributes)
	maps.DeleteFunc(n.Attributes, func(_, value string) bool { return Masked(value) })
	return n
}
