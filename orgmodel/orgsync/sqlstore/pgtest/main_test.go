//go:build unix

package pgtest_test

import (
	"context"
	"crypto/rand"
	"database/sql"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync/sqlstore"
)

// serverDSN is where the one server of the tests is; TestMain sets it.
var serverDSN string

func TestMain(m *testing.M) {
	if role := os.Getenv(childRole); role != "" {
		os.Exit(runChild(context.Background(), role, os.Getenv(childDSN)))
	}
	os.Exit(runTests(m))
}

func runTests(m *testing.M) int {
	s, err := startServer(context.Background())
	if err != nil {
		fmt.Fprintln(os.Stderr, "pgtest:", err)
		return 1
	}
	defer func() {
		if err := s.stop(); err != nil {
			fmt.Fprintln(os.Stderr, "pgtest:", err)
		}
	}()
	serverDSN = s.dsn()
	return m.Run()
}

func connect(t testing.TB, dsn string) *sql.DB {
	t.Helper()
	db, err := sql.Open("pgx", dsn)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, db.Close()) })
	return db
}

func execute(t testing.TB, db *sql.DB, statements ...string) {
	t.Helper()
	for _, statement := range statements {
		_, err := db.ExecContext(t.Context(), statement)
		require.NoError(t, err, statement)
	}
}

// newSchema returns how to connect to an empty schema.
func newSchema(t testing.TB) (name, dsn string) {
	t.Helper()
	name = "s_" + strings.ToLower(rand.Text())
	execute(t, connect(t, serverDSN), "CREATE SCHEMA "+name)
	return name, serverDSN + " search_path=" + name
}

// newStore returns a store with a pool of its own.
func newStore(t testing.TB, dsn string, options ...sqlstore.Option) *sqlstore.Store {
	t.Helper()
	store, err := sqlstore.New(connect(t, dsn), options...)
	require.NoError(t, err)
	require.NoError(t, store.CreateSchema(t.Context()))
	return store
}

func lock(t testing.TB, store *sqlstore.Store, tenant string) orgsync.Lease {
	t.Helper()
	lease, err := store.Lock(t.Context(), tenant)
	require.NoError(t, err)
	ctx := context.WithoutCancel(t.Context())
	t.Cleanup(func() { _ = lease.Unlock(ctx) })
	return lease
}

// lockPatiently takes a tenant as soon as its holder's lease has run out.
func lockPatiently(ctx context.Context, store *sqlstore.Store, tenant string) (orgsync.Lease, error) {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	for {
		lease, err := store.Lock(ctx, tenant)
		if err == nil || ctx.Err() != nil {
			return lease, err
		}
		select {
		case <-time.After(20 * time.Millisecond):
		case <-ctx.Done():
		}
	}
}

func entry(key, value string) orgsync.Entry {
	return orgsync.Entry{Bucket: "b", Key: key, Value: []byte(value)}
}

func contents(ctx context.Context, lease orgsync.Lease, bucket string) (map[string]string, error) {
	all := map[string]string{}
	for e, err := range lease.All(ctx, bucket) {
		if err != nil {
			return nil, err
		}
		all[e.Key] = string(e.Value)
	}
	return all, nil
}
