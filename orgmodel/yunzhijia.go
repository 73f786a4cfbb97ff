package orgmodel

import "github.com/orgbridge/orgbridge/yunzhijia"

// Yunzhijia converts to and from the records of 云之家. It has no settings.
//
// An answer of 云之家 does not tell "there is none" from "not for this app", and
// leaves fields out depending on the call. So an empty text is unknown, and 云之家
// never clears anything: not phone and email (未开放), which are also masked, and
// not jobNo, jobTitle, orgId and name either. A job title that is taken away there
// stays where it was pushed until another source clears it.
//
// globalId, photoUrl, isAdmin and the department's name on a person stay behind:
// no two vendors share them.
type Yunzhijia struct{}

// Person returns what a row of 云之家 says about a person. Gender 0 (不确定) and
// undocumented codes are unknown. So is a status other than 1, 0 or 2: it does not
// mean "left". orgId is the main department, and nothing is known of others. A row
// without an openId is a [*ConversionError].
func (Yunzhijia) Person(v yunzhijia.Person) (Person, error) {
	if blank(v.OpenID) {
		return Person{}, noID(EntityPerson, "openId")
	}
	p := Person{ID: v.OpenID}
	given(v.JobNo, p.SetEmployeeNo)
	given(v.Name, p.SetName)
	given(v.Phone, p.SetMobile)
	given(v.Email, p.SetEmail)
	given(v.JobTitle, p.SetPosition)
	given(v.OrgID, p.SetMainDepartmentID)
	if gender, _ := yunzhijiaGenders.model(v.Gender); gender != GenderUnknown {
		p.SetGender(gender)
	}
	status, _ := yunzhijiaStatuses.model(v.Status)
	p.SetStatus(status)
	return p, nil
}

// FromPerson returns p as 云之家 would answer it. OPerson has one department: the
// first of DepartmentIDs, which is the primary one. Unknown and cleared texts are
// "". 云之家 has no code for retired people: that is a [*ConversionError].
func (Yunzhijia) FromPerson(p Person) (yunzhijia.Person, error) {
	if err := outgoing(&p); err != nil {
		return yunzhijia.Person{}, err
	}
	status, ok := yunzhijiaStatuses.vendor(p.Status)
	if !ok && p.Known.Has(PersonStatus) {
		return yunzhijia.Person{}, p.Refuse(PersonStatus, "has no code at 云之家")
	}
	v := yunzhijia.Person{
		OpenID: p.ID, JobNo: p.EmployeeNo, Name: p.Name, Phone: p.Mobile, Email: p.Email,
		JobTitle: p.Position, OrgID: p.PrimaryDepartmentID(), Status: status,
	}
	if p.Known.Has(PersonGender) {
		v.Gender, _ = yunzhijiaGenders.vendor(p.Gender)
	}
	return v, nil
}

// Department returns what 云之家 knows about a department. parentId "" is the root.
// The page gives OOrg no status, because what is listed exists and what was
// dissolved is missing: without a status, or with getorg's 1, it is active, and any
// other status is unknown. Heads are known if the answer names any; an empty list
// is also what calls return that have none to tell. A row without an orgId is a
// [*ConversionError].
func (Yunzhijia) Department(v yunzhijia.Org) (Department, error) {
	if blank(v.OrgID) {
		return Department{}, noID(EntityDepartment, "orgId")
	}
	d := Department{ID: v.OrgID}
	d.SetParentID(v.ParentID)
	given(v.Name, d.SetName)
	if v.Status == "" || v.Status == yunzhijiaOrgActive {
		d.SetStatus(StatusActive)
	}
	var heads []string
	for _, head := range v.Heads() {
		if blank(head.OpenID) {
			return d, nil // an incomplete list would drop people
		}
		heads = append(heads, head.OpenID)
	}
	if len(heads) > 0 {
		d.SetManagerIDs(heads...)
	}
	return d, nil
}

// FromDepartment returns d as getorg would answer it, with the heads' ids alone.
// A [*ConversionError] says that parent or name is unknown, or that the
// department is not known to be active: 云之家 holds no others.
func (Yunzhijia) FromDepartment(d Department) (yunzhijia.Org, error) {
	d, err := outgoingDepartment(d)
	if err != nil {
		return yunzhijia.Org{}, err
	}
	if d.Status != StatusActive {
		return yunzhijia.Org{}, d.Refuse(DepartmentStatus, "is not known to be active, and 云之家 has no other departments")
	}
	v := yunzhijia.Org{OrgID: d.ID, ParentID: d.ParentID, Name: d.Name, Status: yunzhijiaOrgActive}
	for _, id := range d.ManagerIDs {
		v.InChargers = append(v.InChargers, yunzhijia.Person{OpenID: id})
	}
	return v, nil
}

// yunzhijiaOrgActive is the status in the vendor's sample of getorg.
const yunzhijiaOrgActive = "1"

var yunzhijiaGenders = codes[Gender, yunzhijia.Gender]{
	{GenderUnknown, yunzhijia.GenderUnknown},
	{GenderMale, yunzhijia.GenderMale},
	{GenderFemale, yunzhijia.GenderFemale},
}

var yunzhijiaStatuses = codes[Status, yunzhijia.Status]{
	{StatusActive, yunzhijia.StatusActive},
	{StatusLeft, yunzhijia.StatusLeft},
	{StatusDisabled, yunzhijia.StatusDisabled},
}
