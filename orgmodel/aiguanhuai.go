package orgmodel

import (
	"cmp"
	"strings"

	"github.com/orgbridge/orgbridge/aiguanhuai"
)

// Aiguanhuai converts to and from the records of 爱关怀. The zero value follows
// the vendor's tables.
//
// A status always travels, because 爱关怀 takes a record without one for disabled
// (默认:11). Unknown fields are left out; cleared ones travel as "", [] or 0.
type Aiguanhuai struct {
	// Account is what account holds, a second unique identifier beside userId.
	Account Key
	// OrgSource is the orgSource (通讯录类型) of every person, 0 for
	// [aiguanhuai.DefaultOrgSource].
	OrgSource int
}

// Person returns what a record of 爱关怀 says about a person. Status 11 is "left", as the
// vendor's table has it (离职), although [Aiguanhuai.FromPerson] sends it for disabled
// people too; a missing status is unknown. The account is the employee number where,
// by the Account setting, it can be nothing else. Side departments are known if the
// record has any: one department alone is also what is sent when they are unknown. A
// [*ConversionError] says that there is no userId, or a date that the calendar does
// not have.
func (a Aiguanhuai) Person(v aiguanhuai.Person) (Person, error) {
	if blank(v.UserID) {
		return Person{}, noID(EntityPerson, "userId")
	}
	p := Person{ID: v.UserID}
	a.Account.employeeNo(&p, v.Account, v.UserID)
	given(v.RealName, p.SetName)
	read(v.Gender, func(code aiguanhuai.Gender) {
		if gender, ok := aiguanhuaiGenders.model(code); ok {
			p.SetGender(gender)
		}
	})
	read(v.Email, p.SetEmail)
	read(v.Mobile, p.SetMobile)
	status, _ := aiguanhuaiStatuses.model(v.Status)
	p.SetStatus(status)
	read(v.DepartmentID, func(ids []string) {
		if len(ids) > 1 {
			p.SetDepartmentIDs(ids...)
			return
		}
		p.SetMainDepartmentID(strings.Join(ids, ""))
	})
	read(v.Birthday, p.SetBirthday)
	read(v.JoinDate, p.SetJoinDate)
	read(v.Position, p.SetPosition)
	if err := checkDates(&p); err != nil {
		return Person{}, err
	}
	return p, nil
}

// FromPerson returns p as it is pushed to 爱关怀, in all departments that are known, the
// main one first. A [*ConversionError] says which of id, name and status is missing
// (and, by the Account setting, the employee number), or which value cannot be used.
func (a Aiguanhuai) FromPerson(p Person) (aiguanhuai.Person, error) {
	if err := outgoing(&p); err != nil {
		return aiguanhuai.Person{}, err
	}
	if err := require(&p, PersonName, PersonStatus); err != nil {
		return aiguanhuai.Person{}, err
	}
	account, _, err := a.Account.Of(p, "")
	if err != nil {
		return aiguanhuai.Person{}, err
	}
	v := aiguanhuai.Person{
		UserID: p.ID, Account: account, RealName: p.Name, OrgSource: cmp.Or(a.OrgSource, aiguanhuai.DefaultOrgSource),
	}
	v.Status, _ = aiguanhuaiStatuses.vendor(p.Status)
	if p.Known.Has(PersonGender) {
		gender, _ := aiguanhuaiGenders.vendor(p.Gender)
		v.Gender = aiguanhuai.Set(gender)
	}
	if p.Known.Has(PersonEmail) {
		v.Email = aiguanhuai.Set(p.Email)
	}
	if p.Known.Has(PersonMobile) {
		v.Mobile = aiguanhuai.Set(p.Mobile)
	}
	if p.Known.Has(PersonDepartments) {
		v.DepartmentID = aiguanhuai.Set(append([]string{}, p.DepartmentIDs...))
	}
	if p.Known.Has(PersonBirthday) {
		v.Birthday = aiguanhuai.Set(p.Birthday)
	}
	if p.Known.Has(PersonJoinDate) {
		v.JoinDate = aiguanhuai.Set(p.JoinDate)
	}
	if p.Known.Has(PersonPosition) {
		v.Position = aiguanhuai.Set(p.Position)
	}
	return v, nil
}

// Department returns what a record of 爱关怀 knows about a department. One without
// a parentId is a root; no status is unknown. A record without a departmentId is a
// [*ConversionError].
func (Aiguanhuai) Department(v aiguanhuai.Department) (Department, error) {
	if blank(v.DepartmentID) {
		return Department{}, noID(EntityDepartment, "departmentId")
	}
	d := Department{ID: v.DepartmentID}
	d.SetParentID(v.ParentID.Or(""))
	given(v.DepartmentName, d.SetName)
	status, _ := aiguanhuaiDepartmentStatuses.model(v.Status)
	d.SetStatus(status)
	return d, nil
}

// FromDepartment returns d as it is pushed to 爱关怀; a root has no parentId. A
// [*ConversionError] says which of id, parent, name and status is missing.
func (Aiguanhuai) FromDepartment(d Department) (aiguanhuai.Department, error) {
	d, err := outgoingDepartment(d)
	if err != nil {
		return aiguanhuai.Department{}, err
	}
	status, ok := aiguanhuaiDepartmentStatuses.vendor(d.Status)
	if !ok {
		return aiguanhuai.Department{}, d.Refuse(DepartmentStatus, reasonRequired)
	}
	return aiguanhuai.Department{
		DepartmentID:   d.ID,
		DepartmentName: d.Name,
		Status:         status,
		ParentID:       ifKnown(!d.IsRoot(), d.ParentID, aiguanhuai.Set),
	}, nil
}

// aiguanhuaiGenders are the reverse of those of 云之家.
var aiguanhuaiGenders = codes[Gender, aiguanhuai.Gender]{
	{GenderUnknown, aiguanhuai.GenderUnknown},
	{GenderMale, aiguanhuai.GenderMale},
	{GenderFemale, aiguanhuai.GenderFemale},
}

var aiguanhuaiStatuses = codes[Status, aiguanhuai.Status]{
	{StatusActive, aiguanhuai.StatusActive},
	{StatusLeft, aiguanhuai.StatusDisabled},
	{StatusDisabled, aiguanhuai.StatusDisabled},
	{StatusRetired, aiguanhuai.StatusRetired},
}

var aiguanhuaiDepartmentStatuses = codes[Status, aiguanhuai.Status]{
	{StatusActive, aiguanhuai.StatusActive},
	{StatusDisabled, aiguanhuai.StatusDisabled},
}
