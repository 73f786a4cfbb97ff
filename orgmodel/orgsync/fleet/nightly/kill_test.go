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

const people = 6000

// A worker is killed in the middle of a push. The other one goes on, and repeats at most
// the call that was under way.
func TestKilledWorker(t *testing.T) {
	w := newWorld(t, 20, people)
	w.target.SetLatency(150 * time.Millisecond)
	first := w.worker(t)
	run := w.start(t, fleet.Request{Tenant: "acme"})
	w.waitForCalls(t, 5)
	second := w.worker(t)
	require.NoError(t, first.Process.Kill())
	killed := time.Now()
	var result fleet.Result
	require.NoError(t, run.Get(t.Context(), &result))
	t.Logf("killed after %d calls; the other worker was done %s later", 5, time.Since(killed).Round(time.Second))
	assert.Equal(t, fleet.Done, result.Outcome)
	assert.Len(t, w.target.Employees(), people)
	again := 0
	for id, n := range w.added() {
		if n > 1 {
			again++
		}
		// What is uncertain is sent as an addition, and then as an update.
		assert.LessOrEqual(t, n, 3, id)
	}
	t.Logf("%d of %d records were sent again", again, people)
	assert.LessOrEqual(t, again, 500, "more than the one call that was not acknowledged")
	require.NoError(t, second.Process.Signal(syscall.SIGTERM))
}

// A worker stops for longer than its lease lasts, in the middle of a push, while the other
// one does its work. When it wakes up, it pushes nothing but the call that was past its check.
func TestPausedWorker(t *testing.T) {
	w := newWorld(t, 20, people)
	w.target.SetLatency(150 * time.Millisecond)
	first := w.worker(t)
	run := w.start(t, fleet.Request{Tenant: "acme"})
	w.waitForCalls(t, 5)
	require.NoError(t, first.Process.Signal(syscall.SIGSTOP))
	w.worker(t)
	var result fleet.Result
	require.NoError(t, run.Get(t.Context(), &result))
	require.Equal(t, fleet.Done, result.Outcome)
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

// added counts how often each person was sent to 兔展.
func (w *world) added() map[string]int {
	times := map[string]int{}
	for _, r := range w.target.RequestsTo(tuzhantest.OpEmployees) {
		var body struct {
			Data []struct{ ThirdUserID string }
		}
		if json.Unmarshal(r.Body, &body) != nil {
			continue
		}
		for _, row := range body.Data {
			times[row.ThirdUserID]++
		}
	}
	return times
}
