package orgmodel

import (
	"encoding/json"
	"fmt"
	"iter"
	"strings"
)

// PersonField names one field of a [Person] that can be known, cleared or
// unknown. The id is no such field: it is always there. Attributes carry their
// own knowledge, key by key.
type PersonField uint8

// The fields of a [Person].
const (
	PersonEmployeeNo PersonField = iota + 1
	PersonName
	PersonGender
	PersonStatus
	PersonMobile
	PersonEmail
	PersonPosition
	PersonBirthday
	PersonJoinDate
	PersonDepartments // the main department
	// PersonSideDepartments says that DepartmentIDs holds all other departments too.
	// It means nothing without PersonDepartments.
	PersonSideDepartments
	PersonManagers
)

// String returns the field's name, which is also its JSON key.
func (f PersonField) String() string {
	names := [...]string{
		PersonEmployeeNo: "employeeNo", PersonName: "name", PersonGender: "gender", PersonStatus: "status",
		PersonMobile: "mobile", PersonEmail: "email", PersonPosition: "position", PersonBirthday: "birthday",
		PersonJoinDate: "joinDate", PersonDepartments: "departmentIds",
		PersonSideDepartments: "sideDepartments", PersonManagers: "managerIds",
	}
	if !f.valid() {
		return fmt.Sprintf("PersonField(%d)", uint8(f))
	}
	return names[f]
}

func (f PersonField) valid() bool { return f >= PersonEmployeeNo && f <= PersonManagers }

// DepartmentField names one field of a [Department] that can be known, cleared
// or unknown.
type DepartmentField uint8

// The fields of a [Department].
const (
	DepartmentParent DepartmentField = iota + 1
	DepartmentName
	DepartmentStatus
	DepartmentOrder
	DepartmentManagers
)

// String returns the field's name, which is also its JSON key.
func (f DepartmentField) String() string {
	names := [...]string{
		DepartmentParent: "parentId", DepartmentName: "name", DepartmentStatus: "status",
		DepartmentOrder: "order", DepartmentManagers: "managerIds",
	}
	if !f.valid() {
		return fmt.Sprintf("DepartmentField(%d)", uint8(f))
	}
	return names[f]
}

func (f DepartmentField) valid() bool { return f >= DepartmentParent && f <= DepartmentManagers }

// Field is what a [FieldSet] can hold.
type Field interface {
	PersonField | DepartmentField
	String() string
	valid() bool
}

// FieldSet is a set of fields of one entity. Its zero value is empty, sets
// compare with ==, and every method returns a new set.
type FieldSet[F Field] struct{ bits uint32 }

// Fields returns the set of the given fields.
func Fields[F Field](fields ...F) FieldSet[F] { return FieldSet[F]{}.With(fields...) }

// AllFields returns the set of every field of an entity, for a source that
// knows them all: AllFields[PersonField]().
func AllFields[F Field]() FieldSet[F] {
	var s FieldSet[F]
	for f := F(1); f.valid(); f++ {
		s.bits |= 1 << f
	}
	return s
}

// Has reports whether f is in the set.
func (s FieldSet[F]) Has(f F) bool { return s.bits&(1<<f) != 0 }

// With returns the set with fields added. A value that is no field is ignored.
func (s FieldSet[F]) With(fields ...F) FieldSet[F] {
	for _, f := range fields {
		if f.valid() {
			s.bits |= 1 << f
		}
	}
	return s
}

// Without returns the set with fields removed.
func (s FieldSet[F]) Without(fields ...F) FieldSet[F] {
	for _, f := range fields {
		s.bits &^= 1 << f
	}
	return s
}

// Union returns the fields that are in s, in t or in both.
func (s FieldSet[F]) Union(t FieldSet[F]) FieldSet[F] { return FieldSet[F]{s.bits | t.bits} }

// Intersect returns the fields that are in both s and t.
func (s FieldSet[F]) Intersect(t FieldSet[F]) FieldSet[F] { return FieldSet[F]{s.bits & t.bits} }

// Minus returns the fields of s that are not in t.
func (s FieldSet[F]) Minus(t FieldSet[F]) FieldSet[F] { return FieldSet[F]{s.bits &^ t.bits} }

// IsEmpty reports whether the set has no field.
func (s FieldSet[F]) IsEmpty() bool { return s.bits == 0 }

// All yields the fields of the set in the order of their declaration.
func (s FieldSet[F]) All() iter.Seq[F] {
	return func(yield func(F) bool) {
		for f := F(1); f.valid(); f++ {
			if s.Has(f) && !yield(f) {
				return
			}
		}
	}
}

// Names returns the names of the fields in the order of their declaration.
func (s FieldSet[F]) Names() []string {
	names := []string{}
	for f := range s.All() {
		names = append(names, f.String())
	}
	return names
}

// String returns the names in brackets, such as "[name mobile]".
func (s FieldSet[F]) String() string { return "[" + strings.Join(s.Names(), " ") + "]" }

// MarshalJSON returns the names as a list.
func (s FieldSet[F]) MarshalJSON() ([]byte, error) { return json.Marshal(s.Names()) }
