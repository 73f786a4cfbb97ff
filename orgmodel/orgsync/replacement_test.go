package orgsync_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/aiguanhuai"
	"github.com/orgbridge/orgbridge/aiguanhuai/aiguanhuaitest"
	"github.com/orgbridge/orgbridge/orgmodel"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
	"github.com/orgbridge/orgbridge/tuzhan/tuzhantest"
	"github.com/orgbridge/orgbridge/yunzhijia"
	"github.com/orgbridge/orgbridge/yunzhijia/yunzhijiatest"
)

// replace asks for everything at 爱关怀 to be replaced.
func replace() orgsync.RunOptions { return orgsync.RunOptions{Replace: []string{"aiguanhuai"}} }

// approvedReplacement runs until the guard objects, and again with its digest.
func (w *world) approvedReplacement(t *testing.T) (*orgsync.Report, error) {
	t.Helper()
	_, err := w.run(replace())
	guard := requireGuard(t, err, orgsync.KindReplace)
	assert.Zero(t, w.writes())
	options := replace()
	options.Approve.Digest = guard.Digest
	return w.run(options)
}

// somebodyElseAtAiguanhuai puts a person there who is none of this engine's.
func (w *world) somebodyElseAtAiguanhuai(t *testing.T) {
	t.Helper()
	_, err := w.aiguanhuai.Client.UpdatePeople(t.Context(), []aiguanhuai.Person{{
		UserID: "foreign-1", Account: "foreign-1", RealName: "钱外", Status: aiguanhuai.StatusActive,
	}})
	require.NoError(t, err)
}

// What others put there goes by a replacement that was asked for and approved, and by
// nothing else.
func TestI31_replacementIsAskedForAndApproved(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 6, 20)
	w.somebodyElseAtAiguanhuai(t)
	w.sync()
	w.source.RemovePerson(person(7))
	w.sync(orgsync.RunOptions{Full: true})
	assert.Len(t, w.a.People(), 21)
	assert.Zero(t, w.a.Count(aiguanhuaitest.OpPrepare))

	report, err := w.approvedReplacement(t)
	require.NoError(t, err)
	assert.True(t, target(report, "aiguanhuai").Replaced)
	assert.Equal(t, 1, w.a.Count(aiguanhuaitest.OpComplete))
	w.requireInStep()
	w.sync()
	assert.Zero(t, w.writes())
	_, err = w.run(replace())
	requireGuard(t, err, orgsync.KindReplace)
}

// A replacement would take away people who were merely not understood, or not in scope.
func TestReplacementNeedsEverybody(t *testing.T) {
	t.Parallel()
	for name, prepare := range map[string]func(w *world){
		"a status that is not understood": func(w *world) {
			w.source.AddPerson(yunzhijia.Person{OpenID: "odd", Name: "赵奇", Phone: "13900000001", OrgID: "org-0003", JobNo: "E90001", Status: "7"})
		},
		"a scope": func(w *world) {
			w.options = []orgsync.Option{orgsync.WithScope(orgsync.Scope{Departments: []string{"org-0002"}})}
		},
		"a row without an id": func(w *world) { w.source.AddPerson(yunzhijia.Person{Name: "无号"}) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, 6, 20)
			w.somebodyElseAtAiguanhuai(t)
			prepare(w)
			w.sync()
			there := len(w.a.People())
			options := replace()
			options.Force = true
			report, err := w.run(options)
			require.ErrorIs(t, err, orgsync.ErrNoReplacement)
			assert.NotEmpty(t, target(report, "aiguanhuai").Error)
			assert.Zero(t, w.a.Count(""))
			assert.Len(t, w.a.People(), there)
		})
	}
}

