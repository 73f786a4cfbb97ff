package sqlstore

import (
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
)

func TestUntil(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFakeDB()
		var down atomic.Bool
		f.hook = func(query string) error {
			switch {
			case query == "COMMIT" && !down.Load():
				<-time.After(time.Second)
			case query == renewLease && down.Load():
				return errors.New("out of reach")
			}
			return nil
		}
		store := newStore(t, f, WithLeaseTime(time.Minute))
		asked := time.Now()
		l := lock(t, store, "t")
		assert.Equal(t, asked.Add(time.Minute), l.Until(), "counted from when it was asked for")
		<-time.After(10 * time.Second)
		asked = time.Now()
		require.NoError(t, l.Write(t.Context(), entry("k", "v")))
		assert.Equal(t, asked.Add(time.Minute), l.Until(), "a Write renews")
		<-time.After(20 * time.Second)
		assert.Greater(t, l.Until(), asked.Add(time.Minute+5*time.Second), "it is renewed in the background")

		down.Store(true)
		until := l.Until()
		require.Error(t, l.Write(t.Context(), entry("k", "v")))
		<-time.After(50 * time.Second)
		assert.Equal(t, until, l.Until(), "a renewal that failed is none")
		assert.Equal(t, until, f.expires("t").Truncate(time.Second))
		<-time.After(20 * time.Second)
		down.Store(false)
		require.ErrorIs(t, l.Write(t.Context(), entry("k", "v")), orgsync.ErrLeaseLost)
		assert.Equal(t, until, l.Until())
	})
}

// A transaction that was rolled back has renewed nothing.
func TestUntilAfterARollback(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFakeDB()
		l := lock(t, newStore(t, f), "t")
		until := l.Until()
		for _, step := range []string{putEntries, "COMMIT"} {
			<-time.After(time.Second)
			f.hook = func(query string) error { return failAt(query, step, errors.New("no")) }
			require.Error(t, l.Write(t.Context(), entry("k", "v")))
			assert.Equal(t, until, l.Until())
		}
	})
}

// What is known of a lease may be told late, and out of order.
func TestDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var d deadline
		start := time.Now()
		d.extend(start.Add(2 * time.Minute))
		d.extend(start.Add(time.Minute))
		assert.Equal(t, start.Add(2*time.Minute), d.get())
		<-time.After(time.Second)
		d.end()
		d.extend(start.Add(time.Hour))
		<-time.After(time.Second)
		d.end()
		assert.Equal(t, start.Add(time.Second), d.get(), "a lease that is lost does not come back")
	})
}

// The database may still commit after a Write has failed. The next read waits for it.
func TestReadsWaitForTheOutcomeOfAWrite(t *testing.T) {
	t.Parallel()
	f := newFakeDB()
	l := lock(t, newStore(t, f), "t")
	errDown := errors.New("no")
	require.NoError(t, firstError(t.Context(), l))
	require.Zero(t, f.seen[renewLease])

	f.hook = func(query string) error { return failAt(query, "COMMIT", errDown) }
	require.ErrorIs(t, l.Write(t.Context(), entry("k", "v")), errDown)
	f.hook = func(query string) error { return failAt(query, renewLease, errDown) }
	for range 2 {
		_, err := l.Get(t.Context(), "b", "k")
		require.ErrorIs(t, err, errDown)
	}
	assert.Equal(t, 3, f.seen[renewLease])
	assert.Zero(t, f.seen[selectKeys])

	f.hook = nil
	until := l.Until()
	for range 2 {
		require.NoError(t, firstError(t.Context(), l))
	}
	assert.Equal(t, 4, f.seen[renewLease])
	assert.Greater(t, l.Until(), until)

	f.hook = func(query string) error { return failAt(query, "COMMIT", errDown) }
	require.ErrorIs(t, l.Write(t.Context(), entry("k", "v")), errDown)
	f.expire("t")
	require.ErrorIs(t, firstError(t.Context(), l), orgsync.ErrLeaseLost)
	assert.LessOrEqual(t, l.Until(), time.Now())
}

// Who finds a tenant locked is told by whom and until when.
func TestLockedUntil(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFakeDB()
		store := newStore(t, f, WithLeaseTime(time.Minute))
		l := lock(t, store, "t")
		<-time.After(time.Second)
		_, err := store.Lock(t.Context(), "t")
		require.ErrorIs(t, err, orgsync.ErrLocked)
		held, ok := errors.AsType[*orgsync.LockedError](err)
		require.True(t, ok)
		assert.Equal(t, holder(), held.Holder)
		assert.NotContains(t, err.Error(), l.(*lease).owner[:8], "what the lease is known by stays secret")
		assert.WithinDuration(t, l.Until(), held.Until, time.Microsecond)

		f.hook = func(query string) error { return failAt(query, selectHolder, errors.New("no")) }
		_, err = store.Lock(t.Context(), "t")
		assert.Equal(t, orgsync.ErrLocked, err, "it is locked, whoever by")
	})
}

// A renewal that was in conflict with a Write that ended meanwhile is tried again.
func TestRenewalsAfterAConflict(t *testing.T) {
	t.Parallel()
	f := newFakeDB()
	l := lock(t, newStore(t, f), "t")
	conflicts := 0
	f.hook = func(query string) error { return failAt(query, "COMMIT", errors.New("no")) }
	require.Error(t, l.Write(t.Context(), entry("k", "v")))
	f.hook = func(query string) error {
		if query == renewLease && conflicts < 2 {
			conflicts++
			return codedError(serializationFailure)
		}
		return nil
	}
	require.NoError(t, firstError(t.Context(), l))
	assert.Equal(t, 2, conflicts)
	require.Greater(t, l.Until(), time.Now())
}
