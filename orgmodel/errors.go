package orgmodel

import "fmt"

// Entity says which of the two kinds of record something is about.
type Entity string

// The entities.
const (
	EntityDepartment Entity = "department"
	EntityPerson     Entity = "person"
)

// ConversionError says that one record cannot be turned into or from a vendor's
// form. It names the record and the field and never holds a value: Reason is a
// fixed sentence of the adapter.
//
// A pull that yields one goes on ([Builder]): the record is quarantined, which
// means unknown and not absent.
type ConversionError struct {
	Entity Entity
	ID     string // "" when the record has none
	Field  string // as in PersonField.String, or a vendor's own name
	Reason string
}

// Error names record, field and reason.
func (e *ConversionError) Error() string {
	text := fmt.Sprintf("orgmodel: %s %q", e.Entity, e.ID)
	if e.Field != "" {
		text += ": " + e.Field
	}
	return text + ": " + e.Reason
}
