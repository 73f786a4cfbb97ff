//go:build unix

package nightly_test

import (
	"encoding/json"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/orgmodel/orgsync/fleet"
	"github.com/orgbridge/orgbridge/tuzhan/tuzhantest"
)

const (
	people = 6000

	// What a run that another worker takes over waits for at most.
	heartbeatTimeout = time.Minute
	// Of a machine with two cores that has other work too.
	slack = 15 * time.Second
)

// A worker is killed in the middle of a push. The other one goes on within the heartbeat
// timeout and the lease, and repeats no write that was acknowledged. The call that was under
// way, which was not, goes again once.
func TestKilledWorker(t *testing.T) { //nolint:paralleltest // one at a time: some measure
	w := newWorld(t, 20, people)
	w.target.SetLatency(150 * time.Millisecond)
	first := w.worker(t, "first")
	run := w.start(t, fleet.Request{Tenant: "acme"})
	w.waitForCalls(t, 5)
	second := w.worker(t, "second")
	require.NoError(t, first.Process.Kill())
	killed := time.Now()
	var result fleet.Result
	require.NoError(t, run.Get(t.Context(), &result))
	took := w.firstCall(t, "second").Sub(killed)
	t.Logf("killed; the other worker began %s later, and was done after %s",
		took.Round(time.Second), time.Since(killed).Round(time.Second))
	assert.LessOrEqual(t, took, heartbeatTimeout+leaseTime+slack)
	assert.Equal(t, fleet.Done, result.Outcome)
	assert.Len(t, w.target.Employees(), people)
	w.assertSentOnce(t)
	require.NoError(t, second.Process.Signal(syscall.SIGTERM))
}

// firstCall is when a worker first asked the source.
func (w *world) firstCall(t *testing.T, worker string) time.Time {
	t.Helper()
	for _, r := range w.source.Requests() {
		if r.Header.Get(headerWorker) == worker {
			return r.At
		}
	}
	require.Fail(t, "no call by "+worker)
	return time.Time{}
}

// push is one call with people.
type push struct {
	worker, operation string
	ids               []string
}

func (w *world) pushes() []push {
	var list []push
	for _, r := range w.target.RequestsTo(tuzhantest.OpEmployees) {
		var body struct {
			PublicParams struct{ OptType string }
			Data         []struct{ ThirdUserID string }
		}
		p := push{worker: r.Header.Get(headerWorker)}
		if json.Unmarshal(r.Body, &body) == nil {
			p.operation = body.PublicParams.OptType
			for _, row := range body.Data {
				p.ids = append(p.ids, row.ThirdUserID)
			}
		}
		list = append(list, p)
	}
	return list
}

// assertSentOnce demands that no write is repeated that the first worker has noted as
// acknowledged: it does that together with the intent to make its next call, so that its last
// call is the only one that it may not have. The other worker sends the records of that one
// again once: as additions, and those that are there already as updates.
func (w *world) assertSentOnce(t *testing.T) {
	t.Helper()
	type sends struct{ first, addedAgain, updatedAgain int }
	sent, last := map[string]*sends{}, push{}
	acknowledged := 0
	for _, p := range w.pushes() {
		require.NotEmpty(t, p.ids)
		if p.worker == "first" {
			acknowledged += len(last.ids)
			last = p
		}
		for _, id := range p.ids {
			if sent[id] == nil {
				sent[id] = &sends{}
			}
			switch {
			case p.worker == "first":
				require.Equal(t, "add", p.operation)
				sent[id].first++
			case p.operation == "add":
				sent[id].addedAgain++
			default:
				require.Equal(t, "update", p.operation)
				sent[id].updatedAgain++
			}
		}
	}
	require.Len(t, sent, people)
	require.NotEmpty(t, last.ids)
	for _, id := range last.ids {
		assert.Equal(t, 1, sent[id].first, id)
		assert.LessOrEqual(t, sent[id].addedAgain, 1, id)
		assert.LessOrEqual(t, sent[id].updatedAgain, 1, id)
		delete(sent, id)
	}
	for id, n := range sent {
		assert.Equal(t, 1, n.first+n.addedAgain+n.updatedAgain, "%s was acknowledged, or is another's to send", id)
	}
	departments := 0
	for _, r := range w.target.RequestsTo(tuzhantest.OpDepartments) {
		if r.Header.Get(headerWorker) != "first" {
			departments++
		}
	}
	assert.Zero(t, departments, "calls that repeat departments")
	t.Logf("%d writes were acknowledged, none of them was repeated; %d were under way, and went again once",
		acknowledged, len(last.ids))
}

// A worker stops for longer than its lease lasts, in the middle of a push, while the other
// one does its work. When it wakes up, it pushes nothing but the call that was past its check.
func TestPausedWorker(t *testing.T) { //nolint:paralleltest // one at a time: some measure
	w := newWorld(t, 20, people)
	w.target.SetLatency(150 * time.Millisecond)
	first := w.worker(t, "first")
	run := w.start(t, fleet.Request{Tenant: "acme"})
	w.waitForCalls(t, 5)
	require.NoError(t, first.Process.Signal(syscall.SIGSTOP))
	w.worker(t, "second")
	var result fleet.Result
	require.NoError(t, run.Get(t.Context(), &result))
	require.Equal(t, fleet.Done, result.Outcome)
	w.assertSentOnce(t)
	w.run(t, fleet.Request{Tenant: "acme"}) // what was uncertain goes once more
	before := w.target.Count(tuzhantest.OpEmployees)
	require.NoError(t, first.Process.Signal(syscall.SIGCONT))
	time.AfterFunc(5*time.Second, func() { _ = first.Process.Kill() })
	_ = first.Wait()
	after := w.target.Count(tuzhantest.OpEmployees)
	t.Logf("%d calls by the worker that woke up, of %d it had left", after-before, people/500-5)
	assert.LessOrEqual(t, after-before, 1)
	assert.Len(t, w.target.Employees(), people)
}

func (w *world) waitForCalls(t *testing.T, n int) {
	t.Helper()
	require.Eventually(t, func() bool { return w.target.Count(tuzhantest.OpEmployees) >= n }, time.Minute, 5*time.Millisecond)
}
