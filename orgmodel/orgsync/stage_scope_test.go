package orgsync_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/orgmodel"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
	"github.com/orgbridge/orgbridge/yunzhijia"
)

func scoped(remove bool, departments ...string) []orgsync.Option {
	return []orgsync.Option{orgsync.WithScope(orgsync.Scope{Departments: departments, RemoveOutside: remove})}
}

// An event does not tell the department: that is not to have moved out of scope.
func TestI12_scopeAndADepartmentNotTold(t *testing.T) {
	t.Parallel()
	for _, remove := range []bool{false, true} {
		v := newVendors(t, 5, 40)
		v.options = scoped(remove, "org-0001")
		v.sync()
		v.yzj.UpdatePerson(seeded(6), func(p *yunzhijia.Person) { p.OrgID, p.JobTitle = "", "变更" })
		for _, full := range []bool{false, true} {
			r := v.sync(orgsync.RunOptions{Full: full})
			require.Contains(t, v.staff(), seeded(6), "%s", r.Text())
			require.False(t, v.users()[seededNo(6)].IsLeave)
			require.Equal(t, []string{seeded(6)}, notedIDs(reportOf(r, "tuzhan").Skipped), "named, not ignored")
		}
		v.yzj.Leave(seeded(6))
		v.sync()
		require.NotContains(t, v.staff(), seeded(6), "a leaver goes, whatever the department")
	}
}

// Who is not placed yet is not told to a target with a scope, and comes once they are.
func TestI12_scopeAndANewcomerWithoutADepartment(t *testing.T) {
	t.Parallel()
	target := newStageTarget("t")
	p := newPlay(t, 40, target)
	p.options = scoped(true, "d1", "d2")
	p.sync()
	newcomer := player(41, "d1")
	newcomer.Forget(orgmodel.PersonDepartments)
	p.src.put(newcomer)
	r := p.sync()
	require.NotContains(t, target.people, playerID(41))
	require.Equal(t, []string{playerID(41)}, notedIDs(reportOf(r, "t").Skipped))
	p.src.put(player(41, "d2"))
	p.sync()
	require.Contains(t, target.people, playerID(41))
}

// One of two departments of the scope is not there: the other one is fed, and every report
// says so (group-sync-operator #319, where a group was renamed).
func TestI07_groupSync319_oneDepartmentOfTheScopeIsMissing(t *testing.T) {
	t.Parallel()
	target := newStageTarget("t")
	p := newPlay(t, 40, target)
	p.options = scoped(false, "d1", "d22\x1b[2J", "d2")
	for range 2 {
		r := p.sync()
		require.Equal(t, []string{`the scope names departments that are not there: d22\x1b[2J`}, r.Notes)
		require.Contains(t, r.Text(), "d22")
		require.Equal(t, 10, target.active())
	}
	for i := range p.src.departments { // dissolved, and its people are where no target looks
		if p.src.departments[i].ID == "d2" {
			p.src.departments = slices.Delete(p.src.departments, i, i+1)
			break
		}
	}
	for n := 1; n <= 40; n++ {
		if p.src.people[playerID(n)].PrimaryDepartmentID() == "d2" {
			p.src.put(player(n, "d5"))
		}
	}
	r := p.sync()
	require.Equal(t, []string{`the scope names departments that are not there: d22\x1b[2J, d2`}, r.Notes)
	require.Equal(t, 10, target.active())
}
