package orgsync_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
	"github.com/orgbridge/orgbridge/yunzhijia"
)

// A report says in which departments what was acknowledged; all of it, and nothing else.
func TestReportCountsByDepartment(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 6, 60)
	first := w.sync()
	for i := range first.Targets {
		target := &first.Targets[i]
		all, done := 0, 0
		for _, d := range target.Departments {
			all += d.Changes()
			if target.Name != "yunjian" {
				assert.Equal(t, orgsync.Create, d.Itself)
			}
		}
		for _, n := range target.Done {
			done += n
		}
		assert.Equal(t, done, all, target.Name)
	}

	were := map[string]string{}
	for _, p := range w.source.People() {
		were[p.OpenID] = p.OrgID
	}
	w.source.Leave(person(7))
	w.source.UpdatePerson(person(8), func(p *yunzhijia.Person) { p.OrgID = "org-0004" })
	w.source.AddOrg(yunzhijia.Org{OrgID: "org-new", ParentID: "org-0001", Name: "新部门"})
	report := w.sync()
	want := map[string]orgsync.DepartmentChanges{
		were[person(7)]: {ID: were[person(7)], People: map[orgsync.Action]int{orgsync.Delete: 1}},
		"org-0004":      {ID: "org-0004", People: map[orgsync.Action]int{orgsync.Move: 1}},
		"org-new":       {ID: "org-new", Itself: orgsync.Create},
	}
	got := map[string]orgsync.DepartmentChanges{}
	for _, d := range target(report, "tuzhan").Departments {
		got[d.ID] = d
	}
	assert.Equal(t, want, got)

	w.source.RemoveOrg("org-new")
	report = w.sync()
	assert.Equal(t, []orgsync.DepartmentChanges{{ID: "org-new", Itself: orgsync.Delete}}, target(report, "tuzhan").Departments)
}
