package orgmodel

import (
	"fmt"
	"maps"
	"slices"
)

// Department is one node of the organisation's tree, as far as the record knows.
// Known works as it does in [Person].
type Department struct {
	// ID is the source's own immutable id and the only key. Never empty in a
	// [Directory], never changed by [Department.Merge].
	ID string

	ParentID   string // "" is the root
	Name       string
	Status     Status // StatusActive or StatusDisabled
	Order      int    // serial number among siblings, smallest first
	ManagerIDs []string

	// Attributes is the rest, as in [Person].
	Attributes map[string]string

	// Known is the set of fields above that mean something.
	Known FieldSet[DepartmentField]
}

// ref returns a pointer to the field's value, as in [Person].
func (d *Department) ref(f DepartmentField) any {
	switch f {
	case DepartmentParent:
		return &d.ParentID
	case DepartmentName:
		return &d.Name
	case DepartmentStatus:
		return &d.Status
	case DepartmentOrder:
		return &d.Order
	default:
		return &d.ManagerIDs
	}
}

// IsRoot reports whether the department is known to have no parent.
func (d Department) IsRoot() bool { return d.Known.Has(DepartmentParent) && d.ParentID == "" }

// SetParentID makes the parent known; "" makes the department a root.
func (d *Department) SetParentID(id string) {
	d.ParentID, d.Known = id, d.Known.With(DepartmentParent)
}

// SetName makes the name known. An asterisk is no mask here: departments are
// named with it, and no vendor masks them.
func (d *Department) SetName(name string) {
	d.Name, d.Known = name, d.Known.With(DepartmentName)
}

// SetStatus makes the status known; StatusUnknown makes it unknown.
func (d *Department) SetStatus(status Status) {
	d.Status, d.Known = status, d.Known.With(DepartmentStatus)
	if status == StatusUnknown {
		d.Known = d.Known.Without(DepartmentStatus)
	}
}

// SetOrder makes the serial number among siblings known. Zero is a number like
// any other.
func (d *Department) SetOrder(order int) {
	d.Order, d.Known = order, d.Known.With(DepartmentOrder)
}

// SetManagerIDs makes the heads of the department known; no ids clear them. A
// head may belong to another department.
func (d *Department) SetManagerIDs(ids ...string) {
	d.ManagerIDs, d.Known = slices.Clone(ids), d.Known.With(DepartmentManagers)
}

// SetAttribute makes one attribute known; "" clears it.
func (d *Department) SetAttribute(key, value string) {
	d.Attributes = mergeAttributes(d.Attributes, map[string]string{key: value})
}

// Forget makes fields unknown and drops their values.
func (d *Department) Forget(fields ...DepartmentField) {
	var none Department
	for f := range Fields(fields...).All() {
		assign(d.ref(f), none.ref(f))
	}
	d.Known = d.Known.Without(fields...)
}

// Cleared returns the known fields whose value is empty. Neither the parent of a
// root nor the serial number 0 is an absence, so those two are never in it.
func (d Department) Cleared() FieldSet[DepartmentField] {
	var none Department
	var cleared FieldSet[DepartmentField]
	for f := range d.Known.Without(DepartmentParent, DepartmentOrder).All() {
		if same(d.ref(f), none.ref(f)) {
			cleared = cleared.With(f)
		}
	}
	return cleared
}

// Equal reports whether d and e have the same id, know the same fields and
// attributes, and agree on them. Values of unknown fields do not matter.
func (d Department) Equal(e Department) bool {
	return d.ID == e.ID && d.Known == e.Known && d.changedFrom(e).IsEmpty() && maps.Equal(d.Attributes, e.Attributes)
}

// Merge returns d with everything that update knows; see [Person.Merge].
func (d Department) Merge(update Department) (Department, error) {
	if d.ID != update.ID {
		return Department{}, fmt.Errorf("%w: department %q and %q", ErrIDMismatch, d.ID, update.ID)
	}
	merged := d.normalized()
	for f := range update.Known.All() {
		assign(merged.ref(f), update.ref(f))
	}
	merged.Known = merged.Known.Union(update.Known)
	merged.Attributes = mergeAttributes(merged.Attributes, update.Attributes)
	return merged, nil
}

// Clone returns a copy that shares no memory with d.
func (d Department) Clone() Department {
	d.ManagerIDs = slices.Clone(d.ManagerIDs)
	d.Attributes = maps.Clone(d.Attributes)
	return d
}

// Refuse returns the [*ConversionError] with which an adapter declines d because
// of one field. The reason must not contain the value.
func (d Department) Refuse(field DepartmentField, reason string) error {
	return &ConversionError{Entity: EntityDepartment, ID: d.ID, Field: field.String(), Reason: reason}
}

func (d Department) key() string                            { return d.ID }
func (d Department) attributes() map[string]string          { return d.Attributes }
func (d Department) statusField() FieldSet[DepartmentField] { return Fields(DepartmentStatus) }

func (d Department) knownStatus() Status {
	if d.Known.Has(DepartmentStatus) {
		return d.Status
	}
	return StatusUnknown
}

func (d Department) summary() string {
	return summary(EntityDepartment, d.ID, d.knownStatus(), d.Known.String())
}

// changedFrom returns the fields known to d that e does not know or has differently.
func (d Department) changedFrom(e Department) FieldSet[DepartmentField] {
	var changed FieldSet[DepartmentField]
	for f := range d.Known.All() {
		if !e.Known.Has(f) || !same(d.ref(f), e.ref(f)) {
			changed = changed.With(f)
		}
	}
	return changed
}

// restored returns d with fields as they are in from, known or not.
func (d Department) restored(fields FieldSet[DepartmentField], attributes []string, from Department) Department {
	for f := range fields.All() {
		assign(d.ref(f), from.ref(f))
	}
	d.Known = d.Known.Minus(fields).Union(from.Known.Intersect(fields))
	d.Attributes = restoreAttributes(d.Attributes, attributes, from.Attributes)
	return d
}

// normalized returns a deep copy in which unknown fields are zero.
func (d Department) normalized() Department {
	n := Department{ID: d.ID, Known: d.Known, Attributes: maps.Clone(d.Attributes)}
	for f := range d.Known.All() {
		assign(n.ref(f), d.ref(f))
	}
	return n
}
