package orgmodel_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/orgmodel"
	"github.com/orgbridge/orgbridge/tuzhan"
)

func TestTuzhanTable(t *testing.T) {
	t.Parallel()
	type line = row[orgmodel.Person, tuzhan.Employee]
	testRows(t, full, tuzhan.Employee{
		ThirdUserID: "u1", UserType: 1, ChannelName: "张三", Phone: "13800000001", Job: tuzhan.Set("经理"),
		ThirdDeptID: "d1", DeputyDeptIDs: tuzhan.Set([]string{"d2"}), RoleKeys: []tuzhan.RoleKey{"GENERAL_EMPLOYE"},
	}, orgmodel.Tuzhan{}.FromPerson, []line{
		{"person id: thirdUserId", func(p *orgmodel.Person) { p.ID = "u2" }, func(v *tuzhan.Employee) { v.ThirdUserID = "u2" }},
		{"name: channelName", func(p *orgmodel.Person) { p.SetName("李四") }, func(v *tuzhan.Employee) { v.ChannelName = "李四" }},
		{"no employee no, gender or dates", func(p *orgmodel.Person) { p.SetEmployeeNo("E8"); p.SetGender(orgmodel.GenderMale) }, func(*tuzhan.Employee) {}},
		{"status unknown", func(p *orgmodel.Person) { p.Forget(orgmodel.PersonStatus) }, func(*tuzhan.Employee) {}},
		{"departments: thirdDeptId + deputyDeptIds", func(p *orgmodel.Person) { p.SetDepartmentIDs("d3", "d1", "d2") }, func(v *tuzhan.Employee) {
			v.ThirdDeptID, v.DeputyDeptIDs = "d3", tuzhan.Set([]string{"d1", "d2"})
		}},
		{"one department clears the deputies", func(p *orgmodel.Person) { p.SetDepartmentIDs("d1") }, func(v *tuzhan.Employee) { v.DeputyDeptIDs = tuzhan.Set([]string{}) }},
		{"a comma in the main department", func(p *orgmodel.Person) { p.SetDepartmentIDs("d,1", "d2") }, func(v *tuzhan.Employee) { v.ThirdDeptID = "d,1" }},
		{"job cleared", func(p *orgmodel.Person) { p.SetPosition("") }, func(v *tuzhan.Employee) { v.Job = tuzhan.Set("") }},
		{"job unknown", func(p *orgmodel.Person) { p.Forget(orgmodel.PersonPosition) }, func(v *tuzhan.Employee) { v.Job = tuzhan.Opt[string]{} }},
		{"企业微信 id of others", func(p *orgmodel.Person) { p.SetAttribute("tuzhan.wxUserid", "w1") }, func(*tuzhan.Employee) {}},
	})
	type departmentLine = row[orgmodel.Department, tuzhan.Department]
	testRows(t, inUse, tuzhan.Department{
		DeptType: "outchannel", DeptName: "销售部", ThirdDeptID: "d1", ThirdParentID: "d0", DeptStatus: 1, SerialNum: 3,
	}, orgmodel.Tuzhan{}.FromDepartment, []departmentLine{
		{"root: thirdParentId left out", func(d *orgmodel.Department) { d.SetParentID("") }, func(v *tuzhan.Department) { v.ThirdParentID = "" }},
		{"disabled: 2", func(d *orgmodel.Department) { d.SetStatus(orgmodel.StatusDisabled) }, func(v *tuzhan.Department) { v.DeptStatus = 2 }},
		{"status unknown", func(d *orgmodel.Department) { d.Forget(orgmodel.DepartmentStatus) }, func(v *tuzhan.Department) { v.DeptStatus = 0 }},
		{"order unknown", func(d *orgmodel.Department) { d.Known = d.Known.Without(orgmodel.DepartmentOrder) }, func(v *tuzhan.Department) { v.SerialNum = 0 }},
	})
	root, err := orgmodel.Tuzhan{}.FromDepartment(func() orgmodel.Department { d := inUse(); d.SetParentID(""); return d }())
	require.NoError(t, err)
	wire, err := json.Marshal(root)
	require.NoError(t, err)
	assert.NotContains(t, string(wire), "arentId")
}

func TestTuzhanSettings(t *testing.T) {
	t.Parallel()
	a := orgmodel.Tuzhan{UserType: tuzhan.UserTypeWeCom, RoleKeys: []tuzhan.RoleKey{tuzhan.RoleCustom}, RoleID: 7}
	p := full()
	_, err := a.FromPerson(p)
	assert.Equal(t, "attributes.tuzhan.wxUserid", requireRefusal(t, err, orgmodel.EntityPerson, "u1").Field)

	p.SetAttribute("tuzhan.wxUserid", "w1")
	v, err := a.FromPerson(p)
	require.NoError(t, err)
	assert.Equal(t, tuzhan.UserTypeWeCom, v.UserType)
	assert.Equal(t, "w1", v.WxUserID)
	assert.Equal(t, a.RoleKeys, v.RoleKeys)
	assert.Equal(t, int64(7), v.RoleID)
	v.RoleKeys[0] = tuzhan.RoleAdmin
	assert.Equal(t, tuzhan.RoleCustom, a.RoleKeys[0], "the settings are not shared")

	back, err := a.Person(v)
	require.NoError(t, err)
	assert.Equal(t, map[string]string{"tuzhan.wxUserid": "w1"}, back.Attributes)
}

