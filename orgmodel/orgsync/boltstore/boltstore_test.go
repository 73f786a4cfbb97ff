package boltstore_test

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	bolt "go.etcd.io/bbolt"

	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync/boltstore"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync/storetest"
)

func newPath(t testing.TB) string { return filepath.Join(t.TempDir(), "state.db") }

func open(t testing.TB, path string) *boltstore.Store {
	t.Helper()
	store, err := boltstore.Open(path)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, store.Close()) })
	return store
}

func lock(t testing.TB, store *boltstore.Store, tenant string) orgsync.Lease {
	t.Helper()
	lease, err := store.Lock(t.Context(), tenant)
	require.NoError(t, err)
	return lease
}

func entry(key, value string) orgsync.Entry {
	return orgsync.Entry{Bucket: "b", Key: key, Value: []byte(value)}
}

func contents(ctx context.Context, lease orgsync.Lease, bucket string) (map[string]string, error) {
	all := map[string]string{}
	for e, err := range lease.All(ctx, bucket) {
		if err != nil {
			return nil, err
		}
		all[e.Key] = string(e.Value)
	}
	return all, nil
}

// replace puts a copy of the file in its place.
func replace(t testing.TB, path string) {
	t.Helper()
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(path+".copy", data, 0o600))
	require.NoError(t, os.Rename(path+".copy", path))
}

func TestStore(t *testing.T) {
	t.Parallel()
	var paths sync.Map // of the stores
	remember := func(t testing.TB, path string) orgsync.Store {
		store := open(t, path)
		paths.Store(store, path)
		return store
	}
	pathOf := func(store orgsync.Store) string {
		path, _ := paths.Load(store)
		return path.(string)
	}
	storetest.Run(t,
		func(t testing.TB) orgsync.Store { return remember(t, newPath(t)) },
		storetest.WithReopen(func(t testing.TB, store orgsync.Store) orgsync.Store {
			require.NoError(t, store.(*boltstore.Store).Close())
			return remember(t, pathOf(store))
		}),
		storetest.WithTakeover(func(t testing.TB, store orgsync.Store, _ string) orgsync.Store {
			replace(t, pathOf(store))
			return store
		}))
}

func TestOpenCreatesAPrivateFile(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	open(t, path)
	info, err := os.Stat(path)
	require.NoError(t, err)
	assert.Equal(t, fs.FileMode(0o600), info.Mode().Perm())
}

func TestOpenTakesAnEmptyFile(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	require.NoError(t, os.WriteFile(path, nil, 0o600))
	lease := lock(t, open(t, path), "t")
	require.NoError(t, lease.Write(t.Context(), entry("k", "v")))
}

func TestOpenFinishesAFileThatWasBarelyBegun(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	db, err := bolt.Open(path, 0o600, nil)
	require.NoError(t, err)
	require.NoError(t, db.Close())
	lock(t, open(t, path), "t")
}

func TestOpenRefusesPaths(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, path := range []string{"", dir} {
		_, err := boltstore.Open(path)
		var bad *boltstore.FieldError
		require.ErrorAs(t, err, &bad, "%q", path)
		assert.Equal(t, "path", bad.Field)
		assert.Contains(t, err.Error(), "boltstore: path ")
	}
	_, err := boltstore.Open(filepath.Join(dir, "no", "such", "file"))
	require.ErrorIs(t, err, fs.ErrNotExist)
	_, err = boltstore.Open(filepath.Join(dir, "nul\x00"))
	require.Error(t, err)
	require.NotErrorIs(t, err, orgsync.ErrCorrupt)
}

// Two stores of one file are to each other as two processes are: the lock belongs
// to the open file.
func TestTakingTurns(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	one, two := open(t, path), open(t, path)
	lease := lock(t, one, "t")
	require.NoError(t, lease.Write(t.Context(), entry("k", "one")))

	for _, tenant := range []string{"t", "another"} {
		start := time.Now()
		_, err := two.Lock(t.Context(), tenant)
		require.ErrorIs(t, err, orgsync.ErrLocked)
		assert.Less(t, time.Since(start), 2*time.Second)
	}
	late := open(t, path) // opens while the file is locked

	require.NoError(t, lease.Unlock(t.Context()))
	lease = lock(t, late, "t")
	got, err := contents(t.Context(), lease, "b")
	require.NoError(t, err)
	assert.Equal(t, map[string]string{"k": "one"}, got)
	_, err = one.Lock(t.Context(), "t")
	require.ErrorIs(t, err, orgsync.ErrLocked)
	require.NoError(t, late.Close())
	lock(t, one, "t")
}

func TestTheLastTenantLetsTheFileGo(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	one, two := open(t, path), open(t, path)
	a, b := lock(t, one, "a"), lock(t, one, "b")
	require.NoError(t, a.Unlock(t.Context()))
	_, err := two.Lock(t.Context(), "a")
	require.ErrorIs(t, err, orgsync.ErrLocked)
	require.NoError(t, b.Unlock(t.Context()))
	lock(t, two, "a")
}

