package boltstore_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync/boltstore"
)

// tall is a file whose tree has several levels of branches, because its keys are long,
// and what it holds.
func tall(t testing.TB, entries int) (data []byte, held map[string]string) {
	t.Helper()
	path := newPath(t)
	store := open(t, path)
	lease := lock(t, store, "t")
	held = map[string]string{}
	for i := range entries {
		e := entry(tallKey(i), fmt.Sprint("value ", i))
		held[e.Key] = string(e.Value)
		if i%20 == 0 {
			require.NoError(t, lease.Write(t.Context(), e))
		}
	}
	for chunk := range slices.Chunk(slices.Sorted(maps.Keys(held)), 100) {
		var all []orgsync.Entry
		for _, key := range chunk {
			all = append(all, entry(key, held[key]))
		}
		require.NoError(t, lease.Write(t.Context(), all...))
	}
	// The header of the last transaction may be the one that is damaged.
	require.NoError(t, lease.Write(t.Context(), entry(tallKey(0), held[tallKey(0)])))
	require.NoError(t, lease.(orgsync.Verifier).Verify(t.Context()))
	require.NoError(t, lease.Unlock(t.Context()))
	require.NoError(t, store.Close())
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	return data, held
}

func tallKey(i int) string { return fmt.Sprintf("%05d", i) + strings.Repeat("k", 700) }

// get reads keys, and says whether any value is not the one that is held.
func get(ctx context.Context, lease orgsync.Lease, held map[string]string, keys ...string) (wrong bool, err error) {
	values, err := lease.Get(ctx, "b", keys...)
	if err != nil {
		return false, err
	}
	for i, key := range keys {
		want, ok := held[key]
		if ok != (values[i] != nil) || string(values[i]) != want {
			return true, nil
		}
	}
	return false, nil
}

// A byte of the file is damaged: whatever is asked of it then is right, or an error.
func TestDamageOnThePath(t *testing.T) {
	t.Parallel()
	data, held := tall(t, 240)
	keys := slices.Sorted(maps.Keys(held))
	path := newPath(t)
	page := os.Getpagesize()
	found, unseen := 0, 0
	for at := 0; at < len(data); at += 1 + rand.IntN(1000) {
		if at%page > 700 && rand.IntN(4) > 0 {
			continue // most of it is the key that is long
		}
		damaged := bytes.Clone(data)
		damaged[at] ^= 1 << rand.IntN(8)
		require.NoError(t, os.WriteFile(path, damaged, 0o600))
		some := []string{keys[rand.IntN(len(keys))], "0", keys[rand.IntN(len(keys))] + "x", keys[rand.IntN(len(keys))][:4]}
		err := func() (err error) {
			store, err := boltstore.Open(path)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, store.Close()) }()
			lease, err := store.Lock(t.Context(), "t")
			if err != nil {
				return err
			}
			wrong, errGet := get(t.Context(), lease, held, some...)
			require.False(t, wrong, "byte %d: Get", at)
			got, errAll := contents(t.Context(), lease, "b")
			require.True(t, errAll != nil || maps.Equal(held, got), "byte %d: All", at)
			if errVerify := lease.(orgsync.Verifier).Verify(t.Context()); errVerify == nil {
				require.NoError(t, errors.Join(errGet, errAll), "byte %d: Verify finds less", at)
			} else {
				require.ErrorIs(t, errVerify, orgsync.ErrCorrupt)
				err = errVerify
			}
			return errors.Join(err, errGet, errAll)
		}()
		if err == nil {
			unseen++ // a free page, or the rest of one
			continue
		}
		require.ErrorIs(t, err, orgsync.ErrCorrupt, "byte %d", at)
		found++
	}
	t.Log(found, "found", unseen, "did not matter")
	assert.Greater(t, found, 50)
}

