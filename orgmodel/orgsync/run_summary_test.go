package orgsync_test

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
	"github.com/orgbridge/orgbridge/tuzhan/tuzhantest"
	"github.com/orgbridge/orgbridge/yunzhijia"
	"github.com/orgbridge/orgbridge/yunzhijia/yunzhijiatest"
)

func (w *world) status(t *testing.T) *orgsync.Status {
	t.Helper()
	status, err := orgsync.ReadStatus(t.Context(), w.store, "acme", w.now())
	require.NoError(t, err)
	return status
}

// A state remembers how its runs ended, and a dry run leaves none behind.
func TestRunsAreRemembered(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 6, 100)
	assert.Empty(t, w.status(t).Runs)
	assert.False(t, w.status(t).Known)
	w.sync()
	w.sync(orgsync.RunOptions{DryRun: true})
	_, err := w.engine().Plan(t.Context(), orgsync.RunOptions{})
	require.NoError(t, err)
	runs := w.status(t).Runs
	require.Len(t, runs, 1, "dry runs are not remembered")
	assert.Equal(t, orgsync.RunDone, runs[0].Outcome)
	assert.True(t, runs[0].Full)
	assert.Equal(t, "first run", runs[0].Why)
	assert.Equal(t, 100, runs[0].People)
	require.Len(t, runs[0].Targets, 3)
	assert.Equal(t, 106, runs[0].Targets[0].Done[orgsync.Create])
	assert.Equal(t, 106, runs[0].Targets[0].Changes())

	w.t.Inject(tuzhantest.ResetConnection().Always())
	w.source.UpdatePerson(person(1), func(p *yunzhijia.Person) { p.JobTitle = "总监" })
	_, err = w.run(orgsync.RunOptions{})
	require.Error(t, err)
	w.t.ClearFaults()
	w.source.Inject(yunzhijiatest.HTML().Always())
	_, err = w.run(orgsync.RunOptions{})
	require.Error(t, err)
	w.source.ClearFaults()
	ctx, cancel := context.WithCancelCause(t.Context())
	w.source.Inject(yunzhijiatest.MutateBody(func(b []byte) []byte { cancel(errors.New("by hand")); return b }).On("getallpersons"))
	_, err = w.engine().Run(ctx, orgsync.RunOptions{})
	require.Error(t, err)
	w.source.ClearFaults()
	for i := range 60 {
		w.source.Leave(person(i + 1))
	}
	_, err = w.run(orgsync.RunOptions{})
	guard, stopped := errors.AsType[*orgsync.GuardError](err)
	require.True(t, stopped)

	status := w.status(t)
	var outcomes []orgsync.RunOutcome
	for _, run := range status.Runs {
		outcomes = append(outcomes, run.Outcome)
	}
	assert.Equal(t, []orgsync.RunOutcome{
		orgsync.RunStopped, orgsync.RunInterrupted, orgsync.RunUnread, orgsync.RunIncomplete, orgsync.RunDone,
	}, outcomes)
	assert.Equal(t, guard.Digest, status.Runs[0].Digest)
	failed := status.Runs[3].Targets[1]
	assert.True(t, failed.GivenUp, failed.Name)
	assert.Positive(t, failed.NotSent+failed.Failed)
	pending, waits := status.Pending()
	require.True(t, waits)
	assert.Equal(t, guard.Digest, pending.Digest)
	assert.Equal(t, 7*24*time.Hour, pending.Until.Sub(pending.At))

	_, err = w.run(orgsync.RunOptions{Hold: true})
	require.Error(t, err)
	status = w.status(t)
	assert.Equal(t, orgsync.RunHeld, status.Runs[0].Outcome)
	assert.Equal(t, 60, status.Runs[0].Targets[0].Held)
	assert.Equal(t, 60, status.Held)

	w.sync(orgsync.RunOptions{Approve: orgsync.Approve{Digest: guard.Digest, By: "wang"}})
	status = w.status(t)
	_, waits = status.Pending()
	assert.False(t, waits)
	assert.True(t, status.Runs[0].Approved)
	assert.Equal(t, 100, status.InService, "as of the last full reading")
	assert.Equal(t, 40, status.Targets[0].People)
	text, err := json.Marshal(status)
	require.NoError(t, err)
	assert.NotContains(t, string(text), "person-", "no ids")
	assert.NotContains(t, string(text), "138000")
}

func TestTheLastFiftyRunsAreRemembered(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 2, 3)
	for range orgsync.MaxRuns + 3 {
		w.later(time.Minute)
		w.sync()
	}
	runs := w.status(t).Runs
	require.Len(t, runs, orgsync.MaxRuns)
	assert.True(t, runs[0].Started.After(runs[1].Started), "the latest first")
	assert.True(t, runs[len(runs)-1].Started.Before(runs[0].Started))
}

func TestStatusOfALockedState(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 2, 3)
	lease, err := w.store.Lock(t.Context(), "acme")
	require.NoError(t, err)
	_, err = orgsync.ReadStatus(t.Context(), w.store, "acme", w.now())
	require.ErrorIs(t, err, orgsync.ErrLocked)

	for _, bucket := range []string{"runs", "meta", "targets", "approvals"} {
		require.NoError(t, lease.Write(t.Context(), orgsync.Entry{Bucket: bucket, Key: "1", Value: []byte("{")}))
		require.NoError(t, lease.Unlock(t.Context()))
		_, err = orgsync.ReadStatus(t.Context(), w.store, "acme", w.now())
		require.ErrorIs(t, err, orgsync.ErrCorrupt, bucket)
		lease, err = w.store.Lock(t.Context(), "acme")
		require.NoError(t, err)
		require.NoError(t, lease.Write(t.Context(), orgsync.Entry{Bucket: bucket, Key: "1"}))
	}
	require.NoError(t, lease.Unlock(t.Context()))
}

func TestLockedErrorSaysWhoAndUntilWhen(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	for want, e := range map[string]*orgsync.LockedError{
		"until that run ends": {},
		`held by process 7 on a\x1b, since 2026-03-02T09:00:00Z, until that run ends`: {Holder: "process 7 on a\x1b", Since: at},
		"until 2026-03-02T09:00:00Z unless it is renewed":                             {Until: at},
	} {
		require.ErrorIs(t, e, orgsync.ErrLocked)
		assert.EqualError(t, e, "orgsync: the tenant is locked by another run: "+want)
	}
}
