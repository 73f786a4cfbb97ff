package storetest

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
)

func checkEmpty(t testing.TB, s suite) {
	lease := lock(t, s.open(t), tenant)
	requireHolds(t, lease, "bucket")
	write(t, lease)
	requireHolds(t, lease, "bucket")
}

func checkPutGetDelete(t testing.TB, s suite) {
	lease := lock(t, s.open(t), tenant)
	write(t, lease, put("b", "1", "one"), put("b", "2", "two"))
	requireHolds(t, lease, "b", put("b", "1", "one"), put("b", "2", "two"))
	write(t, lease, put("b", "1", "uno"))
	requireHolds(t, lease, "b", put("b", "1", "uno"), put("b", "2", "two"))
	write(t, lease, del("b", "1"), put("b", "3", "three"))
	requireHolds(t, lease, "b", put("b", "2", "two"), put("b", "3", "three"))
	write(t, lease, del("b", "1"), del("no such bucket", "1"))
	requireHolds(t, lease, "b", put("b", "2", "two"), put("b", "3", "three"))
	write(t, lease, del("b", "2"), del("b", "3"))
	requireHolds(t, lease, "b")
	write(t, lease, put("b", "2", "again"))
	requireHolds(t, lease, "b", put("b", "2", "again"))
}

// oddStrings are in order. They are neighbours wherever a store might join,
// cut, fold or compare other than by bytes.
var oddStrings = []string{
	"", "\x00", "\x00\x00", "\x00\x01", "\x01", " ", "%", "'", "1", "10", "2", "A", "AA", "B", "\\x41", "_", "a", "a\x00", "a\x00b", "aa", "a|b", "b",
	strings.Repeat("k", 512), "é", "张三", "李四", "\xc3\x28", "\xfe", "\xff", "\xff\x00", "\xff\xff",
}

func ordered() []string {
	keys := slices.Clone(oddStrings)
	slices.Sort(keys)
	return keys
}

func checkOrder(t testing.TB, s suite) {
	lease := lock(t, s.open(t), tenant)
	var want []orgsync.Entry
	for _, key := range ordered() {
		want = append(want, put("b", key, "of "+key))
	}
	shuffled := slices.Clone(want)
	// #nosec G404 -- a test
	rand.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
	half := len(shuffled) / 2
	write(t, lease, shuffled[:half]...)
	write(t, lease, shuffled[half:]...)
	requireHolds(t, lease, "b", want...)
}

func checkApart(t testing.TB, s suite) {
	store := s.open(t)
	names := ordered()
	leases := map[string]orgsync.Lease{}
	for _, name := range names {
		leases[name] = lock(t, store, name)
		var entries []orgsync.Entry
		for _, bucket := range names {
			entries = append(entries, put(bucket, "k", name+"/"+bucket), put(bucket, bucket+"k", "second"))
		}
		write(t, leases[name], entries...)
	}
	gone := names[len(names)/2]
	write(t, leases[gone], del(gone, "k"))
	for _, name := range names {
		for _, bucket := range names {
			want := []orgsync.Entry{put(bucket, "k", name+"/"+bucket)}
			if name == gone && bucket == gone {
				want = nil
			}
			if bucket != "" { // with "" both keys are one, and the second value stands
				want = append(want, put(bucket, bucket+"k", "second"))
			} else {
				want = []orgsync.Entry{put(bucket, "k", "second")}
			}
			slices.SortFunc(want, func(a, b orgsync.Entry) int { return strings.Compare(a.Key, b.Key) })
			requireHolds(t, leases[name], bucket, want...)
		}
	}
}

func checkNilAndEmpty(t testing.TB, s suite) {
	lease := lock(t, s.open(t), tenant)
	write(t, lease, put("b", "empty", ""), put("b", "full", "x"), del("b", "nil"))
	requireHolds(t, lease, "b", put("b", "empty", ""), put("b", "full", "x"))
	write(t, lease, put("b", "full", ""), del("b", "empty"))
	requireHolds(t, lease, "b", put("b", "full", ""))
}

func checkAnyBytes(t testing.TB, s suite) {
	lease := lock(t, s.open(t), tenant)
	var all [256]byte
	want := make([]orgsync.Entry, len(all))
	for i := range all {
		all[i] = byte(i)
		want[i] = orgsync.Entry{Bucket: "\x00\xff", Key: string([]byte{byte(i), 0xff, 0}), Value: all[i : i+1]}
	}
	long := make([]byte, 1<<20)
	for i := range long {
		long[i] = byte(i * 7)
	}
	one := orgsync.Entry{Key: string([]byte{0xff, 0xff}), Value: long}
	write(t, lease, append([]orgsync.Entry{one}, want...)...)
	requireHolds(t, lease, "\x00\xff", want...)
	requireHolds(t, lease, "", one)
}

func checkLastCounts(t testing.TB, s suite) {
	lease := lock(t, s.open(t), tenant)
	write(t, lease,
		put("b", "kept", "1"), put("b", "gone", "1"), put("b", "kept", "2"), del("b", "gone"),
		del("b", "back"), put("b", "back", "3"), put("other", "kept", "4"))
	requireHolds(t, lease, "b", put("b", "back", "3"), put("b", "kept", "2"))
	requireHolds(t, lease, "other", put("other", "kept", "4"))
}

func checkCopies(t testing.TB, s suite) {
	lease := lock(t, s.open(t), tenant)
	entry := put("b", "k", "abc")
	write(t, lease, entry)
	entry.Value[0] = 'X'
	got, err := first(t.Context(), lease)
	require.NoError(t, err)
	require.Equal(t, "abc", string(got.Value), "a value that the caller changed after Write")
	got.Value[0] = 'Y'
	_ = append(got.Value[:1], "zz"...)
	requireHolds(t, lease, "b", put("b", "k", "abc"))
}

func checkLargeBatch(t testing.TB, s suite) {
	const n = 10_000
	lease := lock(t, s.open(t), tenant)
	entries := numbered(n, strings.Repeat("v", 64))
	write(t, lease, entries...)
	requireHolds(t, lease, "b", entries...)
	removals := make([]orgsync.Entry, 0, n/2)
	var rest []orgsync.Entry
	for i, e := range entries {
		if i%2 == 0 {
			removals = append(removals, del("b", e.Key))
			continue
		}
		rest = append(rest, e)
	}
	write(t, lease, removals...)
	requireHolds(t, lease, "b", rest...)
}