// A replacement that 爱关怀 rejects for its records goes on as updates, which remove
// no one but those whose turn it is.
func TestReplacementRejected(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 6, 20)
	w.somebodyElseAtAiguanhuai(t)
	w.sync()
	w.source.RemovePerson(person(7))
	w.source.RemoveOrg("org-0006")
	for _, p := range w.source.People() {
		if p.OrgID == "org-0006" {
			w.source.UpdatePerson(p.OpenID, func(p *yunzhijia.Person) { p.OrgID = "org-0001" })
		}
	}
	w.a.Inject(aiguanhuaitest.Refuse(200008).On(aiguanhuaitest.OpAdd).After(1))
	report, err := w.approvedReplacement(t)
	require.NoError(t, err, report.Text())
	assert.False(t, target(report, "aiguanhuai").Replaced)
	assert.Equal(t, 2, target(report, "aiguanhuai").Done[orgsync.Disable], "the department and the person")
	assert.Len(t, w.a.People(), 21)
	report, err = w.approvedReplacement(t)
	require.NoError(t, err, report.Text())
	assert.True(t, target(report, "aiguanhuai").Replaced)
	w.requireInStep()
}

// One person is missing and not gone, another one is gone: a replacement because of
// the second would remove the first.
func TestNoReplacementInDoubt(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 6, 20)
	w.yunzhijia.Pages.Prefetch = 1
	w.sync()
	w.source.RemovePerson(person(7))
	w.source.Inject(yunzhijiatest.MutateBody(editRows(func(rows []any) []any {
		return slices.DeleteFunc(rows, func(row any) bool { return row.(map[string]any)["openId"] == person(8) })
	})).On("getallpersons"))
	options := replace()
	options.Force = true
	report, err := w.run(options)
	require.ErrorIs(t, err, orgsync.ErrNoReplacement)
	assert.Equal(t, []string{person(8)}, ids(report.Reading.Doubts))
	assert.Zero(t, w.a.Count(""))
	assert.Len(t, w.a.People(), 20)
	report = w.sync(options)
	assert.True(t, target(report, "aiguanhuai").Replaced)
	w.requireInStep()
}

// A status of "in progress" is no acknowledgement.
func TestPendingGoesAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 6, 20)
	w.t.Inject(tuzhantest.ResultStatus(0).On(tuzhantest.OpEmployees))
	report, err := w.run(orgsync.RunOptions{})
	require.Error(t, err)
	assert.Len(t, target(report, "tuzhan").Failed, 20)
	w.sync()
	assert.Equal(t, 1, w.t.Count(tuzhantest.OpEmployees))
	w.requireInStep()
}

// With the state lost, what is at 兔展 is adopted.
func TestAdoption(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 6, 20)
	assert.Zero(t, target(w.sync(), "tuzhan").Adopted)
	w.store = orgsync.NewMemoryStore()
	assert.Equal(t, 26, target(w.sync(), "tuzhan").Adopted)
	w.requireInStep()
	lease, err := w.store.Lock(t.Context(), "acme")
	require.NoError(t, err)
	for entity, number := range map[orgmodel.Entity]int{orgmodel.EntityPerson: 20, orgmodel.EntityDepartment: 6} {
		known, err := orgsync.KnownAt(t.Context(), lease, "tuzhan", entity)
		require.NoError(t, err)
		require.Len(t, known, number)
		for id, k := range known {
			assert.True(t, k.Adopted, id)
		}
	}
	require.NoError(t, lease.Unlock(t.Context()))
	w.source.Leave(person(3))
	w.sync()
	w.requireInStep()
}

func TestTargetsRefuseForeignRecords(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 0, 0)
	for _, target := range []orgsync.Target{w.aiguanhuai, w.tuzhan, w.yunjian} {
		for op := orgsync.Op(0); op <= orgsync.OpRemovePeople; op++ {
			outcomes := target.Push(t.Context(), orgsync.Batch{Op: op, Items: []orgsync.Item{{ID: "x", Value: 1}}})
			require.Len(t, outcomes, 1)
			assert.Error(t, outcomes[0].Err, "%s %d", target.Name(), op)
		}
	}
	_, err := w.yunjian.Department(department("d", "", "x"))
	require.Error(t, err)
	empty := func(func(orgsync.Item) bool) {}
	one := func(yield func(orgsync.Item) bool) { yield(orgsync.Item{ID: "x"}) }
	require.Error(t, w.aiguanhuai.Replace(t.Context(), one, empty))
	assert.Zero(t, w.writes())
}
