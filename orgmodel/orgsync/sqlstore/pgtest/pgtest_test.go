//go:build unix

package pgtest_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync/sqlstore"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync/storetest"
)

// runSuite runs the suite of all stores with connections of the given settings.
func runSuite(t *testing.T, settings string, connections int) {
	var dsns sync.Map // of the stores
	open := func(t testing.TB, dsn string) orgsync.Store {
		db := connect(t, dsn+settings)
		db.SetMaxOpenConns(connections)
		store, err := sqlstore.New(db)
		require.NoError(t, err)
		require.NoError(t, store.CreateSchema(t.Context()))
		dsns.Store(store, dsn)
		return store
	}
	dsnOf := func(store orgsync.Store) string {
		dsn, _ := dsns.Load(store)
		return dsn.(string)
	}
	storetest.Run(t,
		func(t testing.TB) orgsync.Store {
			_, dsn := newSchema(t)
			return open(t, dsn)
		},
		storetest.WithReopen(func(t testing.TB, store orgsync.Store) orgsync.Store { return open(t, dsnOf(store)) }),
		storetest.WithTakeover(func(t testing.TB, store orgsync.Store, tenant string) orgsync.Store {
			db := connect(t, dsnOf(store))
			result, err := db.ExecContext(t.Context(), "UPDATE orgsync_leases SET expires_at = now() WHERE tenant = $1", []byte(tenant))
			require.NoError(t, err)
			n, err := result.RowsAffected()
			require.NoError(t, err)
			require.EqualValues(t, 1, n)
			return open(t, dsnOf(store))
		}))
}

func TestStore(t *testing.T) {
	t.Parallel()
	runSuite(t, "", 4)
}

func TestStoreWithOneConnection(t *testing.T) {
	t.Parallel()
	runSuite(t, "", 1)
}

// As behind a pooler that does not keep prepared statements, and where another
// isolation level is the default.
func TestStoreWithOtherSettings(t *testing.T) {
	t.Parallel()
	runSuite(t, " default_query_exec_mode=exec default_transaction_isolation='repeatable read'", 4)
}

func TestStoreWithSimpleProtocol(t *testing.T) {
	t.Parallel()
	runSuite(t, " default_query_exec_mode=simple_protocol", 4)
}

func TestCreateSchema(t *testing.T) {
	t.Parallel()
	name, dsn := newSchema(t)
	db := connect(t, dsn)
	store, err := sqlstore.New(db)
	require.NoError(t, err)
	_, err = store.Lock(t.Context(), "t")
	require.ErrorIs(t, err, sqlstore.ErrNoSchema)

	errs := make([]error, 8)
	var group sync.WaitGroup
	for i := range errs {
		group.Go(func() { errs[i] = store.CreateSchema(t.Context()) })
	}
	group.Wait()
	for _, err := range errs {
		require.NoError(t, err)
	}
	lease := lock(t, store, "t")
	require.NoError(t, lease.Write(t.Context(), entry("k", "v")))
	require.NoError(t, lease.Unlock(t.Context()))

	// A role that may use the tables and nothing else.
	role := "r" + name[1:]
	execute(t, db, "CREATE ROLE "+role+" LOGIN", "GRANT USAGE ON SCHEMA "+name+" TO "+role,
		"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA "+name+" TO "+role)
	guest := newStore(t, strings.Replace(dsn, "user=orgsync", "user="+role, 1))
	lease = lock(t, guest, "t")
	require.NoError(t, lease.Write(t.Context(), entry("k", "w"), orgsync.Entry{Bucket: "b", Key: "gone"}))
	held, err := contents(t.Context(), lease, "b")
	require.NoError(t, err)
	assert.Equal(t, map[string]string{"k": "w"}, held)

	execute(t, db, "UPDATE orgsync_schema SET version = version + 1")
	require.ErrorIs(t, store.CreateSchema(t.Context()), sqlstore.ErrNewerFormat)
	_, err = store.Lock(t.Context(), "another")
	require.ErrorIs(t, err, sqlstore.ErrNewerFormat)
	require.ErrorIs(t, err, orgsync.ErrCorrupt)
}