// The key at which a leaf begins is higher in the branch above it: the leaf before it,
// where a search ends then, must not be believed.
func TestABranchThatLeadsAstray(t *testing.T) {
	t.Parallel()
	data, held := tall(t, 240)
	path := newPath(t)
	page, found := os.Getpagesize(), 0
	for start := 2 * page; start+page <= len(data); start += page {
		if binary.NativeEndian.Uint16(data[start+8:]) != 1 {
			continue
		}
		for i := range int(binary.NativeEndian.Uint16(data[start+10:])) {
			element := start + 16 + 16*i
			at := element + int(binary.NativeEndian.Uint32(data[element:]))
			size := int(binary.NativeEndian.Uint32(data[element+4:]))
			key, ok := strings.CutPrefix(string(data[at:at+size]), "\x01\x00")
			if !ok {
				continue // a sentinel
			}
			damaged := bytes.Clone(data)
			damaged[at+size-1]++
			require.NoError(t, os.WriteFile(path, damaged, 0o600))
			err := once(t, path, func(lease orgsync.Lease) error {
				wrong, err := get(t.Context(), lease, held, key)
				require.False(t, wrong, "page %d, element %d", start/page, i)
				return err
			})
			if err != nil {
				require.ErrorIs(t, err, orgsync.ErrCorrupt)
				found++
			}
		}
	}
	assert.Greater(t, found, 10)
}

// A Write that goes well on a damaged file has not touched the damage: once that is
// undone the file is whole.
func TestDamageBesideAWrite(t *testing.T) {
	t.Parallel()
	data, held := tall(t, 240)
	keys := slices.Sorted(maps.Keys(held))
	path := newPath(t)
	page := os.Getpagesize()
	refused, written := 0, 0
	for at := 2 * page; at < len(data); at += 1 + rand.IntN(2*page/5) {
		if at%page > 256 {
			at += page - at%page + rand.IntN(40)
		}
		if at >= len(data) {
			break
		}
		damaged := bytes.Clone(data)
		damaged[at] ^= 1 << rand.IntN(8)
		require.NoError(t, os.WriteFile(path, damaged, 0o600))
		want := maps.Clone(held)
		var entries []orgsync.Entry
		first, n := rand.IntN(len(keys)), rand.IntN(30)
		for i := first; i < min(first+n, len(keys)); i++ {
			e := orgsync.Entry{Bucket: "b", Key: keys[i]}
			delete(want, keys[i])
			if rand.IntN(3) == 0 {
				e.Value = []byte("new")
				want[keys[i]] = "new"
			}
			entries = append(entries, e)
		}
		err := once(t, path, func(lease orgsync.Lease) error { return lease.Write(t.Context(), entries...) })
		if err != nil {
			require.ErrorIs(t, err, orgsync.ErrCorrupt, "byte %d", at)
			left, readErr := os.ReadFile(path)
			require.NoError(t, readErr)
			require.True(t, bytes.Equal(damaged, left), "byte %d: a damaged file was changed", at)
			refused++
			continue
		}
		written++
		after, err := os.ReadFile(path)
		require.NoError(t, err)
		if from := at - at%page; bytes.Equal(after[from:from+page], damaged[from:from+page]) {
			after[at] = data[at]
			require.NoError(t, os.WriteFile(path, after, 0o600))
		}
		err = once(t, path, func(lease orgsync.Lease) error {
			got, err := contents(t.Context(), lease, "b")
			require.True(t, err != nil || maps.Equal(want, got), "byte %d", at)
			return errors.Join(err, lease.(orgsync.Verifier).Verify(t.Context()))
		})
		if err != nil && ofBranch(data, at) {
			// A branch was written again with a pointer that nothing followed, or the key
			// of one. It is found when it is.
			require.ErrorIs(t, err, orgsync.ErrCorrupt, "byte %d", at)
			continue
		}
		require.NoError(t, err, "byte %d", at)
	}
	t.Log(refused, "refused", written, "written")
	assert.Greater(t, refused, 5)
	assert.Greater(t, written, 20)
}

