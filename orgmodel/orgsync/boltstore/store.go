package boltstore

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"sync"

	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
)

// Store is an [orgsync.Store] in one file. It is safe for concurrent use.
type Store struct {
	path string

	// mu is held for reading while the file is used, and for writing while it is
	// opened or closed or a tenant changes hands.
	mu     sync.RWMutex
	file   *file // nil while no tenant is held
	held   map[string]*lease
	closed bool
}

var _ orgsync.Store = (*Store)(nil)

// Open returns the store in the file at that path, and creates the file if there
// is none; its directory must exist. Open checks what every operation needs and
// then unlocks the file, which is locked again from the first [Store.Lock] to the
// last Unlock. If another process holds the file right now, the check is left to
// Lock.
func Open(path string) (*Store, error) {
	if path == "" {
		return nil, &FieldError{Field: "path", Reason: "is required"}
	}
	f, err := openFile(context.Background(), path, false)
	switch {
	case err == nil:
		if err := f.close(); err != nil {
			return nil, err
		}
	case !errors.Is(err, orgsync.ErrLocked):
		return nil, err
	}
	return &Store{path: path, held: map[string]*lease{}}, nil
}

// Lock takes the tenant, and the file unless another tenant of this Store is
// held. If the tenant is held already, in this process or another, it fails with
// [orgsync.ErrLocked]. It waits up to a quarter of a second for another process
// to let the file go. A file that is found to be damaged fails with
// [orgsync.ErrCorrupt].
func (s *Store) Lock(ctx context.Context, tenant string) (orgsync.Lease, error) {
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, fmt.Errorf("boltstore: the store: %w", fs.ErrClosed)
	}
	if s.file != nil && !s.file.current() {
		_ = s.drop() // the leases on the former file are lost
	}
	if s.held[tenant] != nil {
		return nil, orgsync.ErrLocked
	}
	if s.file == nil {
		f, err := openFile(ctx, s.path, true)
		if err != nil {
			return nil, err
		}
		s.file = f
	}
	fence, err := s.file.fence(tenant)
	if err != nil {
		_ = s.release()
		return nil, err
	}
	l := &lease{store: s, tenant: tenant, fence: fence}
	s.held[tenant] = l
	return l, nil
}

// Close gives back every tenant that is still held; their leases are lost. It can
// be called again.
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	return s.drop()
}

func (s *Store) drop() error {
	clear(s.held)
	return s.release()
}

// release closes the file when no tenant is held.
func (s *Store) release() error {
	if len(s.held) > 0 || s.file == nil {
		return nil
	}
	f := s.file
	s.file = nil
	return f.close()
}