func TestLongNames(t *testing.T) {
	t.Parallel()
	_, dsn := newSchema(t)
	store := newStore(t, dsn)
	long := func(seed byte) string { // does not compress
		b := make([]byte, 800)
		for i := range b {
			seed = seed*181 + 97 + byte(i*i>>3)
			b[i] = seed
		}
		return string(b)
	}
	lease := lock(t, store, long(1))
	e := orgsync.Entry{Bucket: long(2), Key: long(3), Value: []byte("v")}
	require.NoError(t, lease.Write(t.Context(), e))
	held, err := contents(t.Context(), lease, e.Bucket)
	require.NoError(t, err)
	assert.Equal(t, map[string]string{e.Key: "v"}, held)
}

func TestFencingNumberRises(t *testing.T) {
	t.Parallel()
	_, dsn := newSchema(t)
	db, store := connect(t, dsn), newStore(t, dsn)
	for want := range 4 {
		require.NoError(t, lock(t, store, "t").Unlock(t.Context()))
		var fence int
		require.NoError(t, db.QueryRowContext(t.Context(), "SELECT fence FROM orgsync_leases").Scan(&fence))
		assert.Equal(t, want+1, fence)
	}
}

func TestLeaseIsRenewed(t *testing.T) {
	t.Parallel()
	_, dsn := newSchema(t)
	store, second := newStore(t, dsn, sqlstore.WithLeaseTime(time.Second)), newStore(t, dsn)
	lease := lock(t, store, "t")
	end := time.After(2500 * time.Millisecond)
	for waiting := true; waiting; {
		select {
		case <-end:
			waiting = false
		case <-time.After(100 * time.Millisecond):
			_, err := second.Lock(t.Context(), "t")
			require.ErrorIs(t, err, orgsync.ErrLocked)
		}
	}
	require.NoError(t, lease.Write(t.Context(), entry("k", "v")))
}

// The database never thinks that a lease ends before its holder does. Both have one
// clock here.
func TestUntil(t *testing.T) {
	t.Parallel()
	_, dsn := newSchema(t)
	db, store := connect(t, dsn), newStore(t, dsn, sqlstore.WithLeaseTime(10*time.Second))
	lease := lock(t, store, "t")
	first, begin := lease.Until(), time.Now()
	var group sync.WaitGroup
	for w := range 4 {
		group.Go(func() {
			for time.Since(begin) < time.Second {
				assert.NoError(t, lease.Write(t.Context(), entry(strconv.Itoa(w), "v")))
			}
		})
	}
	for time.Since(begin) < time.Second {
		known := lease.Until()
		var ends time.Time
		require.NoError(t, db.QueryRowContext(t.Context(), "SELECT expires_at FROM orgsync_leases").Scan(&ends))
		require.False(t, ends.Before(known.Truncate(time.Microsecond)), "%v before %v", ends, known)
	}
	group.Wait()
	assert.Greater(t, lease.Until(), first)
	require.NoError(t, lease.Unlock(t.Context()))
	assert.LessOrEqual(t, lease.Until(), time.Now())
}

