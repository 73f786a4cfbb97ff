package orgmodel_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/aiguanhuai"
	"github.com/orgbridge/orgbridge/orgmodel"
)

func TestAiguanhuaiTable(t *testing.T) {
	t.Parallel()
	type line = row[orgmodel.Person, aiguanhuai.Person]
	testRows(t, full, aiguanhuai.Person{
		UserID: "u1", Account: "E7", RealName: "张三", Gender: aiguanhuai.Set(aiguanhuai.Gender(1)), Status: 1,
		Email: aiguanhuai.Set("zhang@example.com"), Mobile: aiguanhuai.Set("13800000001"), Position: aiguanhuai.Set("经理"),
		DepartmentID: aiguanhuai.Set([]string{"d1", "d2"}), OrgSource: 11,
		Birthday: aiguanhuai.Set(aiguanhuai.Date{Year: 1987, Month: 12, Day: 19}),
		JoinDate: aiguanhuai.Set(aiguanhuai.Date{Year: 2009, Month: 11, Day: 3}),
	}, orgmodel.Aiguanhuai{}.FromPerson, []line{
		{"person id: userId", func(p *orgmodel.Person) { p.ID = "u2" }, func(v *aiguanhuai.Person) { v.UserID = "u2" }},
		{"employee no: account, else id", func(p *orgmodel.Person) { p.SetEmployeeNo("") }, func(v *aiguanhuai.Person) { v.Account = "u1" }},
		{"name: realName", func(p *orgmodel.Person) { p.SetName("李四") }, func(v *aiguanhuai.Person) { v.RealName = "李四" }},
		{"gender male: 2", func(p *orgmodel.Person) { p.SetGender(orgmodel.GenderMale) }, func(v *aiguanhuai.Person) { v.Gender = aiguanhuai.Set(aiguanhuai.Gender(2)) }},
		{"gender unknown: 0", func(p *orgmodel.Person) { p.SetGender(orgmodel.GenderUnknown) }, func(v *aiguanhuai.Person) { v.Gender = aiguanhuai.Set(aiguanhuai.Gender(0)) }},
		{"gender not known", func(p *orgmodel.Person) { p.Forget(orgmodel.PersonGender) }, func(v *aiguanhuai.Person) { v.Gender = aiguanhuai.Opt[aiguanhuai.Gender]{} }},
		{"left: 11", func(p *orgmodel.Person) { p.SetStatus(orgmodel.StatusLeft) }, func(v *aiguanhuai.Person) { v.Status = 11 }},
		{"disabled: 11", func(p *orgmodel.Person) { p.SetStatus(orgmodel.StatusDisabled) }, func(v *aiguanhuai.Person) { v.Status = 11 }},
		{"retired: 12", func(p *orgmodel.Person) { p.SetStatus(orgmodel.StatusRetired) }, func(v *aiguanhuai.Person) { v.Status = 12 }},
		{"departments: departmentId[]", func(p *orgmodel.Person) { p.SetDepartmentIDs("d2", "d1") }, func(v *aiguanhuai.Person) { v.DepartmentID = aiguanhuai.Set([]string{"d2", "d1"}) }},
		{"no departments", func(p *orgmodel.Person) { p.SetDepartmentIDs() }, func(v *aiguanhuai.Person) { v.DepartmentID = aiguanhuai.Set([]string{}) }},
		{"mobile masked", func(p *orgmodel.Person) { p.Mobile = "1326*******4" }, func(v *aiguanhuai.Person) { v.Mobile = aiguanhuai.Opt[string]{} }},
		{"mobile cleared", func(p *orgmodel.Person) { p.SetMobile("") }, func(v *aiguanhuai.Person) { v.Mobile = aiguanhuai.Set("") }},
		{"e-mail unknown", func(p *orgmodel.Person) { p.Forget(orgmodel.PersonEmail) }, func(v *aiguanhuai.Person) { v.Email = aiguanhuai.Opt[string]{} }},
		{"birthday cleared", func(p *orgmodel.Person) { p.SetBirthday(orgmodel.Date{}) }, func(v *aiguanhuai.Person) { v.Birthday = aiguanhuai.Set(aiguanhuai.Date{}) }},
	})
	type departmentLine = row[orgmodel.Department, aiguanhuai.Department]
	testRows(t, inUse, aiguanhuai.Department{
		DepartmentID: "d1", DepartmentName: "销售部", Status: 1, ParentID: aiguanhuai.Set("d0"),
	}, orgmodel.Aiguanhuai{}.FromDepartment, []departmentLine{
		{"root: parentId left out", func(d *orgmodel.Department) { d.SetParentID("") }, func(v *aiguanhuai.Department) { v.ParentID = aiguanhuai.Opt[string]{} }},
		{"disabled: 11", func(d *orgmodel.Department) { d.SetStatus(orgmodel.StatusDisabled) }, func(v *aiguanhuai.Department) { v.Status = 11 }},
	})
	v, err := orgmodel.Aiguanhuai{OrgSource: 1}.FromPerson(full())
	require.NoError(t, err)
	assert.Equal(t, 1, v.OrgSource)
}

