package boltstore_test

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	bolt "go.etcd.io/bbolt"

	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync/boltstore"
)

// sample is a file with branch pages, free pages and a value that is longer than
// a page, and what it holds.
func sample(t testing.TB, entries int) (data []byte, held map[string]string) {
	t.Helper()
	path := newPath(t)
	store := open(t, path)
	lease := lock(t, store, "t")
	var first, gone []orgsync.Entry
	held = map[string]string{"long": strings.Repeat("long ", 2000)}
	for i := range entries {
		e := entry(fmt.Sprintf("%05d", i), fmt.Sprintf("value %d", i))
		if first = append(first, e); i%3 == 0 {
			gone = append(gone, orgsync.Entry{Bucket: "b", Key: e.Key})
			continue
		}
		held[e.Key] = string(e.Value)
	}
	require.NoError(t, lease.Write(t.Context(), first...))
	require.NoError(t, lease.Write(t.Context(), append(gone, entry("long", held["long"]))...))
	// bbolt falls back to the transaction before the last when the last one's
	// header is damaged: both hold the same entries.
	require.NoError(t, lease.Write(t.Context(), entry("long", held["long"])))
	require.NoError(t, lease.Unlock(t.Context()))
	require.NoError(t, store.Close())
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	return data, held
}

// use does all that a run does with a file of this content.
func use(t testing.TB, path string, data []byte) (held map[string]string, err error) {
	t.Helper()
	require.NoError(t, os.WriteFile(path, data, 0o600))
	store, err := boltstore.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	lease, err := store.Lock(t.Context(), "t")
	if err != nil {
		return nil, err
	}
	held, err = contents(t.Context(), lease, "b")
	if err != nil {
		return nil, err
	}
	return held, errors.Join(
		lease.Write(t.Context(), entry("00001", "changed"), entry("new", "new"), orgsync.Entry{Bucket: "b", Key: "00002"}),
		lease.Unlock(t.Context()))
}

// verify opens a file and reads all of it.
func verify(t testing.TB, path string) (err error) {
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
	return lease.(orgsync.Verifier).Verify(t.Context())
}

func TestTruncatedFiles(t *testing.T) {
	t.Parallel()
	data, _ := sample(t, 300)
	path := newPath(t)
	page := os.Getpagesize()
	for _, size := range []int{1, 15, 16, 17, 20, 79, 80, 100, page - 1, page, page + 1, 2*page - 1, 2 * page, 2*page + 100, 3 * page, 4 * page, 5*page - 1, 5 * page} {
		require.Less(t, size, len(data))
		_, err := use(t, path, data[:size])
		require.ErrorIs(t, err, orgsync.ErrCorrupt, "%d bytes", size)
		left, readErr := os.ReadFile(path)
		require.NoError(t, readErr)
		assert.Equal(t, data[:size], left, "a damaged file was changed")
	}
	_, err := use(t, path, data)
	require.NoError(t, err)
}

func TestFlippedBytes(t *testing.T) {
	t.Parallel()
	data, held := sample(t, 400)
	path := newPath(t)
	found := 0
	// The steps meet every place of a page's header in some page.
	for at := 0; at < len(data); at += 761 {
		damaged := append([]byte{}, data...)
		damaged[at] ^= 0x41
		switch got, err := use(t, path, damaged); {
		case err != nil:
			require.ErrorIs(t, err, orgsync.ErrCorrupt, "byte %d", at)
			found++
		default: // a byte that is not used
			require.True(t, maps.Equal(held, got), "byte %d: entries were changed silently", at)
		}
	}
	assert.Greater(t, found, 10)
}

func TestLostPages(t *testing.T) {
	t.Parallel()
	data, held := sample(t, 400)
	path := newPath(t)
	page := os.Getpagesize()
	for at := 0; at+page <= len(data); at += page {
		for name, with := range map[string][]byte{"zeros": make([]byte, page), "the next page": data[(at+page)%len(data):][:page]} {
			damaged := append([]byte{}, data...)
			copy(damaged[at:at+page], with)
			switch got, err := use(t, path, damaged); {
			case err != nil:
				require.ErrorIs(t, err, orgsync.ErrCorrupt, "%s at %d", name, at)
			default:
				require.True(t, maps.Equal(held, got), "%s at %d: entries were changed silently", name, at)
			}
		}
	}
}

func TestForeignFiles(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	for name, content := range map[string][]byte{
		"text": []byte("something else"), "zeros": make([]byte, 100_000), "text of some pages": []byte(strings.Repeat("something else\n", 4000)),
	} {
		_, err := use(t, path, content)
		require.ErrorIs(t, err, boltstore.ErrForeign, name)
		require.ErrorIs(t, err, orgsync.ErrCorrupt, name)
	}

	for name, change := range map[string]func(tx *bolt.Tx) error{
		"another program's bbolt file": func(tx *bolt.Tx) error {
			_, err := tx.CreateBucket([]byte("something"))
			return err
		},
		"another program's of that name": func(tx *bolt.Tx) error {
			_, err := tx.CreateBucket([]byte("orgsync"))
			return err
		},
	} {
		path := newPath(t)
		edit(t, path, change)
		before, err := os.ReadFile(path)
		require.NoError(t, err)
		_, err = boltstore.Open(path)
		require.ErrorIs(t, err, boltstore.ErrForeign, name)
		after, err := os.ReadFile(path)
		require.NoError(t, err)
		assert.Equal(t, before, after, "%s was changed", name)
	}
}

