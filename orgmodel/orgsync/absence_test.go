package orgsync_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/aiguanhuai/aiguanhuaitest"
	"github.com/orgbridge/orgbridge/orgmodel"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
	"github.com/orgbridge/orgbridge/tuzhan/tuzhantest"
	"github.com/orgbridge/orgbridge/yunzhijia"
	"github.com/orgbridge/orgbridge/yunzhijia/yunzhijiatest"
)

// bench is a fake source with a target that deletes and one that disables.
type bench struct {
	t        *testing.T
	source   *fakeSource
	deletes  *fakeTarget
	disables *fakeTarget
	store    orgsync.Store
	crash    *failingStore
	alone    bool // with the target that deletes
	options  []orgsync.Option
}

func newBench(t *testing.T, people int) *bench {
	t.Helper()
	b := &bench{
		t: t, store: orgsync.NewMemoryStore(),
		deletes:  &fakeTarget{name: "deletes", traits: orgsync.Traits{Batch: 50, DeletesLeavers: true}},
		disables: &fakeTarget{name: "disables", traits: orgsync.Traits{Batch: 50, Upserts: true}},
		source:   &fakeSource{hidden: map[string]bool{}, departments: []orgmodel.Department{department("d1", "", "公司"), department("d2", "d1", "研发"), department("d3", "d2", "一组")}},
	}
	for i := range people {
		b.source.people = append(b.source.people, staff(fmt.Sprintf("u%03d", i), "d1"))
	}
	return b
}

func (b *bench) run(options orgsync.RunOptions) (*orgsync.Report, error) {
	b.t.Helper()
	b.deletes.batches, b.disables.batches = nil, nil
	store := b.store
	if b.crash != nil {
		b.crash.Store = store
		store = b.crash
	}
	clock := func() time.Time { return time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC) }
	targets := []orgsync.Target{b.deletes, b.disables}
	if b.alone {
		targets = targets[:1]
	}
	engine, err := orgsync.New(orgsync.Config{Tenant: "t", Source: b.source, Store: store, Targets: targets},
		append([]orgsync.Option{orgsync.WithClock(clock)}, b.options...)...)
	require.NoError(b.t, err)
	return engine.Run(b.t.Context(), options)
}

func (b *bench) sync(options orgsync.RunOptions) *orgsync.Report {
	b.t.Helper()
	report, err := b.run(options)
	require.NoError(b.t, err, report.Text())
	return report
}

func TestMissingButThereWhenAskedFor(t *testing.T) {
	t.Parallel()
	b := newBench(t, 30)
	b.sync(orgsync.RunOptions{})
	b.source.hidden["u003"], b.source.hidden["d3"] = true, true
	report := b.sync(orgsync.RunOptions{Full: true})
	assert.Equal(t, []string{"d3", "u003"}, ids(report.Reading.Doubts))
	assert.Empty(t, b.deletes.batches)
	assert.Empty(t, b.disables.batches)

	// The point read says that they left: that is no absence but a leaver.
	b.source.people[3].SetStatus(orgmodel.StatusLeft)
	b.options = []orgsync.Option{orgsync.WithEnrichment(orgsync.Enrichment{Person: func(p orgmodel.Person) (orgmodel.Person, error) { return p, nil }})}
	report = b.sync(orgsync.RunOptions{Full: true})
	assert.Equal(t, 1, target(report, "deletes").Done[orgsync.Delete])
	assert.Equal(t, 1, target(report, "disables").Done[orgsync.Disable])

	b.source.departments = b.source.departments[:2]
	b.source.broken = errors.New("down")
	report = b.sync(orgsync.RunOptions{Full: true})
	assert.Contains(t, report.Reading.Doubts[0].Reason, "asking for it failed: down")
	b.source.broken = nil
	report = b.sync(orgsync.RunOptions{})
	assert.Equal(t, 1, target(report, "deletes").Done[orgsync.Delete])
	assert.Equal(t, 1, target(report, "disables").Done[orgsync.Disable], "the state has the department's name")
}

