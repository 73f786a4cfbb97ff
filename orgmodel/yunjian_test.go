package orgmodel_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/orgmodel"
	"github.com/orgbridge/orgbridge/yunjian"
)

func TestYunjianTable(t *testing.T) {
	t.Parallel()
	type (
		line = row[orgmodel.Person, yunjian.User]
		text = yunjian.Opt[string]
	)
	testRows(t, full, yunjian.User{
		UserNo: "E7", FullName: "张三", Mobile: "13800000001", Gender: yunjian.Set("F"),
		EmailAddress: yunjian.Set("zhang@example.com"), Birthday: yunjian.Set(yunjian.Date{Year: 1987, Month: 12, Day: 19}),
		DepartmentCode: yunjian.Set("d1"), DepartmentName: yunjian.Set("部门d1"),
	}, orgmodel.Yunjian{Lookup: found}.FromPerson, []line{
		{"userNo: employee no, else id", func(p *orgmodel.Person) { p.Forget(orgmodel.PersonEmployeeNo) }, func(u *yunjian.User) { u.UserNo = "u1" }},
		{"name: fullName", func(p *orgmodel.Person) { p.SetName("李四") }, func(u *yunjian.User) { u.FullName = "李四" }},
		{"gender male: M", func(p *orgmodel.Person) { p.SetGender(orgmodel.GenderMale) }, func(u *yunjian.User) { u.Gender = yunjian.Set("M") }},
		{"gender unknown: –", func(p *orgmodel.Person) { p.SetGender(orgmodel.GenderUnknown) }, func(u *yunjian.User) { u.Gender = text{} }},
		{"gender not known", func(p *orgmodel.Person) { p.Known = p.Known.Without(orgmodel.PersonGender) }, func(u *yunjian.User) { u.Gender = text{} }},
		{"left: true", func(p *orgmodel.Person) { p.SetStatus(orgmodel.StatusLeft) }, func(u *yunjian.User) { u.IsLeave = true }},
		{"disabled: true", func(p *orgmodel.Person) { p.SetStatus(orgmodel.StatusDisabled) }, func(u *yunjian.User) { u.IsLeave = true }},
		{"retired: true", func(p *orgmodel.Person) { p.SetStatus(orgmodel.StatusRetired) }, func(u *yunjian.User) { u.IsLeave = true }},
		{"the primary department", func(p *orgmodel.Person) { p.SetDepartmentIDs("d2", "d1") }, func(u *yunjian.User) {
			u.DepartmentCode, u.DepartmentName = yunjian.Set("d2"), yunjian.Set("部门d2")
		}},
		{"a department nobody knows", func(p *orgmodel.Person) { p.SetDepartmentIDs("c", "d1") }, func(u *yunjian.User) { u.DepartmentCode, u.DepartmentName = text{}, text{} }},
		{"departments unknown", func(p *orgmodel.Person) { p.Forget(orgmodel.PersonDepartments) }, func(u *yunjian.User) { u.DepartmentCode, u.DepartmentName = text{}, text{} }},
		{"no departments", func(p *orgmodel.Person) { p.SetDepartmentIDs() }, func(u *yunjian.User) {
			u.DepartmentCode, u.DepartmentName = yunjian.Set(""), yunjian.Set("")
		}},
		{"e-mail cleared", func(p *orgmodel.Person) { p.SetEmail("") }, func(u *yunjian.User) { u.EmailAddress = yunjian.Set("") }},
		{"birthday unknown", func(p *orgmodel.Person) { p.Forget(orgmodel.PersonBirthday) }, func(u *yunjian.User) { u.Birthday = yunjian.Opt[yunjian.Date]{} }},
		{"attribute", func(p *orgmodel.Person) { p.SetAttribute("yunjian.level", "L3") }, func(u *yunjian.User) { u.Level = yunjian.Set("L3") }},
		{"attribute cleared", func(p *orgmodel.Person) { p.SetAttribute("yunjian.branchName", "") }, func(u *yunjian.User) { u.BranchName = yunjian.Set("") }},
		{"attributes of others", func(p *orgmodel.Person) {
			p.SetAttribute("level", "L3")
			p.SetAttribute("yunjian.departmentName", "旧部门")
		}, func(*yunjian.User) {}},
	})
}

func TestYunjianDepartmentGoesWithItsName(t *testing.T) {
	t.Parallel()
	for name, d := range map[string]orgmodel.Department{
		"unknown": {ID: "d1", Name: "stale"},
		"blank":   department("d1", "", " "),
	} {
		u, err := orgmodel.Yunjian{Lookup: func(string) (orgmodel.Department, bool) { return d, true }}.FromPerson(full())
		require.NoError(t, err, name)
		assert.False(t, u.DepartmentCode.IsSet() || u.DepartmentName.IsSet(), name)
	}
	u, err := orgmodel.Yunjian{}.FromPerson(full())
	require.NoError(t, err)
	assert.False(t, u.DepartmentCode.IsSet() || u.DepartmentName.IsSet(), "without a lookup")

	var nobody *orgmodel.Directory
	_, err = orgmodel.Yunjian{Lookup: nobody.Department}.FromPerson(full())
	require.NoError(t, err)
}