func TestFormats(t *testing.T) {
	t.Parallel()
	data, _ := sample(t, 3)
	for value, want := range map[string]error{"3": boltstore.ErrNewerFormat, "17": boltstore.ErrNewerFormat, "x": orgsync.ErrCorrupt, "0": orgsync.ErrCorrupt, "": orgsync.ErrCorrupt} {
		path := newPath(t)
		require.NoError(t, os.WriteFile(path, data, 0o600))
		edit(t, path, func(tx *bolt.Tx) error { return tx.Bucket([]byte("orgsync")).Put([]byte("format"), []byte(value)) })
		_, err := boltstore.Open(path)
		require.ErrorIs(t, err, want, "format %q", value)
		require.ErrorIs(t, err, orgsync.ErrCorrupt, "format %q", value)
		require.NotErrorIs(t, err, boltstore.ErrForeign, "format %q", value)
	}
}

// Files that bbolt itself finds nothing wrong with.
func TestEntriesThatDifferFromTheirSum(t *testing.T) {
	t.Parallel()
	data, _ := sample(t, 30)
	for name, change := range map[string]func(tx *bolt.Tx) error{
		"no bucket":  func(tx *bolt.Tx) error { return tx.DeleteBucket([]byte("values")) },
		"no record":  func(tx *bolt.Tx) error { return tx.Bucket([]byte("leases")).Delete([]byte("tt")) },
		"cut record": func(tx *bolt.Tx) error { return tx.Bucket([]byte("leases")).Put([]byte("tt"), []byte{1}) },
		"lost entry": func(tx *bolt.Tx) error { return tx.Bucket([]byte("values")).Delete([]byte("\x01\x0000001")) },
		"changed value": func(tx *bolt.Tx) error {
			return tx.Bucket([]byte("values")).Put([]byte("\x01\x0000001"), boltstore.Seal("\x01\x0000001", "x"))
		},
		"value without a sum": func(tx *bolt.Tx) error {
			return tx.Bucket([]byte("values")).Put([]byte("\x01\x0000001"), []byte("x"))
		},
		"new entry": func(tx *bolt.Tx) error {
			return tx.Bucket([]byte("values")).Put([]byte("\x01\x0100001"), boltstore.Seal("\x01\x0100001", "x"))
		},
		"record of no tenant": func(tx *bolt.Tx) error {
			return tx.Bucket([]byte("leases")).Put([]byte("tu"), boltstore.SealRecord("tu", 2))
		},
		"number that two have": func(tx *bolt.Tx) error {
			return errors.Join(
				tx.Bucket([]byte("leases")).Put([]byte("tu"), boltstore.SealRecord("tu", 1)),
				tx.Bucket([]byte("leases")).Put([]byte("\x00"), boltstore.SealRecord("\x00", 2)))
		},
		"no first tenant": func(tx *bolt.Tx) error { return tx.Bucket([]byte("leases")).Delete([]byte("\x00")) },
		"entry of no tenant": func(tx *bolt.Tx) error {
			return tx.Bucket([]byte("values")).Put([]byte("\x02\x00k"), boltstore.Seal("\x02\x00k", "x"))
		},
		"no end": func(tx *bolt.Tx) error { return tx.Bucket([]byte("values")).Delete([]byte("\xff\xff\xff\xff")) },
	} {
		path := newPath(t)
		require.NoError(t, os.WriteFile(path, data, 0o600))
		edit(t, path, change)
		require.ErrorIs(t, verify(t, path), orgsync.ErrCorrupt, name)
	}
}

// bbolt would descend without end.
func TestAPageThatPointsBack(t *testing.T) {
	t.Parallel()
	data, _ := sample(t, 400)
	page, branches := os.Getpagesize(), 0
	for at := 2 * page; at < len(data); at += page {
		if binary.NativeEndian.Uint16(data[at+8:]) != 1 || binary.NativeEndian.Uint64(data[at:]) != uint64(at/page) {
			continue
		}
		branches++
		damaged := append([]byte{}, data...)
		binary.NativeEndian.PutUint64(damaged[at+16+8:], uint64(at/page))
		// A branch that is free by now may say what it will.
		if _, err := use(t, newPath(t), damaged); err != nil {
			require.ErrorIs(t, err, orgsync.ErrCorrupt)
			branches += 1000
		}
	}
	assert.Greater(t, branches, 1000)
}

