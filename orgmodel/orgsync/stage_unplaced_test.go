package orgsync_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
	"github.com/orgbridge/orgbridge/yunzhijia"
)

// An event does not tell the department: that is no move, and the state goes on to say where
// the person is. A department that is dissolved has them in it still.
func TestI12_departmentNotToldIsNoMove(t *testing.T) {
	t.Parallel()
	v := newVendors(t, 5, 60)
	v.targets = v.targets[:1]
	v.sync()
	v.yzj.UpdatePerson(seeded(5), func(p *yunzhijia.Person) { p.OrgID, p.JobTitle = "", "变更" })
	r := v.sync()
	require.Equal(t, map[orgsync.Action]int{orgsync.Update: 1}, reportOf(r, "aiguanhuai").Done)
	require.Equal(t, []string{"org-0005"}, v.members()[seeded(5)].DepartmentID.Or(nil))
	for _, p := range v.yzj.People() {
		if p.OrgID == "org-0005" {
			v.yzj.UpdatePerson(p.OpenID, func(p *yunzhijia.Person) { p.OrgID = "org-0004" })
		}
	}
	v.yzj.RemoveOrg("org-0005")
	r = v.sync()
	require.Equal(t, []string{"org-0005"}, notedIDs(reportOf(r, "aiguanhuai").Withheld), "%s", r.Text())
	v.yzj.UpdatePerson(seeded(5), func(p *yunzhijia.Person) { p.OrgID = "org-0004" })
	v.sync()
	r = v.sync(orgsync.RunOptions{Full: true})
	require.Empty(t, reportOf(r, "aiguanhuai").Withheld)
}
