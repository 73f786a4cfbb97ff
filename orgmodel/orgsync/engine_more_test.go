package orgsync_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/aiguanhuai/aiguanhuaitest"
	"github.com/orgbridge/orgbridge/orgmodel"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
	"github.com/orgbridge/orgbridge/tuzhan/tuzhantest"
	"github.com/orgbridge/orgbridge/yunjian/yunjiantest"
	"github.com/orgbridge/orgbridge/yunzhijia"
)

func TestNewReportsEverythingThatIsWrong(t *testing.T) {
	t.Parallel()
	_, err := orgsync.New(orgsync.Config{
		Source:  &orgsync.YunzhijiaSource{Overlap: -1},
		Targets: []orgsync.Target{nil, &orgsync.TuzhanTarget{}, &orgsync.TuzhanTarget{}, &orgsync.AiguanhuaiTarget{}, &orgsync.YunjianTarget{}, &fakeTarget{}},
	}, orgsync.WithGrace(0), orgsync.WithFullReadEvery(0), orgsync.WithClock(nil), orgsync.WithLogger(nil),
		orgsync.WithLimits(orgsync.Limits{}), orgsync.WithScope(orgsync.Scope{Departments: []string{" "}}))
	for _, field := range []string{
		"Tenant is empty", "Store is missing", "Source.Client is missing", "Targets[0] is missing", "Targets[2] has the name of another target",
		"Targets.tuzhan.Client is missing", "Targets.aiguanhuai.Client is missing", "Targets.yunjian.Client is missing",
		"Targets[5] has no name", "Targets[5] takes no records", "WithGrace is less than 1", "WithFullReadEvery is not positive",
		"WithClock has no function", "WithLogger has no logger", "WithLimits People is out of range", "WithScope has an empty department id",
	} {
		assert.ErrorContains(t, err, "orgsync: "+field)
	}
	var bad *orgsync.ConfigError
	assert.ErrorAs(t, err, &bad)
	w := newWorld(t, 0, 0)
	w.yunzhijia.Overlap = -1
	_, err = orgsync.New(orgsync.Config{Tenant: "t", Source: w.yunzhijia, Store: w.store})
	assert.ErrorContains(t, err, "Source.Overlap is negative")
	assert.ErrorContains(t, err, "Targets is empty")
}

func TestDryRunChangesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 6, 20)
	w.sync()
	w.source.Leave(person(3))
	w.source.UpdatePerson(person(4), func(p *yunzhijia.Person) { p.JobTitle = "总监" })
	first := w.sync(orgsync.RunOptions{DryRun: true})
	assert.Zero(t, w.writes())
	assert.Equal(t, []orgsync.Change{
		{Op: orgsync.OpUpdatePeople, Action: orgsync.Update, Entity: orgmodel.EntityPerson, ID: person(4), Department: "org-0004", Reason: orgsync.ReasonChanged},
		{Op: orgsync.OpRemovePeople, Action: orgsync.Delete, Entity: orgmodel.EntityPerson, ID: person(3), Department: "org-0003", Reason: orgsync.ReasonLeft},
	}, target(first, "tuzhan").Changes)
	assert.Contains(t, first.Text(), "tuzhan: planned: 1 update, 1 delete, 0 unchanged, 0 skipped, 0 withheld, 0 failed, 0 not sent")
	assert.Empty(t, first.Digest, "the guard objects to nothing")
	second := w.sync(orgsync.RunOptions{DryRun: true})
	assert.Equal(t, first.Targets, second.Targets)
	report := w.sync()
	for i := range report.Targets {
		assert.Equal(t, first.Targets[i].Planned, report.Targets[i].Done)
	}
	w.requireInStep()
}