func TestTuzhanLeavers(t *testing.T) {
	t.Parallel()
	for _, status := range []orgmodel.Status{orgmodel.StatusLeft, orgmodel.StatusDisabled, orgmodel.StatusRetired} {
		p := orgmodel.Person{ID: "u1"} // whatever else is missing
		p.SetStatus(status)
		_, err := orgmodel.Tuzhan{}.FromPerson(p)
		require.ErrorIs(t, err, orgmodel.ErrLeaver)
		assert.Equal(t, "status", requireRefusal(t, err, orgmodel.EntityPerson, "u1").Field)
	}
	stale := full()
	stale.Status, stale.Known = orgmodel.StatusLeft, stale.Known.Without(orgmodel.PersonStatus)
	_, err := orgmodel.Tuzhan{}.FromPerson(stale)
	require.NoError(t, err)

	broken := full()
	broken.SetStatus(9)
	_, err = orgmodel.Tuzhan{}.FromPerson(broken)
	require.Error(t, err)
	require.NotErrorIs(t, err, orgmodel.ErrLeaver)

	nameless := orgmodel.Person{}
	nameless.SetStatus(orgmodel.StatusLeft)
	_, err = orgmodel.Tuzhan{}.FromPerson(nameless)
	require.NotErrorIs(t, err, orgmodel.ErrLeaver, "there is nobody to delete")
}

func TestTuzhanPerson(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		record      tuzhan.Employee
		known       string
		departments []string
	}{
		"nothing":             {tuzhan.Employee{}, "[]", nil},
		"required":            {tuzhan.Employee{ChannelName: "张三", Phone: "13800000001", ThirdDeptID: "d1"}, "[name mobile departmentIds]", []string{"d1"}},
		"deputies":            {tuzhan.Employee{ThirdDeptID: "d1", DeputyDeptIDs: tuzhan.Set([]string{"d2", "d3"})}, "[departmentIds sideDepartments]", []string{"d1", "d2", "d3"}},
		"deputies alone":      {tuzhan.Employee{DeputyDeptIDs: tuzhan.Set([]string{"d2"})}, "[]", nil},
		"the vendor's own id": {tuzhan.Employee{DeptID: 5, WxDeptID: 6}, "[]", nil},
		"masked":              {tuzhan.Employee{ChannelName: "印*", Phone: "1326*******4"}, "[]", nil},
		"no job":              {tuzhan.Employee{Job: tuzhan.Set("")}, "[position]", nil},
	} {
		c.record.ThirdUserID = "u1"
		p, err := orgmodel.Tuzhan{}.Person(c.record)
		require.NoError(t, err, name)
		assert.Equal(t, c.known, p.Known.String(), name)
		assert.Equal(t, c.departments, p.DepartmentIDs, name)
	}
	_, err := orgmodel.Tuzhan{}.Person(tuzhan.Employee{ChannelID: 5, ChannelName: "canary"})
	assert.EqualError(t, err, `orgmodel: person "": thirdUserId: is empty`)
}

func TestTuzhanDepartment(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		record tuzhan.Department
		known  string
		status orgmodel.Status
	}{
		"root":                 {tuzhan.Department{DeptName: "总部"}, "[parentId name]", orgmodel.StatusUnknown},
		"valid":                {tuzhan.Department{ThirdParentID: "d0", DeptStatus: 1, SerialNum: 3}, "[parentId status order]", orgmodel.StatusActive},
		"invalid":              {tuzhan.Department{ThirdParentID: "d0", DeptStatus: 2}, "[parentId status]", orgmodel.StatusDisabled},
		"no such status":       {tuzhan.Department{DeptStatus: 3}, "[parentId]", orgmodel.StatusUnknown},
		"parent by another id": {tuzhan.Department{ParentID: 5}, "[]", orgmodel.StatusUnknown},
		"parent of 企业微信":       {tuzhan.Department{WxParentID: 5}, "[]", orgmodel.StatusUnknown},
		"third before own":     {tuzhan.Department{ThirdParentID: "d0", ParentID: 5}, "[parentId]", orgmodel.StatusUnknown},
	} {
		c.record.ThirdDeptID, c.record.DeptType = "d1", tuzhan.DeptTypeExternal
		d, err := orgmodel.Tuzhan{}.Department(c.record)
		require.NoError(t, err, name)
		assert.Equal(t, c.known, d.Known.String(), name)
		assert.Equal(t, c.status, d.Status, name)
		assert.Equal(t, c.record.ThirdParentID, d.ParentID, name)
	}
	for _, other := range []tuzhan.DeptType{tuzhan.DeptTypeWeCom, "", "canary"} {
		_, err := orgmodel.Tuzhan{}.Department(tuzhan.Department{ThirdDeptID: "d1", DeptType: other})
		assert.EqualError(t, err, `orgmodel: department "d1": deptType: is not outchannel`)
	}
	_, err := orgmodel.Tuzhan{}.Department(tuzhan.Department{DeptType: tuzhan.DeptTypeExternal, DeptID: 5})
	assert.EqualError(t, err, `orgmodel: department "": thirdDeptId: is empty`)
}
