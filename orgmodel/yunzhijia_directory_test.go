package orgmodel_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/orgmodel"
	"github.com/orgbridge/orgbridge/yunzhijia"
)

func TestYunzhijiaDirectoryPerson(t *testing.T) {
	t.Parallel()
	var a orgmodel.YunzhijiaDirectory
	v := yunzhijia.DirectoryPerson{
		OpenID: "a", Name: "李示例", Gender: yunzhijia.GenderFemale, Phone: "+86 139-0000-0001", Email: "li@example.com",
		JobNo: "E1001", JobTitle: "开发工程师,评审员", OrgID: "team", Birthday: "1990-05-17", HireDate: "2019-03-01",
		PositiveDate: "2019-06-01", Status: yunzhijia.StatusActive,
	}
	p, err := a.Person(v)
	require.NoError(t, err)
	assert.Equal(t, "13900000001", p.Mobile)
	assert.Equal(t, "1990-05-17", p.Birthday.String())
	assert.Equal(t, "2019-03-01", p.JoinDate.String(), "not the day of becoming permanent")
	assert.Equal(t, orgmodel.GenderFemale, p.Gender)
	assert.Equal(t, "开发工程师,评审员", p.Position)
	assert.False(t, p.Known.Has(orgmodel.PersonSideDepartments), "they are in another call")

	a.SideDepartments(&p, "z", "team", "b", "", "z")
	assert.Equal(t, []string{"team", "b", "z"}, p.DepartmentIDs)
	a.SideDepartments(&p)
	assert.Equal(t, []string{"team"}, p.DepartmentIDs)
	assert.True(t, p.Known.Has(orgmodel.PersonSideDepartments), "known to have none")

	back, err := a.FromPerson(p)
	require.NoError(t, err)
	v.Phone, v.PositiveDate = p.Mobile, ""
	assert.Equal(t, v, back)
}

// What is masked, empty, or no value is unknown: it neither clears nor invents.
func TestYunzhijiaDirectoryUnknown(t *testing.T) {
	t.Parallel()
	var a orgmodel.YunzhijiaDirectory
	for name, v := range map[string]yunzhijia.DirectoryPerson{
		"empty": {OpenID: "a"},
		"masked": {
			OpenID: "a", Name: "吴**", Phone: "137****0002", Email: "***@example.com", Birthday: "1990-**-**", HireDate: "****",
			Contact: `[{"name":"手机","type":"P","value":"13700000002"}]`,
		},
		"no values":   {OpenID: "a", Birthday: "1990-02-30", HireDate: "0", Status: "9", Gender: "5"},
		"blank texts": {OpenID: "a", Name: " ", JobNo: "\t", OrgID: " "},
	} {
		p, err := a.Person(v)
		require.NoError(t, err, name)
		assert.True(t, p.Known.IsEmpty(), "%s: %v", name, p.Known)
		a.SideDepartments(&p, "b")
		assert.Empty(t, p.DepartmentIDs, "%s: a side department has no main one", name)
	}
	for status, want := range map[yunzhijia.Status]orgmodel.Status{"0": orgmodel.StatusLeft, "1": orgmodel.StatusActive, "2": orgmodel.StatusDisabled} {
		p, err := a.Person(yunzhijia.DirectoryPerson{OpenID: "a", Status: status})
		require.NoError(t, err)
		assert.Equal(t, want, p.Status)
	}
	_, err := a.Person(yunzhijia.DirectoryPerson{Name: "李示例"})
	require.ErrorAs(t, err, new(*orgmodel.ConversionError))
}

func TestYunzhijiaDirectoryDepartment(t *testing.T) {
	t.Parallel()
	var a orgmodel.YunzhijiaDirectory
	d, err := a.Department(yunzhijia.DirectoryOrg{ID: "team", ParentID: "dev", Name: "平台部", Department: `研发中心\平台部`, Weights: 5})
	require.NoError(t, err)
	assert.Equal(t, "dev", d.ParentID)
	assert.Equal(t, orgmodel.StatusActive, d.Status)
	back, err := a.FromDepartment(d)
	require.NoError(t, err)
	assert.Equal(t, yunzhijia.DirectoryOrg{ID: "team", ParentID: "dev", Name: "平台部"}, back)

	for _, root := range []yunzhijia.DirectoryOrg{{ID: "r", Name: "集团"}, {ID: "r", ParentID: "0", Name: "集团", Department: `\`}} {
		d, err = a.Department(root)
		require.NoError(t, err)
		assert.True(t, d.IsRoot())
	}
	for _, bad := range []yunzhijia.DirectoryOrg{{Name: "x"}, {ID: "x", Name: "x", ChangeType: yunzhijia.OrgDeleted}} {
		_, err = a.Department(bad)
		require.ErrorAs(t, err, new(*orgmodel.ConversionError))
	}
}

// Side departments and days reach each target that has the field.
func TestYunzhijiaDirectoryReachesTargets(t *testing.T) {
	t.Parallel()
	var a orgmodel.YunzhijiaDirectory
	p, err := a.Person(yunzhijia.DirectoryPerson{
		OpenID: "a", Name: "李示例", Phone: "13900000001", JobNo: "E1", OrgID: "team", Birthday: "1990-05-17", HireDate: "2019-03-01",
		Status: yunzhijia.StatusActive,
	})
	require.NoError(t, err)
	a.SideDepartments(&p, "dev")
	care, err := orgmodel.Aiguanhuai{}.FromPerson(p)
	require.NoError(t, err)
	assert.Equal(t, []string{"team", "dev"}, care.DepartmentID.Or(nil))
	day, _ := care.JoinDate.Get()
	assert.Equal(t, "20190301", day.Compact())
	rabbit, err := orgmodel.Tuzhan{}.FromPerson(p)
	require.NoError(t, err)
	assert.Equal(t, []string{"dev"}, rabbit.DeputyDeptIDs.Or(nil))
}