func TestClose(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	store := open(t, path)
	lease := lock(t, store, "t")
	require.NoError(t, store.Close())
	require.ErrorIs(t, lease.Write(t.Context(), entry("k", "v")), orgsync.ErrLeaseLost)
	_, err := contents(t.Context(), lease, "b")
	require.ErrorIs(t, err, orgsync.ErrLeaseLost)
	require.NoError(t, lease.Unlock(t.Context()))
	_, err = store.Lock(t.Context(), "t")
	require.ErrorIs(t, err, fs.ErrClosed)
	require.NoError(t, store.Close())
	lock(t, open(t, path), "t")
}

func TestARemovedFileIsALostLease(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	store := open(t, path)
	lease := lock(t, store, "t")
	require.NoError(t, lease.Write(t.Context(), entry("k", "v")))
	require.NoError(t, os.Remove(path))
	require.ErrorIs(t, lease.Write(t.Context(), entry("k", "w")), orgsync.ErrLeaseLost)
	got, err := contents(t.Context(), lock(t, store, "t"), "b")
	require.NoError(t, err)
	assert.Empty(t, got)
}

// edit changes the file, which is not held, with bbolt itself.
func edit(t testing.TB, path string, fn func(tx *bolt.Tx) error) {
	t.Helper()
	db, err := bolt.Open(path, 0o600, &bolt.Options{Timeout: time.Second})
	require.NoError(t, err)
	require.NoError(t, db.Update(fn))
	require.NoError(t, db.Close())
}

func TestFencingNumberRises(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	store := open(t, path)
	var before []byte
	for range 3 {
		lease := lock(t, store, "t")
		require.NoError(t, lease.Write(t.Context(), entry("k", "v")))
		require.NoError(t, lease.Unlock(t.Context()))
		edit(t, path, func(tx *bolt.Tx) error {
			now := append([]byte{}, tx.Bucket([]byte("leases")).Get([]byte("tt"))...)
			assert.Greater(t, string(now), string(before))
			before = now
			return nil
		})
	}
}

// A run that only reads, as a dry run does, leaves the file as it is.
func TestReadingChangesNothing(t *testing.T) {
	t.Parallel()
	data, held := sample(t, 50)
	path := newPath(t)
	require.NoError(t, os.WriteFile(path, data, 0o600))
	store := open(t, path)
	lease := lock(t, store, "t")
	got, err := contents(t.Context(), lease, "b")
	require.NoError(t, err)
	assert.Equal(t, held, got)
	require.NoError(t, lease.Write(t.Context()))
	require.NoError(t, lease.Unlock(t.Context()))
	require.NoError(t, store.Close())
	after, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, data, after)
}

// A run that the lock on the file did not stop has taken the tenant, before or
// after the first write.
func TestFencing(t *testing.T) {
	t.Parallel()
	for _, written := range []bool{false, true} {
		store := open(t, newPath(t))
		before := lock(t, store, "t")
		require.NoError(t, before.Write(t.Context(), entry("k", "v")))
		require.NoError(t, before.Unlock(t.Context()))
		lease := lock(t, store, "t")
		if written {
			require.NoError(t, lease.Write(t.Context(), entry("k", "v")))
		}
		require.NoError(t, store.Edit(func(tx *bolt.Tx) error {
			return boltstore.Fence(tx, "t")
		}))
		require.ErrorIs(t, lease.Write(t.Context(), entry("k", "w")), orgsync.ErrLeaseLost)
		require.NoError(t, lease.Unlock(t.Context()))
		got, err := contents(t.Context(), lock(t, store, "t"), "b")
		require.NoError(t, err)
		assert.Equal(t, map[string]string{"k": "v"}, got)
	}
}

func TestTooLongNames(t *testing.T) {
	t.Parallel()
	store := open(t, newPath(t))
	long := strings.Repeat("x", 40_000)
	var bad *boltstore.FieldError

	_, err := store.Lock(t.Context(), long)
	require.ErrorAs(t, err, &bad)
	assert.Equal(t, "tenant", bad.Field)
	assert.NotContains(t, err.Error(), "xxx")

	lease := lock(t, store, "t")
	for _, e := range []orgsync.Entry{{Bucket: long, Value: []byte{1}}, {Key: long, Value: []byte{1}}} {
		err := lease.Write(t.Context(), entry("k", "v"), e)
		require.ErrorAs(t, err, &bad)
		assert.Equal(t, "Entry.Key", bad.Field)
	}
	got, err := contents(t.Context(), lease, "b")
	require.NoError(t, err)
	assert.Empty(t, got, "a part of a refused write was applied")
	got, err = contents(t.Context(), lease, long)
	require.NoError(t, err)
	assert.Empty(t, got)
}
