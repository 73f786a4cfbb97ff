package boltstore_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	bolt "go.etcd.io/bbolt"

	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync/boltstore"
)

func numbered(n int) []orgsync.Entry {
	entries := make([]orgsync.Entry, n)
	for i := range entries {
		entries[i] = entry(fmt.Sprintf("%024d", i), strings.Repeat("v", 60))
	}
	return entries
}

// filled is a store of n entries, written 2,000 at a time as a first sync does.
func filled(b *testing.B, n int) *boltstore.Store {
	b.Helper()
	path := newPath(b)
	store := open(b, path)
	lease := lock(b, store, "t")
	entries := numbered(n)
	for chunk := range slices.Chunk(entries, 2000) {
		require.NoError(b, lease.Write(b.Context(), chunk...))
	}
	require.NoError(b, lease.Unlock(b.Context()))
	info, err := os.Stat(path)
	require.NoError(b, err)
	b.Logf("%d entries: %d bytes", n, info.Size())
	return store
}

func sizes(b *testing.B, run func(b *testing.B, store *boltstore.Store, entries []orgsync.Entry)) {
	for _, n := range []int{10_000, 300_000} {
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			run(b, filled(b, n), numbered(n))
		})
	}
}

func keysOf(entries []orgsync.Entry) []string {
	keys := make([]string, len(entries))
	for i, e := range entries {
		keys[i] = e.Key
	}
	return keys
}

// What an incremental run does before it sends anything.
func BenchmarkLockGet10(b *testing.B) {
	sizes(b, func(b *testing.B, store *boltstore.Store, entries []orgsync.Entry) {
		for b.Loop() {
			lease := lock(b, store, "t")
			keys := make([]string, 10)
			for i := range keys {
				keys[i] = entries[rand.IntN(len(entries))].Key
			}
			_, err := lease.Get(b.Context(), "b", keys...)
			require.NoError(b, err)
			require.NoError(b, lease.Unlock(b.Context()))
		}
	})
}

func BenchmarkGet1000(b *testing.B) {
	sizes(b, func(b *testing.B, store *boltstore.Store, entries []orgsync.Entry) {
		lease := lock(b, store, "t")
		for name, keys := range map[string][]string{
			"neighbours": keysOf(entries[5000:6000]),
			"scattered":  keysOf(entries)[rand.IntN(10):][:len(entries)-10],
		} {
			if name == "scattered" {
				rand.Shuffle(len(keys), func(i, j int) { keys[i], keys[j] = keys[j], keys[i] })
				keys = keys[:1000]
			}
			b.Run(name, func(b *testing.B) {
				for b.Loop() {
					_, err := lease.Get(b.Context(), "b", keys...)
					require.NoError(b, err)
				}
			})
		}
	})
}

func BenchmarkAll(b *testing.B) {
	sizes(b, func(b *testing.B, store *boltstore.Store, _ []orgsync.Entry) {
		lease := lock(b, store, "t")
		b.ReportAllocs()
		n := 0
		for b.Loop() {
			for _, err := range lease.All(b.Context(), "b") {
				if err != nil {
					b.Fatal(err)
				}
				n++
			}
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(n), "ns/entry")
	})
}

func BenchmarkVerify(b *testing.B) {
	sizes(b, func(b *testing.B, store *boltstore.Store, _ []orgsync.Entry) {
		lease := lock(b, store, "t")
		for b.Loop() {
			require.NoError(b, lease.(orgsync.Verifier).Verify(b.Context()))
		}
	})
}

func BenchmarkWrite1000(b *testing.B) {
	sizes(b, func(b *testing.B, store *boltstore.Store, entries []orgsync.Entry) {
		lease := lock(b, store, "t")
		for b.Loop() {
			at := rand.IntN(len(entries) - 1000)
			require.NoError(b, lease.Write(b.Context(), entries[at:at+1000]...))
		}
	})
}

func BenchmarkFill(b *testing.B) {
	for b.Loop() {
		filled(b, 300_000)
	}
}

// How much of the file an entry takes: three buckets grow in turn, each batch while an
// entry of 100 KB is there.
func BenchmarkSize(b *testing.B) {
	const batches, batch = 150, 2000
	rng := rand.New(rand.NewPCG(1, 2))
	value := func() []byte {
		v := make([]byte, 40)
		for i := range v {
			v[i] = byte(rng.Uint32())
		}
		return v
	}
	for b.Loop() {
		path := newPath(b)
		store := open(b, path)
		lease := lock(b, store, "customer-0815")
		buckets := []string{"users", "departments", "groups"}
		for n := range batches {
			held := orgsync.Entry{Bucket: "outbox", Key: "batch", Value: bytes.Repeat([]byte("0123456789"), 10_000)}
			require.NoError(b, lease.Write(b.Context(), held))
			entries := make([]orgsync.Entry, batch)
			for i := range entries {
				entries[i] = orgsync.Entry{Bucket: buckets[n%3], Key: fmt.Sprintf("%024d", n/3*batch+i), Value: value()}
			}
			require.NoError(b, lease.Write(b.Context(), entries...))
			held.Value = nil
			require.NoError(b, lease.Write(b.Context(), held))
		}
		report(b, lease, path, "in-order", batches*batch)

		lease = lock(b, store, "customer-0815")
		all := make([]orgsync.Entry, 0, batches*batch)
		for i := range batches * batch {
			all = append(all, orgsync.Entry{Bucket: buckets[i%3], Key: fmt.Sprintf("%024d", i/3), Value: value()})
		}
		rng.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		begin := time.Now()
		for chunk := range slices.Chunk(all[:40_000], batch) {
			require.NoError(b, lease.Write(b.Context(), chunk...))
		}
		b.ReportMetric(float64(time.Since(begin).Milliseconds())/20, "ms/update")
		report(b, lease, path, "updated", batches*batch)

		added := 0
		for _, n := range []int{3000, 9000, 40_000} {
			lease = lock(b, store, "customer-0815")
			begin = time.Now()
			for i := added; i < n; i++ {
				all[i].Key += "x"
			}
			for chunk := range slices.Chunk(all[added:n], batch/4) {
				require.NoError(b, lease.Write(b.Context(), chunk...))
			}
			b.ReportMetric(float64(time.Since(begin).Milliseconds())/float64(n-added)*500, "ms/insert")
			report(b, lease, path, fmt.Sprintf("inserted-%d", n), batches*batch+n)
			added = n
		}
	}
}

func report(b *testing.B, lease orgsync.Lease, path, when string, entries int) {
	b.Helper()
	require.NoError(b, lease.Unlock(b.Context()))
	info, err := os.Stat(path)
	require.NoError(b, err)
	db, err := bolt.Open(path, 0o600, &bolt.Options{ReadOnly: true, PreLoadFreelist: true})
	require.NoError(b, err)
	defer db.Close()
	var used int64
	require.NoError(b, db.View(func(tx *bolt.Tx) error {
		used = tx.Size()
		return nil
	}))
	free := db.Stats().FreePageN * db.Info().PageSize
	b.ReportMetric(float64(info.Size())/float64(entries), "B/entry-"+when)
	b.ReportMetric(float64(free)/float64(entries), "free-B/entry-"+when)
	b.ReportMetric(float64(info.Size()-used)/float64(entries), "beyond-B/entry-"+when)
}
