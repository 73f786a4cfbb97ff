package boltstore

import (
	"errors"
	"os"
	"slices"

	bolt "go.etcd.io/bbolt"
)

// Edit changes the file while it is held, past all leases.
func (s *Store) Edit(fn func(tx *bolt.Tx) error) error {
	return s.file.run(s.file.db.Update, fn)
}

// Wedge leaves the file as a panic does that bbolt could not clean up after.
func (s *Store) Wedge() error {
	s.file.broken.Store(true)
	_, err := s.file.db.Begin(true)
	return err
}

// KeepNoSums makes writing the sum of the list of free pages fail.
func (s *Store) KeepNoSums() (err error) {
	s.file.handle, err = os.Open(s.path)
	return err
}

// KeepSum keeps the sum of the list of free pages of a file that bbolt has written.
func KeepSum(path string) error {
	f, err := openBolt(path, false)
	if err != nil {
		return err
	}
	err = f.view(func(s *snapshot) error {
		f.keepSum(int(s.txid)) // #nosec G115 -- a few
		return nil
	})
	return errors.Join(err, f.close())
}

// Fence raises the fencing number of a tenant.
func Fence(tx *bolt.Tx, tenant string) error {
	stored := tx.Bucket(leasesBucket).Get(tenantKey(tenant))
	r, err := parseRecord(stored[:len(stored)-sumSize])
	if err != nil {
		return err
	}
	r.fence++
	return writeRecord(tx, tenant, r)
}

// Seal returns what the file holds of a value.
func Seal(key, value string) []byte { return appendSealed(nil, valuesKind, []byte(key), []byte(value)) }

// SealRecord returns what the file holds of a tenant without entries, or of the last
// number if the key is that of the first sentinel.
func SealRecord(key string, number uint64) []byte {
	value := make([]byte, 24)
	if key == string(firstKey) {
		value = nil
	}
	return appendSealed(nil, leasesKind, []byte(key), appendNumber(value, number))
}

// Number writes a number and reads it again.
func Number(n uint64) (written []byte, read uint64, ok bool) {
	written = appendNumber(nil, n)
	read, rest, ok := number(append(slices.Clip(written), "rest"...))
	return written, read, ok && string(rest) == "rest"
}
