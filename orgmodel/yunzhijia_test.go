package orgmodel_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/orgmodel"
	"github.com/orgbridge/orgbridge/yunzhijia"
)

// full is a person about whom everything is known.
func full() orgmodel.Person {
	p := person("u1", "张三", "d1", "d2")
	p.SetEmployeeNo("E7")
	p.SetGender(orgmodel.GenderFemale)
	p.SetMobile("13800000001")
	p.SetEmail("zhang@example.com")
	p.SetPosition("经理")
	p.SetBirthday(orgmodel.Date{Year: 1987, Month: 12, Day: 19})
	p.SetJoinDate(orgmodel.Date{Year: 2009, Month: 11, Day: 3})
	p.SetManagerIDs("u9")
	return p
}

// row is one line of the table of a vendor: what is set on [full], or on the
// department d1, and the vendor's fields that change by it.
type row[T, V any] struct {
	line string
	set  func(*T)
	want func(*V)
}

func testRows[T, V any](t *testing.T, record func() T, base V, there func(T) (V, error), rows []row[T, V]) {
	t.Helper()
	v, err := there(record())
	require.NoError(t, err)
	require.True(t, assert.ObjectsAreEqual(base, v), "the record as it is")
	for _, r := range rows {
		t.Run(r.line, func(t *testing.T) {
			t.Parallel()
			rec, want := record(), base
			r.set(&rec)
			r.want(&want)
			v, err := there(rec)
			require.NoError(t, err)
			assert.True(t, assert.ObjectsAreEqual(want, v))
		})
	}
}

func inUse() orgmodel.Department {
	d := department("d1", "d0", "销售部")
	d.SetStatus(orgmodel.StatusActive)
	d.SetOrder(3)
	d.SetManagerIDs("u1", "u2")
	return d
}

func TestYunzhijiaTable(t *testing.T) {
	t.Parallel()
	type line = row[orgmodel.Person, yunzhijia.Person]
	testRows(t, full, yunzhijia.Person{
		OpenID: "u1", JobNo: "E7", Name: "张三", Gender: "2", Status: "1", OrgID: "d1",
		Phone: "13800000001", Email: "zhang@example.com", JobTitle: "经理",
	}, orgmodel.Yunzhijia{}.FromPerson, []line{
		{"person id: openId", func(p *orgmodel.Person) { p.ID = "u2" }, func(v *yunzhijia.Person) { v.OpenID = "u2" }},
		{"employee no: jobNo", func(p *orgmodel.Person) { p.SetEmployeeNo("E8") }, func(v *yunzhijia.Person) { v.JobNo = "E8" }},
		{"name: name", func(p *orgmodel.Person) { p.SetName("李四") }, func(v *yunzhijia.Person) { v.Name = "李四" }},
		{"gender male: 1", func(p *orgmodel.Person) { p.SetGender(orgmodel.GenderMale) }, func(v *yunzhijia.Person) { v.Gender = "1" }},
		{"gender unknown: 0", func(p *orgmodel.Person) { p.SetGender(orgmodel.GenderUnknown) }, func(v *yunzhijia.Person) { v.Gender = "0" }},
		{"gender not known", func(p *orgmodel.Person) { p.Forget(orgmodel.PersonGender) }, func(v *yunzhijia.Person) { v.Gender = "" }},
		{"left: 0", func(p *orgmodel.Person) { p.SetStatus(orgmodel.StatusLeft) }, func(v *yunzhijia.Person) { v.Status = "0" }},
		{"disabled: 2", func(p *orgmodel.Person) { p.SetStatus(orgmodel.StatusDisabled) }, func(v *yunzhijia.Person) { v.Status = "2" }},
		{"status unknown", func(p *orgmodel.Person) { p.Forget(orgmodel.PersonStatus) }, func(v *yunzhijia.Person) { v.Status = "" }},
		{"departments: the primary as orgId", func(p *orgmodel.Person) { p.SetDepartmentIDs("d2", "d1") }, func(v *yunzhijia.Person) { v.OrgID = "d2" }},
		{"no departments", func(p *orgmodel.Person) { p.SetDepartmentIDs() }, func(v *yunzhijia.Person) { v.OrgID = "" }},
		{"mobile: masked = absent", func(p *orgmodel.Person) { p.Mobile = "1326*******4" }, func(v *yunzhijia.Person) { v.Phone = "" }},
	})
	type departmentLine = row[orgmodel.Department, yunzhijia.Org]
	testRows(t, inUse, yunzhijia.Org{
		OrgID: "d1", ParentID: "d0", Name: "销售部", Status: "1", InChargers: []yunzhijia.Person{{OpenID: "u1"}, {OpenID: "u2"}},
	}, orgmodel.Yunzhijia{}.FromDepartment, []departmentLine{
		{`root: parentId ""`, func(d *orgmodel.Department) { d.SetParentID("") }, func(v *yunzhijia.Org) { v.ParentID = "" }},
		{"no heads", func(d *orgmodel.Department) { d.SetManagerIDs() }, func(v *yunzhijia.Org) { v.InChargers = nil }},
	})
}

