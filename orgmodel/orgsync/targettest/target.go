package targettest

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/orgmodel"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
)

// Options tell [Target] what more it can do with a target. All are optional.
type Options struct {
	// InService returns the ids of the people of the suite whom the target holds in
	// service. The suite then checks that what was acknowledged was carried out.
	InService func(t testing.TB, target orgsync.Target) []string
	// Refuse makes the target reject the record of a person, whose id and key are given,
	// until the end of the test. The suite then checks that outcomes are in order.
	Refuse func(t testing.TB, target orgsync.Target, id, key string)
}

// Target checks the targets that open returns: a new and empty one for every call,
// which open closes itself with t.Cleanup. The checks are subtests and run in parallel.
func Target(t *testing.T, open func(t testing.TB) orgsync.Target, options Options) {
	t.Helper()
	for _, c := range targetChecks() {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.run(t, targetSuite{open: open, Options: options})
		})
	}
}

type targetSuite struct {
	Options

	open func(t testing.TB) orgsync.Target
}

type targetCheck struct {
	name string
	run  func(t testing.TB, s targetSuite)
}

func targetChecks() []targetCheck {
	return []targetCheck{
		{"Names", checkNames},
		{"Traits", checkTraits},
		{"Records", checkRecords},
		{"SparseRecords", checkSparseRecords},
		{"HeldKey", checkHeldKey},
		{"Push", checkPush},
		{"PushDepartments", checkPushDepartments},
		{"PushWhole", checkPushWhole},
		{"PushOthersValues", checkOthersValues},
		{"PushOrder", checkOrder},
		{"PushEndedContext", checkEndedContext},
	}
}

// checkNames demands that a target says the same about itself every time.
func checkNames(t testing.TB, s targetSuite) {
	target := s.open(t)
	require.NotEmpty(t, target.Name(), "the name tells targets apart")
	name, place, settings := target.Name(), target.Destination(), target.Settings()
	p := whole(1)
	_, _ = target.Person(p, directory(p), "")
	require.Equal(t, name, target.Name(), "Name has changed")
	require.Equal(t, place, target.Destination(), "Destination has changed")
	require.Equal(t, settings, target.Settings(), "Settings have changed")
	require.Equal(t, settings, s.open(t).Settings(), "Settings of another target that was opened in the same way")
}

func checkTraits(t testing.TB, s targetSuite) {
	target := s.open(t)
	traits := target.Traits()
	require.Equal(t, traits, target.Traits(), "Traits have changed")
	require.Positive(t, traits.Batch, "a Push takes at least one record")
	require.False(t, traits.DeletesLeavers && traits.UniqueKeys, "a leaver who is deleted has no key any more")
}

// checkRecords demands that records depend on what is known, and on nothing else.
func checkRecords(t testing.TB, s targetSuite) {
	target := s.open(t)
	p := whole(1)
	org := directory(p)
	before := p.Clone()
	first, err := target.Person(p, org, "")
	require.NoError(t, err, "a person of whom everything is known")
	require.True(t, before.Equal(p), "Person has changed the person")
	second, err := s.open(t).Person(p.Clone(), org, "")
	require.NoError(t, err)
	require.Equal(t, first.Key, second.Key)
	require.Equal(t, encoded(t, first.Value), encoded(t, second.Value), "the same person makes another record")
	again, err := target.Person(p, org, "")
	require.NoError(t, err)
	require.Equal(t, encoded(t, first.Value), encoded(t, again.Value), "a record whose JSON differs each time is sent in every run")
	other := p.Clone()
	other.SetName("另名")
	changed, err := target.Person(other, org, "")
	require.NoError(t, err)
	require.NotEqual(t, encoded(t, first.Value), encoded(t, changed.Value), "another name makes the same record")
	require.Equal(t, first.Key, changed.Key, "another name makes another key")
	left := p.Clone()
	left.SetStatus(orgmodel.StatusLeft)
	gone, err := target.Person(left, org, first.Key)
	require.NoError(t, err, "a leaver of whom everything is known")
	require.NotEqual(t, encoded(t, first.Value), encoded(t, gone.Value), "a leaver makes the record of someone in service")
	if !target.Traits().Departments {
		return
	}
	for _, d := range departments() {
		one, err := target.Department(d)
		require.NoError(t, err)
		two, err := target.Department(d.Clone())
		require.NoError(t, err)
		require.Equal(t, encoded(t, one.Value), encoded(t, two.Value))
	}
}

