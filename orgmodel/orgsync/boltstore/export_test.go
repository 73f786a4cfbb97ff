package boltstore

import bolt "go.etcd.io/bbolt"

// Edit changes the file while it is held, past all leases.
func (s *Store) Edit(fn func(tx *bolt.Tx) error) error { return s.file.update(fn) }

// Wedge leaves the file as a panic does that bbolt could not clean up after.
func (s *Store) Wedge() error {
	s.file.broken.Store(true)
	_, err := s.file.db.Begin(true)
	return err
}
