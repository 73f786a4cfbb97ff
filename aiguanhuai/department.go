package aiguanhuai

import (
	"fmt"
	"log/slog"

	"github.com/orgbridge/orgbridge/internal/redact"
)

// Department is a department record of /v3/oms/add and /v3/oms/update (数据为部门时).
// It prints as id and status.
type Department struct {
	DepartmentID   string `json:"departmentId"`   // required; the caller's own id
	DepartmentName string `json:"departmentName"` // required
	// Status is StatusActive or StatusDisabled. Required, see [Status].
	Status Status `json:"status"`
	// ParentID is the parent's DepartmentID. Leave it out for the root.
	ParentID Opt[string] `json:"parentId,omitzero"`
}

func (*Department) kind() string       { return "department" }
func (d *Department) id() string       { return d.DepartmentID }
func (*Department) idField() string    { return "departmentId" }
func (d *Department) parentID() string { return d.ParentID.Or("") }

func (d *Department) check() (field, reason string) {
	field, reason = checkTexts(
		text{"departmentId", d.DepartmentID, true},
		text{"departmentName", d.DepartmentName, true},
		text{"parentId", d.ParentID.Or(""), false},
	)
	switch {
	case field != "":
		return field, reason
	case d.parentID() == d.DepartmentID:
		return "parentId", "is the department itself"
	}
	return d.Status.check(StatusActive, StatusDisabled)
}

// LogValue lists id and status.
func (d Department) LogValue() slog.Value {
	return slog.GroupValue(slog.String("departmentId", d.DepartmentID), slog.String("status", d.Status.String()))
}

// Format prints what LogValue lists, whatever the verb.
func (d Department) Format(f fmt.State, _ rune) {
	redact.Format(f, "aiguanhuai.Department", d.LogValue())
}