// bbolt would write over a page in use.
func TestAPageThatIsUsedAndFree(t *testing.T) {
	t.Parallel()
	data, _ := sample(t, 400)
	root, list := binary.NativeEndian.Uint64(data[header(data)+16:]), data[listAt(data):]
	count := int(binary.NativeEndian.Uint16(list[10:]))
	require.Positive(t, count)
	binary.NativeEndian.PutUint16(list[10:], uint16(count+1))
	at := 0
	for at < count && binary.NativeEndian.Uint64(list[16+8*at:]) < root {
		at++
	}
	copy(list[16+8*(at+1):16+8*(count+1)], list[16+8*at:16+8*count])
	binary.NativeEndian.PutUint64(list[16+8*at:], root)
	for _, want := range []string{"differs from its sum", "used and free"} {
		_, err := use(t, newPath(t), data)
		require.ErrorIs(t, err, orgsync.ErrCorrupt)
		assert.Contains(t, err.Error(), want)
		clear(sumOfList(data))
	}
}

func TestBboltPanics(t *testing.T) {
	t.Parallel()
	store := open(t, newPath(t))
	lease := lock(t, store, "t")
	require.NoError(t, lease.Write(t.Context(), entry("k", "v")))
	require.ErrorIs(t, store.Edit(func(*bolt.Tx) error { panic("at a damaged page") }), orgsync.ErrCorrupt)
	require.ErrorIs(t, lease.Write(t.Context(), entry("k", "w")), orgsync.ErrCorrupt)
	require.NoError(t, lease.Unlock(t.Context()))
	got, err := contents(t.Context(), lock(t, store, "t"), "b")
	require.NoError(t, err)
	assert.Equal(t, map[string]string{"k": "v"}, got)
}

func TestBboltDoesNotClose(t *testing.T) {
	t.Parallel()
	store := open(t, newPath(t))
	lease := lock(t, store, "t")
	require.NoError(t, store.Wedge())
	require.ErrorIs(t, lease.Unlock(t.Context()), orgsync.ErrCorrupt)
	require.NoError(t, lease.Unlock(t.Context()))
	_, err := store.Lock(t.Context(), "t")
	require.ErrorIs(t, err, orgsync.ErrLocked) // the file still is
}

func TestAFileThatIsCutWhileItIsHeld(t *testing.T) {
	t.Parallel()
	data, _ := sample(t, 400)
	path := newPath(t)
	require.NoError(t, os.WriteFile(path, data, 0o600))
	store := open(t, path)
	lease := lock(t, store, "t")
	require.NoError(t, os.Truncate(path, int64(2*os.Getpagesize())))

	_, err := contents(t.Context(), lease, "b")
	require.ErrorIs(t, err, orgsync.ErrCorrupt)
	require.ErrorIs(t, lease.Write(t.Context(), entry("k", "v")), orgsync.ErrCorrupt)
	_, err = store.Lock(t.Context(), "another tenant")
	require.ErrorIs(t, err, orgsync.ErrCorrupt)
	require.NoError(t, lease.Unlock(t.Context()))

	// The file is let go, whatever bbolt's state is.
	require.NoError(t, os.WriteFile(path, data, 0o600))
	got, err := contents(t.Context(), lock(t, store, "t"), "b")
	require.NoError(t, err)
	assert.NotEmpty(t, got)
}

// seal makes the checksums of both headers right again, so that damage in them
// is believed.
func seal(data []byte) {
	for _, at := range []int{16, os.Getpagesize() + 16} {
		if len(data) >= at+64 {
			h := fnv.New64a()
			_, _ = h.Write(data[at : at+56])
			binary.NativeEndian.PutUint64(data[at+56:], h.Sum64())
		}
	}
}

func FuzzDamage(f *testing.F) {
	data, held := sample(f, 400)
	page := os.Getpagesize()
	for at := range len(data) / page {
		f.Add(uint32(at*page), []byte{byte(at), 0, 0, 0, 0, 0, 0, 0, 1, 0, 255}, false)
		f.Add(uint32(at*page+16), []byte{0, 0, 0, 128}, false)
	}
	for at := range 64 {
		f.Add(uint32(16+at), []byte{3}, true)
		f.Add(uint32(page+16+at), []byte{3}, true)
	}
	f.Fuzz(func(t *testing.T, at uint32, with []byte, sealed bool) {
		damaged := append([]byte{}, data...)
		copy(damaged[int(at)%len(damaged):], with)
		if sealed {
			seal(damaged)
		}
		got, err := use(t, filepath.Join(t.TempDir(), "f"), damaged)
		if err != nil {
			require.ErrorIs(t, err, orgsync.ErrCorrupt)
			return
		}
		if !sealed { // otherwise an older state may have been chosen
			require.True(t, maps.Equal(held, got), "entries were changed silently")
		}
	})
}

func FuzzContent(f *testing.F) {
	f.Add([]byte("something else"))
	f.Add([]byte("\x00\x00\x00\x00\x00\x00\x00\x00\x04\x00\x00\x00\x00\x00\x00\x00\xed\xda\x0c\xed\x02\x00\x00\x00"))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, content []byte) {
		if _, err := use(t, filepath.Join(t.TempDir(), "f"), content); err != nil {
			require.ErrorIs(t, err, orgsync.ErrCorrupt)
		}
	})
}
