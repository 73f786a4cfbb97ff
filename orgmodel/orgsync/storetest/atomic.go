package storetest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
)

func checkConcurrentWrites(t testing.TB, s suite) {
	const writers, rounds = 16, 8
	lease := lock(t, s.open(t), tenant)
	errs := make([]error, writers*rounds)
	var group sync.WaitGroup
	for w := range writers {
		group.Go(func() {
			for r := range rounds {
				mark := fmt.Sprintf("%02d/%02d", w, r)
				errs[w*rounds+r] = lease.Write(t.Context(),
					put("own", mark, mark), put("shared", "left", mark), put("shared", "right", mark))
			}
		})
	}
	group.Wait()
	var want []orgsync.Entry
	for i, err := range errs {
		require.NoError(t, err)
		mark := fmt.Sprintf("%02d/%02d", i/rounds, i%rounds)
		want = append(want, put("own", mark, mark))
	}
	requireHolds(t, lease, "own", want...)
	shared, err := collect(t.Context(), lease, "shared")
	require.NoError(t, err)
	require.Len(t, shared, 2)
	require.Equal(t, shared[0].Value, shared[1].Value, "two writes were mixed")
}

// checkAllOrNothing ends contexts while large writes run.
func checkAllOrNothing(t testing.TB, s suite) {
	const n, rounds = 800, 20
	lease := lock(t, s.open(t), tenant)
	write(t, lease, numbered(n, "-1")...)
	acknowledged := "-1"
	took := 20 * time.Millisecond
	for round := range rounds {
		value := strconv.Itoa(round)
		ctx, cancel := context.WithTimeout(t.Context(), rand.N(took)) // #nosec G404 -- a test
		start := time.Now()
		err := lease.Write(ctx, numbered(n, value)...)
		took = time.Since(start) + time.Millisecond
		cancel()
		got, readErr := collect(t.Context(), lease, "b")
		require.NoError(t, readErr)
		require.Len(t, got, n)
		found := string(got[0].Value)
		for _, e := range got {
			require.Equal(t, found, string(e.Value), "half of a write was applied")
		}
		if err == nil {
			acknowledged = value
		}
		// A write that reported an error may have been applied, as a whole.
		require.Contains(t, []string{acknowledged, value}, found)
		if err == nil {
			require.Equal(t, value, found, "a write was acknowledged and not applied")
		}
		acknowledged = found
	}
}

func checkStopEarly(t testing.TB, s suite) {
	lease := lock(t, s.open(t), tenant)
	entries := numbered(3000, "v")
	write(t, lease, entries...)
	for range 3 {
		seen := 0
		for _, err := range lease.All(t.Context(), "b") {
			require.NoError(t, err)
			if seen++; seen == 2 {
				break
			}
		}
		require.Equal(t, 2, seen)
	}
	// Nothing that a broken-off loop left behind is in the way.
	write(t, lease, put("b", "z", "v"))
	requireHolds(t, lease, "b", append(entries, put("b", "z", "v"))...)
}

func checkWriteWithinAll(t testing.TB, s suite) {
	lease := lock(t, s.open(t), tenant)
	entries := numbered(2500, "v")
	write(t, lease, entries...)
	seen := 0
	for e, err := range lease.All(t.Context(), "b") {
		require.NoError(t, err)
		require.Equal(t, entries[seen].Key, e.Key)
		if seen++; seen%250 == 0 {
			write(t, lease, del("b", e.Key), put("done", e.Key, "d"))
		}
	}
	require.Len(t, entries, seen)
	rest := slices.DeleteFunc(entries, func(e orgsync.Entry) bool {
		n, _ := strconv.Atoi(e.Key)
		return (n+1)%250 == 0
	})
	requireHolds(t, lease, "b", rest...)
	done, err := collect(t.Context(), lease, "done")
	require.NoError(t, err)
	require.Len(t, done, 10)
}
