package sqlstore

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
)

const (
	// maxName keeps tenant, bucket and key together within what an index of
	// PostgreSQL takes, a third of a page.
	maxName = 800

	// batchEntries is how many entries one statement writes at most.
	batchEntries = 512
)

func tooLong(field string) error {
	return &FieldError{Field: field, Reason: fmt.Sprintf("is longer than %d bytes", maxName)}
}

// Write is one transaction. It locks the row of the lease first, so that nobody
// can take the tenant before it ends.
func (l *lease) Write(ctx context.Context, entries ...orgsync.Entry) error {
	puts, deletes, err := sortOut(entries)
	if err != nil {
		return err
	}
	l.mu.RLock()
	defer l.mu.RUnlock()
	if l.ended {
		return orgsync.ErrLeaseLost
	}
	return l.store.transaction(ctx, "write", func(tx *sql.Tx) error {
		if err := l.store.limit(ctx, tx); err != nil {
			return err
		}
		switch held, err := l.touch(ctx, tx); {
		case err != nil:
			return err
		case !held:
			return orgsync.ErrLeaseLost
		}
		if err := l.batches(ctx, tx, puts, putStatement, putArguments); err != nil {
			return err
		}
		return l.batches(ctx, tx, deletes, deleteStatement, deleteArguments)
	})
}

// sortOut leaves the last entry of each bucket and key: a statement must not
// meet a row twice.
func sortOut(entries []orgsync.Entry) (puts, deletes []orgsync.Entry, err error) {
	type name struct{ bucket, key string }
	last := make(map[name]int, len(entries))
	for i, e := range entries {
		switch {
		case len(e.Bucket) > maxName:
			return nil, nil, tooLong("Entry.Bucket")
		case len(e.Key) > maxName:
			return nil, nil, tooLong("Entry.Key")
		}
		last[name{e.Bucket, e.Key}] = i
	}
	for i, e := range entries {
		switch {
		case last[name{e.Bucket, e.Key}] != i:
		case e.Value == nil:
			deletes = append(deletes, e)
		default:
			puts = append(puts, e)
		}
	}
	return puts, deletes, nil
}

// batches sends the entries in batches whose sizes are powers of two, so that there
// are few different statements, which drivers and servers keep prepared.
func (l *lease) batches(ctx context.Context, tx *sql.Tx, entries []orgsync.Entry, statement func(n int) string, arguments func(args []any, e orgsync.Entry) []any) error {
	for n := batchEntries; len(entries) > 0; {
		for n > len(entries) {
			n /= 2
		}
		args := []any{l.tenant}
		for _, e := range entries[:n] {
			args = arguments(args, e)
		}
		if _, err := tx.ExecContext(ctx, statement(n), args...); err != nil {
			return err
		}
		entries = entries[n:]
	}
	return nil
}

func putArguments(args []any, e orgsync.Entry) []any {
	return append(args, []byte(e.Bucket), []byte(e.Key), e.Value)
}

func deleteArguments(args []any, e orgsync.Entry) []any {
	return append(args, []byte(e.Bucket), []byte(e.Key))
}
