package orgsync_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
	"github.com/orgbridge/orgbridge/tuzhan"
	"github.com/orgbridge/orgbridge/yunjian/yunjiantest"
	"github.com/orgbridge/orgbridge/yunzhijia"
)

// A run that dies at any write of the state, before it or after it, leaves a state
// from which the next one goes on: it sends everything that is missing, nothing that
// was acknowledged, and nobody who is in service was without a record in between.
func TestCrashAtEveryWrite(t *testing.T) {
	t.Parallel()
	for name, stage := range stages() {
		for _, late := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s late=%t", name, late), func(t *testing.T) {
				t.Parallel()
				writes := 0
				for crashAt(t, stage, late, writes) {
					writes++
				}
				assert.Greater(t, writes, 10, "few writes to die at")
			})
		}
	}
}

// crashAt reports whether the run came to the write at which it was to die.
func crashAt(t *testing.T, stage situation, late bool, write int) bool {
	t.Helper()
	w := newWorld(t, 6, 14)
	stage.prepare(w)
	crash := &failingStore{Store: w.store, err: errors.New("killed"), late: late, after: write}
	w.wrap = func(orgsync.Store) orgsync.Store { return crash }
	_, err := w.watched(stage.options)
	w.wrap = nil
	if crash.count <= write {
		require.NoError(t, err)
		return false
	}
	require.ErrorContains(t, err, "killed")

	before := w.acknowledged()
	report, err := w.watched(orgsync.RunOptions{Full: true})
	require.NoError(t, err, report.Text())
	after := w.acknowledged()
	for target, sent := range w.sent() {
		for id := range sent {
			known, there := before[target][id]
			assert.False(t, there && known == after[target][id], "%s: %s was acknowledged before write %d, and is sent again", target, id, write)
		}
	}
	w.settle(orgsync.RunOptions{Full: true})
	w.requireInStep()
	return true
}

// checkpointless dies at the checkpoint, which alone says that a run ended in good
// order.
type checkpointless struct{ orgsync.Store }

func (s checkpointless) Lock(ctx context.Context, tenant string) (orgsync.Lease, error) {
	lease, err := s.Store.Lock(ctx, tenant)
	return checkpointlessLease{lease}, err
}

type checkpointlessLease struct{ orgsync.Lease }

func (l checkpointlessLease) Write(ctx context.Context, entries ...orgsync.Entry) error {
	if slices.ContainsFunc(entries, func(e orgsync.Entry) bool {
		return e.Bucket == "meta" && bytes.Contains(e.Value, []byte(`"clean":true`))
	}) {
		return errors.New("killed")
	}
	return l.Lease.Write(ctx, entries...)
}

// New settings reach people who were held back when the run died, although neither
// the feed nor the state names them: the settings count as applied only once
// everybody has them.
func TestCrashWhilePeopleAreHeldBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 6, 20)
	w.sync()
	w.source.UpdateOrg("org-0002", func(o *yunzhijia.Org) { o.Name = "新名称" })
	w.t.RefuseRecord("org-0002", "部门名称不合法")
	_, err := w.run(orgsync.RunOptions{})
	require.Error(t, err)

	w.tuzhan.Adapter.RoleKeys = []tuzhan.RoleKey{tuzhan.RoleAdmin}
	w.wrap = func(s orgsync.Store) orgsync.Store { return checkpointless{s} }
	report, err := w.run(orgsync.RunOptions{Force: true})
	require.ErrorContains(t, err, "killed")
	require.Len(t, target(report, "tuzhan").Failed, 1+4, "the department and its people")
	w.wrap = nil
	w.t.RefuseRecord("org-0002", "")
	w.sync(orgsync.RunOptions{Force: true})
	for _, e := range w.t.Employees() {
		assert.Equal(t, []tuzhan.RoleKey{tuzhan.RoleAdmin}, e.RoleKeys, e.ThirdUserID)
	}
}

// A number that was sent, with an outcome that no one learnt, may be a person's account:
// no one else gets it while that person waits for another one.
func TestI22_aTriedNumberIsHeld(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 6, 14)
	w.y.Inject(yunjiantest.LoseAnswer().On(yunjiantest.OpSyncUsers).Always())
	_, err := w.watched(orgsync.RunOptions{})
	require.Error(t, err)
	w.y.ClearFaults()
	number := func(id, no string) { w.source.UpdatePerson(id, func(p *yunzhijia.Person) { p.JobNo = no }) }
	former := w.person(person(12)).JobNo
	number(person(4), "E00010")
	number(person(10), "E00004")
	number(person(12), "E00004") // by mistake
	report, err := w.watched(orgsync.RunOptions{Force: true})
	require.NoError(t, err, report.Text())
	number(person(12), former)
	w.settle(orgsync.RunOptions{Force: true})
	w.requireInStep()
}

// A first run that holds something back notes down what, and dies before its checkpoint:
// the state, which knows no numbers yet, must not pass for a clean one.
func TestCrashOfAFirstRunThatHoldsBack(t *testing.T) {
	t.Parallel()
	for write := 0; ; write++ {
		w := newWorld(t, 6, 14)
		crash := &failingStore{Store: w.store, err: errors.New("killed"), late: true, after: write}
		w.wrap = func(orgsync.Store) orgsync.Store { return crash }
		_, err := w.watched(orgsync.RunOptions{Hold: true, Replace: []string{"aiguanhuai"}})
		require.Error(t, err)
		w.wrap = nil
		former := w.person(person(5)).JobNo
		number := func(no string) { w.source.UpdatePerson(person(5), func(p *yunzhijia.Person) { p.JobNo = no }) }
		number("E00002") // by mistake
		w.watched(orgsync.RunOptions{})
		number(former)
		w.settle(orgsync.RunOptions{})
		w.requireInStep()
		if crash.count <= write {
			assert.Greater(t, write, 8)
			return
		}
	}
}
