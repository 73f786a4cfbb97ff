package storetest

import (
	"context"
	"math/rand/v2"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
)

// requireGets demands the values of keys, given as keys and values in turn; "-" stands
// for none.
func requireGets(t testing.TB, lease orgsync.Lease, bucket string, pairs ...string) {
	t.Helper()
	var keys []string
	for i := 0; i < len(pairs); i += 2 {
		keys = append(keys, pairs[i])
	}
	values, err := lease.Get(t.Context(), bucket, keys...)
	require.NoError(t, err)
	require.Len(t, values, len(keys))
	for i, key := range keys {
		if want := pairs[2*i+1]; want != "-" {
			require.NotNil(t, values[i], "value of %q", key)
			require.Equal(t, want, string(values[i]), "value of %q", key)
			continue
		}
		require.Nil(t, values[i], "value of %q", key)
	}
}

func checkGet(t testing.TB, s suite) {
	lease := lock(t, s.open(t), tenant)
	requireGets(t, lease, "b", "1", "-", "2", "-")
	write(t, lease, put("b", "1", "one"), put("b", "2", "two"), put("b", "3", ""), put("a", "1", "other"), put("c", "4", "other"))
	requireGets(t, lease, "b")
	requireGets(t, lease, "b", "2", "two")
	requireGets(t, lease, "b", "3", "", "2", "two", "0", "-", "1", "one", "4", "-")
	requireGets(t, lease, "c", "1", "-", "4", "other")
	requireGets(t, lease, "no such bucket", "1", "-")
	write(t, lease, put("b", "2", "changed"), del("b", "1"), put("b", "4", "new"))
	requireGets(t, lease, "b", "1", "-", "2", "changed", "3", "", "4", "new")
	requireGets(t, lease, "a", "1", "other")
}

func checkGetTwice(t testing.TB, s suite) {
	lease := lock(t, s.open(t), tenant)
	write(t, lease, put("b", "1", "one"), put("b", "2", "two"))
	requireGets(t, lease, "b", "1", "one", "0", "-", "1", "one", "2", "two", "0", "-", "1", "one")
	values, err := lease.Get(t.Context(), "b", "1", "1")
	require.NoError(t, err)
	values[0][0] = 'X'
	require.Equal(t, "one", string(values[1]), "two values of one key share memory")
}

func checkGetOddKeys(t testing.TB, s suite) {
	store := s.open(t)
	lease, other := lock(t, store, tenant), lock(t, store, "another tenant")
	var entries []orgsync.Entry
	var pairs, none []string
	for _, key := range oddStrings {
		entries = append(entries, put("b", key, "of "+key))
		pairs = append(pairs, key, "of "+key, key+"\x00\x00\x00", "-")
		none = append(none, key, "-")
	}
	write(t, lease, entries...)
	requireGets(t, lease, "b", pairs...)
	requireGets(t, lease, "b\x00", none...)
	requireGets(t, lease, "", none...)
	requireGets(t, other, "b", none...)
}

func checkGetCopies(t testing.TB, s suite) {
	lease := lock(t, s.open(t), tenant)
	write(t, lease, put("b", "k", "abc"), put("b", "l", "def"))
	values, err := lease.Get(t.Context(), "b", "k", "l")
	require.NoError(t, err)
	values[0][0] = 'Y'
	_ = append(values[0][:1], "zz"...)
	_ = append(values[0], "zzzz"...)
	require.Equal(t, "def", string(values[1]))
	requireGets(t, lease, "b", "k", "abc", "l", "def")
	requireHolds(t, lease, "b", put("b", "k", "abc"), put("b", "l", "def"))
}

// checkGetMany asks for more keys than any store takes in one piece, in no order.
func checkGetMany(t testing.TB, s suite) {
	const n = 12_000
	lease := lock(t, s.open(t), tenant)
	entries := numbered(n, "")
	pairs := make([][2]string, 0, 2*n)
	for i := range entries {
		if i%3 == 0 {
			entries[i].Value = []byte("value " + strconv.Itoa(i))
		}
		pairs = append(pairs, [2]string{entries[i].Key, string(entries[i].Value)}, [2]string{entries[i].Key + "x", "-"})
	}
	write(t, lease, entries...)
	// #nosec G404 -- a test
	rand.Shuffle(len(pairs), func(i, j int) { pairs[i], pairs[j] = pairs[j], pairs[i] })
	flat := make([]string, 0, 2*len(pairs))
	for _, pair := range pairs {
		flat = append(flat, pair[0], pair[1])
	}
	requireGets(t, lease, "b", flat...)
}

func checkGetEnded(t testing.TB, s suite) {
	lease := lock(t, s.open(t), tenant)
	write(t, lease, put("b", "k", "v"))
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	values, err := lease.Get(ended, "b", "k")
	require.ErrorIs(t, err, context.Canceled)
	require.Nil(t, values)
	requireGets(t, lease, "b", "k", "v")
}

// checkUntil asks for the end of a lease again and again while it is used.
func checkUntil(t testing.TB, s suite) {
	store := s.open(t)
	lease := lock(t, store, tenant)
	first := lease.Until()
	if first.IsZero() {
		write(t, lease, put("b", "k", "v"))
		require.Zero(t, lease.Until(), "the lease can pass on after a write")
		return
	}
	require.True(t, first.After(time.Now()), "the lease is over before it began")
	stop, done := make(chan struct{}), make(chan bool)
	go func() {
		last, rises := first, true
		for {
			select {
			case <-stop:
				done <- rises
				return
			default:
				now := lease.Until()
				rises = rises && !now.Before(last)
				last = now
			}
		}
	}()
	for range 20 {
		before := lease.Until()
		asked := time.Now()
		write(t, lease, put("b", "k", "v"))
		require.False(t, lease.Until().Before(before))
		require.False(t, lease.Until().Before(asked), "a write does not renew the lease")
	}
	close(stop)
	require.True(t, <-done, "a renewal moved the end of the lease back")
	unlock(t, lease)
	require.False(t, lease.Until().After(time.Now()), "a lease that was given back is held")
}
