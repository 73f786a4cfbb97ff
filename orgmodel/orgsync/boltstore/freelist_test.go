package boltstore_test

import (
	"bytes"
	"encoding/binary"
	"maps"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	bolt "go.etcd.io/bbolt"

	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
)

// header is where the header of the last transaction is in a file.
func header(data []byte) int {
	first, second := 16, os.Getpagesize()+16
	if binary.NativeEndian.Uint64(data[second+48:]) > binary.NativeEndian.Uint64(data[first+48:]) {
		return second
	}
	return first
}

// listAt is where its list of free pages is.
func listAt(data []byte) int {
	return int(binary.NativeEndian.Uint64(data[header(data)+32:])) * os.Getpagesize()
}

// sumOfList is where the sum of that list is kept.
func sumOfList(data []byte) []byte {
	end := header(data) - 16 + os.Getpagesize()
	return data[end-24 : end]
}

// hasSum says whether one is there.
func hasSum(data []byte) bool {
	at := header(data)
	return bytes.Equal(sumOfList(data)[8:16], data[at+56:at+64])
}

// A bit of the list of free pages is damaged: it is found before anything changes, or it
// does not matter.
func TestDamageInTheListOfFreePages(t *testing.T) {
	t.Parallel()
	data, held := sample(t, 100)
	require.True(t, hasSum(data))
	at := listAt(data)
	count := int(binary.NativeEndian.Uint16(data[at+10:]))
	require.Greater(t, count, 3)
	used, page, path := 16+8*count, os.Getpagesize(), newPath(t)
	for _, summed := range []bool{true, false} {
		found := 0
		for i := 0; i < page; i++ {
			if i >= used {
				i += page / 16 // nothing is kept there
			}
			for bit := 0; bit < 8 && i < page; bit++ {
				damaged := bytes.Clone(data)
				damaged[at+i] ^= 1 << bit
				if !summed {
					clear(sumOfList(damaged))
				}
				if !safe(t, path, damaged, held) {
					found++
				}
			}
		}
		assert.Equal(t, 8*used, found, "with its sum: %t", summed)
	}
}

// safe uses a file that holds these entries, and says whether it was taken for whole.
// If not, it must not have changed; otherwise it must be whole afterwards.
func safe(t *testing.T, path string, data []byte, held map[string]string) bool {
	t.Helper()
	got, err := use(t, path, data)
	after, errRead := os.ReadFile(path)
	require.NoError(t, errRead)
	if err != nil {
		require.ErrorIs(t, err, orgsync.ErrCorrupt)
		require.True(t, bytes.Equal(data, after), "a damaged file was changed")
		return false
	}
	require.True(t, maps.Equal(held, got))
	require.True(t, hasSum(after))
	want := maps.Clone(held)
	want["00001"], want["new"] = "changed", "new"
	delete(want, "00002")
	require.NoError(t, once(t, path, func(lease orgsync.Lease) error {
		got, err := contents(t.Context(), lease, "b")
		require.NoError(t, err)
		require.True(t, maps.Equal(want, got))
		return lease.(orgsync.Verifier).Verify(t.Context())
	}))
	return true
}

func TestDamageInTheSumOfTheListOfFreePages(t *testing.T) {
	t.Parallel()
	data, held := sample(t, 100)
	path := newPath(t)
	size := len(sumOfList(data))
	for bit := range 8 * size {
		damaged := bytes.Clone(data)
		sumOfList(damaged)[bit/8] ^= 1 << (bit % 8)
		require.True(t, safe(t, path, damaged, held))
		damaged[listAt(damaged)+16+bit%4*8]++
		require.False(t, safe(t, path, damaged, held))
	}
	other := data[:os.Getpagesize()] // the page of the header before
	if header(data) == 16 {
		other = data[:2*os.Getpagesize()]
	}
	for n := range size {
		cut, mixed := bytes.Clone(data), bytes.Clone(data)
		clear(sumOfList(cut)[n:])
		copy(sumOfList(mixed)[n:], other[len(other)-size+n:])
		require.True(t, safe(t, path, cut, held))
		require.True(t, safe(t, path, mixed, held))
	}
}

// A process ends after a transaction and before it keeps the sum of the list, or cannot
// keep it: the next Write does.
func TestNoSumOfTheListOfFreePages(t *testing.T) {
	t.Parallel()
	data, held := sample(t, 100)
	path := newPath(t)
	require.NoError(t, os.WriteFile(path, data, 0o600))
	edit(t, path, func(*bolt.Tx) error { return nil })
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	require.False(t, hasSum(data))
	require.NoError(t, verify(t, path))
	after, err := os.ReadFile(path)
	require.NoError(t, err)
	require.True(t, bytes.Equal(data, after), "reading keeps a sum")
	require.True(t, safe(t, path, data, held))

	store := open(t, path)
	lease := lock(t, store, "t")
	require.NoError(t, store.KeepNoSums())
	for range 3 {
		require.NoError(t, lease.Write(t.Context(), entry("new", "newer")))
	}
	require.NoError(t, lease.Unlock(t.Context()))
	data, err = os.ReadFile(path)
	require.NoError(t, err)
	require.False(t, hasSum(data))
	held["00001"], held["new"] = "changed", "newer"
	delete(held, "00002")
	require.True(t, safe(t, path, data, held))
}
