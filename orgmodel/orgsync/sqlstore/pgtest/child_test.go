//go:build unix

package pgtest_test

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync/sqlstore"
)

// The test binary plays other processes: these say which, and with what database.
const (
	childRole = "PGTEST_CHILD_ROLE"
	childDSN  = "PGTEST_CHILD_DSN"

	roleCount = "count" // locks, counts one up, unlocks, again and again
	roleHold  = "hold"  // locks, and counts up until the lease is lost

	roleLimited = "limited" // makes calls as a shared limiter allows
)

const lost = "lease lost"

func runChild(ctx context.Context, role, dsn string) int {
	db, err := sql.Open("pgx", dsn)
	if err == nil {
		defer db.Close()
		var store *sqlstore.Store
		if store, err = sqlstore.New(db, sqlstore.WithLeaseTime(time.Second)); err == nil {
			switch role {
			case roleCount:
				err = countUntilKilled(ctx, store)
			case roleHold:
				err = holdUntilLost(ctx, store)
			case roleLimited:
				if err = callWhileAllowed(ctx, db); err == nil {
					return 0
				}
			}
		}
	}
	fmt.Fprintln(os.Stderr, err)
	return 1
}

func countUntilKilled(ctx context.Context, store *sqlstore.Store) error {
	for {
		lease, err := lockPatiently(ctx, store, "t")
		if err != nil {
			return err
		}
		if err := countUp(ctx, lease); err != nil {
			return err
		}
		if err := lease.Unlock(ctx); err != nil {
			return err
		}
	}
}

// countUp reads the counter, writes it and a record of who did, and tells.
func countUp(ctx context.Context, lease orgsync.Lease) error {
	held, err := contents(ctx, lease, "b")
	if err != nil {
		return err
	}
	n, _ := strconv.Atoi(held["counter"])
	next := strconv.Itoa(n + 1)
	err = lease.Write(ctx, entry("counter", next), orgsync.Entry{Bucket: "log", Key: next, Value: []byte(strconv.Itoa(os.Getpid()))})
	if err != nil {
		return err
	}
	fmt.Println(next)
	return nil
}

func holdUntilLost(ctx context.Context, store *sqlstore.Store) error {
	lease, err := store.Lock(ctx, "t")
	if err != nil {
		return err
	}
	for {
		err := countUp(ctx, lease)
		if errors.Is(err, orgsync.ErrLeaseLost) {
			fmt.Println(lost)
			return lease.Unlock(ctx)
		}
		// Anything else, a connection that was cut for instance, is tried again.
	}
}

type child struct {
	*exec.Cmd
	out *bufio.Scanner
}

func startChild(t testing.TB, role, dsn string) *child {
	t.Helper()
	c := exec.CommandContext(t.Context(), os.Args[0])
	c.Env = append(os.Environ(), childRole+"="+role, childDSN+"="+dsn)
	c.Stderr = io.Discard
	out, err := c.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, c.Start())
	t.Cleanup(func() { _ = c.Process.Kill() })
	return &child{Cmd: c, out: bufio.NewScanner(out)}
}
