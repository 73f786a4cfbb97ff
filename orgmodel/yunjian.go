package orgmodel

import (
	"cmp"
	"strconv"

	"github.com/orgbridge/orgbridge/yunjian"
)

// Yunjian converts to and from the users of 云简, in either direction of its 人员
// 同步接口. 云简 has no departments of its own: each user carries code and name of
// one, so that there are no methods for departments here.
//
// Unknown fields are left out, cleared ones travel as "". The attributes
// yunjian.costCenterName, yunjian.costCenterCode, yunjian.branchName,
// yunjian.branchCode, yunjian.level, yunjian.levelName, yunjian.levelCode,
// yunjian.nationality, yunjian.surname and yunjian.givenName are the user's fields
// of those names. Identity documents (cardInfo) and extraInfo stay behind.
type Yunjian struct {
	// UserNo is what userNo holds, by which 云简 recognises people.
	UserNo Key
	// Lookup finds a person's department, whose name 云简 wants beside its id; most
	// often it is the method value of a snapshot, dir.Department. Without it, and
	// for a department that it does not find or knows no name of, neither is sent.
	Lookup func(id string) (Department, bool)
	// FemaleCode is the gender code of women, "" for F. The vendor's appendix of
	// genders is not published and its sample shows M alone, so F is an assumption.
	// To send no gender, forget the field first ([Person.Forget]).
	FemaleCode string
}

// Person returns what a user of 云简 knows about somebody. The id is userNo, or
// 云简's own userId in its absence: it is the id of the person who was pushed only
// if that is what the UserNo setting sends. userNo is also the employee number if
// the setting is KeyEmployeeNo. isLeave says "left", although
// [Yunjian.FromPerson] sends it for somebody disabled or retired too. A gender code
// other than M and FemaleCode is unknown. departmentName becomes the attribute
// yunjian.departmentName, which is not sent back. A [*ConversionError] says that
// there is no id, or a birthday that the calendar does not have.
func (a Yunjian) Person(u yunjian.User) (Person, error) {
	id := u.UserNo
	if number, ok := u.UserID.Get(); ok && blank(id) {
		id = strconv.FormatInt(number, 10)
	}
	if blank(id) {
		return Person{}, noID(EntityPerson, "userNo")
	}
	p := Person{ID: id}
	a.UserNo.employeeNo(&p, u.UserNo, "")
	given(u.FullName, p.SetName)
	given(u.Mobile, p.SetMobile)
	status, _ := a.statuses().model(u.IsLeave)
	p.SetStatus(status)
	read(u.Gender, func(code string) {
		if gender, ok := a.genders().model(code); ok {
			p.SetGender(gender)
		}
	})
	read(u.EmailAddress, p.SetEmail)
	read(u.Birthday, func(d yunjian.Date) { p.SetBirthday(Date(d)) })
	read(u.DepartmentCode, func(code string) {
		p.SetDepartmentIDs()
		given(code, func(id string) { p.SetDepartmentIDs(id) })
	})
	read(u.DepartmentName, func(name string) { p.SetAttribute("yunjian.departmentName", name) })
	for name, field := range yunjianAttributes(&u) {
		read(field, func(text string) { p.SetAttribute(name, text) })
	}
	if err := checkDates(p); err != nil {
		return Person{}, err
	}
	return p, nil
}

// FromPerson returns p as it is pushed to 云简. There is one department: the first
// of DepartmentIDs, which is the primary one. isLeave is true unless somebody is
// active, and an unknown gender is left out even if it is known to be unknown. A
// [*ConversionError] says which of id, name, mobile and status is missing (and, by
// the UserNo setting, the employee number), or which value is none.
func (a Yunjian) FromPerson(p Person) (yunjian.User, error) {
	p, err := outgoing(p)
	if err != nil {
		return yunjian.User{}, err
	}
	if err := require(p, PersonName, PersonMobile, PersonStatus); err != nil {
		return yunjian.User{}, err
	}
	userNo, err := a.UserNo.of(p)
	if err != nil {
		return yunjian.User{}, err
	}
	gender, _ := a.genders().vendor(p.Gender)
	isLeave, _ := a.statuses().vendor(p.Status)
	u := yunjian.User{
		UserNo:       userNo,
		FullName:     p.Name,
		Mobile:       p.Mobile,
		IsLeave:      isLeave,
		Gender:       ifKnown(gender != "", gender, yunjian.Set),
		EmailAddress: ifKnown(p.Known.Has(PersonEmail), p.Email, yunjian.Set),
		Birthday:     ifKnown(p.Known.Has(PersonBirthday), yunjian.Date(p.Birthday), yunjian.Set),
	}
	u.DepartmentCode, u.DepartmentName = a.department(p)
	for name, field := range yunjianAttributes(&u) {
		if text, known := p.Attributes[name]; known {
			*field = yunjian.Set(text)
		}
	}
	return u, nil
}

// department returns code and name of the primary department, both or none: a
// code next to a name from before would be a department that does not exist.
func (a Yunjian) department(p Person) (code, name yunjian.Opt[string]) {
	id := p.PrimaryDepartmentID()
	switch {
	case !p.Known.Has(PersonDepartments):
		return code, name
	case id == "":
		return yunjian.Set(""), yunjian.Set("")
	case a.Lookup == nil:
		return code, name
	}
	d, found := a.Lookup(id)
	if !found || !d.Known.Has(DepartmentName) || blank(d.Name) {
		return code, name
	}
	return yunjian.Set(id), yunjian.Set(d.Name)
}

// yunjianAttributes are the fields of u that have an attribute.
func yunjianAttributes(u *yunjian.User) map[string]*yunjian.Opt[string] {
	return map[string]*yunjian.Opt[string]{
		"yunjian.costCenterName": &u.CostCenterName,
		"yunjian.costCenterCode": &u.CostCenterCode,
		"yunjian.branchName":     &u.BranchName,
		"yunjian.branchCode":     &u.BranchCode,
		"yunjian.level":          &u.Level,
		"yunjian.levelName":      &u.LevelName,
		"yunjian.levelCode":      &u.LevelCode,
		"yunjian.nationality":    &u.Nationality,
		"yunjian.surname":        &u.Surname,
		"yunjian.givenName":      &u.GivenName,
	}
}

func (a Yunjian) genders() codes[Gender, string] {
	return codes[Gender, string]{
		{GenderUnknown, ""},
		{GenderMale, "M"},
		{GenderFemale, cmp.Or(a.FemaleCode, "F")},
	}
}

func (Yunjian) statuses() codes[Status, bool] {
	return codes[Status, bool]{
		{StatusActive, false},
		{StatusLeft, true},
		{StatusDisabled, true},
		{StatusRetired, true},
	}
}
