package boltstore_test

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	bolt "go.etcd.io/bbolt"

	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync/boltstore"
)

func TestNumbersAreInOrder(t *testing.T) {
	t.Parallel()
	before := ""
	for _, n := range []uint64{0, 1, 63, 64, 255, 256, 16383, 16384, 1<<30 - 1, 1 << 30, 1<<62 - 1} {
		written, read, ok := boltstore.Number(n)
		assert.True(t, ok)
		assert.Equal(t, n, read)
		assert.Greater(t, string(written), before)
		before = string(written)
	}
}

// Tenants and buckets whose numbers take one byte and two.
func TestManyTenantsAndBuckets(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	store := open(t, path)
	for round := range 2 {
		for i := range 66 {
			lease := lock(t, store, fmt.Sprint("tenant ", i))
			var entries []orgsync.Entry
			for n := range i {
				entries = append(entries, orgsync.Entry{Bucket: strconv.Itoa(n), Key: "k", Value: fmt.Append(nil, i, n)})
			}
			if round == 0 {
				gone := orgsync.Entry{Bucket: "gone", Key: "k"}
				require.NoError(t, lease.Write(t.Context(), append(entries, gone)...))
			}
			for _, e := range entries {
				got, err := lease.Get(t.Context(), e.Bucket, "k", "l")
				require.NoError(t, err)
				assert.Equal(t, [][]byte{e.Value, nil}, got)
			}
			got, err := contents(t.Context(), lease, strconv.Itoa(i))
			require.NoError(t, err)
			assert.Empty(t, got)
			require.NoError(t, lease.Unlock(t.Context()))
		}
	}
	require.NoError(t, store.Close())
	require.NoError(t, verify(t, path))
}

// Entries with a number that was never given are found when a tenant that they might
// belong to is locked.
func TestLockFindsEntriesWithoutANumber(t *testing.T) {
	t.Parallel()
	data, _ := sample(t, 30)
	for key, tenant := range map[string]string{"\x01\x01k": "t", "\x02\x00k": "new", "\x05\x00k": "new"} {
		path := newPath(t)
		require.NoError(t, os.WriteFile(path, data, 0o600))
		edit(t, path, func(tx *bolt.Tx) error {
			return tx.Bucket([]byte("values")).Put([]byte(key), boltstore.Seal(key, "x"))
		})
		require.NoError(t, boltstore.KeepSum(path)) // otherwise opening the file finds them
		_, err := open(t, path).Lock(t.Context(), tenant)
		require.ErrorIs(t, err, orgsync.ErrCorrupt, "%q", key)
	}
}

// Keys that arrive in order fill the pages, whether one by one or many at a time, and
// those that arrive anywhere leave them half full at least.
func TestPagesAreFilled(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ count, batch, step, most int }{
		"one by one": {count: os.Getpagesize() / 15, batch: 1, step: 1, most: 110},
		"in batches": {count: 4000, batch: 500, step: 1, most: 110},
		"anywhere":   {count: 3000, batch: 100, step: 1337, most: 190},
	} {
		path := newPath(t)
		lease := lock(t, open(t, path), "t")
		var entries []orgsync.Entry
		for i := range c.count {
			entries = append(entries, entry(fmt.Sprintf("%024d", i*c.step%c.count), strings.Repeat("v", 40)))
			if len(entries) == c.batch {
				require.NoError(t, lease.Write(t.Context(), entries...))
				entries = nil
			}
		}
		require.NoError(t, lease.(orgsync.Verifier).Verify(t.Context()))
		require.NoError(t, lease.Unlock(t.Context()))
		edit(t, path, func(tx *bolt.Tx) error {
			stats := tx.Bucket([]byte("values")).Stats()
			assert.Less(t, stats.LeafAlloc/c.count, c.most, name)
			return nil
		})
	}
}
