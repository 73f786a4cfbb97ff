package orgmodel

import (
	"cmp"

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

// Person returns what a record of 爱关怀 knows about somebody. Status 11 is
// "left", as the page's table has it (离职), although [Aiguanhuai.FromPerson] sends
// it for somebody disabled too; no status is unknown. The account is the employee
// number where, by the Account setting, it can be nothing else. A [*ConversionError]
// says that there is no userId, or a date that the calendar does not have.
func (a Aiguanhuai) Person(v aiguanhuai.Person) (Person, error) {
	if blank(v.UserID) {
		return Person{}, noID(EntityPerson, "userId")
	}
	p := Person{ID: v.UserID}
	a.Account.employeeNo(&p, v.Account, v.UserID)
	given(v.RealName, p.SetName)
	read(v.Gender, func(code aiguanhuai.Gender) {
		if gender, ok := a.genders().model(code); ok {
			p.SetGender(gender)
		}
	})
	read(v.Email, p.SetEmail)
	read(v.Mobile, p.SetMobile)
	status, _ := a.statuses().model(v.Status)
	p.SetStatus(status)
	read(v.DepartmentID, func(ids []string) { p.SetDepartmentIDs(ids...) })
	read(v.Birthday, func(d aiguanhuai.Date) { p.SetBirthday(Date(d)) })
	read(v.JoinDate, func(d aiguanhuai.Date) { p.SetJoinDate(Date(d)) })
	read(v.Position, p.SetPosition)
	if err := checkDates(p); err != nil {
		return Person{}, err
	}
	return p, nil
}

// FromPerson returns p as it is pushed to 爱关怀, in all its departments. A
// [*ConversionError] says which of id, name and status is missing (and, by the
// Account setting, the employee number), or which value is none.
func (a Aiguanhuai) FromPerson(p Person) (aiguanhuai.Person, error) {
	p, err := outgoing(p)
	if err != nil {
		return aiguanhuai.Person{}, err
	}
	if err := require(p, PersonName, PersonStatus); err != nil {
		return aiguanhuai.Person{}, err
	}
	account, err := a.Account.of(p)
	if err != nil {
		return aiguanhuai.Person{}, err
	}
	gender, _ := a.genders().vendor(p.Gender)
	status, _ := a.statuses().vendor(p.Status)
	known := p.Known.Has
	return aiguanhuai.Person{
		UserID:       p.ID,
		Account:      account,
		RealName:     p.Name,
		Gender:       ifKnown(known(PersonGender), gender, aiguanhuai.Set),
		Email:        ifKnown(known(PersonEmail), p.Email, aiguanhuai.Set),
		Mobile:       ifKnown(known(PersonMobile), p.Mobile, aiguanhuai.Set),
		Status:       status,
		DepartmentID: ifKnown(known(PersonDepartments), append([]string{}, p.DepartmentIDs...), aiguanhuai.Set),
		Birthday:     ifKnown(known(PersonBirthday), aiguanhuai.Date(p.Birthday), aiguanhuai.Set),
		JoinDate:     ifKnown(known(PersonJoinDate), aiguanhuai.Date(p.JoinDate), aiguanhuai.Set),
		Position:     ifKnown(known(PersonPosition), p.Position, aiguanhuai.Set),
		OrgSource:    cmp.Or(a.OrgSource, aiguanhuai.DefaultOrgSource),
	}, nil
}

// Department returns what a record of 爱关怀 knows about a department. One without
// a parentId is a root; no status is unknown. A record without a departmentId is a
// [*ConversionError].
func (a Aiguanhuai) Department(v aiguanhuai.Department) (Department, error) {
	if blank(v.DepartmentID) {
		return Department{}, noID(EntityDepartment, "departmentId")
	}
	d := Department{ID: v.DepartmentID}
	d.SetParentID(v.ParentID.Or(""))
	given(v.DepartmentName, d.SetName)
	status, _ := a.departmentStatuses().model(v.Status)
	d.SetStatus(status)
	return d, nil
}

// FromDepartment returns d as it is pushed to 爱关怀; a root has no parentId. A
// [*ConversionError] says which of id, parent, name and status is missing.
func (a Aiguanhuai) FromDepartment(d Department) (aiguanhuai.Department, error) {
	d, err := outgoingDepartment(d)
	if err != nil {
		return aiguanhuai.Department{}, err
	}
	status, ok := a.departmentStatuses().vendor(d.Status)
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

// genders are the reverse of those of 云之家.
func (Aiguanhuai) genders() codes[Gender, aiguanhuai.Gender] {
	return codes[Gender, aiguanhuai.Gender]{
		{GenderUnknown, aiguanhuai.GenderUnknown},
		{GenderMale, aiguanhuai.GenderMale},
		{GenderFemale, aiguanhuai.GenderFemale},
	}
}

func (Aiguanhuai) statuses() codes[Status, aiguanhuai.Status] {
	return codes[Status, aiguanhuai.Status]{
		{StatusActive, aiguanhuai.StatusActive},
		{StatusLeft, aiguanhuai.StatusDisabled},
		{StatusDisabled, aiguanhuai.StatusDisabled},
		{StatusRetired, aiguanhuai.StatusRetired},
	}
}

func (Aiguanhuai) departmentStatuses() codes[Status, aiguanhuai.Status] {
	return codes[Status, aiguanhuai.Status]{
		{StatusActive, aiguanhuai.StatusActive},
		{StatusDisabled, aiguanhuai.StatusDisabled},
	}
}
