package orgsync_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/aiguanhuai"
	"github.com/orgbridge/orgbridge/orgmodel"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
	"github.com/orgbridge/orgbridge/tuzhan"
	"github.com/orgbridge/orgbridge/tuzhan/tuzhantest"
	"github.com/orgbridge/orgbridge/yunjian/yunjiantest"
	"github.com/orgbridge/orgbridge/yunzhijia"
	"github.com/orgbridge/orgbridge/yunzhijia/yunzhijiatest"
)

// Writing began while reading was still under way, and children before parents.
func TestI17_orgformation374(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 0, 0)
	w.source.AddOrg(
		yunzhijia.Org{OrgID: "c", ParentID: "b", Name: "丙"}, yunzhijia.Org{OrgID: "b", ParentID: "a", Name: "乙"}, yunzhijia.Org{OrgID: "a", Name: "甲"})
	w.source.AddPerson(yunzhijia.Person{OpenID: "u1", Name: "张三", Phone: "13800000001", OrgID: "c", JobNo: "E1"})
	var mu sync.Mutex
	var calls []string
	log := func(_ context.Context, vendor string) {
		mu.Lock()
		defer mu.Unlock()
		calls = append(calls, vendor)
	}
	source, err := yunzhijia.New(w.source.Config(), yunzhijia.WithHTTPClient(w.source.HTTPClient()), yunzhijia.WithClock(w.now),
		yunzhijia.WithHook(func(ctx context.Context, _ yunzhijia.Attempt) { log(ctx, "read") }))
	require.NoError(t, err)
	w.yunzhijia.Client = source
	a, err := aiguanhuai.New(w.a.Config(), aiguanhuai.WithHTTPClient(w.a.HTTPClient()),
		aiguanhuai.WithHook(func(ctx context.Context, _ aiguanhuai.Attempt) { log(ctx, "write") }))
	require.NoError(t, err)
	w.aiguanhuai.Client = a
	w.sync()
	w.source.RemovePerson("u1")
	w.source.AddPerson(yunzhijia.Person{OpenID: "u2", Name: "张三", Phone: "13800000001", OrgID: "c", JobNo: "E1"})
	calls = nil
	w.sync(orgsync.RunOptions{Full: true})
	require.Contains(t, calls, "write")
	assert.NotContains(t, calls[slices.Index(calls, "write"):], "read")
	assert.Equal(t, "a", w.t.Departments()[0].ThirdDeptID)
}

// Being told to wait was taken for a failure.
func TestI18_ssosync13(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 6, 20)
	w.t.Inject(tuzhantest.RateLimited(0).On(tuzhantest.OpEmployees))
	w.y.Inject(yunjiantest.RateLimited(0).On(yunjiantest.OpSyncUsers))
	w.source.Inject(yunzhijiatest.RateLimited(0).On("getallpersons"))
	w.sync()
	w.requireInStep()
}

// An add whose answer was lost is found, not made again.
func TestI18_Clawith373(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 6, 20)
	w.t.Inject(tuzhantest.LoseAnswer().On(tuzhantest.OpEmployees))
	report, err := w.run(orgsync.RunOptions{})
	require.Error(t, err)
	assert.Len(t, target(report, "tuzhan").Failed, 20)
	assert.Len(t, w.t.Employees(), 20)
	w.sync()
	assert.Equal(t, 1, w.t.Count(tuzhantest.OpEmployees), "updates first")
	w.requireInStep()
	w.sync()
	assert.Zero(t, w.writes())

	// And if nothing of it arrived, it is added after all.
	w.source.AddPerson(yunzhijia.Person{OpenID: "person-new", Name: "赵新", Phone: "13900000001", OrgID: "org-0003", JobNo: "E90001"})
	w.t.Inject(tuzhantest.ResetConnection().On(tuzhantest.OpEmployees).Always())
	_, err = w.run(orgsync.RunOptions{})
	require.ErrorIs(t, err, tuzhan.ErrUnavailable)
	w.t.ClearFaults()
	w.sync()
	w.requireInStep()

	// A person who leaves before the outcome is known is removed as well.
	w.source.AddPerson(yunzhijia.Person{OpenID: "brief", Name: "钱短", Phone: "13900000003", OrgID: "org-0003", JobNo: "E90003"})
	w.t.Inject(tuzhantest.LoseAnswer().On(tuzhantest.OpEmployees))
	_, err = w.run(orgsync.RunOptions{})
	require.Error(t, err)
	assert.Len(t, w.t.Employees(), 22)
	w.source.Leave("brief")
	w.sync()
	assert.Len(t, w.t.Employees(), 21)
}

