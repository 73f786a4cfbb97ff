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

// Open returns the store in the file of that path, and creates the file if there
// is none; its directory must exist. The file is checked and let go: it is locked
// again from the first [Store.Lock] to the last Unlock. If another process holds
// it right now the check waits for Lock.
func Open(path string) (*Store, error) {
	if path == "" {
		return nil, &FieldError{Field: "path", Reason: "is required"}
	}
	f, err := openFile(path)
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
// held. Another holder, of this process or another, is [orgsync.ErrLocked]; it
// waits up to a quarter of a second for another process to let the file go.
// A file that is damaged fails with [orgsync.ErrCorrupt]. The time it takes grows
// with the file, about 50 ms for 100,000 entries.
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
		_ = s.drop() // whoever holds a tenant of the former file has lost it
	}
	if s.held[tenant] != nil {
		return nil, orgsync.ErrLocked
	}
	if s.file == nil {
		f, err := openFile(s.path)
		if err != nil {
			return nil, err
		}
		s.file = f
	}
	fence, err := s.file.verify(tenant)
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
