package storetest

import (
	"context"
	"errors"
	"runtime"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
)

func checkOneHolder(t testing.TB, s suite) {
	store := s.open(t)
	held := lock(t, store, tenant)
	for range 2 {
		lease, err := store.Lock(t.Context(), tenant)
		require.ErrorIs(t, err, orgsync.ErrLocked)
		require.Nil(t, lease)
	}
	other := lock(t, store, "another tenant")
	write(t, other, put("b", "k", "other"))
	write(t, held, put("b", "k", "held"))
	unlock(t, held)
	again := lock(t, store, tenant)
	requireHolds(t, again, "b", put("b", "k", "held"))
	unlock(t, other)
	_, err := store.Lock(t.Context(), tenant)
	require.ErrorIs(t, err, orgsync.ErrLocked, "another tenant's Unlock gave this one back")
}

// checkContention counts in a value that is read and written under the lease: if
// two held it at once, a count would get lost.
func checkContention(t testing.TB, s suite) {
	const holders, rounds = 8, 5
	store := s.open(t)
	errs := make([]error, holders)
	var group sync.WaitGroup
	for i := range holders {
		group.Go(func() {
			for range rounds {
				errs[i] = errors.Join(errs[i], increment(t.Context(), store))
			}
		})
	}
	group.Wait()
	require.NoError(t, errors.Join(errs...))
	requireHolds(t, lock(t, store, tenant), "b", put("b", "count", strconv.Itoa(holders*rounds)))
}

func increment(ctx context.Context, store orgsync.Store) error {
	lease, err := store.Lock(ctx, tenant)
	for errors.Is(err, orgsync.ErrLocked) {
		runtime.Gosched()
		lease, err = store.Lock(ctx, tenant)
	}
	if err != nil {
		return err
	}
	e, err := first(ctx, lease)
	n, _ := strconv.Atoi(string(e.Value)) // 0 when there is none yet
	return errors.Join(err, lease.Write(ctx, put("b", "count", strconv.Itoa(n+1))), lease.Unlock(ctx))
}

func checkUnlock(t testing.TB, s suite) {
	store := s.open(t)
	lease := lock(t, store, tenant)
	write(t, lease, put("b", "k", "v"))
	unlock(t, lease)
	unlock(t, lease)
	requireLost(t, lease)

	next := lock(t, store, tenant)
	requireHolds(t, next, "b", put("b", "k", "v"))
	unlock(t, lease)
	requireLost(t, lease)
	_, err := store.Lock(t.Context(), tenant)
	require.ErrorIs(t, err, orgsync.ErrLocked, "the former holder gave back what is not its own")
	write(t, next, put("b", "k", "w"))
	requireHolds(t, next, "b", put("b", "k", "w"))
}

// requireLost demands that a lease can neither read nor write any more.
func requireLost(t testing.TB, lease orgsync.Lease) {
	t.Helper()
	require.ErrorIs(t, lease.Write(t.Context(), put("b", "k", "late"), put("late", "k", "late")), orgsync.ErrLeaseLost)
	require.ErrorIs(t, lease.Write(t.Context()), orgsync.ErrLeaseLost)
	e, err := first(t.Context(), lease)
	require.ErrorIs(t, err, orgsync.ErrLeaseLost)
	require.Zero(t, e)
	for _, keys := range [][]string{{"k"}, nil} {
		values, err := lease.Get(t.Context(), "b", keys...)
		require.ErrorIs(t, err, orgsync.ErrLeaseLost)
		require.Nil(t, values)
	}
	if until := lease.Until(); !until.IsZero() {
		require.False(t, until.After(time.Now()), "a lease that is lost is held")
	}
}

func checkUnlockAfterTheEnd(t testing.TB, s suite) {
	store := s.open(t)
	ctx, cancel := context.WithCancel(t.Context())
	lease, err := store.Lock(ctx, tenant)
	require.NoError(t, err)
	require.NoError(t, lease.Write(ctx, put("b", "k", "v")))
	cancel()
	require.NoError(t, lease.Unlock(ctx))
	requireHolds(t, lock(t, store, tenant), "b", put("b", "k", "v"))
}

func checkEndedContext(t testing.TB, s suite) {
	store := s.open(t)
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := store.Lock(ended, tenant)
	require.ErrorIs(t, err, context.Canceled)

	lease := lock(t, store, tenant)
	write(t, lease, numbered(2000, "v")...)
	require.ErrorIs(t, lease.Write(ended, put("b", "late", "v"), del("b", "000000")), context.Canceled)
	e, err := first(ended, lease)
	require.ErrorIs(t, err, context.Canceled)
	require.Zero(t, e)
	requireHolds(t, lease, "b", numbered(2000, "v")...)
}

func checkReopen(t testing.TB, s suite) {
	store := s.open(t)
	for _, name := range oddStrings {
		lease := lock(t, store, name)
		write(t, lease, put(name, "k", name), put(name, "gone", ""))
		write(t, lease, del(name, "gone"))
		unlock(t, lease)
	}
	held := lock(t, store, tenant)
	write(t, held, put("b", "held", "v"))
	unlock(t, held)
	for range 2 {
		store = s.reopen(t, store)
		for _, name := range oddStrings {
			lease := lock(t, store, name)
			requireHolds(t, lease, name, put(name, "k", name))
			unlock(t, lease)
		}
		lease := lock(t, store, tenant)
		requireHolds(t, lease, "b", put("b", "held", "v"))
		unlock(t, lease)
	}
}

func checkTakeover(t testing.TB, s suite) {
	store := s.open(t)
	former := lock(t, store, tenant)
	write(t, former, put("b", "k", "former"))

	second := s.takeover(t, store, tenant)
	requireLost(t, former)
	next := lock(t, second, tenant)
	requireLost(t, former)
	requireHolds(t, next, "b", put("b", "k", "former"))
	requireHolds(t, next, "late")
	write(t, next, put("b", "k", "next"))
	requireLost(t, former)
	unlock(t, former)
	_, err := second.Lock(t.Context(), tenant)
	require.ErrorIs(t, err, orgsync.ErrLocked, "the former holder gave back what is not its own")
	requireHolds(t, next, "b", put("b", "k", "next"))
	requireHolds(t, next, "late")
}
