package orgsync

import (
	"cmp"
	"context"
	"iter"
	"maps"
	"slices"
	"sync"
	"time"
)

// NewMemoryStore returns a store in memory, for tests and for runs whose state
// may be lost. It is safe for concurrent use.
func NewMemoryStore() Store { return &memoryStore{tenants: map[string]*memoryTenant{}} }

type memoryStore struct {
	mu      sync.Mutex
	tenants map[string]*memoryTenant
}

type memoryTenant struct {
	holder *memoryLease // nil while it is not held
	values map[memoryKey][]byte
}

type memoryKey struct{ bucket, key string }

func (s *memoryStore) Lock(ctx context.Context, tenant string) (Lease, error) {
	if err := ctx.Err(); err != nil {
		return nil, context.Cause(ctx)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.tenants[tenant]
	if t == nil {
		t = &memoryTenant{values: map[memoryKey][]byte{}}
		s.tenants[tenant] = t
	}
	if t.holder != nil {
		return nil, ErrLocked
	}
	t.holder = &memoryLease{store: s, tenant: t}
	return t.holder, nil
}

type memoryLease struct {
	store  *memoryStore
	tenant *memoryTenant
}

func (l *memoryLease) Get(ctx context.Context, bucket string, keys ...string) ([][]byte, error) {
	l.store.mu.Lock()
	defer l.store.mu.Unlock()
	if err := l.usable(ctx); err != nil {
		return nil, err
	}
	values := make([][]byte, len(keys))
	for i, key := range keys {
		if value, ok := l.tenant.values[memoryKey{bucket, key}]; ok {
			// append keeps an empty value apart from none, which slices.Clone may not.
			values[i] = append([]byte{}, value...)
		}
	}
	return values, nil
}

func (l *memoryLease) All(ctx context.Context, bucket string) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		entries, err := l.snapshot(ctx, bucket)
		if err != nil {
			yield(Entry{}, err)
			return
		}
		for _, e := range entries {
			if !yield(e, nil) {
				return
			}
		}
	}
}

func (l *memoryLease) snapshot(ctx context.Context, bucket string) ([]Entry, error) {
	l.store.mu.Lock()
	defer l.store.mu.Unlock()
	if err := l.usable(ctx); err != nil {
		return nil, err
	}
	var entries []Entry
	for k := range maps.Keys(l.tenant.values) {
		if k.bucket == bucket {
			entries = append(entries, Entry{Bucket: bucket, Key: k.key, Value: slices.Clone(l.tenant.values[k])})
		}
	}
	slices.SortFunc(entries, func(a, b Entry) int { return cmp.Compare(a.Key, b.Key) })
	return entries, nil
}

func (l *memoryLease) Write(ctx context.Context, entries ...Entry) error {
	l.store.mu.Lock()
	defer l.store.mu.Unlock()
	if err := l.usable(ctx); err != nil {
		return err
	}
	for _, e := range entries {
		k := memoryKey{e.Bucket, e.Key}
		if e.Value == nil {
			delete(l.tenant.values, k)
			continue
		}
		l.tenant.values[k] = append([]byte{}, e.Value...)
	}
	return nil
}

// Until says that the tenant cannot pass to another run.
func (l *memoryLease) Until() time.Time { return time.Time{} }

func (l *memoryLease) Unlock(context.Context) error {
	l.store.mu.Lock()
	defer l.store.mu.Unlock()
	if l.tenant.holder == l {
		l.tenant.holder = nil
	}
	return nil
}

// usable reports why the lease cannot be used; the store is locked.
func (l *memoryLease) usable(ctx context.Context) error {
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case l.tenant.holder != l:
		return ErrLeaseLost
	}
	return nil
}
