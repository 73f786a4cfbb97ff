package orgmodel

import (
	"slices"

	"github.com/orgbridge/orgbridge/yunzhijia"
)

// YunzhijiaDirectory converts to and from the records of openimport, the directory
// interface of 云之家. It has no settings.
//
// It knows more than [Yunzhijia]: whole phones, e-mails, birthdays, days of hire and side
// departments. A text that is "" or did not come, a masked one and a day that is none are
// unknown, so nothing is cleared. What contact holds is not read: where phone is masked,
// the number is hidden, and contact may still show it.
//
// uid, weights, positiveDate, staffType and the long name of the department stay behind:
// no two vendors share them.
type YunzhijiaDirectory struct{}

// Person returns what a record says about a person. orgId is the main department; the
// others are in another call, see [YunzhijiaDirectory.SideDepartments]. Status 2
// (禁用) is disabled, which is not left; undocumented codes are unknown. A record without
// an openId is a [*ConversionError].
func (YunzhijiaDirectory) Person(v yunzhijia.DirectoryPerson) (Person, error) {
	p, err := Yunzhijia{}.Person(yunzhijia.Person{
		OpenID: v.OpenID, Name: v.Name, Phone: v.Phone, Email: v.Email, OrgID: v.OrgID,
		JobTitle: v.JobTitle, Gender: v.Gender, Status: v.Status, JobNo: v.JobNo,
	})
	if err != nil {
		return Person{}, err
	}
	if day, err := ParseDate(v.Birthday); err == nil {
		p.SetBirthday(day)
	}
	if day, err := ParseDate(v.HireDate); err == nil {
		p.SetJoinDate(day)
	}
	return p, nil
}

// SideDepartments makes all departments of a person known, if the main one is: that one
// first, then the others by their ids, because their order is not documented. One that
// repeats the main one is no second one. Without a main department there is no place for
// others, and p stays as it is.
func (YunzhijiaDirectory) SideDepartments(p *Person, orgIDs ...string) {
	main := p.PrimaryDepartmentID()
	if main == "" {
		return
	}
	sides := slices.DeleteFunc(slices.Clone(orgIDs), func(id string) bool { return blank(id) || id == main })
	slices.Sort(sides)
	p.SetDepartmentIDs(append([]string{main}, slices.Compact(sides)...)...)
}

// FromPerson returns p as openimport would answer it. See [Yunzhijia.FromPerson].
func (YunzhijiaDirectory) FromPerson(p Person) (yunzhijia.DirectoryPerson, error) {
	v, err := Yunzhijia{}.FromPerson(p)
	if err != nil {
		return yunzhijia.DirectoryPerson{}, err
	}
	d := yunzhijia.DirectoryPerson{
		OpenID: v.OpenID, Name: v.Name, Phone: v.Phone, Email: v.Email, OrgID: v.OrgID,
		JobTitle: v.JobTitle, Gender: v.Gender, Status: v.Status, JobNo: v.JobNo,
	}
	if p.Known.Has(PersonBirthday) {
		d.Birthday = p.Birthday.String()
	}
	if p.Known.Has(PersonJoinDate) {
		d.HireDate = p.JoinDate.String()
	}
	return d, nil
}

// Department returns what a record says about a department. One without a parent is a
// root, and so is the one whose long name is "\". What is listed is active. A deleted one
// of dept/getAtTime is a [*ConversionError], and so is a record without an id.
func (YunzhijiaDirectory) Department(v yunzhijia.DirectoryOrg) (Department, error) {
	if v.ChangeType == yunzhijia.OrgDeleted {
		return Department{}, &ConversionError{Entity: EntityDepartment, ID: v.ID, Field: "changeType", Reason: "says that it is deleted"}
	}
	if v.Department == yunzhijia.RootOrg {
		v.ParentID = ""
	}
	if blank(v.ID) {
		return Department{}, noID(EntityDepartment, "id")
	}
	return Yunzhijia{}.Department(yunzhijia.Org{OrgID: v.ID, ParentID: v.ParentID, Name: v.Name})
}

// FromDepartment returns d as openimport would answer it, without its long name. See
// [Yunzhijia.FromDepartment].
func (YunzhijiaDirectory) FromDepartment(d Department) (yunzhijia.DirectoryOrg, error) {
	v, err := Yunzhijia{}.FromDepartment(d)
	if err != nil {
		return yunzhijia.DirectoryOrg{}, err
	}
	return yunzhijia.DirectoryOrg{ID: v.OrgID, ParentID: v.ParentID, Name: v.Name}, nil
}
