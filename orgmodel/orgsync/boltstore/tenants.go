package boltstore

import (
	"context"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
)

// Tenants returns who has anything in the file, in order, without what the engine keeps
// for itself. It fails with [orgsync.ErrLocked] while another process holds the file.
func (s *Store) Tenants(ctx context.Context) ([]string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, fmt.Errorf("boltstore: the store: %w", fs.ErrClosed)
	}
	if s.file == nil {
		f, err := openFile(ctx, s.path, true)
		if err != nil {
			return nil, err
		}
		s.file = f
		defer func() { _ = s.release() }()
	}
	var names []string
	err := s.file.view(func(now *snapshot) (err error) {
		names, err = now.tenants(ctx)
		return err
	})
	names = slices.DeleteFunc(names, func(name string) bool { return strings.HasPrefix(name, "\x00") })
	return names, err
}

func (s *snapshot) tenants(ctx context.Context) (names []string, err error) {
	if s.format == oldFormat {
		records, err := s.oldRecords(ctx)
		return slices.Sorted(maps.Keys(records)), err
	}
	err = s.leases.each(ctx, nil, func(key, _ []byte) error {
		if len(key) > 0 && key[0] == tenantKey("")[0] { // not a sentinel
			names = append(names, string(key[1:]))
		}
		return nil
	})
	return names, err
}