func TestAiguanhuaiPerson(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		record  aiguanhuai.Person
		known   string
		cleared string
	}{
		"nothing": {aiguanhuai.Person{}, "[]", "[]"},
		"empty": {aiguanhuai.Person{
			Gender: aiguanhuai.Set(aiguanhuai.GenderUnknown), Mobile: aiguanhuai.Set(""), DepartmentID: aiguanhuai.Set[[]string](nil),
			Birthday: aiguanhuai.Set(aiguanhuai.Date{}),
		}, "[gender mobile birthday departmentIds]", "[gender mobile birthday departmentIds]"},
		"masked":    {aiguanhuai.Person{RealName: "印*", Mobile: aiguanhuai.Set("1326*******4")}, "[]", "[]"},
		"gender 3":  {aiguanhuai.Person{Gender: aiguanhuai.Set(aiguanhuai.Gender(3))}, "[]", "[]"},
		"status 2":  {aiguanhuai.Person{Status: 2}, "[]", "[]"},
		"status 11": {aiguanhuai.Person{Status: 11}, "[status]", "[]"},
	} {
		c.record.UserID = "u1"
		p, err := orgmodel.Aiguanhuai{}.Person(c.record)
		require.NoError(t, err, name)
		assert.Equal(t, c.known, p.Known.String(), name)
		assert.Equal(t, c.cleared, p.Cleared().String(), name)
	}
	for code, status := range map[aiguanhuai.Status]orgmodel.Status{
		0: orgmodel.StatusUnknown, 1: orgmodel.StatusActive, 11: orgmodel.StatusLeft, 12: orgmodel.StatusRetired,
	} {
		p, err := orgmodel.Aiguanhuai{}.Person(aiguanhuai.Person{UserID: "u1", Status: code})
		require.NoError(t, err)
		assert.Equal(t, status, p.Status)
	}
	for code, gender := range map[aiguanhuai.Gender]orgmodel.Gender{1: orgmodel.GenderFemale, 2: orgmodel.GenderMale} {
		p, err := orgmodel.Aiguanhuai{}.Person(aiguanhuai.Person{UserID: "u1", Gender: aiguanhuai.Set(code)})
		require.NoError(t, err)
		assert.Equal(t, gender, p.Gender)
	}
	for field, record := range map[string]aiguanhuai.Person{
		"birthday": {UserID: "u1", Birthday: aiguanhuai.Set(aiguanhuai.Date{Year: 1987, Month: 2, Day: 30})},
		"joinDate": {UserID: "u1", JoinDate: aiguanhuai.Set(aiguanhuai.Date{Year: 1987, Month: 2, Day: 30})},
	} {
		p, err := orgmodel.Aiguanhuai{}.Person(record)
		assert.Equal(t, field, requireRefusal(t, err, orgmodel.EntityPerson, "u1").Field)
		assert.NotContains(t, err.Error(), "1987")
		assert.True(t, p.Equal(orgmodel.Person{}))
	}
	_, err := orgmodel.Aiguanhuai{}.Person(aiguanhuai.Person{Account: "canary"})
	assert.EqualError(t, err, `orgmodel: person "": userId: is empty`)
}

func TestAiguanhuaiAccountIsRead(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		key           orgmodel.Key
		account, want string
	}{
		{orgmodel.KeyEmployeeNoOrID, "E7", "E7"},
		{orgmodel.KeyEmployeeNoOrID, "u1", ""}, // the id, or a number like it
		{orgmodel.KeyEmployeeNoOrID, "", ""},
		{orgmodel.KeyID, "E7", ""},
		{orgmodel.KeyEmployeeNo, "E7", "E7"},
		{orgmodel.KeyEmployeeNo, "u1", "u1"},
	} {
		p, err := orgmodel.Aiguanhuai{Account: c.key}.Person(aiguanhuai.Person{UserID: "u1", Account: c.account})
		require.NoError(t, err)
		assert.Equal(t, c.want, p.EmployeeNo)
		assert.Equal(t, c.want != "", p.Known.Has(orgmodel.PersonEmployeeNo))
	}
}

func TestAiguanhuaiDepartment(t *testing.T) {
	t.Parallel()
	for code, want := range map[aiguanhuai.Status]orgmodel.Status{
		0: orgmodel.StatusUnknown, 1: orgmodel.StatusActive, 11: orgmodel.StatusDisabled, 12: orgmodel.StatusUnknown,
	} {
		d, err := orgmodel.Aiguanhuai{}.Department(aiguanhuai.Department{DepartmentID: "d1", DepartmentName: "部门", Status: code})
		require.NoError(t, err)
		assert.Equal(t, want, d.Status)
		assert.Equal(t, want != orgmodel.StatusUnknown, d.Known.Has(orgmodel.DepartmentStatus))
		assert.True(t, d.IsRoot())
	}
	d, err := orgmodel.Aiguanhuai{}.Department(aiguanhuai.Department{DepartmentID: "d1", ParentID: aiguanhuai.Set("d0")})
	require.NoError(t, err)
	assert.Equal(t, "d0", d.ParentID)
	assert.Equal(t, "[parentId]", d.Known.String())
	_, err = orgmodel.Aiguanhuai{}.Department(aiguanhuai.Department{DepartmentName: "canary"})
	assert.EqualError(t, err, `orgmodel: department "": departmentId: is empty`)
}
