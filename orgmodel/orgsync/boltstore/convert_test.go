package boltstore_test

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"maps"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	bolt "go.etcd.io/bbolt"

	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
)

// writeOld writes a file of format 1, in which tenant t holds n entries in bucket b and
// tenant other holds one, and returns what t holds.
func writeOld(t testing.TB, path string, n int) (held map[string]string) {
	t.Helper()
	held = map[string]string{"empty": "", "long": strings.Repeat("long ", 2000)}
	for i := range n {
		held[fmt.Sprintf("%06d", i)] = fmt.Sprint("value ", i)
	}
	edit(t, path, func(tx *bolt.Tx) error {
		for _, name := range []string{"orgsync", "tenants", "entries"} {
			_, err := tx.CreateBucket([]byte(name))
			require.NoError(t, err)
		}
		require.NoError(t, tx.Bucket([]byte("orgsync")).Put([]byte("format"), []byte("1")))
		put := func(tenant string, fence uint64, entries map[string]string) {
			var sum uint64
			name := string(byte(len(tenant))) + tenant
			for key, value := range entries {
				full := []byte(name + "\x01b" + key)
				h := fnv.New64a()
				_, _ = h.Write(binary.AppendUvarint(nil, uint64(len(full))))
				_, _ = h.Write(full)
				_, _ = h.Write([]byte(value))
				sum += h.Sum64()
				require.NoError(t, tx.Bucket([]byte("entries")).Put(full, []byte(value)))
			}
			record := binary.BigEndian.AppendUint64(nil, fence)
			require.NoError(t, tx.Bucket([]byte("tenants")).Put([]byte(name), binary.BigEndian.AppendUint64(record, sum)))
		}
		put("t", 41, held)
		put("other", 3, map[string]string{"k": "of another"})
		put("gone", 7, nil)
		return nil
	})
	return held
}

// A run that only reads leaves the file as it is; the first Write converts it.
func TestFormat1IsConverted(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 10, 3000} {
		path := newPath(t)
		held := writeOld(t, path, n)
		before, err := os.ReadFile(path)
		require.NoError(t, err)
		store := open(t, path)
		lease := lock(t, store, "t")
		other := lock(t, store, "other")
		check := func() {
			t.Helper()
			require.NoError(t, lease.(orgsync.Verifier).Verify(t.Context()))
			got, err := contents(t.Context(), lease, "b")
			require.NoError(t, err)
			assert.True(t, maps.Equal(held, got))
			wrong, err := get(t.Context(), lease, held, "long", "000001", "empty", "none")
			require.NoError(t, err)
			assert.False(t, wrong)
			got, err = contents(t.Context(), lease, "c")
			require.NoError(t, err)
			assert.Empty(t, got)
			got, err = contents(t.Context(), other, "b")
			require.NoError(t, err)
			assert.Equal(t, map[string]string{"k": "of another"}, got)
		}
		check()
		got, err := contents(t.Context(), lock(t, store, "nobody"), "b")
		require.NoError(t, err)
		assert.Empty(t, got)
		require.NoError(t, store.Close())
		after, err := os.ReadFile(path)
		require.NoError(t, err)
		assert.Equal(t, before, after, "reading converts")

		store = open(t, path)
		lease, other = lock(t, store, "t"), lock(t, store, "other")
		require.NoError(t, lease.Write(t.Context(), entry("new", "new")))
		held["new"] = "new"
		check()
		require.NoError(t, other.Write(t.Context(), entry("k", "of another")))
		require.NoError(t, lock(t, store, "nobody").Write(t.Context(), entry("k", "v")))
		check()
		require.NoError(t, store.Close())

		edit(t, path, func(tx *bolt.Tx) error {
			for key, fence := range map[string]uint64{"tt": 42, "tother": 4, "tgone": 7, "tnobody": 1} {
				assert.Equal(t, fence, binary.BigEndian.Uint64(tx.Bucket([]byte("leases")).Get([]byte(key))))
			}
			assert.Nil(t, tx.Bucket([]byte("tenants")))
			assert.Nil(t, tx.Bucket([]byte("entries")))
			return nil
		})
		require.NoError(t, verify(t, path))
	}
}