func TestYunzhijiaPerson(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		row   yunzhijia.Person
		known string
	}{
		"nothing":          {yunzhijia.Person{}, "[]"},
		"not granted":      {yunzhijia.Person{Name: "张三", Status: "1", OrgID: "d1", Gender: "1"}, "[name gender status departmentIds]"},
		"masked":           {yunzhijia.Person{Name: "印*", Phone: "1326*******4", Email: "***@x.com"}, "[]"},
		"granted":          {yunzhijia.Person{Phone: "13800000001", Email: "z@example.com"}, "[mobile email]"},
		"work":             {yunzhijia.Person{JobNo: "E7", JobTitle: "经理"}, "[employeeNo position]"},
		"gender 0":         {yunzhijia.Person{Gender: "0"}, "[]"},
		"gender 3":         {yunzhijia.Person{Gender: "3"}, "[]"},
		"gender in words":  {yunzhijia.Person{Gender: "男"}, "[]"},
		"status 3":         {yunzhijia.Person{Status: "3"}, "[]"},
		"status -1":        {yunzhijia.Person{Status: "-1"}, "[]"},
		"status 01":        {yunzhijia.Person{Status: "01"}, "[]"},
		"what stays":       {yunzhijia.Person{GlobalID: "g", PhotoURL: "http://x", Department: "销售部", IsAdmin: true}, "[]"},
		"blank is no text": {yunzhijia.Person{Name: " ", JobNo: " ", OrgID: " "}, "[]"},
	} {
		c.row.OpenID = "u1"
		p, err := orgmodel.Yunzhijia{}.Person(c.row)
		require.NoError(t, err, name)
		assert.Equal(t, c.known, p.Known.String(), name)
		assert.True(t, p.Equal(plain(t, p)), name)
		assert.Empty(t, p.Attributes, name)
		assert.Empty(t, p.Cleared().Names(), "%s: 云之家 clears nothing", name)
	}
	for code, status := range map[yunzhijia.Status]orgmodel.Status{
		"1": orgmodel.StatusActive, "0": orgmodel.StatusLeft, "2": orgmodel.StatusDisabled,
	} {
		p, err := orgmodel.Yunzhijia{}.Person(yunzhijia.Person{OpenID: "u1", Status: code})
		require.NoError(t, err)
		assert.Equal(t, status, p.Status)
	}
	for code, gender := range map[yunzhijia.Gender]orgmodel.Gender{"1": orgmodel.GenderMale, "2": orgmodel.GenderFemale} {
		p, err := orgmodel.Yunzhijia{}.Person(yunzhijia.Person{OpenID: "u1", Gender: code})
		require.NoError(t, err)
		assert.Equal(t, gender, p.Gender)
	}
	_, err := orgmodel.Yunzhijia{}.Person(yunzhijia.Person{Name: "canary"})
	assert.EqualError(t, err, `orgmodel: person "": openId: is empty`)
}

func TestYunzhijiaDepartment(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		row   yunzhijia.Org
		known string
	}{
		"listed":            {yunzhijia.Org{ParentID: "d0", Name: "销售部"}, "[parentId name status]"},
		"root":              {yunzhijia.Org{Name: "总部"}, "[parentId name status]"},
		"getorg":            {yunzhijia.Org{Status: "1", InChargers: []yunzhijia.Person{{OpenID: "u1"}}}, "[parentId status managerIds]"},
		"another status":    {yunzhijia.Org{Status: "0"}, "[parentId]"},
		"head without id":   {yunzhijia.Org{InChargers: []yunzhijia.Person{{OpenID: "u1"}, {}}}, "[parentId status]"},
		"no head, no claim": {yunzhijia.Org{InChargers: []yunzhijia.Person{}}, "[parentId status]"},
	} {
		c.row.OrgID = "d1"
		d, err := orgmodel.Yunzhijia{}.Department(c.row)
		require.NoError(t, err, name)
		assert.Equal(t, c.known, d.Known.String(), name)
		assert.Equal(t, c.row.ParentID, d.ParentID, name)
		assert.Equal(t, c.row.ParentID == "", d.IsRoot(), name)
		if d.Known.Has(orgmodel.DepartmentStatus) {
			assert.Equal(t, orgmodel.StatusActive, d.Status, name)
		}
	}
	_, err := orgmodel.Yunzhijia{}.Department(yunzhijia.Org{Name: "canary"})
	assert.EqualError(t, err, `orgmodel: department "": orgId: is empty`)
}
