package orgmodel

import (
	"cmp"
	"errors"
	"slices"
	"strings"

	"github.com/orgbridge/orgbridge/tuzhan"
)

// ErrLeaver says that a person who is not in service was to be pushed to 兔展,
// which has no status for people: delete them instead, with [Tuzhan.PersonRef].
var ErrLeaver = errors.New("orgmodel: not in service")

// Tuzhan converts to and from the records of 兔展 in a tree of 外部渠道. The zero
// value sends everyone as a user of an official account and in the role of a
// general employee.
//
// Unknown fields are left out, except serialNum, which the vendor requires; a
// cleared job is sent as "". Ids of 企业微信 departments and the vendor's own ids are
// not used: a tree is of one kind (类型互斥).
type Tuzhan struct {
	// UserType is the userType of every employee, 0 for
	// [tuzhan.UserTypeOfficialAccount]. With [tuzhan.UserTypeWeCom] a person needs
	// the attribute tuzhan.wxUserid, the 企业微信 user id, by which 兔展 then
	// recognises them.
	UserType tuzhan.UserType
	// RoleKeys are the roles of every employee, none for
	// [tuzhan.RoleEmployee]. The vendor requires them in updates as well, so
	// a role that a person was given at 兔展 lasts only if it is set on the result.
	RoleKeys []tuzhan.RoleKey
	// RoleID is the custom role that goes with [tuzhan.RoleCustom].
	RoleID int64
}

// attributeWxUserID is the attribute for wxUserid, which no other vendor has.
const attributeWxUserID = "tuzhan.wxUserid"

// Person returns what a record of 兔展 says about a person. Nothing in it is a
// status. An empty name or phone is unknown, and so are the departments where the
// main one has no thirdDeptId, and the side departments where there is no
// deputyDeptIds. A record without a thirdUserId is a [*ConversionError].
func (Tuzhan) Person(v tuzhan.Employee) (Person, error) {
	if blank(v.ThirdUserID) {
		return Person{}, noID(EntityPerson, "thirdUserId")
	}
	p := Person{ID: v.ThirdUserID}
	given(v.ChannelName, p.SetName)
	given(v.Phone, p.SetMobile)
	read(v.Job, p.SetPosition)
	given(v.ThirdDeptID, p.SetMainDepartmentID)
	if p.Known.Has(PersonDepartments) {
		read(v.DeputyDeptIDs, func(deputies []string) {
			p.SetDepartmentIDs(slices.Concat([]string{v.ThirdDeptID}, deputies)...)
		})
	}
	given(v.WxUserID, func(id string) { p.SetAttribute(attributeWxUserID, id) })
	return p, nil
}

// FromPerson returns p as it is added to 兔展 or updated there: the first department
// is the main one, as the primary one comes first, and all others are deputies. They
// replace those at 兔展 (全量覆盖), so unknown side departments are not sent at all.
// UpdateTime is left to the client.
//
// A person who has left, is retired or is disabled gives a [*ConversionError]
// that is also [ErrLeaver]. An unknown status is no error, as 兔展 is not told any.
// Other errors say which of id, name, mobile and departments is missing.
func (a Tuzhan) FromPerson(p Person) (tuzhan.Employee, error) {
	if err := refuseLeaver(&p); err != nil {
		return tuzhan.Employee{}, err
	}
	if err := outgoing(&p); err != nil {
		return tuzhan.Employee{}, err
	}
	if err := require(&p, PersonName, PersonMobile, PersonDepartments); err != nil {
		return tuzhan.Employee{}, err
	}
	main, deputies := p.DepartmentIDs[0], p.DepartmentIDs[1:]
	if slices.ContainsFunc(deputies, func(id string) bool { return strings.Contains(id, ",") }) {
		return tuzhan.Employee{}, p.Refuse(PersonDepartments, "has an id with a comma, by which 兔展 separates ids")
	}
	v := a.employee(&p)
	if v.UserType == tuzhan.UserTypeWeCom && blank(v.WxUserID) {
		return tuzhan.Employee{}, &ConversionError{EntityPerson, p.ID, "attributes." + attributeWxUserID, reasonRequired}
	}
	v.ChannelName, v.Phone = p.Name, p.Mobile
	if p.Known.Has(PersonPosition) {
		v.Job = tuzhan.Set(p.Position)
	}
	v.ThirdDeptID = main
	if p.Known.Has(PersonSideDepartments) {
		v.DeputyDeptIDs = tuzhan.Set(append([]string{}, deputies...))
	}
	return v, nil
}

