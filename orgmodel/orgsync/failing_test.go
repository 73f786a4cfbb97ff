package orgsync_test

import (
	"context"
	"sync"

	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
)

// failingStore lets so many writes through, and fails all others.
type failingStore struct {
	orgsync.Store

	mu    sync.Mutex
	after int
	err   error
	late  bool // carry the first failing write out before it fails: a crash after it
	once  bool // and then let all through again
	count int
}

func (s *failingStore) Lock(ctx context.Context, tenant string) (orgsync.Lease, error) {
	lease, err := s.Store.Lock(ctx, tenant)
	if err != nil {
		return nil, err
	}
	return &failingLease{Lease: lease, store: s}, nil
}

type failingLease struct {
	orgsync.Lease

	store *failingStore
}

func (l *failingLease) Write(ctx context.Context, entries ...orgsync.Entry) error {
	l.store.mu.Lock()
	defer l.store.mu.Unlock()
	if l.store.count++; l.store.count > l.store.after && (!l.store.once || l.store.count == l.store.after+1) {
		if l.store.late && l.store.count == l.store.after+1 {
			_ = l.Lease.Write(ctx, entries...)
		}
		return l.store.err
	}
	return l.Lease.Write(ctx, entries...)
}
