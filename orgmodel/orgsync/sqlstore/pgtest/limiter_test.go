//go:build unix

package pgtest_test

import (
	"bufio"
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/orgmodel/orgsync/sqlstore"
)

const (
	limitedRate  = 200.0
	limitedBurst = 100
	limitedTime  = 5 * time.Second
	limitedBy    = 8 // goroutines of a process
)

func newLimiter(db *sql.DB) (*sqlstore.Limiter, error) {
	return sqlstore.NewLimiter(db, sqlstore.LimiterConfig{
		Vendor: "vendor", App: "app", Rate: limitedRate, Burst: limitedBurst, Workers: 3,
	})
}

// callWhileAllowed makes calls and prints when, in nanoseconds. All processes of a
// machine read one clock, which is the database's too.
func callWhileAllowed(ctx context.Context, db *sql.DB) error {
	limiter, err := newLimiter(db)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, limitedTime)
	defer cancel()
	var group sync.WaitGroup
	var mu sync.Mutex
	var made []int64
	for range limitedBy {
		group.Go(func() {
			for limiter.Wait(ctx) == nil {
				at := time.Now().UnixNano()
				mu.Lock()
				made = append(made, at)
				mu.Unlock()
			}
		})
	}
	group.Wait()
	for _, at := range made {
		fmt.Println(at)
	}
	return nil
}

// Three processes of eight goroutines keep to one rate, and use it. How late a process
// notes a call depends on the machine: the windows are judged with that much in hand.
func TestLimiterAmongProcesses(t *testing.T) { //nolint:paralleltest // it measures how much of a rate is used
	_, dsn := newSchema(t)
	newStore(t, dsn) // creates the tables
	var made []int64
	var group sync.WaitGroup
	var mu sync.Mutex
	for range 3 {
		c := startChild(t, roleLimited, dsn)
		group.Go(func() {
			read(c.out, func(at int64) {
				mu.Lock()
				defer mu.Unlock()
				made = append(made, at)
			})
		})
	}
	group.Wait()
	require.NotEmpty(t, made)
	assertWindows(t, made)
	first, last := made[0], made[len(made)-1]
	span := time.Duration(last - first).Seconds()
	used := float64(len(made)-limitedBurst) / (limitedRate * span)
	t.Logf("%d calls in %.2f s, %.1f %% of the rate beyond the burst", len(made), span, 100*used)
	assert.GreaterOrEqual(t, float64(len(made)), 0.95*limitedRate*span)
}

func read(out *bufio.Scanner, each func(int64)) {
	for out.Scan() {
		if at, err := strconv.ParseInt(out.Text(), 10, 64); err == nil {
			each(at)
		}
	}
}

func TestLimiterOverStricterIsolation(t *testing.T) {
	t.Parallel()
	_, dsn := newSchema(t)
	newStore(t, dsn)
	var group sync.WaitGroup
	for range 4 {
		limiter, err := newLimiter(connect(t, dsn+" default_transaction_isolation='repeatable read'"))
		require.NoError(t, err)
		group.Go(func() {
			for range 30 {
				assert.NoError(t, limiter.Wait(t.Context()))
			}
		})
	}
	group.Wait()
}

// A pause reaches the others, and a schema of an earlier version gets the table.
func TestLimiterPause(t *testing.T) {
	t.Parallel()
	_, dsn := newSchema(t)
	db := connect(t, dsn)
	newStore(t, dsn)
	execute(t, db, "DROP TABLE orgsync_rates")
	a, err := newLimiter(db)
	require.NoError(t, err)
	require.ErrorIs(t, a.Wait(t.Context()), sqlstore.ErrNoSchema)
	newStore(t, dsn)
	b, err := newLimiter(connect(t, dsn))
	require.NoError(t, err)
	require.NoError(t, a.Wait(t.Context()))
	a.Pause(1500 * time.Millisecond)
	var paused bool
	for !paused {
		require.NoError(t, db.QueryRowContext(t.Context(), "SELECT paused_until > now() FROM orgsync_rates").Scan(&paused))
	}
	began := time.Now()
	require.NoError(t, b.Wait(t.Context()))
	assert.Greater(t, time.Since(began), 700*time.Millisecond)
	var over bool
	require.NoError(t, db.QueryRowContext(t.Context(), "SELECT paused_until <= now() FROM orgsync_rates").Scan(&over))
	assert.True(t, over)
}
