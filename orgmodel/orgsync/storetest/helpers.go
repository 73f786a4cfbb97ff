package storetest

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
)

const tenant = "tenant"

func put(bucket, key, value string) orgsync.Entry {
	return orgsync.Entry{Bucket: bucket, Key: key, Value: []byte(value)}
}

func del(bucket, key string) orgsync.Entry { return orgsync.Entry{Bucket: bucket, Key: key} }

// numbered returns n entries of bucket b, in order.
func numbered(n int, value string) []orgsync.Entry {
	entries := make([]orgsync.Entry, n)
	for i := range entries {
		entries[i] = put("b", fmt.Sprintf("%06d", i), value)
	}
	return entries
}

// lock takes a tenant and gives it back when the check ends.
func lock(t testing.TB, store orgsync.Store, tenant string) orgsync.Lease {
	t.Helper()
	lease, err := store.Lock(t.Context(), tenant)
	require.NoError(t, err)
	require.NotNil(t, lease)
	ctx := context.WithoutCancel(t.Context())
	t.Cleanup(func() { _ = lease.Unlock(ctx) })
	return lease
}

func write(t testing.TB, lease orgsync.Lease, entries ...orgsync.Entry) {
	t.Helper()
	require.NoError(t, lease.Write(t.Context(), entries...))
}

func unlock(t testing.TB, lease orgsync.Lease) {
	t.Helper()
	require.NoError(t, lease.Unlock(t.Context()))
}

// collect reads a bucket up to its end or first error.
func collect(ctx context.Context, lease orgsync.Lease, bucket string) ([]orgsync.Entry, error) {
	entries := []orgsync.Entry{}
	for e, err := range lease.All(ctx, bucket) {
		if err != nil {
			return entries, err
		}
		entries = append(entries, e)
	}
	return entries, nil
}

// requireHolds demands that a bucket holds exactly these entries in this order.
func requireHolds(t testing.TB, lease orgsync.Lease, bucket string, want ...orgsync.Entry) {
	t.Helper()
	got, err := collect(t.Context(), lease, bucket)
	require.NoError(t, err)
	require.Len(t, got, len(want))
	for i, e := range want {
		require.Equal(t, bucket, got[i].Bucket, "bucket of entry %d", i)
		require.Equal(t, e.Key, got[i].Key, "key of entry %d", i)
		require.NotNil(t, got[i].Value, "value of entry %d", i) // Equal takes nil for empty
		require.Equal(t, e.Value, got[i].Value, "value of entry %d", i)
	}
}

// first returns what All yields first of bucket b.
func first(ctx context.Context, lease orgsync.Lease) (entry orgsync.Entry, err error) {
	for entry, err = range lease.All(ctx, "b") {
		break
	}
	return entry, err
}
