package boltstore

import (
	"bytes"
	"context"
	"iter"
	"sync"

	bolt "go.etcd.io/bbolt"

	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
)

// pageEntries is how many entries All reads at a time. Between two such pages no
// transaction is open, so that the loop may write.
const pageEntries = 1000

// lease is safe for concurrent use. Its first Write claims the tenant by raising
// the fencing number, so that whoever only reads leaves the file as it is.
type lease struct {
	store  *Store
	tenant string

	writing sync.Mutex
	fence   uint64
	claimed bool
}

// All yields the bucket as it is when the loop gets there.
func (l *lease) All(ctx context.Context, bucket string) iter.Seq2[orgsync.Entry, error] {
	return func(yield func(orgsync.Entry, error) bool) {
		for from, more := "", true; more; {
			entries, err := l.read(ctx, bucket, from)
			if err != nil {
				yield(orgsync.Entry{}, err)
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

// read returns the entries from a key on, at most pageEntries.
func (l *lease) read(ctx context.Context, bucket, from string) ([]orgsync.Entry, error) {
	l.store.mu.RLock()
	defer l.store.mu.RUnlock()
	if err := l.usable(ctx); err != nil {
		return nil, err
	}
	var entries []orgsync.Entry
	err := l.store.file.view(func(tx *bolt.Tx) error {
		prefix := bucketPrefix(l.tenant, bucket)
		c := tx.Bucket(entriesBucket).Cursor()
		for k, v := c.Seek(entryKey(l.tenant, bucket, from)); bytes.HasPrefix(k, prefix) && len(entries) < pageEntries; k, v = c.Next() {
			entries = append(entries, orgsync.Entry{
				Bucket: bucket,
				Key:    string(k[len(prefix):]),
				Value:  append([]byte{}, v...), // never nil, and beyond the transaction
			})
		}
		return nil
	})
	return entries, err
}

// Write is one transaction, which is on disk when Write returns.
func (l *lease) Write(ctx context.Context, entries ...orgsync.Entry) error {
	l.store.mu.RLock()
	defer l.store.mu.RUnlock()
	if err := l.usable(ctx); err != nil || len(entries) == 0 {
		return err
	}
	l.writing.Lock()
	defer l.writing.Unlock()
	fence := l.fence
	err := l.store.file.update(func(tx *bolt.Tx) error {
		rec, err := readTenant(tx, l.tenant)
		if err != nil {
			return err
		}
		if rec.fence != l.fence {
			return orgsync.ErrLeaseLost
		}
		if !l.claimed {
			rec.fence++
		}
		fence = rec.fence
		for _, e := range entries {
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			if rec.sum, err = apply(tx, l.tenant, e, rec.sum); err != nil {
				return err
			}
		}
		return writeTenant(tx, l.tenant, rec)
	})
	if err == nil {
		l.fence, l.claimed = fence, true
	}
	return err
}

// Unlock gives the tenant back, whatever became of the context.
func (l *lease) Unlock(context.Context) error {
	l.store.mu.Lock()
	defer l.store.mu.Unlock()
	if l.store.held[l.tenant] != l {
		return nil
	}
	delete(l.store.held, l.tenant)
	return l.store.release()
}

// usable reports why the lease cannot be used; the store's mu is held.
func (l *lease) usable(ctx context.Context) error {
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case l.store.held[l.tenant] != l, !l.store.file.current():
		return orgsync.ErrLeaseLost
	}
	return nil
}
