package sqlstore

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
)

const (
	// maxName keeps tenant, bucket and key together within what an index of
	// PostgreSQL takes, a third of a page.
	maxName = 800

	// One statement reads or writes at most so many entries, and bytes unless a
	// single entry has more.
	chunkEntries = 4096
	chunkBytes   = 4 << 20
)

func tooLong(field string) error {
	return &FieldError{Field: field, Reason: fmt.Sprintf("is longer than %d bytes", maxName)}
}

// Write is one transaction. It locks the row of the lease first, so that the tenant
// cannot be taken before it ends, and renews the lease.
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
	asked := time.Now()
	err = l.store.transaction(ctx, "write", func(tx *sql.Tx) error {
		if err := l.store.limit(ctx, tx); err != nil {
			return err
		}
		switch held, err := l.touch(ctx, tx); {
		case err != nil:
			return err
		case !held:
			return orgsync.ErrLeaseLost
		}
		if err := l.put(ctx, tx, puts); err != nil {
			return err
		}
		return l.delete(ctx, tx, deletes)
	})
	switch {
	case err == nil:
		l.confirmed(asked)
	case errors.Is(err, orgsync.ErrLeaseLost):
		l.until.end()
	default:
		l.unsettled.Store(true)
	}
	return err
}

// sortOut leaves the last entry of each bucket and key, in order: a statement must
// not meet a row twice.
func sortOut(entries []orgsync.Entry) (puts, deletes []orgsync.Entry, err error) {
	for _, e := range entries {
		switch {
		case len(e.Bucket) > maxName:
			return nil, nil, tooLong("Entry.Bucket")
		case len(e.Key) > maxName:
			return nil, nil, tooLong("Entry.Key")
		}
	}
	sorted := slices.Clone(entries)
	slices.SortStableFunc(sorted, compare)
	for i, e := range sorted {
		switch {
		case i+1 < len(sorted) && compare(e, sorted[i+1]) == 0:
		case e.Value == nil:
			deletes = append(deletes, e)
		default:
			puts = append(puts, e)
		}
	}
	return puts, deletes, nil
}

func compare(a, b orgsync.Entry) int {
	return cmp.Or(strings.Compare(a.Bucket, b.Bucket), strings.Compare(a.Key, b.Key))
}

func (l *lease) put(ctx context.Context, tx *sql.Tx, entries []orgsync.Entry) error {
	for len(entries) > 0 {
		n := chunk(entries, size)
		_, err := tx.ExecContext(ctx, putEntries, l.tenant,
			byteaArray(entries[:n], bucketOf), byteaArray(entries[:n], keyOf), byteaArray(entries[:n], valueOf))
		if err != nil {
			return err
		}
		entries = entries[n:]
	}
	return nil
}

func (l *lease) delete(ctx context.Context, tx *sql.Tx, entries []orgsync.Entry) error {
	for len(entries) > 0 {
		n := chunk(entries, size)
		_, err := tx.ExecContext(ctx, deleteEntries, l.tenant, byteaArray(entries[:n], bucketOf), byteaArray(entries[:n], keyOf))
		if err != nil {
			return err
		}
		entries = entries[n:]
	}
	return nil
}

func bucketOf(e orgsync.Entry) string { return e.Bucket }
func keyOf(e orgsync.Entry) string    { return e.Key }
func valueOf(e orgsync.Entry) []byte  { return e.Value }
func size(e orgsync.Entry) int        { return len(e.Bucket) + len(e.Key) + len(e.Value) }

// chunk returns how many of the elements one statement takes: one at least, if there
// is any.
func chunk[T any](elements []T, size func(T) int) int {
	total := 0
	for i, e := range elements {
		if total += size(e); i > 0 && (i == chunkEntries || total > chunkBytes) {
			return i
		}
	}
	return len(elements)
}
