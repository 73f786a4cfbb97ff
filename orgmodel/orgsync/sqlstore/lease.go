package sqlstore

import (
	"context"
	"database/sql"
	"iter"
	"sync"
	"time"

	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
)

const (
	// pageEntries is how many entries All reads at a time. Between two such pages no
	// connection is in use, so that the loop may write.
	pageEntries = 1000

	// unlockTime bounds Unlock, which goes on after the end of its context.
	unlockTime = 10 * time.Second
)

// lease is safe for concurrent use.
type lease struct {
	store  *Store
	tenant []byte
	owner  string
	fence  int64

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
			// An error is not told to anybody: the next turn may do, and when
			// none does Write finds out.
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
	return l.touch(ctx, l.store.db)
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

// execer is a *sql.DB or *sql.Tx.
type execer interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
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

func (l *lease) page(ctx context.Context, bucket, from string) ([]orgsync.Entry, error) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	if l.ended {
		return nil, orgsync.ErrLeaseLost
	}
	rows, err := l.store.db.QueryContext(ctx, selectPage, l.tenant, l.owner, l.fence, []byte(bucket), []byte(from), pageEntries)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	held := false
	var entries []orgsync.Entry
	for rows.Next() {
		held = true
		var found bool
		var key, value []byte
		if err := rows.Scan(&found, &key, &value); err != nil {
			return nil, err
		}
		if found {
			entries = append(entries, orgsync.Entry{Bucket: bucket, Key: string(key), Value: append([]byte{}, value...)})
		}
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	if !held {
		return nil, orgsync.ErrLeaseLost
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