// 14,000 people never finished, because every attempt began anew.
func TestI19_goldapadmin256(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 6, 1100)
	w.t.Inject(tuzhantest.ResetConnection().On(tuzhantest.OpEmployees).After(1).Always())
	report, err := w.run(orgsync.RunOptions{})
	require.ErrorIs(t, err, tuzhan.ErrUnavailable)
	assert.Equal(t, 506, target(report, "tuzhan").Done[orgsync.Create])
	assert.Equal(t, 100, target(report, "tuzhan").NotSent, "the next batch is not tried")
	w.requireInStepBut(t)
	w.t.ClearFaults()
	report = w.sync()
	assert.Equal(t, 506, target(report, "tuzhan").Unchanged)
	assert.Zero(t, w.a.Count("")+w.y.Count(yunjiantest.OpSyncUsers), "the others had finished")
	assert.LessOrEqual(t, w.t.Count(tuzhantest.OpEmployees), 4)
	w.requireInStep()
}

// Two runs at once, and one that went on after it had lost its lease.
func TestI20_keycloak26183(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 6, 1100)
	lease, err := w.store.Lock(t.Context(), "acme")
	require.NoError(t, err)
	_, err = w.run(orgsync.RunOptions{})
	require.ErrorIs(t, err, orgsync.ErrLocked)
	assert.Zero(t, w.writes())
	require.NoError(t, lease.Unlock(t.Context()))

	stolen := &failingStore{Store: w.store, after: 6, err: orgsync.ErrLeaseLost}
	w.wrap = func(orgsync.Store) orgsync.Store { return stolen }
	_, err = w.run(orgsync.RunOptions{})
	require.ErrorIs(t, err, orgsync.ErrLeaseLost)
	calls := w.writes()
	assert.LessOrEqual(t, calls, 9)
	w.wrap = nil
	report := w.sync()
	assert.Equal(t, "first run", report.Reading.Why, "the watermark was not moved")
	w.requireInStep()
}

// The state could not be written, and the run went on.
func TestI20_OpenProject10203(t *testing.T) {
	t.Parallel()
	for write := range 12 {
		w := newWorld(t, 6, 20)
		flaky := &failingStore{Store: w.store, after: write, err: errors.New("disk full"), once: true}
		w.wrap = func(orgsync.Store) orgsync.Store { return flaky }
		_, err := w.run(orgsync.RunOptions{})
		if flaky.count > write {
			require.ErrorContains(t, err, "disk full", "write %d", write)
		}
		w.wrap = nil
		w.sync()
		w.requireInStep()
	}
}

// When one target cannot note down what it has done, no other one goes on.
func TestI20_everybodyStops(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		waiting := &fakeTarget{name: "waiting", traits: orgsync.Traits{Batch: 1, Departments: true}, push: func(ctx context.Context, _ orgsync.Batch) []orgsync.Outcome {
			<-ctx.Done()
			return []orgsync.Outcome{{Err: context.Cause(ctx)}}
		}}
		failing := &fakeTarget{name: "failing", traits: orgsync.Traits{Batch: 10, Departments: true}, push: func(_ context.Context, b orgsync.Batch) []orgsync.Outcome {
			synctest.Wait()
			return make([]orgsync.Outcome, len(b.Items))
		}}
		source := &fakeSource{departments: []orgmodel.Department{department("d1", "", "公司")}, people: []orgmodel.Person{staff("u1", "d1")}}
		// Two notes of destinations, that of the run, two of what is about to be sent.
		store := &failingStore{Store: orgsync.NewMemoryStore(), after: 5, err: orgsync.ErrLeaseLost}
		engine, err := orgsync.New(orgsync.Config{Tenant: "t", Source: source, Store: store, Targets: []orgsync.Target{waiting, failing}})
		require.NoError(t, err)
		_, err = engine.Run(t.Context(), orgsync.RunOptions{})
		require.ErrorIs(t, err, orgsync.ErrLeaseLost)
		assert.Len(t, waiting.batches, 1)
	})
}

// requireInStepBut lets 兔展 lag behind.
func (w *world) requireInStepBut(t *testing.T) {
	t.Helper()
	want := 0
	for _, p := range w.source.People() {
		if p.OpenID != "" {
			want++
		}
	}
	assert.Len(t, w.a.People(), want)
	assert.Len(t, w.y.Users(), want)
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