func TestYunjianFemaleCode(t *testing.T) {
	t.Parallel()
	a := orgmodel.Yunjian{FemaleCode: "W"}
	u, err := a.FromPerson(full())
	require.NoError(t, err)
	assert.Equal(t, "W", u.Gender.Or(""))
	back, err := a.Person(u)
	require.NoError(t, err)
	assert.Equal(t, orgmodel.GenderFemale, back.Gender)
	back, err = orgmodel.Yunjian{}.Person(u)
	require.NoError(t, err)
	assert.False(t, back.Known.Has(orgmodel.PersonGender))
}

func TestYunjianPerson(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		user    yunjian.User
		known   string
		cleared string
	}{
		"required":            {yunjian.User{FullName: "张三", Mobile: "13800000001"}, "[name status mobile]", "[]"},
		"nothing but isLeave": {yunjian.User{}, "[status]", "[]"},
		"empty": {yunjian.User{
			Gender: yunjian.Set(""), EmailAddress: yunjian.Set(""), Birthday: yunjian.Set(yunjian.Date{}), DepartmentCode: yunjian.Set(""),
		}, "[gender status email birthday departmentIds]", "[gender email birthday departmentIds]"},
		"male":       {yunjian.User{Gender: yunjian.Set("M")}, "[gender status]", "[]"},
		"other code": {yunjian.User{Gender: yunjian.Set("X")}, "[status]", "[]"},
		"lower case": {yunjian.User{Gender: yunjian.Set("m")}, "[status]", "[]"},
		"masked":     {yunjian.User{FullName: "印*", Mobile: "1326*******4"}, "[status]", "[]"},
		"department": {yunjian.User{DepartmentCode: yunjian.Set("01")}, "[status departmentIds]", "[]"},
		"no code":    {yunjian.User{DepartmentName: yunjian.Set("测试部")}, "[status]", "[]"},
	} {
		c.user.UserNo = "91228"
		p, err := orgmodel.Yunjian{}.Person(c.user)
		require.NoError(t, err, name)
		assert.Equal(t, "91228", p.ID)
		assert.Equal(t, orgmodel.StatusActive, p.Status, name)
		assert.Equal(t, c.known, p.Known.String(), name)
		assert.Equal(t, c.cleared, p.Cleared().String(), name)
		assert.Equal(t, c.user.DepartmentName.Or(""), p.Attributes["yunjian.departmentName"])
	}
	left, err := orgmodel.Yunjian{}.Person(yunjian.User{UserNo: "1", IsLeave: true})
	require.NoError(t, err)
	assert.Equal(t, orgmodel.StatusLeft, left.Status)

	_, err = orgmodel.Yunjian{}.Person(yunjian.User{FullName: "canary"})
	assert.EqualError(t, err, `orgmodel: person "": userNo: is empty`)
	_, err = orgmodel.Yunjian{}.Person(yunjian.User{UserNo: "1", Birthday: yunjian.Set(yunjian.Date{Year: 1997, Month: 2, Day: 30})})
	assert.Equal(t, "birthday", requireRefusal(t, err, orgmodel.EntityPerson, "1").Field)
}

func TestYunjianIDs(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		key    orgmodel.Key
		user   yunjian.User
		id, no string
	}{
		{orgmodel.KeyEmployeeNoOrID, yunjian.User{UserNo: "E7"}, "E7", ""}, // may be either
		{orgmodel.KeyID, yunjian.User{UserNo: "E7"}, "E7", ""},
		{orgmodel.KeyEmployeeNo, yunjian.User{UserNo: "E7"}, "E7", "E7"},
		{orgmodel.KeyEmployeeNo, yunjian.User{UserID: yunjian.Set(int64(91228))}, "91228", ""},
		{orgmodel.KeyID, yunjian.User{UserNo: "E7", UserID: yunjian.Set(int64(91228))}, "E7", ""},
	} {
		p, err := orgmodel.Yunjian{UserNo: c.key}.Person(c.user)
		require.NoError(t, err)
		assert.Equal(t, c.id, p.ID)
		assert.Equal(t, c.no, p.EmployeeNo)
	}
}

// TestYunjianAttributes goes there and back with each field that has one.
func TestYunjianAttributes(t *testing.T) {
	t.Parallel()
	for _, field := range []string{
		"costCenterName", "costCenterCode", "branchName", "branchCode", "level", "levelName", "levelCode", "nationality", "surname", "givenName",
	} {
		p := full()
		p.SetAttribute("yunjian."+field, "CHN")
		u, err := orgmodel.Yunjian{}.FromPerson(p)
		require.NoError(t, err)
		wire, err := json.Marshal(u)
		require.NoError(t, err)
		assert.Contains(t, string(wire), `"`+field+`":"CHN"`)
		back, err := orgmodel.Yunjian{}.Person(u)
		require.NoError(t, err)
		assert.Equal(t, p.Attributes, back.Attributes)
	}
	u, err := orgmodel.Yunjian{}.Person(yunjian.User{
		UserNo: "1", ExtraInfo: json.RawMessage(`{"a":1}`), CardInfo: []yunjian.Card{{CardType: "身份证", CardNo: "12312312"}},
	})
	require.NoError(t, err)
	assert.Empty(t, u.Attributes)
}
