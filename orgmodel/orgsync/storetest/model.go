package storetest

import (
	"maps"
	"slices"
	"strconv"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
)

type modelKey struct{ bucket, key string }

// checkModel drives the store with random calls, and a map beside it.
func checkModel(t testing.TB, s suite) {
	store := s.open(t)
	var tenants atomic.Int64
	rapid.Check(t, func(r *rapid.T) {
		m := &model{store: store, tenant: strconv.FormatInt(tenants.Add(1), 10), held: map[modelKey]string{}, t: t}
		m.lock(r)
		for range rapid.IntRange(1, 8).Draw(r, "calls") {
			switch rapid.IntRange(0, 4).Draw(r, "call") {
			case 0:
				require.NoError(r, m.lease.Unlock(t.Context()))
				m.lock(r)
			default:
				m.write(r)
			}
			m.compare(r)
		}
		require.NoError(r, m.lease.Unlock(t.Context()))
	})
}

type model struct {
	t      testing.TB
	store  orgsync.Store
	lease  orgsync.Lease
	tenant string
	held   map[modelKey]string
}

func (m *model) lock(r *rapid.T) {
	lease, err := m.store.Lock(m.t.Context(), m.tenant)
	require.NoError(r, err)
	m.lease = lease
}

// Few names, so that calls meet each other's entries.
var modelNames = rapid.SampledFrom([]string{"", "a", "a\x00", "b", "\xff"})

func (m *model) write(r *rapid.T) {
	entries := make([]orgsync.Entry, rapid.IntRange(0, 6).Draw(r, "entries"))
	for i := range entries {
		e := orgsync.Entry{Bucket: modelNames.Draw(r, "bucket"), Key: modelNames.Draw(r, "key")}
		k := modelKey{e.Bucket, e.Key}
		if delete(m.held, k); rapid.Bool().Draw(r, "put") {
			e.Value = append([]byte{}, rapid.SliceOfN(rapid.Byte(), 0, 3).Draw(r, "value")...)
			m.held[k] = string(e.Value)
		}
		entries[i] = e
	}
	require.NoError(r, m.lease.Write(m.t.Context(), entries...))
}

func (m *model) compare(r *rapid.T) {
	buckets := map[string]map[string]string{"": {}, "a": {}, "a\x00": {}, "b": {}, "\xff": {}}
	for k, v := range m.held {
		buckets[k.bucket][k.key] = v
	}
	names := []string{"", "a", "a\x00", "b", "c", "\xff"}
	for bucket, want := range buckets {
		values, err := m.lease.Get(m.t.Context(), bucket, names...)
		require.NoError(r, err)
		for i, key := range names {
			value, ok := want[key]
			require.Equal(r, ok, values[i] != nil)
			require.Equal(r, value, string(values[i]))
		}
		got, err := collect(m.t.Context(), m.lease, bucket)
		require.NoError(r, err)
		keys := []string{}
		for _, e := range got {
			keys = append(keys, e.Key)
			require.NotNil(r, e.Value)
			require.Equal(r, want[e.Key], string(e.Value))
		}
		require.Equal(r, append([]string{}, slices.Sorted(maps.Keys(want))...), keys)
	}
}
