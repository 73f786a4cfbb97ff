package orgmodel

import "slices"

const reasonRequired = "is required, but unknown or empty"

// outgoing makes p tidy, or says why it cannot be sent: it has no id, or a field that
// is marked as known holds no usable value. The lists stay shared with the caller's.
func outgoing(p *Person) error {
	p.tidy()
	p.DepartmentIDs = eachOnce(p.DepartmentIDs)
	if blank(p.ID) {
		return noID(EntityPerson, "id")
	}
	if p.Status == StatusUnknown {
		p.Known = p.Known.Without(PersonStatus)
	}
	switch {
	case p.Gender > GenderFemale:
		return p.Refuse(PersonGender, "is no gender")
	case p.Known.Has(PersonStatus) && !p.Status.isOne():
		return p.Refuse(PersonStatus, "is no status")
	case slices.ContainsFunc(p.DepartmentIDs, blank):
		return p.Refuse(PersonDepartments, "has an empty id")
	}
	return checkDates(p)
}

// require refuses an outgoing person who lacks one of the fields.
func require(p *Person, fields ...PersonField) error {
	for _, f := range fields {
		if !p.Known.Has(f) || p.isZero(f) {
			return p.Refuse(f, reasonRequired)
		}
	}
	return nil
}

func checkDates(p *Person) error {
	const reason = "is not a day of the calendar"
	switch {
	case !p.Birthday.IsZero() && !p.Birthday.IsValid():
		return p.Refuse(PersonBirthday, reason)
	case !p.JoinDate.IsZero() && !p.JoinDate.IsValid():
		return p.Refuse(PersonJoinDate, reason)
	}
	return nil
}

// outgoingDepartment does the same for a department. The parent is required
// everywhere: a department sent without one becomes a root.
func outgoingDepartment(d Department) (Department, error) {
	d = d.normalized()
	if blank(d.ID) {
		return d, noID(EntityDepartment, "id")
	}
	if d.Status == StatusUnknown {
		d.Forget(DepartmentStatus)
	}
	switch {
	case !d.Known.Has(DepartmentParent):
		return d, d.Refuse(DepartmentParent, "is unknown, and without one it would become a root")
	case blank(d.Name):
		return d, d.Refuse(DepartmentName, reasonRequired)
	case d.Known.Has(DepartmentStatus) && d.Status != StatusActive && d.Status != StatusDisabled:
		return d, d.Refuse(DepartmentStatus, "is neither active nor disabled")
	}
	return d, nil
}

func noID(entity Entity, field string) *ConversionError {
	return &ConversionError{Entity: entity, Field: field, Reason: "is empty"}
}

// codes pairs the values of an enum with a vendor's. Where a side occurs twice,
// its first pair counts.
type codes[E Gender | Status, V comparable] []pair[E, V]

type pair[E Gender | Status, V comparable] struct {
	model  E
	vendor V
}

func (c codes[E, V]) vendor(model E) (V, bool) {
	for _, p := range c {
		if p.model == model {
			return p.vendor, true
		}
	}
	var none V
	return none, false
}

func (c codes[E, V]) model(vendor V) (E, bool) {
	for _, p := range c {
		if p.vendor == vendor {
			return p.model, true
		}
	}
	var none E
	return none, false
}

// ifKnown returns the optional field of a vendor, set by the vendor's Set if the
// value is known and absent otherwise.
func ifKnown[V, O any](known bool, value V, set func(V) O) O {
	if known {
		return set(value)
	}
	var absent O
	return absent
}

// read hands on the value of a vendor's optional field if it is set.
func read[V any](field interface{ Get() (V, bool) }, set func(V)) {
	if value, ok := field.Get(); ok {
		set(value)
	}
}

// given hands on a text of a vendor that has no way to say "cleared": an empty
// one says nothing.
func given(text string, set func(string)) {
	if !blank(text) {
		set(text)
	}
}
