//go:build unix

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/tuzhan/tuzhantest"
	"github.com/orgbridge/orgbridge/yunzhijia"
)

// childVariable makes this test binary be the program.
const (
	childVariable  = "ORGSYNC_TEST_CHILD"
	childArguments = "ORGSYNC_TEST_ARGUMENTS"
)

func TestMain(m *testing.M) {
	if os.Getenv(childVariable) != "" {
		os.Args = append(os.Args[:1], strings.Fields(os.Getenv(childArguments))...)
		main()
	}
	os.Exit(m.Run())
}

// A process that is killed at any moment leaves a state from which the next one
// goes on, and sends nothing again that was acknowledged before.
func TestKilledTwentyTimes(t *testing.T) {
	t.Parallel()
	const kills, people = 20, 3000
	w := contacts(t, 10, people)
	w.a.SetLatency(2 * time.Millisecond)
	w.t.SetLatency(2 * time.Millisecond)
	w.y.SetLatency(2 * time.Millisecond)
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))

	killed := 0
	history := noted{}
	// Twenty times, and until something was acknowledged that could be sent again.
	for round := 0; (killed < kills || len(history) == 0) && round < 5*kills; round++ {
		// Something to do in every round.
		for i := range 40 {
			w.source.UpdatePerson(person(1+(round*40+i)%people), func(p *yunzhijia.Person) { p.JobTitle = fmt.Sprintf("职位%d", round) })
		}
		// Let it come as far as some write: the first runs have some thirty to do, the
		// later ones a few.
		target := w.writes() + random.IntN([]int{4, 12, 30}[round%3])
		before := len(w.t.RequestsTo(tuzhantest.OpEmployees))
		child := w.child(t)
		require.NoError(t, child.Start())
		exited := make(chan error, 1)
		go func() { exited <- child.Wait() }()
		if w.waitForWrites(target, exited) {
			err := child.Process.Kill()
			<-exited
			if !errors.Is(err, os.ErrProcessDone) { // it may end at that very moment
				require.NoError(t, err)
				killed++
			}
		}
		history.add(t, w.t.RequestsTo(tuzhantest.OpEmployees)[before:])
	}
	require.GreaterOrEqual(t, killed, kills, "runs that were still under way")
	require.NotEmpty(t, history)
	w.assertAddedOnce(t, killed)

	for range 2 { // what is not certain at a takeover is sent by that run and once more
		last := w.sync(t)
		require.Zero(t, last.status, last.stdout+last.stderr)
		w.assertInStep(t)
		history.add(t, w.t.RequestsTo(tuzhantest.OpEmployees))
	}
	again := w.sync(t)
	require.Zero(t, again.status)
	assert.Zero(t, w.writes(), "nothing is left to do")
}

func (w *world) child(t *testing.T) *exec.Cmd {
	t.Helper()
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^$")
	child.Env = append(os.Environ(), childVariable+"=1")
	for name, value := range w.env {
		child.Env = append(child.Env, name+"="+value)
	}
	return child
}

// waitForWrites returns true when so many calls have reached the targets, and
// false when the child ended before.
func (w *world) waitForWrites(n int, exited <-chan error) bool {
	poll := time.NewTicker(time.Millisecond)
	defer poll.Stop()
	for {
		select {
		case <-exited:
			return false
		case <-poll.C:
			if w.writes() >= n {
				return true
			}
		}
	}
}

// noted are the records that processes have sent to 兔展 and then gone on to others, so
// that they had noted them as acknowledged. No process may send one of these again.
type noted map[string]bool

// add takes in the calls of one process, in order. Its last push is not noted for sure. A
// push may be two calls: adding what could not be updated, or the other way round.
func (n noted) add(t *testing.T, calls []tuzhantest.Request) {
	t.Helper()
	var pushes []map[string]bool
	for _, call := range calls {
		rows := employees(call.Body)
		last := len(pushes) - 1
		switch {
		case len(rows) == 0: // killed while it sent
		case last >= 0 && slices.ContainsFunc(slices.Collect(maps.Keys(rows)), func(row string) bool { return pushes[last][row] }):
			maps.Copy(pushes[last], rows)
		default:
			pushes = append(pushes, rows)
		}
	}
	for _, push := range pushes {
		for row := range push {
			assert.False(t, n[row], "%s is sent again", row)
		}
	}
	for _, push := range pushes[:max(0, len(pushes)-1)] {
		maps.Copy(n, push)
	}
}

// employees are the records of a call as they are, less the time of sending.
func employees(body []byte) map[string]bool {
	var call struct{ Data []map[string]any }
	rows := map[string]bool{}
	if json.Unmarshal(body, &call) != nil {
		return rows
	}
	for _, row := range call.Data {
		delete(row, "updateTime")
		text, _ := json.Marshal(row)
		rows[string(text)] = true
	}
	return rows
}

// assertAddedOnce checks at 兔展 what was ever added: of what a killed process had
// not noted down yet, one call at the most may come again.
func (w *world) assertAddedOnce(t *testing.T, killed int) {
	t.Helper()
	times := map[string]int{}
	for _, r := range w.t.RequestsTo(tuzhantest.OpEmployees) {
		var body struct {
			PublicParams struct{ OptType string }
			Data         []struct{ ThirdUserID string }
		}
		if json.Unmarshal(r.Body, &body) != nil || body.PublicParams.OptType != "add" {
			continue // killed while it sent, or another operation
		}
		for _, row := range body.Data {
			times[row.ThirdUserID]++
		}
	}
	again := 0
	for _, n := range times {
		again += n - 1
	}
	const call = 500
	assert.LessOrEqual(t, again, killed*call)
	for id, n := range times {
		assert.LessOrEqual(t, n, 3, "%s is added again and again", id)
	}
}