// ofBranch says whether a byte belongs to a pointer of a branch or to a key.
func ofBranch(data []byte, at int) bool {
	start := at - at%os.Getpagesize()
	keys := start + 16 + 16*int(binary.NativeEndian.Uint16(data[start+10:]))
	return binary.NativeEndian.Uint16(data[start+8:]) == 1 && (at >= keys || (at-start)%16 >= 8)
}

// once opens a file, locks its tenant and lets go.
func once(t testing.TB, path string, do func(lease orgsync.Lease) error) (err error) {
	t.Helper()
	store, err := boltstore.Open(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	lease, err := store.Lock(t.Context(), "t")
	if err != nil {
		return err
	}
	return do(lease)
}

// bbolt splits and merges pages in its own way; what it leaves must always pass.
func TestRandomWrites(t *testing.T) {
	t.Parallel()
	for _, long := range []int{0, 300, 900} {
		lease := lock(t, open(t, newPath(t)), "t")
		held := map[string]string{}
		for round := range 45 {
			var entries []orgsync.Entry
			first, n := rand.IntN(2000), rand.IntN(400)
			for i := range n {
				place := first + i
				if round%3 == 0 {
					place = rand.IntN(2000)
				}
				e := orgsync.Entry{Bucket: "b", Key: fmt.Sprintf("%04d", place) + strings.Repeat("k", long)}
				if delete(held, e.Key); round%4 != 1 {
					e.Value = bytes.Repeat([]byte{'v'}, rand.IntN(100)*rand.IntN(100)/(1+rand.IntN(100)))
					held[e.Key] = string(e.Value)
				}
				entries = append(entries, e)
			}
			require.NoError(t, lease.Write(t.Context(), entries...))
			require.NoError(t, lease.(orgsync.Verifier).Verify(t.Context()), "round %d", round)
			got, err := contents(t.Context(), lease, "b")
			require.NoError(t, err)
			require.True(t, maps.Equal(held, got))
			wrong, err := get(t.Context(), lease, held, fmt.Sprintf("%04d", rand.IntN(2000))+strings.Repeat("k", long))
			require.NoError(t, err)
			require.False(t, wrong)
		}
	}
}

// The list of free pages has pages of its own, and their number changes.
func TestManyFreePages(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	var all, none []orgsync.Entry
	for i := range 3000 {
		all = append(all, entry(tallKey(i), strings.Repeat("v", 3000)))
		none = append(none, orgsync.Entry{Bucket: "b", Key: tallKey(i)})
	}
	for round := range 3 {
		for _, entries := range [][]orgsync.Entry{all, none[:2990], all[:10], all[500 : 502+round], none[500:501]} {
			require.NoError(t, once(t, path, func(lease orgsync.Lease) error {
				return errors.Join(lease.Write(t.Context(), entries...), lease.(orgsync.Verifier).Verify(t.Context()))
			}))
		}
	}
}

// Contexts end while calls run.
func TestContextsEndInTheMiddle(t *testing.T) {
	t.Parallel()
	lease := lock(t, open(t, newPath(t)), "t")
	entries := numbered(2000)
	require.NoError(t, lease.Write(t.Context(), entries...))
	for n := range 30 {
		ctx := &endingContext{Context: t.Context(), left: n}
		_, err := lease.Get(ctx, "b", keysOf(entries)...)
		require.ErrorIs(t, err, context.Canceled)
		ctx = &endingContext{Context: t.Context(), left: n}
		require.ErrorIs(t, lease.Write(ctx, entries...), context.Canceled)
		ctx = &endingContext{Context: t.Context(), left: n}
		require.ErrorIs(t, lease.(orgsync.Verifier).Verify(ctx), context.Canceled)
	}
	require.NoError(t, lease.(orgsync.Verifier).Verify(t.Context()))
}

// endingContext ends when it has been asked a number of times.
type endingContext struct {
	context.Context
	left int
}

func (c *endingContext) Err() error {
	if c.left--; c.left < 0 {
		return context.Canceled
	}
	return nil
}
