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

// Person returns what a user of 云简 says about a person. The id is userNo, or
// 云简's own userId in its absence: it is the id of the person who was pushed only
// if that is what the UserNo setting sends. userNo is also the employee number if
// the setting is KeyEmployeeNo. isLeave says "left", although
// [Yunjian.FromPerson] sends it for disabled and retired people too. A gender code
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
	p.SetStatus(StatusActive)
	if u.IsLeave {
		p.SetStatus(StatusLeft)
	}
	read(u.Gender, func(code string) {
		switch code {
		case "":
			p.SetGender(GenderUnknown)
		case yunjianMale:
			p.SetGender(GenderMale)
		case a.femaleCode():
			p.SetGender(GenderFemale)
		}
	})
	read(u.EmailAddress, p.SetEmail)
	read(u.Birthday, p.SetBirthday)
	read(u.DepartmentCode, p.SetMainDepartmentID)
	read(u.DepartmentName, func(name string) { p.SetAttribute("yunjian.departmentName", name) })
	for _, attribute := range yunjianAttributes(&u) {
		read(attribute.field, func(text string) { p.SetAttribute(attribute.name, text) })
	}
	if err := checkDates(&p); err != nil {
		return Person{}, err
	}
	return p, nil
}

// FromPerson returns p as it is pushed to 云简. There is one department: the first
// of DepartmentIDs, which is the primary one. isLeave is true unless p is active,
// and an unknown gender is left out even if it is known to be unknown. A
// [*ConversionError] says which of id, name, mobile and status is missing (and, by
// the UserNo setting, the employee number), or which value cannot be used.
func (a Yunjian) FromPerson(p Person) (yunjian.User, error) {
	if err := outgoing(&p); err != nil {
		return yunjian.User{}, err
	}
	if err := require(&p, PersonName, PersonMobile, PersonStatus); err != nil {
		return yunjian.User{}, err
	}
	userNo, _, err := a.UserNo.Of(p, "")
	if err != nil {
		return yunjian.User{}, err
	}
	u := yunjian.User{UserNo: userNo, FullName: p.Name, Mobile: p.Mobile, IsLeave: p.Status != StatusActive}
	switch p.Gender {
	case GenderMale:
		u.Gender = yunjian.Set(yunjianMale)
	case GenderFemale:
		u.Gender = yunjian.Set(a.femaleCode())
	}
	if p.Known.Has(PersonEmail) {
		u.EmailAddress = yunjian.Set(p.Email)
	}
	if p.Known.Has(PersonBirthday) {
		u.Birthday = yunjian.Set(p.Birthday)
	}
	u.DepartmentCode, u.DepartmentName = a.department(&p)
	if len(p.Attributes) > 0 {
		for _, attribute := range yunjianAttributes(&u) {
			text, known := p.Attributes[attribute.name]
			if text, ok := cleanText(text); known && ok {
				*attribute.field = yunjian.Set(text)
			}
		}
	}
	return u, nil
}

// department returns code and name of the primary department, both or none: a
// code next to a name from before would be a department that does not exist.
func (a Yunjian) department(p *Person) (code, name yunjian.Opt[string]) {
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

// yunjianAttribute is a field of a user that has an attribute.
type yunjianAttribute struct {
	name  string
	field *yunjian.Opt[string]
}

func yunjianAttributes(u *yunjian.User) [10]yunjianAttribute {
	return [...]yunjianAttribute{
		{"yunjian.costCenterName", &u.CostCenterName},
		{"yunjian.costCenterCode", &u.CostCenterCode},
		{"yunjian.branchName", &u.BranchName},
		{"yunjian.branchCode", &u.BranchCode},
		{"yunjian.level", &u.Level},
		{"yunjian.levelName", &u.LevelName},
		{"yunjian.levelCode", &u.LevelCode},
		{"yunjian.nationality", &u.Nationality},
		{"yunjian.surname", &u.Surname},
		{"yunjian.givenName", &u.GivenName},
	}
}

// yunjianMale is the gender code in the vendor's sample.
const yunjianMale = "M"

func (a Yunjian) femaleCode() string { return cmp.Or(a.FemaleCode, "F") }