// Who finds a tenant locked is told by which process, and until when: no earlier than the
// database lets go of it.
func TestLockedUntil(t *testing.T) {
	t.Parallel()
	_, dsn := newSchema(t)
	store := newStore(t, dsn)
	c := startChild(t, roleHold, dsn)
	require.True(t, c.out.Scan())
	lockedError := func(tenant string) *orgsync.LockedError {
		_, err := store.Lock(t.Context(), tenant)
		require.ErrorIs(t, err, orgsync.ErrLocked)
		held, ok := errors.AsType[*orgsync.LockedError](err)
		require.True(t, ok, "%v", err)
		return held
	}
	host, err := os.Hostname()
	require.NoError(t, err)
	assert.Equal(t, fmt.Sprintf("process %d on %s", c.Process.Pid, host), lockedError("t").Holder)

	db := connect(t, dsn)
	const put = "INSERT INTO orgsync_leases (tenant, owner, fence, expires_at) VALUES ($1, 'x', 1, $2) RETURNING expires_at"
	var ends time.Time
	require.NoError(t, db.QueryRowContext(t.Context(), put, []byte("dead"), time.Now().Add(time.Minute)).Scan(&ends))
	held := lockedError("dead")
	assert.Empty(t, held.Holder, "an earlier version does not say")
	require.False(t, held.Until.Before(ends), "%v before %v", held.Until, ends)
	assert.WithinDuration(t, ends, held.Until, 5*time.Second, "what an answer takes, and no more")

	// A row that is never given back says nothing of when.
	execute(t, db, "UPDATE orgsync_leases SET expires_at = 'infinity' WHERE tenant = 'dead'")
	_, err = store.Lock(t.Context(), "dead")
	assert.Equal(t, orgsync.ErrLocked, err)
}

// BenchmarkStore writes 20,000 entries, reads them by key and all of them, with the
// round trips to a server on the same machine.
func BenchmarkStore(b *testing.B) {
	_, dsn := newSchema(b)
	lease := lock(b, newStore(b, dsn), "t")
	entries, keys := make([]orgsync.Entry, 20_000), make([]string, 20_000)
	for i := range entries {
		entries[i] = entry(fmt.Sprintf("%024d", i), strings.Repeat("v", 60))
		keys[i] = entries[i].Key
	}
	b.Run("Write", func(b *testing.B) {
		for b.Loop() {
			require.NoError(b, lease.Write(b.Context(), entries...))
		}
	})
	b.Run("Get", func(b *testing.B) {
		for b.Loop() {
			_, err := lease.Get(b.Context(), "b", keys...)
			require.NoError(b, err)
		}
	})
	b.Run("All", func(b *testing.B) {
		for b.Loop() {
			_, err := contents(b.Context(), lease, "b")
			require.NoError(b, err)
		}
	})
}

// The row of a lease that runs out is held by a transaction that does not end.
func TestLockGivesUp(t *testing.T) {
	t.Parallel()
	_, dsn := newSchema(t)
	db, store := connect(t, dsn), newStore(t, dsn)
	require.NoError(t, lock(t, store, "t").Unlock(t.Context()))
	tx, err := db.BeginTx(t.Context(), nil)
	require.NoError(t, err)
	defer func() { _ = tx.Rollback() }()
	_, err = tx.ExecContext(t.Context(), "SELECT 1 FROM orgsync_leases FOR UPDATE")
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	_, err = store.Lock(ctx, "t")
	require.ErrorIs(t, err, orgsync.ErrLocked)
}

// Those who ask for a tenant that is held neither wait for its holder's writes nor make them wait.
func TestAskingDoesNotLock(t *testing.T) {
	t.Parallel()
	_, dsn := newSchema(t)
	db, store := connect(t, dsn), newStore(t, dsn)
	lock(t, store, "t")
	writing, err := db.BeginTx(t.Context(), nil)
	require.NoError(t, err)
	defer func() { _ = writing.Rollback() }()
	_, err = writing.ExecContext(t.Context(), "UPDATE orgsync_leases SET fence = fence")
	require.NoError(t, err)
	began := time.Now()
	_, err = store.Lock(t.Context(), "t")
	require.ErrorIs(t, err, orgsync.ErrLocked)
	assert.Less(t, time.Since(began), 4*time.Second, "it waited for the row until it gave up")
}

