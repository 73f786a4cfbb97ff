package orgsync_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/aiguanhuai"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
	"github.com/orgbridge/orgbridge/tuzhan/tuzhantest"
	"github.com/orgbridge/orgbridge/yunjian/yunjiantest"
	"github.com/orgbridge/orgbridge/yunzhijia"
)

func TestFirstSyncAndIncremental(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 30, 700)
	report := w.sync()
	assert.True(t, report.Reading.Full)
	assert.Equal(t, "first run", report.Reading.Why)
	assert.False(t, target(report, "aiguanhuai").Replaced, "nothing is replaced unasked")
	w.requireInStep()

	report = w.sync()
	assert.False(t, report.Reading.Full, report.Reading.Why)
	assert.Zero(t, w.writes(), report.Text())

	w.source.AddPerson(yunzhijia.Person{OpenID: "person-new", Name: "赵新", Phone: "13900000001", OrgID: "org-0003", JobTitle: "工程师", JobNo: "E90001"})
	w.source.UpdatePerson(person(20), func(p *yunzhijia.Person) { p.OrgID = "org-0005" })
	w.source.UpdatePerson(person(30), func(p *yunzhijia.Person) { p.JobTitle = "总监" })
	w.source.Leave(person(40))
	report = w.sync()
	assert.False(t, report.Reading.Full)
	w.requireInStep()
	assert.Equal(t, map[orgsync.Action]int{orgsync.Create: 1, orgsync.Move: 1, orgsync.Update: 1, orgsync.Disable: 1}, target(report, "aiguanhuai").Done)
	assert.Equal(t, map[orgsync.Action]int{orgsync.Create: 1, orgsync.Move: 1, orgsync.Update: 1, orgsync.Delete: 1}, target(report, "tuzhan").Done)
	assert.Equal(t, 2, w.a.Count(""))
	assert.Equal(t, 3, w.t.Count(tuzhantest.OpEmployees))
	assert.Equal(t, 2, w.y.Count(yunjiantest.OpSyncUsers))

	w.source.UpdatePerson(person(40), func(p *yunzhijia.Person) { p.Status = yunzhijia.StatusActive })
	report = w.sync()
	assert.Equal(t, 1, target(report, "tuzhan").Done[orgsync.Reactivate])
	w.requireInStep()
}

func TestDepartmentsChange(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 12, 60)
	w.sync()
	w.source.UpdateOrg("org-0002", func(o *yunzhijia.Org) { o.Name = "新名称" })
	w.source.AddOrg(yunzhijia.Org{OrgID: "org-new", ParentID: "org-0012", Name: "新部门"})
	w.source.UpdateOrg("org-0011", func(o *yunzhijia.Org) { o.ParentID = "org-new" })
	report := w.sync()
	assert.Equal(t, "departments changed", report.Reading.Why)
	w.requireInStep()

	// The department is dissolved, its people go elsewhere.
	for _, p := range w.source.People() {
		if p.OrgID == "org-0011" {
			w.source.UpdatePerson(p.OpenID, func(p *yunzhijia.Person) { p.OrgID = "org-0004" })
		}
	}
	w.source.RemoveOrg("org-0011")
	report = w.sync()
	assert.Equal(t, 1, target(report, "aiguanhuai").Done[orgsync.Disable])
	assert.Equal(t, 1, target(report, "tuzhan").Done[orgsync.Delete])
	w.requireInStep()
	w.sync()
	assert.Zero(t, w.writes())

	// It is founded anew.
	w.source.AddOrg(yunzhijia.Org{OrgID: "org-0011", ParentID: "org-0002", Name: "又一部门"})
	report = w.sync()
	assert.Equal(t, 1, target(report, "aiguanhuai").Done[orgsync.Reactivate])
	assert.Equal(t, 1, target(report, "tuzhan").Done[orgsync.Create])
	w.requireInStep()
}

func TestAbsence(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 12, 60)
	w.sync()
	w.source.Leave(person(3))
	w.sync()
	w.source.RemovePerson(person(7))
	w.sync()
	assert.Zero(t, w.writes(), "the feed cannot tell")
	report := w.sync(orgsync.RunOptions{Full: true})
	assert.Equal(t, map[orgsync.Action]int{orgsync.Delete: 1}, target(report, "tuzhan").Done)
	assert.Equal(t, map[orgsync.Action]int{orgsync.Disable: 1}, target(report, "aiguanhuai").Done)
	assert.Equal(t, map[orgsync.Action]int{orgsync.Disable: 1}, target(report, "yunjian").Done)
	w.requireInStep()
	people := map[string]aiguanhuai.Status{}
	for _, p := range w.a.People() {
		people[p.UserID] = p.Status
	}
	require.Equal(t, aiguanhuai.StatusDisabled, people[person(7)])
	require.Equal(t, aiguanhuai.StatusDisabled, people[person(3)], "those disabled earlier stay")
	require.Len(t, people, 60)
}

// Without a sealing key, the data needed to disable a person who vanished is gone:
// they are named, and the run fails, as long as that lasts.
func TestVanishedWithoutSealing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 12, 60)
	w.unsealed = true
	w.sync()
	w.source.RemovePerson(person(7))
	for i, options := range []orgsync.RunOptions{{Full: true}, {}, {Full: true}} {
		report, err := w.run(options)
		for _, name := range []string{"aiguanhuai", "yunjian"} {
			var failed *orgsync.TargetError
			require.ErrorAs(t, err, &failed, "run %d", i)
			assert.Equal(t, []string{person(7)}, ids(target(report, name).Failed), "%s, run %d", name, i)
		}
		assert.Len(t, w.t.Employees(), 59)
	}
	// They come back, and leave as others do.
	w.source.AddPerson(yunzhijia.Person{OpenID: person(7), Name: "赵归", Phone: "13900000007", OrgID: "org-0003", JobNo: "E90007", JobTitle: "经理"})
	w.sync()
	w.requireInStep()
	w.source.Leave(person(7))
	w.sync()
	w.requireInStep()
}