// All goes on where it was when a Write within the loop converts the file.
func TestFormat1IsConvertedInALoop(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	held := writeOld(t, path, 7000)
	lease := lock(t, open(t, path), "t")
	got := map[string]string{}
	for e, err := range lease.All(t.Context(), "b") {
		require.NoError(t, err)
		if got[e.Key] = string(e.Value); len(got) == 1500 {
			require.NoError(t, lease.Write(t.Context(), orgsync.Entry{Bucket: "other", Key: "k", Value: []byte("v")}))
		}
	}
	assert.True(t, maps.Equal(held, got))
}

func TestDamagedFormat1IsNotConverted(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	for name, change := range map[string]func(tx *bolt.Tx) error{
		"changed value": func(tx *bolt.Tx) error {
			return tx.Bucket([]byte("entries")).Put([]byte("\x01t\x01b000001"), []byte("x"))
		},
		"lost entry":           func(tx *bolt.Tx) error { return tx.Bucket([]byte("entries")).Delete([]byte("\x01t\x01b000001")) },
		"lost record":          func(tx *bolt.Tx) error { return tx.Bucket([]byte("tenants")).Delete([]byte("\x01t")) },
		"name without its end": func(tx *bolt.Tx) error { return tx.Bucket([]byte("tenants")).Put([]byte("\x05t"), make([]byte, 16)) },
		"entry without bucket": func(tx *bolt.Tx) error { return tx.Bucket([]byte("entries")).Put([]byte("\x01t"), nil) },
		"cut record":           func(tx *bolt.Tx) error { return tx.Bucket([]byte("tenants")).Put([]byte("\x01t"), []byte("x")) },
		"no bucket":            func(tx *bolt.Tx) error { return tx.DeleteBucket([]byte("tenants")) },
	} {
		require.NoError(t, os.RemoveAll(path))
		writeOld(t, path, 300)
		edit(t, path, change)
		before, err := os.ReadFile(path)
		require.NoError(t, err)
		require.ErrorIs(t, verify(t, path), orgsync.ErrCorrupt, name)
		after, err := os.ReadFile(path)
		require.NoError(t, err)
		assert.Equal(t, before, after, name)
	}
	require.NoError(t, os.RemoveAll(path))
	held := writeOld(t, path, 300)
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	for at := 0; at < len(data); at += 1 + rand.IntN(2000) {
		damaged := append([]byte{}, data...)
		damaged[at] ^= 1 << rand.IntN(8)
		switch got, err := use(t, path, damaged); {
		case err != nil:
			require.ErrorIs(t, err, orgsync.ErrCorrupt, "byte %d", at)
		case at >= 2*os.Getpagesize(): // otherwise the empty file before the only transaction
			require.True(t, maps.Equal(held, got), "byte %d: entries were changed silently", at)
		}
	}
}

// A process is killed while it converts: the file is the old one or the new one.
func TestKilledWhileConverting(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	held := writeOld(t, path, 20_000)
	old, err := os.ReadFile(path)
	require.NoError(t, err)
	for range 8 {
		require.NoError(t, os.WriteFile(path, old, 0o600))
		child, _ := start(t, path, childConverts+"=yes")
		<-time.After(rand.N(250 * time.Millisecond))
		_ = child.Process.Kill() // unless it is done
		_ = child.Wait()
		require.NoError(t, once(t, path, func(lease orgsync.Lease) error {
			got, err := contents(t.Context(), lease, "b")
			delete(got, "new")
			require.True(t, maps.Equal(held, got))
			return errors.Join(err, lease.(orgsync.Verifier).Verify(t.Context()))
		}))
	}
}