func TestNoMoreThanSoManyAbsencesAreConfirmedAtOnce(t *testing.T) {
	t.Parallel()
	b := newBench(t, 700)
	b.sync(orgsync.RunOptions{})
	b.source.people = b.source.people[:400]
	report, err := b.approved(orgsync.RunOptions{Full: true})
	require.NoError(t, err)
	assert.Equal(t, 200, target(report, "deletes").Done[orgsync.Delete])
	assert.Len(t, report.Reading.Doubts, 100)
	assert.Contains(t, report.Text(), "in doubt: and 80 more")
	report, err = b.approved(orgsync.RunOptions{})
	require.NoError(t, err)
	assert.Equal(t, "more is missing than was confirmed", report.Reading.Why)
	assert.Equal(t, 100, target(report, "deletes").Done[orgsync.Delete])

	// Whoever forces it waits for all of them.
	b = newBench(t, 700)
	b.sync(orgsync.RunOptions{})
	b.source.people = b.source.people[:400]
	report = b.sync(orgsync.RunOptions{Full: true, Force: true})
	assert.Equal(t, 300, target(report, "deletes").Done[orgsync.Delete])
}

// approved runs, and again with an approval of the plan that the guard stopped.
func (b *bench) approved(options orgsync.RunOptions) (*orgsync.Report, error) {
	b.t.Helper()
	_, err := b.run(options)
	var guard *orgsync.GuardError
	require.ErrorAs(b.t, err, &guard)
	options.Approve = guard.Digest
	return b.run(options)
}

// A target that will not remove does not use up all that is asked for ever.
func TestThoseWhoCannotBeRemovedStandBack(t *testing.T) {
	t.Parallel()
	b := newBench(t, 450)
	b.sync(orgsync.RunOptions{})
	b.source.people = b.source.people[:100]
	b.deletes.push = func(_ context.Context, batch orgsync.Batch) []orgsync.Outcome {
		outcomes := make([]orgsync.Outcome, len(batch.Items))
		for i, item := range batch.Items {
			if item.ID < "u300" {
				outcomes[i].Err = errors.New("refused")
			}
		}
		return outcomes
	}
	var refused *orgsync.TargetError
	_, err := b.approved(orgsync.RunOptions{Full: true})
	require.ErrorAs(t, err, &refused)
	report, err := b.approved(orgsync.RunOptions{})
	require.ErrorAs(t, err, &refused)
	assert.Equal(t, 150, target(report, "deletes").Done[orgsync.Delete])
	b.deletes.push = nil
	for range 3 {
		b.sync(orgsync.RunOptions{Full: true, Force: true})
	}
	// What is left is known to be absent, and nobody there can remove it.
	b.source.asked = 0
	report = b.sync(orgsync.RunOptions{Full: true})
	assert.Zero(t, b.source.asked)
	assert.Len(t, target(report, "disables").Skipped, 350)
}

// Parents are sent first, whatever the ids, across batches too.
func TestDepartmentsInOrder(t *testing.T) {
	t.Parallel()
	b := newBench(t, 1)
	b.deletes.traits.Batch = 1
	b.source.departments = []orgmodel.Department{department("a", "m", "丙"), department("m", "z", "乙"), department("z", "", "甲")}
	b.source.people[0].SetDepartmentIDs("a")
	order := func() (ids []string) {
		for _, batch := range b.deletes.batches {
			for _, item := range batch.Items {
				ids = append(ids, item.ID)
			}
		}
		return ids
	}
	b.sync(orgsync.RunOptions{})
	assert.Equal(t, []string{"z", "m", "a", "u000"}, order())
	b.source.departments = []orgmodel.Department{department("z", "", "甲")}
	b.source.people[0].SetDepartmentIDs("z")
	b.sync(orgsync.RunOptions{Force: true})
	assert.Equal(t, []string{"u000", "a", "m"}, order())
}

// Who was being sent when a run died is sent by the next one, although the source
// says nothing about them.
func TestUncertainRecordsAreOwed(t *testing.T) {
	t.Parallel()
	for write := range 2 { // before the call, and after it
		b := newBench(t, 30)
		b.alone = true
		b.sync(orgsync.RunOptions{})
		b.source.people[3].SetName("另名")
		b.crash = &failingStore{after: write, err: errors.New("killed")}
		_, err := b.run(orgsync.RunOptions{})
		require.EqualError(t, err, "killed")
		b.crash = nil
		b.source.hidden["u003"] = true
		report := b.sync(orgsync.RunOptions{})
		assert.False(t, report.Reading.Full)
		if write == 1 {
			assert.Equal(t, 1, target(report, "deletes").Done[orgsync.Update])
		}
		b.source.hidden["u003"] = false
		b.sync(orgsync.RunOptions{})
		b.sync(orgsync.RunOptions{})
		assert.Empty(t, b.deletes.batches)
	}
}

