package boltstore_test

import (
	"io/fs"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
)

func TestTenants(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	store := open(t, path)
	names, err := store.Tenants(t.Context())
	require.NoError(t, err)
	assert.Empty(t, names)
	for _, name := range []string{"乙", "\x00own", "a\tb", "t"} {
		lease := lock(t, store, name)
		require.NoError(t, lease.Write(t.Context(), orgsync.Entry{Bucket: "b", Key: "k", Value: []byte(name)}))
		if name == "t" {
			names, err = store.Tenants(t.Context())
			require.NoError(t, err, "while one is held")
			assert.Equal(t, []string{"a\tb", "t", "乙"}, names)
		}
		require.NoError(t, lease.Unlock(t.Context()))
	}
	before, err := os.ReadFile(path)
	require.NoError(t, err)
	names, err = store.Tenants(t.Context())
	require.NoError(t, err)
	assert.Equal(t, []string{"a\tb", "t", "乙"}, names)
	after, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, before, after, "reading changes nothing")

	other := open(t, path)
	lease := lock(t, other, "t")
	_, err = store.Tenants(t.Context())
	require.ErrorIs(t, err, orgsync.ErrLocked)
	require.NoError(t, lease.Unlock(t.Context()))
	require.NoError(t, store.Close())
	_, err = store.Tenants(t.Context())
	require.ErrorIs(t, err, fs.ErrClosed)

	old := newPath(t)
	writeOld(t, old, 3)
	names, err = open(t, old).Tenants(t.Context())
	require.NoError(t, err)
	assert.Equal(t, []string{"gone", "other", "t"}, names)
}