func TestConnectionsAreCut(t *testing.T) {
	t.Parallel()
	name, dsn := newSchema(t)
	store := newStore(t, dsn+" application_name="+name)
	lease := lock(t, store, "t")
	require.NoError(t, lease.Write(t.Context(), entry("k", "v")))
	db := connect(t, dsn)
	for round := range 5 {
		_, err := db.ExecContext(t.Context(), "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1", name)
		require.NoError(t, err)
		value := strconv.Itoa(round)
		for err = lease.Write(t.Context(), entry("k", value)); err != nil && t.Context().Err() == nil; {
			require.NotErrorIs(t, err, orgsync.ErrLeaseLost)
			err = lease.Write(t.Context(), entry("k", value))
		}
		held, err := contents(t.Context(), lease, "b")
		require.NoError(t, err)
		assert.Equal(t, map[string]string{"k": value}, held)
	}
}

// Three processes count one counter up, and one after the other is killed at some
// moment. Nothing that was acknowledged is lost, and nothing is done twice.
func TestKilledProcesses(t *testing.T) {
	t.Parallel()
	_, dsn := newSchema(t)
	store := newStore(t, dsn)
	type ack struct{ n, by string }
	acks := make(chan ack)
	var group sync.WaitGroup
	var children []*child
	for range 3 {
		c := startChild(t, roleCount, dsn)
		children = append(children, c)
		group.Go(func() {
			for c.out.Scan() {
				acks <- ack{c.out.Text(), strconv.Itoa(c.Process.Pid)}
			}
		})
	}
	go func() {
		group.Wait()
		close(acks)
	}()
	acknowledged := map[string]string{}
	for a := range acks {
		require.Empty(t, acknowledged[a.n], "%s was counted twice", a.n)
		acknowledged[a.n] = a.by
		if len(acknowledged)%30 == 0 && len(children) > 0 {
			require.NoError(t, children[0].Process.Kill())
			children = children[1:]
		}
	}
	require.GreaterOrEqual(t, len(acknowledged), 90)

	lease, err := lockPatiently(t.Context(), store, "t")
	require.NoError(t, err)
	defer func() { _ = lease.Unlock(context.WithoutCancel(t.Context())) }()
	held, err := contents(t.Context(), lease, "b")
	require.NoError(t, err)
	log, err := contents(t.Context(), lease, "log")
	require.NoError(t, err)
	assert.Equal(t, held["counter"], strconv.Itoa(len(log)), "a write was half applied, or lost")
	for n, by := range acknowledged {
		assert.Equal(t, by, log[n], "count %s", n)
	}
	assert.LessOrEqual(t, len(log)-len(acknowledged), 3, "more was counted than three killed processes can have left unsaid")
}

// A process stops for longer than its lease lasts, most likely in the middle of a
// transaction, while another takes the tenant. It must not write when it wakes up.
func TestFrozenProcess(t *testing.T) {
	t.Parallel()
	_, dsn := newSchema(t)
	store := newStore(t, dsn)
	frozen := startChild(t, roleHold, dsn)
	for range 20 {
		require.True(t, frozen.out.Scan())
	}
	_, err := store.Lock(t.Context(), "t")
	require.ErrorIs(t, err, orgsync.ErrLocked)
	require.NoError(t, frozen.Process.Signal(syscall.SIGSTOP))

	lease, err := lockPatiently(t.Context(), store, "t")
	require.NoError(t, err, "a process that stands still keeps others out")
	require.NoError(t, lease.Write(t.Context(), entry("counter", "1000000")))
	before, err := contents(t.Context(), lease, "log")
	require.NoError(t, err)

	require.NoError(t, frozen.Process.Signal(syscall.SIGCONT))
	last := ""
	for frozen.out.Scan() {
		last = frozen.out.Text()
	}
	assert.Equal(t, lost, last)
	held, err := contents(t.Context(), lease, "b")
	require.NoError(t, err)
	assert.Equal(t, map[string]string{"counter": "1000000"}, held)
	after, err := contents(t.Context(), lease, "log")
	require.NoError(t, err)
	assert.Equal(t, before, after)
	_, err = newStore(t, dsn).Lock(t.Context(), "t")
	require.ErrorIs(t, err, orgsync.ErrLocked, "the former holder gave back what is not its own")
	require.NoError(t, lease.Unlock(t.Context()))
}
