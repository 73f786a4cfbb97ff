package boltstore

import (
	"bytes"
	"context"
	"errors"
	"iter"
	"slices"
	"sync"
	"time"

	bolt "go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"

	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
)

// pageEntries is how many entries All reads at a time. Between two such pages no
// transaction is open, so that the loop may write.
const pageEntries = 2000

// lease is safe for concurrent use. Its first Write claims the tenant by raising
// the fencing number, so that a run that only reads leaves the file as it is.
type lease struct {
	store  *Store
	tenant string

	writing sync.Mutex
	fence   uint64
	claimed bool
}

// Get walks the file in the order of the keys, whatever order they come in.
func (l *lease) Get(ctx context.Context, bucket string, keys ...string) ([][]byte, error) {
	values := make([][]byte, len(keys))
	err := l.view(ctx, func(s *snapshot) error {
		key, err := s.prefix(l.tenant, bucket)
		if err != nil || key == nil {
			return err
		}
		prefix, c := len(key), cursor{tree: &s.values}
		for n, i := range keysInOrder(keys) {
			if n%64 == 0 && ctx.Err() != nil {
				return context.Cause(ctx)
			}
			key = append(key[:prefix], keys[i]...)
			found, err := c.seek(key)
			if err != nil {
				return err
			}
			if found {
				values[i] = append([]byte{}, c.value()...) // never nil
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return values, nil
}

// All yields the bucket as it is when the loop gets there.
func (l *lease) All(ctx context.Context, bucket string) iter.Seq2[orgsync.Entry, error] {
	return func(yield func(orgsync.Entry, error) bool) {
		s := scanner{bucket: bucket}
		for from := ""; ; {
			more := false
			err := l.view(ctx, func(now *snapshot) (err error) {
				if s.prefix, err = now.prefix(l.tenant, bucket); err != nil {
					return err
				}
				more, err = s.read(now, from)
				return err
			})
			if err != nil {
				yield(orgsync.Entry{}, err)
				return
			}
			for _, e := range s.entries {
				if !yield(e, nil) {
					return
				}
			}
			if !more {
				return
			}
			from = s.entries[len(s.entries)-1].Key + "\x00" // the first key that can follow
		}
	}
}

// scanner reads a bucket piece by piece. Its memory is used again for each.
type scanner struct {
	bucket  string
	prefix  []byte
	cursor  cursor
	keys    []byte
	entries []orgsync.Entry
}

// read sets the entries to those from a key on, a whole leaf at a time, until there are
// pageEntries or no more.
func (s *scanner) read(now *snapshot, from string) (more bool, err error) {
	c := &s.cursor
	s.entries = s.entries[:0]
	if s.prefix == nil {
		return false, nil
	}
	*c = cursor{tree: &now.values, path: c.path[:0], scan: true, ahead: c.ahead[:0]}
	if _, err := c.seek(append(bytes.Clone(s.prefix), from...)); err != nil {
		return false, err
	}
	for {
		leaf := c.leaf()
		n := 0
		for leaf.index+n < leaf.count && bytes.HasPrefix(leaf.key(leaf.index+n), s.prefix) {
			n++
		}
		s.take(leaf, n)
		if leaf.index+n < leaf.count {
			return false, nil
		}
		if len(s.entries) >= pageEntries {
			return true, nil
		}
		if err := c.next(); err != nil || len(c.path) == 0 {
			return false, err
		}
	}
}

// take appends n entries from the place in a leaf on. Their keys are one piece of
// memory, and so are their values.
func (s *scanner) take(leaf *step, n int) {
	size, behind := 0, s.cursor.tree.kind.behind()
	s.keys = s.keys[:0]
	for i := leaf.index; i < leaf.index+n; i++ {
		key, value, end := leaf.element(i)
		s.keys = append(s.keys, leaf.data[key+len(s.prefix):value]...)
		size += end - behind - value
	}
	keys, values := string(s.keys), make([]byte, 0, size)
	for i := leaf.index; i < leaf.index+n; i++ {
		key, value, end := leaf.element(i)
		length, start := value-key-len(s.prefix), len(values)
		values = append(values, leaf.data[value:end-behind]...)
		s.entries = append(s.entries, orgsync.Entry{Bucket: s.bucket, Key: keys[:length], Value: slices.Clip(values[start:])})
		keys = keys[length:]
	}
}

// view reads the file while the lease is held.
func (l *lease) view(ctx context.Context, fn func(s *snapshot) error) error {
	l.store.mu.RLock()
	defer l.store.mu.RUnlock()
	if err := l.usable(ctx); err != nil {
		return err
	}
	return l.store.file.view(fn)
}

// Verify reads all of the file.
func (l *lease) Verify(ctx context.Context) error {
	return l.view(ctx, func(s *snapshot) error { return s.verify(ctx) })
}

// fence returns the fencing number of a tenant.
func (f *file) fence(tenant string) (fence uint64, err error) {
	if len(tenantKey(tenant)) > bolt.MaxKeySize {
		return 0, tooLong("tenant", berrors.ErrKeyTooLarge)
	}
	err = f.view(func(s *snapshot) error {
		r, err := s.record(tenant)
		if err != nil || s.format == oldFormat {
			fence = r.fence
			return err
		}
		fence = r.fence
		return s.complete(r)
	})
	return fence, err
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
	if err := l.store.file.convert(ctx); err != nil {
		return err
	}
	fence := l.fence
	err := l.store.file.update(ctx, func(tx *bolt.Tx, s *snapshot) error {
		r, err := s.record(l.tenant)
		if err != nil {
			return err
		}
		if r.fence != l.fence {
			return orgsync.ErrLeaseLost
		}
		if !l.claimed {
			r.fence++
		}
		fence = r.fence
		last, err := s.last()
		if err != nil {
			return err
		}
		if r.number == 0 {
			r.number = last + 1
		}
		changes, err := r.changes(entries)
		if err != nil {
			return err
		}
		changes, fill, err := s.values.touch(ctx, changes, &r)
		if err != nil {
			return err
		}
		if err := apply(ctx, tx, changes, fill); err != nil {
			return err
		}
		return errors.Join(writeRecord(tx, l.tenant, r), writeLast(tx, max(last, r.number)))
	})
	if err == nil {
		l.fence, l.claimed = fence, true
	}
	return err
}

// Until says that the file cannot pass to another run while it is locked.
func (l *lease) Until() time.Time { return time.Time{} }

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
