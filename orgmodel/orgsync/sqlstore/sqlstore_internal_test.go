package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync/storetest"
)

func newStore(t testing.TB, f *fakeDB, options ...Option) *Store {
	t.Helper()
	store, err := New(f.open(t), options...)
	require.NoError(t, err)
	require.NoError(t, store.CreateSchema(t.Context()))
	return store
}

func lock(t testing.TB, store *Store, tenant string) orgsync.Lease {
	t.Helper()
	l, err := store.Lock(t.Context(), tenant)
	require.NoError(t, err)
	ctx := context.WithoutCancel(t.Context())
	t.Cleanup(func() { _ = l.Unlock(ctx) })
	return l
}

func entry(key, value string) orgsync.Entry {
	return orgsync.Entry{Bucket: "b", Key: key, Value: []byte(value)}
}

func firstError(ctx context.Context, l orgsync.Lease) error {
	for _, err := range l.All(ctx, "b") {
		if err != nil {
			return err
		}
	}
	return nil
}

func (f *fakeDB) expire(tenant string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	l := f.state.leases[tenant]
	l.expires = time.Time{}
	f.state.leases[tenant] = l
}

func (f *fakeDB) expires(tenant string) time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.state.leases[tenant].expires
}

func fakeOf(store orgsync.Store) *fakeDB {
	return store.(*Store).db.Driver().(fakeDriver).db
}

func TestStore(t *testing.T) {
	t.Parallel()
	storetest.Run(t,
		func(t testing.TB) orgsync.Store { return newStore(t, newFakeDB()) },
		storetest.WithReopen(func(t testing.TB, store orgsync.Store) orgsync.Store {
			return newStore(t, fakeOf(store))
		}),
		storetest.WithTakeover(func(t testing.TB, store orgsync.Store, tenant string) orgsync.Store {
			fakeOf(store).expire(tenant)
			return newStore(t, fakeOf(store))
		}))
}

func TestOneConnectionIsEnough(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t testing.TB) orgsync.Store {
		store := newStore(t, newFakeDB())
		store.db.SetMaxOpenConns(1)
		return store
	})
}

func TestNew(t *testing.T) {
	t.Parallel()
	for _, d := range []time.Duration{0, -time.Second, time.Second - 1, time.Hour + 1} {
		_, err := New(nil, WithLeaseTime(d))
		var bad *FieldError
		require.ErrorAs(t, err, &bad)
		assert.Contains(t, err.Error(), "sqlstore: db is required")
		assert.Contains(t, err.Error(), "sqlstore: lease time is not within")
	}
	store, err := New(newFakeDB().open(t))
	require.NoError(t, err)
	assert.Equal(t, 30*time.Second, store.leaseTime)
}

func TestSchema(t *testing.T) {
	t.Parallel()
	f := newFakeDB()
	store, err := New(f.open(t))
	require.NoError(t, err)
	_, err = store.Lock(t.Context(), "t")
	require.ErrorIs(t, err, ErrNoSchema)

	require.NoError(t, store.CreateSchema(t.Context()))
	require.NoError(t, store.CreateSchema(t.Context()))
	assert.Equal(t, 1, f.seen[schema[0]], "tables were created although they exist")
	lock(t, store, "t")

	f.state.version = format + 1
	require.ErrorIs(t, store.CreateSchema(t.Context()), ErrNewerFormat)
	_, err = store.Lock(t.Context(), "another")
	require.ErrorIs(t, err, ErrNewerFormat)
	require.ErrorIs(t, err, orgsync.ErrCorrupt)

	f.state.noRow = true
	_, err = store.Lock(t.Context(), "another")
	require.ErrorIs(t, err, ErrNoSchema)
}

func TestTooLongNames(t *testing.T) {
	t.Parallel()
	f := newFakeDB()
	store := newStore(t, f)
	l := lock(t, store, "t")
	long := strings.Repeat("x", maxName+1)
	before := f.seen["COMMIT"]
	var bad *FieldError

	_, err := store.Lock(t.Context(), long)
	require.ErrorAs(t, err, &bad)
	assert.Equal(t, "tenant", bad.Field)
	require.ErrorAs(t, l.Write(t.Context(), entry("k", "v"), entry(long, "v")), &bad)
	assert.Equal(t, "Entry.Key", bad.Field)
	require.ErrorAs(t, l.Write(t.Context(), orgsync.Entry{Bucket: long}), &bad)
	assert.Equal(t, "Entry.Bucket", bad.Field)
	assert.NotContains(t, bad.Error(), "xxx")
	assert.Equal(t, before, f.seen["COMMIT"])
	require.NoError(t, l.Write(t.Context(), entry(long[1:], "v")))
}

