package aiguanhuai

import (
	"fmt"
	"log/slog"

	"github.com/orgbridge/orgbridge/internal/redact"
	"github.com/orgbridge/orgbridge/internal/wire"
)

// DefaultOrgSource is the orgSource (通讯录类型) of a person who names none: the
// page's table demands the fixed value 11, although its sample sends 1.
const DefaultOrgSource = 11

// Person is a person record of /v3/oms/add and /v3/oms/update (数据为人员时). It
// prints as id and status; marshalling it as JSON gives all of it.
type Person struct {
	UserID   string `json:"userId"`   // required; the caller's own id
	Account  string `json:"account"`  // required; unique as well
	RealName string `json:"realName"` // required

	Gender Opt[Gender] `json:"gender,omitzero"`
	Email  Opt[string] `json:"email,omitzero"`
	Mobile Opt[string] `json:"mobile,omitzero"`
	// Status is StatusActive, StatusDisabled or StatusRetired. Required, see [Status].
	Status Status `json:"status"`
	// DepartmentID lists the departments of the person. Set to none, the person
	// is shown under the root department (如果为空 则显示在根部门下).
	DepartmentID Opt[[]string] `json:"departmentId,omitzero"`
	Birthday     Opt[Date]     `json:"birthday,omitzero"`
	JoinDate     Opt[Date]     `json:"joinDate,omitzero"`
	Position     Opt[string]   `json:"position,omitzero"`
	// OrgSource is always sent; 0 stands for [DefaultOrgSource].
	OrgSource int `json:"orgSource,omitzero"`
}

func (*Person) kind() string     { return "person" }
func (p *Person) id() string     { return p.UserID }
func (*Person) idField() string  { return "userId" }
func (*Person) parentID() string { return "" }

func (p *Person) check() (field, reason string) {
	field, reason = checkTexts(
		text{"userId", p.UserID, true},
		text{"account", p.Account, true},
		text{"realName", p.RealName, true},
		text{"email", p.Email.Or(""), false},
		text{"mobile", p.Mobile.Or(""), false},
		text{"position", p.Position.Or(""), false},
	)
	if field != "" {
		return field, reason
	}
	// It would overwrite the true one.
	switch {
	case wire.Masked(p.RealName):
		return "realName", "is masked"
	case wire.Masked(p.Mobile.Or("")):
		return "mobile", "is masked"
	}
	if g := p.Gender.Or(GenderUnknown); g < GenderUnknown || g > GenderMale {
		return "gender", "is not a documented value"
	}
	for i, id := range p.DepartmentID.Or(nil) {
		if field, reason = checkTexts(text{"departmentId", id, true}); field != "" {
			return fmt.Sprintf("%s[%d]", field, i), reason
		}
	}
	const badDate = "is not a day of the calendar"
	switch {
	case !sendable(p.Birthday):
		return "birthday", badDate
	case !sendable(p.JoinDate):
		return "joinDate", badDate
	}
	return p.Status.check(StatusActive, StatusDisabled, StatusRetired)
}

func sendable(o Opt[Date]) bool {
	d := o.Or(Date{})
	return d.IsZero() || d.IsValid()
}

// LogValue lists id and status.
func (p Person) LogValue() slog.Value {
	return slog.GroupValue(slog.String("userId", p.UserID), slog.String("status", p.Status.String()))
}

// Format prints what LogValue lists, whatever the verb.
func (p Person) Format(f fmt.State, _ rune) { redact.Format(f, "aiguanhuai.Person", p.LogValue()) }