// checkSparseRecords demands that nothing makes a target panic, or say who it was.
func checkSparseRecords(t testing.TB, s targetSuite) {
	target := s.open(t)
	for what, p := range sparse() {
		for _, held := range []string{"", "held"} {
			before := p.Clone()
			record, err := target.Person(p, directory(p), held)
			require.True(t, before.Equal(p), "%s: the person was changed", what)
			if err == nil {
				encoded(t, record.Value)
				continue
			}
			for _, secret := range []string{whole(1).Name, whole(1).Mobile, whole(1).Email} {
				require.NotContains(t, err.Error(), secret, "%s: the error shows a value", what)
			}
		}
	}
	if !target.Traits().Departments {
		return
	}
	unknown, unnamed := orgmodel.Department{ID: "targettest-x"}, departments()[1]
	unnamed.Forget(orgmodel.DepartmentName)
	orphan := departments()[1]
	orphan.SetParentID("targettest-nowhere")
	for _, d := range []orgmodel.Department{{}, unknown, unnamed, orphan} {
		if record, err := target.Department(d); err == nil {
			encoded(t, record.Value)
		}
	}
}

// checkHeldKey demands that a key is kept when what it was learned from is not told.
func checkHeldKey(t testing.TB, s targetSuite) {
	target := s.open(t)
	traits := target.Traits()
	if !traits.IdentifiesByKey && !traits.UniqueKeys {
		return
	}
	p := whole(1)
	org := directory(p)
	first, err := target.Person(p, org, "")
	require.NoError(t, err)
	require.NotEmpty(t, first.Key, "people are told apart by keys")
	require.False(t, first.Provisional, "everything is known, and yet the key is provisional")
	for what, forget := range map[string]func(*orgmodel.Person){
		"unknown": func(p *orgmodel.Person) { p.Forget(orgmodel.PersonEmployeeNo) },
		"cleared": func(p *orgmodel.Person) { p.SetEmployeeNo("") },
		"blank":   func(p *orgmodel.Person) { p.EmployeeNo = " \u200b" }, // an enrichment may do that
		"masked":  func(p *orgmodel.Person) { p.EmployeeNo = "****" },
		"none":    func(p *orgmodel.Person) { p.EmployeeNo = "#N/A" },
		"nothing known": func(p *orgmodel.Person) {
			p.Forget(orgmodel.PersonEmployeeNo, orgmodel.PersonMobile, orgmodel.PersonEmail)
		},
	} {
		q := p.Clone()
		forget(&q)
		kept, err := target.Person(q, org, first.Key)
		if err == nil {
			require.Equal(t, first.Key, kept.Key, "the number is %s: the key that is held must be kept", what)
			require.False(t, kept.Provisional, "the number is %s: a key that is held is not provisional", what)
		}
		bare, err := target.Person(q, org, "")
		if err == nil && bare.Key != first.Key {
			require.True(t, bare.Provisional, "the number is %s: the key %q is a fallback", what, bare.Key)
			held, err := target.Person(q, org, "held-key")
			require.NoError(t, err)
			require.Equal(t, "held-key", held.Key, "the number is %s: the key that is held comes before a fallback", what)
		}
	}
	q := p.Clone()
	q.EmployeeNo = " " + p.EmployeeNo + "\u200b "
	blank, err := target.Person(q, org, first.Key)
	require.NoError(t, err)
	require.Equal(t, first.Key, blank.Key, "white space is no part of a key")
}

// batch makes a batch of people as the engine does.
func batch(t testing.TB, target orgsync.Target, op orgsync.Op, people ...orgmodel.Person) orgsync.Batch {
	t.Helper()
	org := directory(people...)
	b := orgsync.Batch{Op: op}
	for _, p := range people {
		if op == orgsync.OpRemovePeople {
			p = p.Clone()
			p.SetStatus(orgmodel.StatusLeft)
		}
		record, err := target.Person(p, org, "")
		require.NoError(t, err)
		b.Items = append(b.Items, orgsync.Item{ID: p.ID, Key: record.Key, Value: record.Value})
	}
	return b
}

// adding returns the operation that adds people to a target.
func adding(target orgsync.Target) orgsync.Op {
	if target.Traits().Upserts {
		return orgsync.OpUpdatePeople
	}
	return orgsync.OpAddPeople
}

// push demands one outcome per item.
func push(ctx context.Context, t testing.TB, target orgsync.Target, b orgsync.Batch) []orgsync.Outcome {
	t.Helper()
	outcomes := target.Push(ctx, b)
	require.Len(t, outcomes, len(b.Items), "one outcome an item")
	return outcomes
}

// mustPush demands that all is acknowledged.
func mustPush(t testing.TB, target orgsync.Target, b orgsync.Batch) {
	t.Helper()
	for i, o := range push(t.Context(), t, target, b) {
		require.NoError(t, o.Err, "%s %s", b.Op, b.Items[i].ID)
	}
}