func TestUnknownStatusIsNoStatus(t *testing.T) {
	t.Parallel()
	b := newBench(t, 3)
	b.sync(orgsync.RunOptions{})
	b.source.people[1].Forget(orgmodel.PersonStatus)
	b.source.people[1].SetName("另名")
	report := b.sync(orgsync.RunOptions{Full: true})
	assert.Equal(t, []string{"u001"}, ids(target(report, "deletes").Skipped))
	assert.Empty(t, b.deletes.batches)
}

func TestClearedAttributesWait(t *testing.T) {
	t.Parallel()
	b := newBench(t, 3)
	b.sync(orgsync.RunOptions{})
	b.source.people[1].SetAttribute("level", "")
	b.source.people[1].SetMobile("13800000002")
	b.source.people = append(b.source.people, orgmodel.Person{}) // no id
	report := b.sync(orgsync.RunOptions{Full: true})
	assert.False(t, report.Reading.Complete)
	assert.Equal(t, 1, target(report, "deletes").Withheld)
	assert.Equal(t, 1, target(report, "deletes").Done[orgsync.Update])
	b.source.departments[2].SetStatus(orgmodel.StatusDisabled)
	report = b.sync(orgsync.RunOptions{Full: true})
	assert.Equal(t, []string{"d3"}, ids(target(report, "deletes").Skipped))
}

func TestOutsideDepartmentsAreRemovedWhenAsked(t *testing.T) {
	t.Parallel()
	b := newBench(t, 3)
	b.source.people = append(b.source.people, staff("u-in", "d2"), staff("u-both", "d1", "d2"))
	b.sync(orgsync.RunOptions{})
	b.options = []orgsync.Option{orgsync.WithScope(orgsync.Scope{Departments: []string{"d2"}})}
	report := b.sync(orgsync.RunOptions{Force: true})
	assert.Equal(t, 3, target(report, "deletes").Outside)
	assert.Equal(t, map[orgsync.Action]int{orgsync.Move: 1}, target(report, "deletes").Done, "with the department in scope alone")
	b.options = []orgsync.Option{orgsync.WithScope(orgsync.Scope{Departments: []string{"d3", "d3"}, RemoveOutside: true})}
	b.source.people = append(b.source.people, staff("u-new", "d3"))
	report = b.sync(orgsync.RunOptions{Force: true})
	assert.Equal(t, 5, target(report, "deletes").Done[orgsync.Delete])
	assert.Equal(t, 5, target(report, "disables").Done[orgsync.Disable])
	b.source.departments[0], b.source.departments[1] = department("d1", "", "公司"), department("d2", "d1", "研发")
	b.source.departments[2].SetParentID("d1")
	whole := b.source.people
	b.source.people = append(whole, orgmodel.Person{}) // no id: incomplete
	report = b.sync(orgsync.RunOptions{Force: true})
	assert.Equal(t, map[orgsync.Action]int{orgsync.Move: 1}, target(report, "deletes").Done)
	b.source.people = whole
	report = b.sync(orgsync.RunOptions{Force: true})
	assert.Equal(t, map[orgsync.Action]int{orgsync.Delete: 1}, target(report, "deletes").Done)
	assert.Equal(t, map[orgsync.Action]int{orgsync.Disable: 1}, target(report, "disables").Done)
	b.options = nil
	report = b.sync(orgsync.RunOptions{Force: true})
	assert.Equal(t, 1+5, target(report, "disables").Done[orgsync.Reactivate], "the department and its people")
}

// People are held back when their department could not be pushed.
func TestPeopleWaitForTheirDepartment(t *testing.T) {
	t.Parallel()
	b := newBench(t, 3)
	b.source.people = append(b.source.people, staff("u-in", "d2"))
	refuse := true
	b.disables.push = func(_ context.Context, batch orgsync.Batch) []orgsync.Outcome {
		outcomes := make([]orgsync.Outcome, len(batch.Items))
		for i, item := range batch.Items {
			if refuse && item.ID == "d2" {
				outcomes[i].Err = errors.New("refused")
			}
		}
		return outcomes
	}
	report, err := b.run(orgsync.RunOptions{})
	require.Error(t, err)
	assert.Equal(t, []string{"d2", "u-in"}, ids(target(report, "disables").Failed))
	refuse = false
	report = b.sync(orgsync.RunOptions{})
	assert.Equal(t, 1, target(report, "disables").Done[orgsync.Create])

	b.disables.push = func(context.Context, orgsync.Batch) []orgsync.Outcome { return nil }
	b.source.people[0].SetName("另名")
	_, err = b.run(orgsync.RunOptions{Full: true})
	require.ErrorContains(t, err, "another number of outcomes: 0 for 1 records")
}

