package orgsync_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/orgmodel"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
	"github.com/orgbridge/orgbridge/yunzhijia"
	"github.com/orgbridge/orgbridge/yunzhijia/yunzhijiatest"
)

func TestMissingButThereWhenAskedFor(t *testing.T) {
	t.Parallel()
	b := newBench(t, 30)
	b.sync(orgsync.RunOptions{})
	b.source.hidden["u003"], b.source.hidden["d3"] = true, true
	for i := range 2 {
		report, err := b.run(orgsync.RunOptions{Full: true})
		assert.Equal(t, []string{"d3", "u003"}, ids(report.Reading.Doubts), "named both times")
		assert.Empty(t, b.deletes.batches)
		assert.Empty(t, b.disables.batches)
		if i == 0 {
			var unfit *orgsync.ReadingError
			require.ErrorAs(t, err, &unfit)
			assert.Len(t, unfit.Reasons, 2)
			assert.Equal(t, "the reading does not fit", report.Reading.WatermarkWhy)
			continue
		}
		require.NoError(t, err, "the source does not list them: that is how it is")
	}

	// The point read says that they left: that is no absence but a leaver.
	b.source.people[3].SetStatus(orgmodel.StatusLeft)
	b.options = []orgsync.Option{orgsync.WithEnrichment(orgsync.Enrichment{Person: func(p orgmodel.Person) (orgmodel.Person, error) { return p, nil }})}
	report := b.sync(orgsync.RunOptions{Full: true})
	assert.Equal(t, 1, target(report, "deletes").Done[orgsync.Delete])
	assert.Equal(t, 1, target(report, "disables").Done[orgsync.Disable])

	b.source.departments = b.source.departments[:2]
	b.source.broken = errors.New("down")
	report, err := b.run(orgsync.RunOptions{Full: true})
	var doubted *orgsync.ReadingError
	require.ErrorAs(t, err, &doubted)
	assert.True(t, doubted.Unanswered)
	assert.Equal(t, "missing, which could not be confirmed: down", report.Reading.Doubts[0].Reason)
	b.source.broken = nil
	report = b.sync(orgsync.RunOptions{})
	assert.Equal(t, 1, target(report, "deletes").Done[orgsync.Delete])
	assert.Equal(t, 1, target(report, "disables").Done[orgsync.Disable], "the state has the department's name")
}

// A run confirms no more absences than the guard would ever let pass, unless someone
// has decided: then it waits for all of them.
func TestNoMoreThanSoManyAbsencesAreConfirmedAtOnce(t *testing.T) {
	t.Parallel()
	for _, force := range []bool{false, true} {
		b := newBench(t, 700)
		b.sync(orgsync.RunOptions{})
		b.source.people = b.source.people[:400]
		b.source.asked = 0
		report, err := b.run(orgsync.RunOptions{Full: true})
		var guard *orgsync.GuardError
		require.ErrorAs(t, err, &guard)
		assert.LessOrEqual(t, b.source.asked, 200+4, "and the control")
		assert.Len(t, report.Reading.Doubts, 100)
		assert.Contains(t, report.Text(), "in doubt: and 80 more")
		for _, v := range guard.Violations {
			assert.Equal(t, 300, v.Planned, "%s: those count too who were not asked for", v)
		}
		options := orgsync.RunOptions{Full: true, Force: force}
		if !force {
			options.Approve.Digest = guard.Digest
		}
		report = b.sync(options)
		assert.Empty(t, report.Reading.Doubts)
		assert.Equal(t, 300, target(report, "deletes").Done[orgsync.Delete])
		assert.Equal(t, 300, target(report, "disables").Done[orgsync.Disable])
	}
}