// PersonRef returns the record by which 兔展 deletes a person. The id is enough; what
// else is known is filled in, because the vendor's table does not say that its
// required fields (name, phone, department) are required for optType add and update alone.
func (a Tuzhan) PersonRef(p Person) tuzhan.Employee {
	p.tidy()
	v := a.employee(&p)
	v.ChannelName, v.Phone, v.ThirdDeptID = p.Name, p.Mobile, p.PrimaryDepartmentID()
	return v
}

// employee has what depends on no more than the id and the settings.
func (a Tuzhan) employee(p *Person) tuzhan.Employee {
	v := tuzhan.Employee{
		ThirdUserID: p.ID,
		UserType:    cmp.Or(a.UserType, tuzhan.UserTypeOfficialAccount),
		RoleKeys:    slices.Clone(a.RoleKeys),
		RoleID:      a.RoleID,
	}
	if len(v.RoleKeys) == 0 {
		v.RoleKeys = []tuzhan.RoleKey{tuzhan.RoleEmployee}
	}
	if v.UserType == tuzhan.UserTypeWeCom {
		v.WxUserID, _ = cleanText(p.Attributes[attributeWxUserID])
	}
	return v
}

// Department returns what a record of 兔展 knows about a department. One that names
// no parent is a root, but the parent is unknown where it is named by the vendor's
// own id; serialNum 0 is unknown, because it is sent for want of a number too. A
// [*ConversionError] says that there is no thirdDeptId, or that the tree is not of
// 外部渠道.
func (Tuzhan) Department(v tuzhan.Department) (Department, error) {
	if blank(v.ThirdDeptID) {
		return Department{}, noID(EntityDepartment, "thirdDeptId")
	}
	d := Department{ID: v.ThirdDeptID}
	if v.DeptType != tuzhan.DeptTypeExternal {
		return Department{}, &ConversionError{EntityDepartment, d.ID, "deptType", "is not outchannel"}
	}
	if v.ThirdParentID != "" || v.ParentID == 0 && v.WxParentID == 0 {
		d.SetParentID(v.ThirdParentID)
	}
	given(v.DeptName, d.SetName)
	status, _ := tuzhanDepartmentStatuses.model(v.DeptStatus)
	d.SetStatus(status)
	if v.SerialNum != 0 {
		d.SetOrder(v.SerialNum)
	}
	return d, nil
}

// FromDepartment returns d as it is added to 兔展 or updated there. A root has no
// thirdParentId, an unknown status is left out, and serialNum is 0 if the order is
// unknown: the vendor's table requires one. A [*ConversionError] says which of id,
// parent and name is missing.
func (Tuzhan) FromDepartment(d Department) (tuzhan.Department, error) {
	d, err := outgoingDepartment(d)
	if err != nil {
		return tuzhan.Department{}, err
	}
	status, _ := tuzhanDepartmentStatuses.vendor(d.Status)
	return tuzhan.Department{
		DeptType:      tuzhan.DeptTypeExternal,
		DeptName:      d.Name,
		ThirdDeptID:   d.ID,
		ThirdParentID: d.ParentID,
		DeptStatus:    status,
		SerialNum:     d.Order,
	}, nil
}

// DepartmentRef returns the record by which 兔展 deletes a department, filled in as
// [Tuzhan.PersonRef] is. The client deletes children before their parents if it is
// told the parents.
func (Tuzhan) DepartmentRef(d Department) tuzhan.Department {
	d = d.normalized()
	return tuzhan.Department{
		DeptType: tuzhan.DeptTypeExternal, DeptName: d.Name, ThirdDeptID: d.ID, ThirdParentID: d.ParentID, SerialNum: d.Order,
	}
}

var tuzhanDepartmentStatuses = codes[Status, tuzhan.DeptStatus]{
	{StatusActive, tuzhan.DeptActive},
	{StatusDisabled, tuzhan.DeptInactive},
}

// leaver is a refusal that errors.Is finds ErrLeaver in.
type leaver struct{ refusal error }

func refuseLeaver(p *Person) error {
	status := p.knownStatus()
	if blank(p.ID) || !status.isOne() || status == StatusActive {
		return nil
	}
	return &leaver{p.Refuse(PersonStatus, "is not active, and 兔展 knows nothing else: delete the person there")}
}

func (e *leaver) Error() string   { return e.refusal.Error() }
func (e *leaver) Unwrap() []error { return []error{e.refusal, ErrLeaver} }