// What a target took is noted down although the run was cancelled meanwhile.
func TestAcknowledgedWhileCancelled(t *testing.T) {
	t.Parallel()
	b := newBench(t, 3)
	ctx, cancel := context.WithCancel(t.Context())
	b.disables.push = func(_ context.Context, batch orgsync.Batch) []orgsync.Outcome {
		cancel()
		return make([]orgsync.Outcome, len(batch.Items))
	}
	engine, err := orgsync.New(orgsync.Config{Tenant: "t", Source: b.source, Store: b.store, Targets: []orgsync.Target{b.disables}})
	require.NoError(t, err)
	report, err := engine.Run(ctx, orgsync.RunOptions{})
	require.ErrorIs(t, err, context.Canceled)
	assert.Equal(t, 3, target(report, "disables").Done[orgsync.Create])
	assert.Equal(t, 3, target(report, "disables").NotSent)
	report, err = engine.Run(t.Context(), orgsync.RunOptions{})
	require.NoError(t, err)
	assert.Equal(t, 3, target(report, "disables").Unchanged)
	assert.Equal(t, 3, target(report, "disables").Done[orgsync.Create])
}

// Somebody who is owed and cannot be read does not end every run from now on.
func TestOwedAndUnreadable(t *testing.T) {
	t.Parallel()
	b := newBench(t, 30)
	b.sync(orgsync.RunOptions{})
	refuse := func(_ context.Context, batch orgsync.Batch) []orgsync.Outcome {
		outcomes := make([]orgsync.Outcome, len(batch.Items))
		for i := range outcomes {
			outcomes[i].Err = errors.New("refused")
		}
		return outcomes
	}
	b.deletes.push = refuse
	b.source.people[3].SetName("另名")
	b.source.people[4].SetName("另名")
	_, err := b.run(orgsync.RunOptions{})
	require.Error(t, err)
	b.deletes.push, b.source.broken = nil, errors.New("odd")
	for _, id := range []string{"u003", "u004"} {
		b.source.hidden[id] = true // the feed is silent
	}
	report := b.sync(orgsync.RunOptions{})
	assert.Equal(t, []string{"u003", "u004"}, ids(report.Reading.Doubts))
	b.source.broken, b.source.hidden = nil, nil
	report = b.sync(orgsync.RunOptions{})
	assert.Equal(t, "somebody could not be read one by one", report.Reading.Why)
	assert.Equal(t, 2, target(report, "deletes").Done[orgsync.Update])

	b.deletes.push = refuse
	b.source.people[3].SetName("又名")
	b.source.people[4].SetName("又名")
	_, err = b.run(orgsync.RunOptions{})
	require.Error(t, err)
	b.deletes.push, b.source.broken = nil, yunzhijia.ErrUnavailable
	b.source.hidden = map[string]bool{"u003": true, "u004": true}
	report = b.sync(orgsync.RunOptions{})
	assert.Equal(t, []string{"u003"}, ids(report.Reading.Doubts), "a source that is down is asked once")
}

// A full push would take away whoever was merely not understood, or not in scope.
func TestFullPushNeedsEverybody(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 6, 20)
	w.source.AddPerson(yunzhijia.Person{OpenID: "odd", Name: "赵奇", Phone: "13900000001", OrgID: "org-0003", JobNo: "E90001", Status: "7"})
	report := w.sync()
	assert.True(t, report.Reading.Complete)
	assert.False(t, target(report, "aiguanhuai").FullPush)
	assert.Len(t, w.a.People(), 20)

	w = newWorld(t, 6, 20)
	w.aiguanhuai.KeepOthers = true
	assert.False(t, target(w.sync(), "aiguanhuai").FullPush)
	w.requireInStep()

	w = newWorld(t, 6, 20)
	w.source.AddPerson(yunzhijia.Person{Name: "无号"})
	assert.False(t, target(w.sync(), "aiguanhuai").FullPush)
	w.requireInStepBut(t)
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
	for _, bucket := range []string{"people/tuzhan", "departments/tuzhan"} {
		for e, err := range lease.All(t.Context(), bucket) {
			require.NoError(t, err)
			assert.Contains(t, string(e.Value), `"a":true`)
		}
	}
	require.NoError(t, lease.Unlock(t.Context()))
	w.source.Leave(person(3))
	w.sync()
	w.requireInStep()
}