func TestLeaseIsRenewed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := newStore(t, newFakeDB())
		l := lock(t, store, "t")
		<-time.After(10 * time.Minute)
		_, err := store.Lock(t.Context(), "t")
		require.ErrorIs(t, err, orgsync.ErrLocked)
		require.NoError(t, l.Write(t.Context(), entry("k", "v")))
		require.NoError(t, l.Unlock(t.Context()))
		lock(t, store, "t")
	})
}

func TestLeaseIsRenewedAfterErrors(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFakeDB()
		turn := 0
		f.hook = func(query string) error {
			if turn++; query == renewLease && turn%2 == 0 {
				return errors.New("out of reach")
			}
			return nil
		}
		store := newStore(t, f)
		l := lock(t, store, "t")
		<-time.After(10 * time.Minute)
		require.NoError(t, firstError(t.Context(), l))
	})
}

func TestLeaseRunsOut(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFakeDB()
		store := newStore(t, f, WithLeaseTime(time.Minute))
		start := time.Now()
		f.hook = func(query string) error {
			if query == renewLease && time.Since(start) < time.Minute {
				return errors.New("out of reach")
			}
			return nil
		}
		former := lock(t, store, "t")
		<-time.After(time.Minute - time.Second)
		_, err := store.Lock(t.Context(), "t")
		require.ErrorIs(t, err, orgsync.ErrLocked)
		<-time.After(time.Second)
		next := lock(t, store, "t")
		assert.Equal(t, former.(*lease).fence+1, next.(*lease).fence)
		<-time.After(2 * time.Minute)

		require.ErrorIs(t, former.Write(t.Context(), entry("k", "former")), orgsync.ErrLeaseLost)
		require.ErrorIs(t, firstError(t.Context(), former), orgsync.ErrLeaseLost)
		require.NoError(t, former.Unlock(t.Context()))
		require.NoError(t, next.Write(t.Context(), entry("k", "next")))
	})
}

// A lease that ran out is lost although no other run took the tenant.
func TestLeaseDoesNotComeBack(t *testing.T) {
	t.Parallel()
	f := newFakeDB()
	l := lock(t, newStore(t, f), "t")
	f.expire("t")
	require.ErrorIs(t, l.Write(t.Context(), entry("k", "v")), orgsync.ErrLeaseLost)
	held, err := l.(*lease).renew(t.Context(), time.Second)
	require.NoError(t, err)
	assert.False(t, held)
}

func TestLockWaitsOnlySoLong(t *testing.T) {
	t.Parallel()
	f := newFakeDB()
	store := newStore(t, f)
	f.hook = func(query string) error {
		if query == takeLease {
			return fmt.Errorf("driver: %w", codedError(lockNotAvailable))
		}
		return nil
	}
	_, err := store.Lock(t.Context(), "t")
	require.ErrorIs(t, err, orgsync.ErrLocked)
}