// A target that will not remove people does not use up the point reads of every run.
func TestThoseWhoCannotBeRemovedStandBack(t *testing.T) {
	t.Parallel()
	b := newBench(t, 700)
	all := orgsync.Limit{Absolute: 1000, Share: 1, Small: 1000}
	limits := orgsync.DefaultLimits()
	limits.People, limits.Subtree, limits.Scope = all, all, all
	b.options = []orgsync.Option{orgsync.WithLimits(limits)}
	b.sync(orgsync.RunOptions{})
	b.source.people = b.source.people[250:]
	b.deletes.push = func(_ context.Context, batch orgsync.Batch) []orgsync.Outcome {
		outcomes := make([]orgsync.Outcome, len(batch.Items))
		for i, item := range batch.Items {
			if item.ID < "u200" {
				outcomes[i].Err = errors.New("refused")
			}
		}
		return outcomes
	}
	var refused *orgsync.TargetError
	report, err := b.run(orgsync.RunOptions{Full: true})
	require.ErrorAs(t, err, &refused)
	assert.Len(t, target(report, "deletes").Failed, 200)
	report, err = b.run(orgsync.RunOptions{})
	require.ErrorAs(t, err, &refused)
	assert.True(t, report.Reading.Full)
	assert.Equal(t, 50, target(report, "deletes").Done[orgsync.Delete])
	b.deletes.push = nil
	for range 2 {
		b.sync(orgsync.RunOptions{Full: true})
	}
	// Everyone is gone: no one is asked for again.
	b.source.asked = 0
	b.sync(orgsync.RunOptions{Full: true})
	assert.Zero(t, b.source.asked)
	assert.Empty(t, b.deletes.batches)
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

// What was being sent when a run died is sent by the next one, although the source
// says by then what was acknowledged before.
func TestUncertainRecordsAreOwed(t *testing.T) {
	t.Parallel()
	// The run dies at its first write, at the note of what it is about to send, after
	// that, and after the call.
	for write, crash := range []*failingStore{{after: 0}, {after: 1}, {after: 1, late: true}, {after: 2}} {
		b := newBench(t, 30)
		b.alone = true
		b.sync(orgsync.RunOptions{})
		former := b.source.people[3].Name
		b.source.people[3].SetName("另名")
		b.crash, crash.err = crash, errors.New("killed")
		_, err := b.run(orgsync.RunOptions{})
		require.ErrorContains(t, err, "killed")
		b.crash = nil
		b.source.people[3].SetName(former)
		report := b.sync(orgsync.RunOptions{})
		uncertain := write >= 2
		assert.Equal(t, uncertain, target(report, "deletes").Done[orgsync.Update] == 1, "write %d", write)
		assert.Equal(t, write > 0, report.Reading.Full, "write %d", write)
		if write > 0 {
			assert.Equal(t, "the last run did not end in good order", report.Reading.Why)
		}
		b.sync(orgsync.RunOptions{})
		assert.Empty(t, b.deletes.batches)
		assert.False(t, b.sync(orgsync.RunOptions{}).Reading.Full)
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
	assert.Equal(t, []string{"u001"}, ids(target(report, "deletes").Withheld))
	assert.Equal(t, 1, target(report, "deletes").Done[orgsync.Update])
	b.source.departments[2].SetStatus(orgmodel.StatusDisabled)
	report = b.sync(orgsync.RunOptions{Full: true})
	assert.Equal(t, []string{"d3"}, ids(target(report, "deletes").Withheld), "nor is a department switched off")
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
	b.source.people = append(whole, orgmodel.Person{}) // no id: incomplete, but d2 was read, and is outside
	report = b.sync(orgsync.RunOptions{Force: true})
	assert.Equal(t, map[orgsync.Action]int{orgsync.Move: 1, orgsync.Delete: 1}, target(report, "deletes").Done)
	assert.Equal(t, map[orgsync.Action]int{orgsync.Move: 1, orgsync.Disable: 1}, target(report, "disables").Done)
	b.source.people = whole
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
	require.ErrorContains(t, err, "returned 0 outcomes for 1 items")
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

// A person who is owed and cannot be read does not end every run from now on, and is
// not forgotten.
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
	owed := []string{"u003", "u004", "u005", "u006", "u007"}
	rename := func(name string) {
		b.deletes.push = refuse
		b.source.hidden = map[string]bool{}
		for i, p := range b.source.people {
			if slices.Contains(owed, p.ID) {
				b.source.people[i].SetName(name)
			}
		}
		_, err := b.run(orgsync.RunOptions{})
		require.Error(t, err)
		b.deletes.push = nil
		for _, id := range owed {
			b.source.hidden[id] = true // the feed is silent
		}
	}
	rename("另名")
	b.source.broken = (&orgmodel.Person{ID: "u003"}).Refuse(orgmodel.PersonMobile, "is odd")
	report := b.sync(orgsync.RunOptions{})
	assert.NotEmpty(t, report.Reading.Quarantined, "a record that is bad is set aside")

	rename("又名")
	for range 2 {
		b.source.broken, b.source.asked = yunzhijia.ErrUnavailable, 0
		report, err := b.run(orgsync.RunOptions{})
		var doubted *orgsync.ReadingError
		require.ErrorAs(t, err, &doubted)
		assert.True(t, doubted.Unanswered)
		assert.Equal(t, owed, ids(report.Reading.Doubts))
		assert.Equal(t, 3, b.source.asked, "a source that is down is not asked for everyone")
	}
	b.source.broken = nil
	report = b.sync(orgsync.RunOptions{})
	assert.False(t, report.Reading.Full)
	assert.Equal(t, 5, target(report, "deletes").Done[orgsync.Update])
	b.sync(orgsync.RunOptions{})
	assert.Empty(t, b.deletes.batches)
}

// A leaver's mobile is masked by the time they leave, and 云简 takes no user without one.
// They still have their account, which is a failure until the mobile is supplied, or was
// sealed.
func TestALeaverWhoCannotBeDisabledIsAFailure(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 6, 20)
	w.unsealed = true
	w.sync()
	phone := w.source.People()[3].Phone
	mask := func(p *yunzhijia.Person) { p.Phone, p.Status = "1326*******4", yunzhijia.StatusLeft }
	w.source.UpdatePerson(person(4), mask)
	for range 2 { // although the feed is silent the second time
		report, err := w.run(orgsync.RunOptions{})
		var failed *orgsync.TargetError
		require.ErrorAs(t, err, &failed)
		assert.Equal(t, "yunjian", failed.Target)
		assert.Equal(t, []orgsync.Note{{
			Entity: orgmodel.EntityPerson, ID: person(4), Action: orgsync.Disable,
			Reason: `cannot be disabled: orgmodel: person "person-00004": mobile: is required, but unknown or empty`,
			Code:   orgsync.RemarkCannotDisable, Args: []string{"field", "mobile", "is required, but unknown or empty"},
		}}, target(report, "yunjian").Failed)
		assert.Len(t, w.t.Employees(), 19)
	}
	w.source.UpdatePerson(person(4), func(p *yunzhijia.Person) { p.Phone = phone })
	w.sync()
	w.requireInStep()
	w.sync()
	assert.Zero(t, w.writes())

	w = newWorld(t, 6, 20)
	w.sync()
	w.source.UpdatePerson(person(4), mask)
	w.sync()
	w.requireInStep()
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
