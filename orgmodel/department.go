package orgmodel

import (
	"fmt"
	"maps"
	"slices"
	"strings"
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

// SetName makes the name known, cleaned as the texts of a [Person] are. An asterisk
// does not count as a mask here: names of departments have them, and no vendor
// masks those names.
func (d *Department) SetName(name string) {
	if name, ok := cleanLabel(name); ok {
		d.Name, d.Known = name, d.Known.With(DepartmentName)
	}
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

// SetAttribute makes one attribute known; "" clears it, and a text that is not a
// value leaves d as it is.
func (d *Department) SetAttribute(key, value string) {
	if value, ok := cleanLabel(value); ok {
		d.Attributes = mergeAttributes(d.Attributes, map[string]string{key: value})
	}
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
	if d.ID != e.ID || d.Known != e.Known || !maps.Equal(d.Attributes, e.Attributes) {
		return false
	}
	for f := range d.Known.All() {
		if !same(d.ref(f), e.ref(f)) {
			return false
		}
	}
	return true
}

// Merge returns d with everything that update knows; see [Person.Merge].
func (d Department) Merge(update Department) (Department, error) {
	if d.ID != update.ID {
		return Department{}, fmt.Errorf("%w: department %q and %q", ErrIDMismatch, d.ID, update.ID)
	}
	merged, update := d.normalized(), update.normalized()
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

// detached returns d with texts of its own. Its lists must not be shared.
func (d Department) detached() Department {
	for _, text := range []*string{&d.ID, &d.ParentID, &d.Name} {
		*text = strings.Clone(*text)
	}
	for i, id := range d.ManagerIDs {
		d.ManagerIDs[i] = strings.Clone(id)
	}
	attributes := maps.Clone(d.Attributes)
	clear(d.Attributes)
	for key, value := range attributes {
		d.Attributes[strings.Clone(key)] = strings.Clone(value)
	}
	return d
}

func (d Department) knownStatus() Status {
	if d.Known.Has(DepartmentStatus) {
		return d.Status
	}
	return StatusUnknown
}

func (d Department) summary() string {
	return summary(EntityDepartment, d.ID, d.knownStatus(), d.Known.String())
}

// normalized returns a deep copy in which unknown fields are zero, texts are clean
// and those that are not values are unknown.
func (d Department) normalized() Department {
	n := Department{ID: d.ID, Known: d.Known}
	for f := range d.Known.Without(DepartmentName).All() {
		assign(n.ref(f), d.ref(f))
	}
	if d.Known.Has(DepartmentName) {
		n.Known = n.Known.Without(DepartmentName)
		n.SetName(d.Name)
	}
	for key, value := range d.Attributes {
		n.SetAttribute(key, value)
	}
	return n
}