func TestFailingStatements(t *testing.T) {
	t.Parallel()
	errDown := errors.New("the database is down")
	steps := []string{lockSchema, schemaExists, schema[0], "COMMIT"}
	for _, step := range steps {
		f := newFakeDB()
		f.hook = func(query string) error { return failAt(query, step, errDown) }
		store, err := New(f.open(t))
		require.NoError(t, err)
		err = store.CreateSchema(t.Context())
		require.ErrorIs(t, err, errDown)
		assert.Contains(t, err.Error(), "sqlstore: create tables: ")
		assert.Zero(t, f.state.version)
	}
	for _, step := range []string{selectVersion, limitTransaction, takeLease, "COMMIT"} {
		f := newFakeDB()
		store := newStore(t, f)
		f.hook = func(query string) error { return failAt(query, step, errDown) }
		_, err := store.Lock(t.Context(), "t")
		require.ErrorIs(t, err, errDown)
		assert.Contains(t, err.Error(), "sqlstore: lock: ")
		f.hook = nil
		lock(t, store, "t")
	}
	for _, step := range []string{limitTransaction, renewLease, putEntries, deleteEntries, "COMMIT"} {
		f := newFakeDB()
		store := newStore(t, f)
		l := lock(t, store, "t")
		require.NoError(t, l.Write(t.Context(), entry("gone", "v")))
		before := len(f.state.entries)
		f.hook = func(query string) error { return failAt(query, step, errDown) }
		err := l.Write(t.Context(), entry("k", "v"), orgsync.Entry{Bucket: "b", Key: "gone"})
		require.ErrorIs(t, err, errDown)
		assert.Contains(t, err.Error(), "sqlstore: write: ")
		assert.Len(t, f.state.entries, before)
		f.hook = nil
		require.NoError(t, l.Write(t.Context(), entry("k", "v")))
	}
	for _, step := range []string{selectKeys, "ROW"} {
		f := newFakeDB()
		l := lock(t, newStore(t, f), "t")
		f.hook = func(query string) error { return failAt(query, step, errDown) }
		_, err := l.Get(t.Context(), "b", "k")
		require.ErrorIs(t, err, errDown)
		assert.Contains(t, err.Error(), "sqlstore: read: ")
	}
	for _, step := range []string{selectPage, "ROW"} {
		f := newFakeDB()
		l := lock(t, newStore(t, f), "t")
		f.hook = func(query string) error { return failAt(query, step, errDown) }
		err := firstError(t.Context(), l)
		require.ErrorIs(t, err, errDown)
		assert.Contains(t, err.Error(), "sqlstore: read: ")
	}
}

func failAt(query, step string, err error) error {
	if strings.HasPrefix(query, step) {
		return err
	}
	return nil
}

func TestUnlockCanBeTriedAgain(t *testing.T) {
	t.Parallel()
	f := newFakeDB()
	store := newStore(t, f)
	l := lock(t, store, "t")
	errDown := errors.New("the database is down")
	f.hook = func(query string) error { return failAt(query, endLease, errDown) }
	require.ErrorIs(t, l.Unlock(t.Context()), errDown)
	require.ErrorIs(t, l.Write(t.Context(), entry("k", "v")), orgsync.ErrLeaseLost)
	require.ErrorIs(t, firstError(t.Context(), l), orgsync.ErrLeaseLost)
	_, err := store.Lock(t.Context(), "t")
	require.ErrorIs(t, err, orgsync.ErrLocked)
	f.hook = nil
	require.NoError(t, l.Unlock(t.Context()))
	lock(t, store, "t")
}

// Drivers report the end of a context in words of their own.
func TestEndOfContextIsFound(t *testing.T) {
	t.Parallel()
	f := newFakeDB()
	l := lock(t, newStore(t, f), "t")
	errOver := errors.New("over")
	ctx, cancel := context.WithCancelCause(t.Context())
	f.hook = func(query string) error {
		if query == selectPage {
			cancel(errOver)
			return errors.New("driver: canceling statement due to user request")
		}
		return nil
	}
	err := firstError(ctx, l)
	require.ErrorIs(t, err, errOver)
	assert.Contains(t, err.Error(), "user request")
}

func TestStatements(t *testing.T) {
	t.Parallel()
	f := newFakeDB()
	l := lock(t, newStore(t, f), "t")
	entries, keys := make([]orgsync.Entry, 3*chunkEntries+1), make([]string, 3*chunkEntries+1)
	for i := range entries {
		entries[i] = entry(strconv.Itoa(i), "v")
		keys[i] = entries[i].Key
	}
	require.NoError(t, l.Write(t.Context(), entries...))
	assert.Equal(t, 4, f.seen[putEntries])
	assert.Zero(t, f.seen[deleteEntries])
	_, err := l.Get(t.Context(), "b", keys...)
	require.NoError(t, err)
	assert.Equal(t, 4, f.seen[selectKeys])
	for i := range entries {
		entries[i].Value = nil
	}
	require.NoError(t, l.Write(t.Context(), entries...))
	assert.Equal(t, 4, f.seen[deleteEntries])

	large := strings.Repeat("v", chunkBytes/3)
	require.NoError(t, l.Write(t.Context(), entry("1", large), entry("2", large), entry("3", large), entry("4", large+large+large+large)))
	assert.Equal(t, 7, f.seen[putEntries], "two, one, one")
	assert.Len(t, f.state.entries, 4)
}