func TestOneTargetDown(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 6, 20)
	w.t.Inject(tuzhantest.Status(503).Always())
	report, err := w.run(orgsync.RunOptions{})
	var failed *orgsync.TargetError
	require.ErrorAs(t, err, &failed)
	assert.Equal(t, "tuzhan", failed.Target)
	assert.Equal(t, 20, target(report, "aiguanhuai").Done[orgsync.Create]-6)
	assert.Equal(t, 20, target(report, "yunjian").Done[orgsync.Create])
	assert.Contains(t, report.Text(), "given up: ")
	w.t.ClearFaults()
	w.sync()
	w.requireInStep()

	w.a.Inject(aiguanhuaitest.Status(503).Always())
	w.source.Leave(person(2))
	_, err = w.run(orgsync.RunOptions{})
	require.ErrorAs(t, err, &failed)
	w.a.ClearFaults()
	report = w.sync()
	assert.False(t, report.Reading.Full, "the feed is silent, but 爱关怀 is owed")
	w.requireInStep()
}

func TestCancelAnywhere(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 6, 20)
	for i := range 20 {
		ctx, cancel := context.WithCancel(t.Context())
		calls := 0
		var mu sync.Mutex
		w.options = []orgsync.Option{orgsync.WithProgress(func(orgsync.Progress) {
			mu.Lock()
			defer mu.Unlock()
			if calls++; calls > i {
				cancel()
			}
		})}
		_, err := w.engine().Run(ctx, orgsync.RunOptions{})
		if calls <= i {
			require.NoError(t, err)
		}
		cancel()
	}
	w.options = nil
	w.sync()
	w.requireInStep()
	w.sync()
	assert.Zero(t, w.writes())
}

func TestProgressAndLog(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 6, 20)
	var phases []orgsync.Phase
	var last orgsync.Progress
	var log strings.Builder
	w.options = []orgsync.Option{
		orgsync.WithLogger(slog.New(slog.NewTextHandler(&log, nil))),
		orgsync.WithProgress(func(p orgsync.Progress) {
			if len(phases) == 0 || phases[len(phases)-1] != p.Phase {
				phases = append(phases, p.Phase)
			}
			if p.Target == "tuzhan" {
				last = p
			}
		}),
	}
	w.sync()
	assert.Equal(t, []orgsync.Phase{orgsync.PhaseDepartments, orgsync.PhasePeople, orgsync.PhasePlan, orgsync.PhasePush, orgsync.PhaseDone}, phases)
	assert.Equal(t, orgsync.Progress{Phase: orgsync.PhasePush, Target: "tuzhan", Done: 26, Total: 26}, last)
	assert.Contains(t, log.String(), "target=tuzhan changes=26")
}

// Nothing personal leaves by reports, logs, errors or the state.
func TestNothingPersonalGetsOut(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 6, 20)
	var log strings.Builder
	w.options = []orgsync.Option{orgsync.WithLogger(slog.New(slog.NewJSONHandler(&log, nil)))}
	secret := yunzhijia.Person{OpenID: "canary", Name: "金丝雀", Phone: "13812345678", Email: "canary@example.com", OrgID: "org-0003", JobTitle: "密职", JobNo: "E90009"}
	w.source.AddPerson(secret)
	masked := yunzhijia.Person{OpenID: "canary-2", Name: "金丝雀", Phone: "138****5678", OrgID: "org-none"}
	w.source.AddPerson(masked)
	w.source.AddPerson(yunzhijia.Person{OpenID: "holder", Name: "欧阳占用", Phone: "13812345679", OrgID: "org-0003", JobNo: "E90010", Status: yunzhijia.StatusLeft})
	w.t.RefuseRecord("canary", "手机号13812345678格式错误 金丝雀,已被欧阳占用占用")
	w.y.RefuseRecord("E90009", "13812345678 金丝雀 未维护(欧阳占用)")
	report, err := w.run(orgsync.RunOptions{})
	require.Error(t, err)
	text, jsonErr := json.Marshal(report)
	require.NoError(t, jsonErr)
	out := fmt.Sprint(err, string(text), report.Text(), log.String())
	lease, err := w.store.Lock(t.Context(), "acme")
	require.NoError(t, err)
	stored := 0
	for _, bucket := range orgsync.BucketsOf(len(report.Targets)) {
		for e, err := range lease.All(t.Context(), bucket) {
			require.NoError(t, err)
			out += e.Key + string(e.Value)
			stored++
		}
	}
	assert.Greater(t, stored, 4*20, "entries, and what is sealed")
	assert.Contains(t, out, "canary")
	assert.Contains(t, out, "手机号***格式错误 ***,已被***占用")
	for _, canary := range []string{"金丝雀", "13812345678", "138****5678", "canary@example.com", "密职", "欧阳占用"} {
		assert.NotContains(t, out, canary)
	}
}

