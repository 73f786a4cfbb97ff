package tuzhan

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/orgbridge/orgbridge/internal/redact"
	"github.com/orgbridge/orgbridge/internal/wire"
)

// UserType is the kind of an employee channel's user (userType).
type UserType int

const (
	// UserTypeOfficialAccount is a user of a WeChat official account (公众号用户).
	UserTypeOfficialAccount UserType = 1
	// UserTypeWeCom is a user of 企业微信.
	UserTypeWeCom UserType = 2
)

// RoleKey is a role of an employee (roleKeys).
type RoleKey string

const (
	// RoleAdmin is 企业超管.
	RoleAdmin RoleKey = "ADMIN"
	// RoleEmployee is 普通员工; the spelling is the vendor's.
	RoleEmployee RoleKey = "GENERAL_EMPLOYE"
	// RoleCustom is 自定义角色, named by [Employee.RoleID].
	RoleCustom RoleKey = "CUSTOM_ROLE"
)

// Employee is one employee channel (员工渠道) as it is sent. The vendor
// recognises it by WxUserID, else ThirdUserID, else ChannelID, and its
// department by WxDeptID, else ThirdDeptID, else DeptID. A zero number or
// string is left out.
//
// Printed or logged, an Employee shows ids and kind.
type Employee struct {
	// ChannelID is the vendor's own id, a snowflake of 18 digits and more.
	ChannelID int64 `json:"channelId,omitzero"`
	// ThirdUserID is the caller's id, required to add.
	ThirdUserID string `json:"thirdUserId,omitzero"`
	// UserType is required, except to delete, although the vendor's own sample
	// leaves it out.
	UserType UserType `json:"userType,omitzero"`
	// AppID is the id of the WeChat official account. With it and OpenID the
	// employee needs no activation.
	AppID string `json:"appId,omitzero"`
	// OpenID is the user's id within that account.
	OpenID string `json:"openid,omitzero"`
	// WxUserID is the 企业微信 user id, required for UserTypeWeCom.
	WxUserID string `json:"wxUserid,omitzero"`
	// UnionID is the WeChat union id.
	UnionID string `json:"unionid,omitzero"`
	// ChannelName is the employee's name, required except to delete.
	ChannelName string `json:"channelName,omitzero"`
	// Phone is the mobile number, required except to delete.
	Phone string `json:"phone,omitzero"`
	// Job is the position held (职位).
	Job Opt[string] `json:"job,omitzero"`
	// DeptID is the vendor's own id of the department. One of the three
	// department ids is required, except to delete.
	DeptID int64 `json:"deptId,omitzero"`
	// ThirdDeptID is the caller's id of the department.
	ThirdDeptID string `json:"thirdDeptId,omitzero"`
	// WxDeptID is the 企业微信 id of the department.
	WxDeptID int64 `json:"wxDeptId,omitzero"`
	// DeptManager says whether the employee manages the department and those
	// below it.
	DeptManager Opt[bool] `json:"deptManagerFlag,omitzero"`
	// RoleKeys are required, except to delete.
	RoleKeys []RoleKey `json:"roleKeys,omitempty"`
	// RoleID names the one custom role, required with RoleCustom.
	RoleID int64 `json:"roleId,omitzero"`
	// UpdateTime is when the record was changed, sent in Beijing time to the
	// second. Zero means now.
	UpdateTime time.Time `json:"updateTime,omitzero"`
	// DeputyDeptIDs are the caller's ids of all further departments: those
	// that are not listed are dropped (全量覆盖), so Set of an empty list
	// clears them. An id cannot be empty or contain a comma.
	DeputyDeptIDs Opt[[]string] `json:"deputyDeptIds,omitzero"`
	// SerialNum is the position in lists.
	SerialNum Opt[int] `json:"serialNum,omitzero"`
}

// LogValue lists what is fit for a log.
func (e Employee) LogValue() slog.Value {
	return slog.GroupValue(
		slog.Int64("channelId", e.ChannelID),
		slog.String("thirdUserId", e.ThirdUserID),
		slog.String("wxUserid", e.WxUserID),
		slog.Int("userType", int(e.UserType)),
	)
}

// Format prints what LogValue lists, whatever the verb.
func (e Employee) Format(f fmt.State, _ rune) { redact.Format(f, "tuzhan.Employee", e.LogValue()) }

// AddEmployees adds employees (/api/integrate/channel/employee/batchAdd,
// optType add) in the order given, at most 500 a call. Their departments must
// be there already.
//
// No one is ever added twice: a chunk whose answer is lost fails with
// [ErrOutcomeUnknown], and what has not been sent by then with [ErrNotSent].
func (c *Client) AddEmployees(ctx context.Context, employees []Employee) (EmployeeResult, error) {
	return push(ctx, c, c.employeeKind(optAdd), employees)
}