// A full push that 爱关怀 takes exception to goes on as updates, which remove nobody.
func TestFullPushRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 6, 20)
	w.sync()
	w.source.RemovePerson(person(7))
	w.source.RemoveOrg("org-0006")
	for _, p := range w.source.People() {
		if p.OrgID == "org-0006" {
			w.source.UpdatePerson(p.OpenID, func(p *yunzhijia.Person) { p.OrgID = "org-0001" })
		}
	}
	w.a.Inject(aiguanhuaitest.Refuse(200008).On(aiguanhuaitest.OpAdd))
	report := w.sync(orgsync.RunOptions{Full: true})
	assert.False(t, target(report, "aiguanhuai").FullPush)
	assert.Equal(t, []string{person(7)}, ids(target(report, "aiguanhuai").Skipped))
	assert.Equal(t, 1, target(report, "aiguanhuai").Done[orgsync.Disable])
	assert.Len(t, w.a.People(), 20)
	w.sync(orgsync.RunOptions{Full: true})
	assert.Len(t, w.a.People(), 19)
	w.requireInStepWithout(map[string]bool{person(7): true})
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

// Somebody leaves whose mobile is masked by then: 云简 takes no user without one. They
// still have their account, which is a failure until somebody supplies it.
func TestALeaverWhoCannotBeDisabledIsAFailure(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 6, 20)
	w.sync()
	phone := w.source.People()[3].Phone
	w.source.UpdatePerson(person(4), func(p *yunzhijia.Person) { p.Phone, p.Status = "1326*******4", yunzhijia.StatusLeft })
	for range 2 { // although the feed is silent the second time
		report, err := w.run(orgsync.RunOptions{})
		var failed *orgsync.TargetError
		require.ErrorAs(t, err, &failed)
		assert.Equal(t, "yunjian", failed.Target)
		assert.Equal(t, []orgsync.Note{{
			Entity: orgmodel.EntityPerson, ID: person(4), Action: orgsync.Disable,
			Reason: `cannot be disabled: orgmodel: person "person-00004": mobile: is required, but unknown or empty`,
		}}, target(report, "yunjian").Failed)
		assert.Len(t, w.t.Employees(), 19)
	}
	w.source.UpdatePerson(person(4), func(p *yunzhijia.Person) { p.Phone = phone })
	w.sync()
	w.requireInStep()
	w.sync()
	assert.Zero(t, w.writes())
}

// An incomplete reading says nothing about anybody's absence, not even once.
func TestIncompleteReadingsDoNotCountForGrace(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 6, 20)
	w.options = []orgsync.Option{orgsync.WithGrace(2)}
	w.yunzhijia.Pages.Prefetch = 1 // so that the fault strikes the first page
	w.sync()
	w.source.RemovePerson(person(7))
	w.source.Inject(yunzhijiatest.MutateBody(editRows(pageTroubles()["row without an id"])).On("getallpersons"))
	report := w.sync(orgsync.RunOptions{Full: true})
	assert.False(t, report.Reading.Complete)
	assert.Zero(t, w.source.Count("getperson"), "nobody is asked for")
	report = w.sync(orgsync.RunOptions{Full: true})
	assert.True(t, report.Reading.Complete)
	assert.Len(t, w.t.Employees(), 20, "the first time")
	w.sync(orgsync.RunOptions{Full: true})
	assert.Len(t, w.t.Employees(), 19, "the second time")
}

// Somebody is missing and not gone, somebody else is gone: a full push for the one
// would remove the other.
func TestNoFullPushInDoubt(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 6, 20)
	w.yunzhijia.Pages.Prefetch = 1
	w.sync()
	w.source.RemovePerson(person(7))
	w.source.Inject(yunzhijiatest.MutateBody(editRows(func(rows []any) []any {
		return slices.DeleteFunc(rows, func(row any) bool { return row.(map[string]any)["openId"] == person(8) })
	})).On("getallpersons"))
	report := w.sync(orgsync.RunOptions{Full: true})
	assert.Equal(t, []string{person(8)}, ids(report.Reading.Doubts))
	assert.False(t, target(report, "aiguanhuai").FullPush)
	assert.Equal(t, []string{person(7)}, ids(target(report, "aiguanhuai").Skipped))
	assert.Len(t, w.a.People(), 20)
	report = w.sync(orgsync.RunOptions{Full: true})
	assert.True(t, target(report, "aiguanhuai").FullPush)
	w.requireInStepWithout(map[string]bool{person(7): true})
}