func TestScope(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 12, 60)
	w.options = []orgsync.Option{orgsync.WithScope(orgsync.Scope{Departments: []string{"org-0002"}})}
	report := w.sync()
	assert.False(t, target(report, "aiguanhuai").Replaced, "others may be there")
	inside := map[string]bool{}
	for _, p := range w.source.People() {
		if p.OrgID == "org-0002" || slicesContainsBelow(w, p.OrgID, "org-0002") {
			inside[p.OpenID] = true
		}
	}
	require.NotEmpty(t, inside)
	assert.Len(t, w.t.Employees(), len(inside))
	assert.Len(t, w.y.Users(), len(inside))
	for _, p := range w.t.Employees() {
		assert.True(t, inside[p.ThirdUserID], p.ThirdUserID)
	}

	// Moving out of scope is not leaving; leaving is, wherever somebody is.
	mover := w.t.Employees()[0].ThirdUserID
	w.source.UpdatePerson(mover, func(p *yunzhijia.Person) { p.OrgID = "org-0001" })
	report = w.sync()
	assert.Zero(t, w.writes())
	assert.Equal(t, 1, target(report, "tuzhan").Outside)

	// Asked for, it is removed, once somebody has approved the other scope.
	w.options = []orgsync.Option{orgsync.WithScope(orgsync.Scope{Departments: []string{"org-0002"}, RemoveOutside: true})}
	_, err := w.run(orgsync.RunOptions{})
	guard := requireGuard(t, err, orgsync.KindSettings)
	w.sync(orgsync.RunOptions{Approve: orgsync.Approve{Digest: guard.Digest}})
	assert.Len(t, w.t.Employees(), len(inside)-1)
	w.sync(orgsync.RunOptions{Full: true})
	assert.Zero(t, w.writes())
}

func slicesContainsBelow(w *world, org, top string) bool {
	parents := map[string]string{}
	for _, o := range w.source.Orgs() {
		parents[o.OrgID] = o.ParentID
	}
	for ; org != ""; org = parents[org] {
		if org == top {
			return true
		}
	}
	return false
}

func TestRosterTakesEffectAlthoughTheFeedIsSilent(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 6, 20)
	mobiles := map[string]string{}
	w.options = []orgsync.Option{orgsync.WithEnrichment(orgsync.Enrichment{
		Person: func(p orgmodel.Person) (orgmodel.Person, error) {
			var known orgmodel.Person
			known.ID = p.ID
			if m := mobiles[p.ID]; m != "" {
				known.SetMobile(m)
			}
			return p.Merge(known)
		},
		Digest: func() string { return fmt.Sprint(mobiles) },
	})}
	w.source.AddPerson(yunzhijia.Person{OpenID: "silent", Name: "赵新", OrgID: "org-0003", JobNo: "E90001"})
	assert.Len(t, target(w.sync(), "tuzhan").Skipped, 1)
	mobiles["silent"] = "13900000001"
	assert.Empty(t, target(w.sync(), "tuzhan").Skipped)
	assert.Len(t, w.t.Employees(), 21)
	w.sync()
	assert.Zero(t, w.writes())

	w.options = []orgsync.Option{orgsync.WithEnrichment(orgsync.Enrichment{
		Person: func(p orgmodel.Person) (orgmodel.Person, error) {
			switch p.ID {
			case person(1):
				p.ID = "other"
			case person(2):
				return p, p.Refuse(orgmodel.PersonMobile, "is doubtful")
			}
			return p, nil
		},
	})}
	report := w.sync(orgsync.RunOptions{Full: true})
	assert.Equal(t, []orgsync.Note{
		{Entity: orgmodel.EntityPerson, ID: person(1), Reason: "id was changed by the enrichment",
			Code: orgsync.RemarkField, Args: []string{"id", "was changed by the enrichment"}},
		{Entity: orgmodel.EntityPerson, ID: person(2), Reason: "mobile is doubtful",
			Code: orgsync.RemarkField, Args: []string{"mobile", "is doubtful"}},
	}, report.Reading.Quarantined)
}

