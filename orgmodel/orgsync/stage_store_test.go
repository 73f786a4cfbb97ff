package orgsync_test

import (
	"context"
	"maps"
	"sync"
	"time"

	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
)

// stageStore is a store that keeps a copy of everything that was ever written, and
// whose leases can run out.
type stageStore struct {
	orgsync.Store

	mu      sync.Mutex
	written map[string]string         // bucket and key -> every value that was written
	until   func() time.Time          // nil for that of the store
	write   func(orgsync.Entry) error // looks at every entry before it is written
}

func newStageStore() *stageStore {
	return &stageStore{Store: orgsync.NewMemoryStore(), written: map[string]string{}}
}

func (s *stageStore) Lock(ctx context.Context, tenant string) (orgsync.Lease, error) {
	lease, err := s.Store.Lock(ctx, tenant)
	if err != nil {
		return nil, err
	}
	return &stageLease{Lease: lease, store: s}, nil
}

func (s *stageStore) all() map[string]string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.written)
}

type stageLease struct {
	orgsync.Lease

	store *stageStore
}

func (l *stageLease) Until() time.Time {
	if l.store.until != nil {
		return l.store.until()
	}
	return l.Lease.Until()
}

func (l *stageLease) Write(ctx context.Context, entries ...orgsync.Entry) error {
	l.store.mu.Lock()
	for _, e := range entries {
		if l.store.write != nil {
			if err := l.store.write(e); err != nil {
				l.store.mu.Unlock()
				return err
			}
		}
		l.store.written[e.Bucket+"/"+e.Key] += string(e.Value) + "\n"
	}
	l.store.mu.Unlock()
	return l.Lease.Write(ctx, entries...)
}
