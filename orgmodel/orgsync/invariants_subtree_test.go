package orgsync_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/orgmodel"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
	"github.com/orgbridge/orgbridge/yunzhijia"
)

// At 120,000 people a percentage alone let thousands through.
func TestI03_bkiamsaas489(t *testing.T) {
	t.Parallel()
	limit := orgsync.DefaultLimits().People
	assert.Equal(t, 100, limit.Allowed(120_000))
	assert.Equal(t, 50, limit.Allowed(1_000))
	assert.Equal(t, 10, limit.Allowed(60))
	small := newBench(t, 6)
	small.sync(orgsync.RunOptions{})
	for i := range 4 {
		small.source.people[i].SetStatus(orgmodel.StatusLeft)
	}
	_, err := small.run(orgsync.RunOptions{})
	assert.Equal(t, 3, requireGuard(t, err, orgsync.KindPeople).Violations[0].Allowed, "never more than half")
	small.source.people[0].SetStatus(orgmodel.StatusActive)
	small.sync(orgsync.RunOptions{})

	w := newWorld(t, 12, 60)
	limits := orgsync.DefaultLimits()
	limits.People = orgsync.Limit{Absolute: 5, Share: 1, Small: 1}
	w.options = []orgsync.Option{orgsync.WithLimits(limits)}
	w.sync()
	leave := func(from, to int) {
		for i := from; i <= to; i++ {
			w.source.Leave(person(i))
		}
	}
	leave(1, 3)
	w.sync()
	leave(4, 6) // within the limit, but not together with those before
	_, err = w.run(orgsync.RunOptions{})
	guard := requireGuard(t, err, orgsync.KindPeople)
	assert.Equal(t, 3, guard.Violations[0].Recent)
	assert.Zero(t, w.writes())
	w.later(24 * time.Hour)
	w.sync()
	w.requireInStep()
	leave(7, 12)
	w.later(48 * time.Hour)
	_, err = w.run(orgsync.RunOptions{})
	requireGuard(t, err, orgsync.KindPeople)
	_, err = w.run(orgsync.RunOptions{Force: true})
	require.NoError(t, err)
	w.requireInStep()
}

// allowMany lets so many people go that the limit on all of them is out of the way.
func (w *world) allowMany() {
	limits := orgsync.DefaultLimits()
	limits.People.Small = 50
	w.options = []orgsync.Option{orgsync.WithLimits(limits)}
}

// addBranch founds a department with people in it.
func (w *world) addBranch(id, parent string, people int) {
	w.source.AddOrg(yunzhijia.Org{OrgID: id, ParentID: parent, Name: "分部" + id})
	for i := range people {
		w.source.AddPerson(yunzhijia.Person{OpenID: id + person(i), Name: "赵新", Phone: "13900000001", OrgID: id, JobNo: id + person(i)})
	}
}

// leaveBranch makes people of such a department leave.
func (w *world) leaveBranch(id string, people int) {
	for i := range people {
		w.source.Leave(id + person(i))
	}
}

// Everybody of one department leaves at once: few of the company, all of the department.
func TestI03_oneDepartment(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 4, 100)
	w.allowMany()
	w.sync()
	for i := range 13 {
		w.source.Leave(person(4*i + 2))
	}
	_, err := w.run(orgsync.RunOptions{})
	guard := requireGuard(t, err, orgsync.KindSubtree)
	require.Len(t, guard.Violations, 3, "once for each target, and not for what is above")
	for _, v := range guard.Violations {
		assert.Equal(t, orgsync.Violation{Kind: orgsync.KindSubtree, Target: v.Target, Department: "org-0002", Planned: 13, Of: 25, Allowed: 12}, v)
	}
	assert.Zero(t, w.writes())
}

// A branch of small departments goes, which no limit on one of them notices; nor
// does it help to go in two steps within a day.
func TestI03_oneBranch(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 4, 100)
	w.allowMany()
	w.addBranch("a", "org-0003", 4)
	for _, id := range []string{"b", "c", "d", "e", "f"} {
		w.addBranch(id, "a", 4)
	}
	w.sync()
	for _, id := range []string{"d", "e", "f"} {
		w.leaveBranch(id, 4)
	}
	w.sync()
	w.leaveBranch("c", 4)
	_, err := w.run(orgsync.RunOptions{})
	guard := requireGuard(t, err, orgsync.KindSubtree)
	assert.Equal(t, orgsync.Violation{Kind: orgsync.KindSubtree, Target: "aiguanhuai", Department: "a", Planned: 4, Recent: 12, Of: 24, Allowed: 12}, guard.Violations[0])
	assert.Zero(t, w.writes())
	w.later(24 * time.Hour)
	w.sync()
	w.requireInStep()
}

// Of departments within each other the uppermost is reported, once.
func TestI03_branchWithinBranch(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 4, 100)
	w.allowMany()
	w.addBranch("x", "org-0003", 12)
	w.addBranch("y", "x", 12)
	w.sync()
	w.leaveBranch("y", 12)
	w.leaveBranch("x", 1)
	_, err := w.run(orgsync.RunOptions{})
	guard := requireGuard(t, err, orgsync.KindSubtree)
	require.Len(t, guard.Violations, 3, "%v", guard)
	for _, v := range guard.Violations {
		assert.Equal(t, "x", v.Department)
	}
}