// UpdateEmployees changes employees (/api/integrate/channel/employee/batchAdd,
// optType update). Calls are repeated after failures that may pass.
func (c *Client) UpdateEmployees(ctx context.Context, employees []Employee) (EmployeeResult, error) {
	return push(ctx, c, c.employeeKind(optUpdate), employees)
}

// DeleteEmployees deletes employees (/api/integrate/channel/employee/batchAdd,
// optType delete). An identity is all that is required; whatever else is set is
// sent. Calls are repeated after failures that may pass, so that an employee
// may be gone already: [ErrNotExists].
func (c *Client) DeleteEmployees(ctx context.Context, employees []Employee) (EmployeeResult, error) {
	return push(ctx, c, c.employeeKind(optDelete), employees)
}

func (c *Client) employeeKind(opt optType) kind[Employee] {
	now := ""
	if c != nil && c.now != nil { // or push refuses the call
		now = beijing(c.now())
	}
	return kind[Employee]{
		exists: employeeExists,
		own: func(e *Employee) []string {
			return []string{e.ChannelName, e.Phone, e.WxUserID, e.ThirdUserID, digits(e.ChannelID)}
		},
		op:     operation("channel/employee/batchAdd", opt),
		params: publicParams{OptType: opt},
		names:  [3]string{"wxUserid", "thirdUserId", "channelId"},
		self: func(e *Employee) identity {
			return identity{text(e.WxUserID), text(e.ThirdUserID), number(e.ChannelID)}
		},
		echo: func(e echo) identity {
			return identity{text(e.wxUserID), text(e.thirdUserID), echoed(e.channelID)}
		},
		fault:    func(e *Employee) (field, reason string) { return e.fault(opt) },
		appendTo: func(b []byte, e *Employee) []byte { return e.appendTo(b, now) },
	}
}

// fault returns the first field that the vendor's table would have refused.
func (e *Employee) fault(opt optType) (name, reason string) {
	identified := !blank(e.WxUserID) || !blank(e.ThirdUserID) || e.ChannelID != 0
	if blank(e.ThirdUserID) && (opt == optAdd || !identified) {
		return "thirdUserId", isRequired
	}
	if opt != optDelete {
		if name, reason = e.incomplete(); name != "" {
			return name, reason
		}
	}
	for _, id := range e.DeputyDeptIDs.Or(nil) {
		if blank(id) || strings.Contains(id, ",") {
			return "deputyDeptIds", "has an id that is empty or contains a comma"
		}
	}
	name, reason = notUTF8(
		field{"thirdUserId", e.ThirdUserID}, field{"appId", e.AppID}, field{"openid", e.OpenID},
		field{"wxUserid", e.WxUserID}, field{"unionid", e.UnionID}, field{"channelName", e.ChannelName},
		field{"phone", e.Phone}, field{"job", e.Job.Or("")}, field{"thirdDeptId", e.ThirdDeptID},
	)
	for _, id := range e.DeputyDeptIDs.Or(nil) {
		if name == "" {
			name, reason = notUTF8(field{"deputyDeptIds", id})
		}
	}
	return name, reason
}

// incomplete returns the first field that is missing or wrong in a record to
// be added or updated.
func (e *Employee) incomplete() (field, reason string) {
	switch {
	case e.UserType == 0:
		return "userType", isRequired
	case e.UserType != UserTypeOfficialAccount && e.UserType != UserTypeWeCom:
		return "userType", "is neither 1 nor 2"
	case e.UserType == UserTypeWeCom && blank(e.WxUserID):
		return "wxUserid", "is required where userType is 2"
	case blank(e.ChannelName):
		return "channelName", isRequired
	case blank(e.Phone):
		return "phone", isRequired
	case wire.Masked(e.ChannelName):
		return "channelName", isMasked
	case wire.Masked(e.Phone):
		return "phone", isMasked
	case e.WxDeptID == 0 && blank(e.ThirdDeptID) && e.DeptID == 0:
		return "thirdDeptId", "is required, or wxDeptId, or deptId"
	case len(e.RoleKeys) == 0:
		return "roleKeys", isRequired
	case slices.Contains(e.RoleKeys, RoleCustom) && e.RoleID == 0:
		return "roleId", "is required where roleKeys has CUSTOM_ROLE"
	}
	for _, key := range e.RoleKeys {
		if key != RoleAdmin && key != RoleEmployee && key != RoleCustom {
			return "roleKeys", "has a role that is none of ADMIN, GENERAL_EMPLOYE and CUSTOM_ROLE"
		}
	}
	return "", ""
}
