package sqlstore

import (
	"context"
	"database/sql"
	"iter"
	"sync"
	"sync/atomic"
	"time"

	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
)

const (
	// pageEntries is how many entries All reads at a time. Between two such pages no
	// connection is in use, so that the loop may write.
	pageEntries = 1000

	// unlockTime bounds Unlock, which goes on after the end of its context.
	unlockTime = 10 * time.Second

	// renewTries is how often a renewal is tried that was in conflict with another statement.
	renewTries = 5
)

// lease is safe for concurrent use.
type lease struct {
	store  *Store
	tenant []byte
	owner  string
	fence  int64

	until deadline

	// unsettled says that a Write failed that the database may still apply.
	unsettled atomic.Bool

	stop func() // ends the goroutine that renews, and waits for it

	mu    sync.RWMutex // held for writing by Unlock
	ended bool
	given bool // the database knows that it ended
}

// keep renews the lease until stop is called or the lease is lost.
func (l *lease) keep(ctx context.Context) {
	ctx, cancel := context.WithCancel(ctx)
	var group sync.WaitGroup
	group.Go(func() {
		every := l.store.leaseTime / 3
		tick := time.NewTicker(every)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
			// An error is not reported: the next turn may succeed, and if none
			// does Write finds out.
			if held, err := l.renew(ctx, every); err == nil && !held {
				return
			}
		}
	})
	l.stop = func() { cancel(); group.Wait() }
}

func (l *lease) renew(ctx context.Context, within time.Duration) (held bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	return l.renewNow(ctx)
}

func (l *lease) renewNow(ctx context.Context) (held bool, err error) {
	var asked time.Time
	// Where the default isolation is stricter than read committed, a Write that ends
	// meanwhile is a conflict. It has ended by then.
	for range renewTries {
		asked = time.Now()
		if held, err = l.touch(ctx, l.store.db); !hasState(err, serializationFailure) {
			break
		}
	}
	switch {
	case err != nil:
	case held:
		l.confirmed(asked)
	default:
		l.until.end()
	}
	return held, err
}

// touch renews the lease, and reports whether it was still held.
func (l *lease) touch(ctx context.Context, in execer) (held bool, err error) {
	result, err := in.ExecContext(ctx, renewLease, l.tenant, l.owner, l.fence, l.store.leaseTime.Milliseconds())
	if err != nil {
		return false, err
	}
	rows, err := result.RowsAffected()
	return rows > 0, err
}

// confirmed notes a renewal that was asked for at that instant. The database counts
// from the beginning of the transaction, which is no earlier.
func (l *lease) confirmed(asked time.Time) {
	l.until.extend(asked.Add(l.store.leaseTime.Truncate(time.Millisecond)))
}

// Until follows from what the database confirmed. Its own clock does not matter, as
// long as it runs at the same speed.
func (l *lease) Until() time.Time { return l.until.get() }

// deadline is when a lease runs out.
type deadline struct {
	mu    sync.Mutex
	at    time.Time
	ended bool
}

func (d *deadline) get() time.Time {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.at
}

// extend takes confirmations in any order.
func (d *deadline) extend(to time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.ended && to.After(d.at) {
		d.at = to
	}
}

// end notes that the lease is not held any more.
func (d *deadline) end() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if now := time.Now(); !d.ended && now.Before(d.at) {
		d.at = now
	}
	d.ended = true
}

// execer is a *sql.DB or *sql.Tx.
type execer interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}

// Get reads some thousand keys with each statement.
func (l *lease) Get(ctx context.Context, bucket string, keys ...string) ([][]byte, error) {
	values := make([][]byte, len(keys))
	for done, first := 0, true; first || done < len(keys); first = false {
		n := chunk(keys[done:], func(key string) int { return len(key) })
		if err := l.find(ctx, bucket, keys[done:done+n], values[done:done+n]); err != nil {
			return nil, wrap(ctx, "read", err)
		}
		done += n
	}
	return values, nil
}

// find sets the values of the keys that are there.
func (l *lease) find(ctx context.Context, bucket string, keys []string, values [][]byte) error {
	return l.query(ctx, func(rows *sql.Rows) error {
		var n int
		var value []byte
		if err := rows.Scan(&n, &value); err != nil || n == 0 {
			return err
		}
		values[n-1] = append([]byte{}, value...) // never nil
		return nil
	}, selectKeys, []byte(bucket), byteaArray(keys, func(key string) string { return key }))
}

// query reads rows for which the lease must be held: no row says that it is lost.
func (l *lease) query(ctx context.Context, row func(rows *sql.Rows) error, statement string, args ...any) error {
	l.mu.RLock()
	defer l.mu.RUnlock()
	if l.ended {
		return orgsync.ErrLeaseLost
	}
	if err := l.settle(ctx); err != nil {
		return err
	}
	rows, err := l.store.db.QueryContext(ctx, statement, append([]any{l.tenant, l.owner, l.fence}, args...)...)
	if err != nil {
		return err
	}
	defer rows.Close()
	held := false
	for rows.Next() {
		held = true
		if err := row(rows); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return err
	}
	if !held {
		l.until.end()
		return orgsync.ErrLeaseLost
	}
	return nil
}

// All yields the bucket as it is when the loop gets there.
func (l *lease) All(ctx context.Context, bucket string) iter.Seq2[orgsync.Entry, error] {
	return func(yield func(orgsync.Entry, error) bool) {
		for from, more := "", true; more; {
			entries, err := l.page(ctx, bucket, from)
			if err != nil {
				yield(orgsync.Entry{}, wrap(ctx, "read", err))
				return
			}
			for _, e := range entries {
				if !yield(e, nil) {
					return
				}
				from = e.Key + "\x00" // the first key that can follow
			}
			more = len(entries) == pageEntries
		}
	}
}

// settle waits for the end of a transaction whose outcome is not known: it has the row
// of the lease until then. A read must not see what was before, and the next one what
// was after.
func (l *lease) settle(ctx context.Context) error {
	if !l.unsettled.Swap(false) {
		return nil
	}
	switch held, err := l.renewNow(ctx); {
	case err != nil:
		l.unsettled.Store(true)
		return err
	case !held:
		return orgsync.ErrLeaseLost
	}
	return nil
}

func (l *lease) page(ctx context.Context, bucket, from string) (entries []orgsync.Entry, err error) {
	err = l.query(ctx, func(rows *sql.Rows) error {
		var found bool
		var key, value []byte
		if err := rows.Scan(&found, &key, &value); err != nil || !found {
			return err
		}
		entries = append(entries, orgsync.Entry{Bucket: bucket, Key: string(key), Value: append([]byte{}, value...)})
		return nil
	}, selectPage, []byte(bucket), []byte(from), pageEntries)
	if err != nil {
		return nil, err
	}
	return entries, nil
}

// Unlock gives the tenant back. When that fails the lease runs out by itself;
// calling it again tries again.
func (l *lease) Unlock(ctx context.Context) error {
	l.stop()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ended = true
	l.until.end()
	if l.given {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), unlockTime)
	defer cancel()
	if _, err := l.store.db.ExecContext(ctx, endLease, l.tenant, l.owner, l.fence); err != nil {
		return wrap(ctx, "unlock", err)
	}
	l.given = true
	return nil
}
