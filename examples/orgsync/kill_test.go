//go:build unix

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/orgmodel/orgsync/boltstore"
	"github.com/orgbridge/orgbridge/tuzhan/tuzhantest"
	"github.com/orgbridge/orgbridge/yunzhijia"
)

// childVariable makes this test binary be the program.
const childVariable = "ORGSYNC_TEST_CHILD"

func TestMain(m *testing.M) {
	if os.Getenv(childVariable) != "" {
		os.Exit(run(context.Background(), nil, os.Getenv, os.Stdout, os.Stderr))
	}
	os.Exit(m.Run())
}

// A process that is killed at any moment leaves a state from which the next one
// goes on, and sends nothing again that was acknowledged before.
func TestKilledTwentyTimes(t *testing.T) {
	t.Parallel()
	const kills, people = 20, 1000
	w := contacts(t, 10, people)
	w.a.SetLatency(2 * time.Millisecond)
	w.t.SetLatency(2 * time.Millisecond)
	w.y.SetLatency(2 * time.Millisecond)
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))

	killed := 0
	// Twenty times, and until something was acknowledged that could be sent again.
	for round := 0; (killed < kills || len(w.acknowledged(t)) == 0) && round < 5*kills; round++ {
		// Something to do in every round.
		for i := range 40 {
			id := fmt.Sprintf("person-%05d", 1+(round*40+i)%people)
			w.source.UpdatePerson(id, func(p *yunzhijia.Person) { p.JobTitle = fmt.Sprintf("职位%d", round) })
		}
		// Let it come as far as some write: the first runs have some fifteen to do, the
		// later ones a few.
		target := w.writes() + random.IntN([]int{4, 8, 16}[round%3])
		child := w.child(t)
		require.NoError(t, child.Start())
		exited := make(chan error, 1)
		go func() { exited <- child.Wait() }()
		if w.waitForWrites(target, exited) {
			require.NoError(t, child.Process.Kill())
			<-exited
			killed++
		}
	}
	require.GreaterOrEqual(t, killed, kills, "runs that were still under way")
	w.assertAddedOnce(t, killed)

	before := w.acknowledged(t)
	last := w.sync(t)
	require.Zero(t, last.status, last.stdout+last.stderr)
	w.assertInStep(t)
	w.assertNothingTwice(t, before, w.acknowledged(t))
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

// acknowledged returns what the state file says 兔展 has acknowledged, by id.
func (w *world) acknowledged(t *testing.T) map[string]string {
	t.Helper()
	store, err := boltstore.Open(w.env["ORGSYNC_STATE"])
	require.NoError(t, err)
	defer func() { require.NoError(t, store.Close()) }()
	lease, err := store.Lock(t.Context(), w.env["YUNZHIJIA_EID"])
	require.NoError(t, err)
	known := map[string]string{}
	for e, err := range lease.All(t.Context(), "people/tuzhan") {
		require.NoError(t, err)
		var entry map[string]any
		require.NoError(t, json.Unmarshal(e.Value, &entry))
		if entry["h"] != nil {
			known[e.Key] = string(e.Value)
		}
	}
	return known
}

// assertNothingTwice demands that the last run sent 兔展 nothing that it had
// acknowledged before, in the same form.
func (w *world) assertNothingTwice(t *testing.T, before, after map[string]string) {
	t.Helper()
	require.NotEmpty(t, before)
	for _, r := range w.t.RequestsTo(tuzhantest.OpEmployees) {
		var body struct {
			Data []struct{ ThirdUserID string }
		}
		require.NoError(t, json.Unmarshal(r.Body, &body))
		for _, row := range body.Data {
			known, there := before[row.ThirdUserID]
			assert.False(t, there && known == after[row.ThirdUserID], "%s is sent again", row.ThirdUserID)
		}
	}
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
