package tuzhantest

import (
	"slices"
	"strings"

	"github.com/orgbridge/orgbridge/tuzhan"
)

// employeeRow is the table 员工渠道 of the vendor's page.
type employeeRow struct {
	ChannelID       *integer  `json:"channelId"`
	ThirdUserID     *string   `json:"thirdUserId"`
	UserType        *integer  `json:"userType"`
	AppID           *string   `json:"appId"`
	OpenID          *string   `json:"openid"`
	WxUserID        *string   `json:"wxUserid"`
	UnionID         *string   `json:"unionid"`
	ChannelName     *string   `json:"channelName"`
	Phone           *string   `json:"phone"`
	Job             *string   `json:"job"`
	DeptID          *integer  `json:"deptId"`
	ThirdDeptID     *string   `json:"thirdDeptId"`
	WxDeptID        *integer  `json:"wxDeptId"`
	DeptManagerFlag *bool     `json:"deptManagerFlag"`
	RoleKeys        *[]string `json:"roleKeys"`
	UpdateTime      *string   `json:"updateTime"`
	DeputyDeptIDs   *string   `json:"deputyDeptIds"`
	SerialNum       *integer  `json:"serialNum"`
	RoleID          *integer  `json:"roleId"`
}

func (r employeeRow) echo() map[string]any { return asMap(r) }

// ids: wxUserid > thirdUserId > channelId.
func (r *employeeRow) ids() ids {
	return ids{or(r.WxUserID), or(r.ThirdUserID), text(int64(or(r.ChannelID)))}
}

// departmentIDs: wxDeptId > thirdDeptId > deptId.
func (r *employeeRow) departmentIDs() ids {
	return ids{text(int64(or(r.WxDeptID))), or(r.ThirdDeptID), text(int64(or(r.DeptID)))}
}

// employee is one that the company has.
type employee struct {
	employeeRow

	department *department
}

func (s *Server) applyEmployee(op operation, row *employeeRow) string {
	for _, id := range row.ids() {
		if message := s.refused[id]; message != "" {
			return message
		}
	}
	if message := row.check(op); message != "" {
		return message
	}
	e := s.employees.find(row.ids())
	switch {
	case op.opt == optAdd:
		e = &employee{}
	case e == nil:
		return "员工渠道不存在"
	case op.opt == optDelete:
		e.department.employees--
		s.employees.remove(e, e.ids())
		return ""
	}
	if s.employees.taken(row.ids(), e) {
		return "员工渠道已存在"
	}
	d := s.departments.find(row.departmentIDs())
	if d == nil {
		return "部门不存在"
	}
	if e.department != nil {
		e.department.employees--
	}
	d.employees++
	e.department = d
	s.employees.forget(e, e.ids())
	merge(&e.employeeRow, row)
	if e.ChannelID == nil {
		e.ChannelID = new(integer(s.nextID()))
	}
	s.employees.put(e, e.ids())
	return ""
}

// check tells which required field is missing.
func (r *employeeRow) check(op operation) string {
	switch {
	case r.ids() == ids{}:
		return "匹配标识必传一种"
	case op.opt == optDelete:
		return ""
	case op.opt == optAdd && or(r.ThirdUserID) == "":
		return "thirdUserId不能为空"
	case or(r.UserType) != 1 && or(r.UserType) != 2:
		return "userType只能是1或2"
	case or(r.UserType) == 2 && or(r.WxUserID) == "":
		return "wxUserid不能为空"
	case or(r.ChannelName) == "":
		return "channelName不能为空"
	case or(r.Phone) == "":
		return "phone不能为空"
	case r.departmentIDs() == ids{}:
		return "部门匹配标识必传一种"
	case r.UpdateTime == nil || badTime(r.UpdateTime):
		return "updateTime格式必须是yyyy-MM-dd HH:mm:ss"
	}
	return checkRoles(or(r.RoleKeys), or(r.RoleID))
}

func checkRoles(keys []string, id integer) string {
	if len(keys) == 0 {
		return "roleKeys不能为空"
	}
	for _, key := range keys {
		if !slices.Contains([]string{"ADMIN", "GENERAL_EMPLOYE", "CUSTOM_ROLE"}, key) {
			return "roleKeys只能是ADMIN、GENERAL_EMPLOYE或CUSTOM_ROLE"
		}
	}
	if slices.Contains(keys, "CUSTOM_ROLE") && id == 0 {
		return "roleId不能为空"
	}
	return ""
}

func (e *employee) public() tuzhan.Employee {
	out := tuzhan.Employee{
		ChannelID:   int64(or(e.ChannelID)),
		ThirdUserID: or(e.ThirdUserID),
		UserType:    tuzhan.UserType(or(e.UserType)),
		AppID:       or(e.AppID),
		OpenID:      or(e.OpenID),
		WxUserID:    or(e.WxUserID),
		UnionID:     or(e.UnionID),
		ChannelName: or(e.ChannelName),
		Phone:       or(e.Phone),
		Job:         opt(e.Job),
		DeptID:      int64(or(e.DeptID)),
		ThirdDeptID: or(e.ThirdDeptID),
		WxDeptID:    int64(or(e.WxDeptID)),
		DeptManager: opt(e.DeptManagerFlag),
		RoleID:      int64(or(e.RoleID)),
		UpdateTime:  instant(e.UpdateTime),
	}
	for _, key := range or(e.RoleKeys) {
		out.RoleKeys = append(out.RoleKeys, tuzhan.RoleKey(key))
	}
	if e.DeputyDeptIDs != nil {
		deputies := strings.FieldsFunc(*e.DeputyDeptIDs, func(r rune) bool { return r == ',' })
		out.DeputyDeptIDs = tuzhan.Set(deputies)
	}
	if e.SerialNum != nil {
		out.SerialNum = tuzhan.Set(int(*e.SerialNum))
	}
	return out
}