func TestStoreFailures(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 6, 20)
	w.sync()
	lease, err := w.store.Lock(t.Context(), "acme")
	require.NoError(t, err)
	people, err := orgsync.EntryBucket(t.Context(), lease, "tuzhan")
	require.NoError(t, err)
	for _, bad := range []orgsync.Entry{
		{Bucket: "meta", Key: "meta", Value: []byte(`{"format":99,"hashKey":"AA=="}`)},
		{Bucket: "meta", Key: "meta", Value: []byte(`{`)},
		{Bucket: "targets", Key: "tuzhan", Value: []byte(`{`)},
		{Bucket: people, Key: person(3), Value: []byte{1, 0, 7}},
	} {
		good, err := lease.Get(t.Context(), bad.Bucket, bad.Key)
		require.NoError(t, err)
		require.NoError(t, lease.Write(t.Context(), bad))
		require.NoError(t, lease.Unlock(t.Context()))
		report, err := w.run(orgsync.RunOptions{Full: true})
		require.ErrorIs(t, err, orgsync.ErrCorrupt)
		assert.NotEmpty(t, report.Error)
		assert.Zero(t, w.writes())
		if bad.Bucket != people { // entries are read when they are needed
			assert.Zero(t, w.source.Count(""))
		}
		lease, err = w.store.Lock(t.Context(), "acme")
		require.NoError(t, err)
		require.NoError(t, lease.Write(t.Context(), orgsync.Entry{Bucket: bad.Bucket, Key: bad.Key, Value: good[0]}))
	}
	require.NoError(t, lease.Unlock(t.Context()))
	require.ErrorIs(t, lease.Write(t.Context()), orgsync.ErrLeaseLost)
	for _, err := range lease.All(t.Context(), "meta") {
		require.ErrorIs(t, err, orgsync.ErrLeaseLost)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errors.New("enough"))
	_, err = w.store.Lock(ctx, "acme")
	require.EqualError(t, err, "enough")
}

func TestAWorldThatOmitsSuccesses(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 6, 20)
	w.y.OmitSuccesses(true)
	w.y.AnswerNumbers(true)
	w.sync()
	w.requireInStep()
	assert.Equal(t, 1, w.y.Count(yunjiantest.OpSyncUsers))
}

// A run that dies before its checkpoint has lost nothing of what was acknowledged.
func TestNothingAcknowledgedIsSentAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 6, 20)
	count := &failingStore{Store: w.store, after: 1 << 30}
	w.wrap = func(orgsync.Store) orgsync.Store { return count }
	w.sync()
	total := count.count

	w = newWorld(t, 6, 20)
	killed := &failingStore{Store: w.store, after: total - 2, err: errors.New("killed")} // the last write notes the run
	w.wrap = func(orgsync.Store) orgsync.Store { return killed }
	_, err := w.run(orgsync.RunOptions{})
	require.EqualError(t, err, "killed")
	w.wrap = nil
	report := w.sync()
	assert.Equal(t, "first run", report.Reading.Why)
	assert.Zero(t, w.writes(), report.Text())
}
