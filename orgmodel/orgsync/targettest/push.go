package targettest

import (
	"context"
	"encoding/json"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/orgmodel"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
)

// encoded is the JSON of a record as the engine sees it.
func encoded(t testing.TB, value any) string {
	t.Helper()
	if a, ok := value.(interface {
		AppendJSON(b []byte) ([]byte, error)
	}); ok {
		text, err := a.AppendJSON([]byte("before"))
		require.NoError(t, err, "the record cannot be written as JSON")
		require.True(t, len(text) > 6 && string(text[:6]) == "before", "AppendJSON overwrites what was there")
		require.True(t, json.Valid(text[6:]), "AppendJSON writes no JSON: %q", text[6:])
		return string(text[6:])
	}
	text, err := json.Marshal(value)
	require.NoError(t, err, "the record cannot be written as JSON")
	return string(text)
}

func (s targetSuite) requireInService(t testing.TB, target orgsync.Target, ids ...string) {
	t.Helper()
	if s.InService == nil {
		return
	}
	got := slices.Clone(s.InService(t, target))
	slices.Sort(got)
	require.Equal(t, append([]string{}, ids...), append([]string{}, got...), "in service at the target")
}

// withDepartments pushes the suite's departments, where the target has any.
func withDepartments(t testing.TB, target orgsync.Target) {
	t.Helper()
	traits := target.Traits()
	if !traits.Departments {
		return
	}
	for _, d := range departments() { // parents first, a level at a time
		op := orgsync.OpAddDepartments
		if traits.Upserts {
			op = orgsync.OpUpdateDepartments
		}
		record, err := target.Department(d)
		require.NoError(t, err)
		mustPush(t, target, orgsync.Batch{Op: op, Items: []orgsync.Item{{ID: d.ID, Value: record.Value}}})
	}
}

// checkPush adds, updates and removes people, everything twice.
func checkPush(t testing.TB, s targetSuite) {
	target := s.open(t)
	withDepartments(t, target)
	people := []orgmodel.Person{whole(1), whole(2), whole(3)}
	people = people[:min(len(people), target.Traits().Batch)]
	ids := make([]string, len(people))
	for i, p := range people {
		ids[i] = p.ID
	}
	add := batch(t, target, adding(target), people...)
	mustPush(t, target, add)
	s.requireInService(t, target, ids...)
	mustPush(t, target, add) // as after a crash
	s.requireInService(t, target, ids...)
	for i := range people {
		people[i].SetName(people[i].Name + "新")
	}
	update := batch(t, target, orgsync.OpUpdatePeople, people...)
	mustPush(t, target, update)
	mustPush(t, target, update)
	s.requireInService(t, target, ids...)
	remove := batch(t, target, orgsync.OpRemovePeople, people[0])
	mustPush(t, target, remove)
	s.requireInService(t, target, ids[1:]...)
	mustPush(t, target, remove)
	s.requireInService(t, target, ids[1:]...)
	op := orgsync.OpUpdatePeople
	if target.Traits().DeletesLeavers {
		op = adding(target)
	}
	mustPush(t, target, batch(t, target, op, people[0]))
	s.requireInService(t, target, ids...)
}

func checkPushDepartments(t testing.TB, s targetSuite) {
	target := s.open(t)
	traits := target.Traits()
	if !traits.Departments {
		return
	}
	withDepartments(t, target)
	withDepartments(t, target)
	d := departments()[2]
	d.SetName("新测试组")
	record, err := target.Department(d)
	require.NoError(t, err)
	item := orgsync.Item{ID: d.ID, Value: record.Value}
	mustPush(t, target, orgsync.Batch{Op: orgsync.OpUpdateDepartments, Items: []orgsync.Item{item}})
	d.SetStatus(orgmodel.StatusDisabled)
	if record, err = target.Department(d); err != nil && traits.DeletesLeavers {
		record, err = target.Department(departments()[2])
	}
	require.NoError(t, err, "a department that is gone")
	item.Value = record.Value
	for range 2 {
		mustPush(t, target, orgsync.Batch{Op: orgsync.OpRemoveDepartments, Items: []orgsync.Item{item}})
	}
}

// checkPushWhole sends as many records as a batch may have, and none.
func checkPushWhole(t testing.TB, s targetSuite) {
	target := s.open(t)
	withDepartments(t, target)
	n := min(target.Traits().Batch, 2000)
	people := make([]orgmodel.Person, n)
	for i := range people {
		people[i] = whole(i + 1)
	}
	mustPush(t, target, batch(t, target, adding(target), people...))
	for _, op := range []orgsync.Op{adding(target), orgsync.OpUpdatePeople, orgsync.OpRemovePeople} {
		require.Empty(t, target.Push(t.Context(), orgsync.Batch{Op: op}), "an empty batch has no outcomes")
	}
}

// checkOthersValues sends values that are not the target's.
func checkOthersValues(t testing.TB, s targetSuite) {
	target := s.open(t)
	withDepartments(t, target)
	for _, value := range []any{nil, 1, struct{ X int }{1}} {
		b := batch(t, target, adding(target), whole(1))
		b.Items = append(b.Items, orgsync.Item{ID: "targettest-other", Value: value})
		outcomes := push(t.Context(), t, target, b)
		require.Error(t, outcomes[1].Err, "a record of another target was acknowledged")
	}
}

// checkOrder demands that each outcome is that of its item.
func checkOrder(t testing.TB, s targetSuite) {
	target := s.open(t)
	if s.Refuse == nil || target.Traits().Batch < 3 {
		return
	}
	withDepartments(t, target)
	b := batch(t, target, adding(target), whole(3), whole(1), whole(2))
	s.Refuse(t, target, b.Items[1].ID, b.Items[1].Key)
	outcomes := push(t.Context(), t, target, b)
	require.NoError(t, outcomes[0].Err)
	require.Error(t, outcomes[1].Err, "the record was rejected")
	require.ErrorIs(t, outcomes[1].Err, orgsync.ErrRejected, "the target looked at the record and did not carry it out")
	require.False(t, outcomes[1].Down, "one record was rejected, and the target is up")
	require.NoError(t, outcomes[2].Err)
	s.requireInService(t, target, whole(2).ID, whole(3).ID)
}

// checkEndedContext demands that nothing is sent when the context has ended.
func checkEndedContext(t testing.TB, s targetSuite) {
	target := s.open(t)
	withDepartments(t, target)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for i, o := range push(ctx, t, target, batch(t, target, adding(target), whole(1))) {
		require.Error(t, o.Err, "outcome %d after the end of the context", i)
	}
	s.requireInService(t, target)
	mustPush(t, target, batch(t, target, adding(target), whole(1)))
}
