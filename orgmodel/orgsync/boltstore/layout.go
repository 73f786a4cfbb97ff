package boltstore

import (
	"encoding/binary"
	"errors"
	"strconv"

	bolt "go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"
)

// The file has three buckets, none nested:
//
//	orgsync  format → 2
//	leases   tenant → fencing number, count and sum of the tenant's entries, and numbers
//	values   number of the tenant, number of the bucket, key → value
//
// The first Write of a tenant gives it the next number, which is never given again, and
// the place of a bucket's name in the tenant's record is that bucket's number. Numbers are
// written so that none is the beginning of another and their order is that of the
// keys. In leases and values each value has its sum behind it, and there is a sentinel at
// either end. Format 1 had tenants and entries instead: see convert.go.
var (
	metaBucket   = []byte("orgsync")
	leasesBucket = []byte("leases")
	valuesBucket = []byte("values")
	formatKey    = []byte("format")
)

const (
	format    = 2
	oldFormat = 1

	// How full bbolt leaves pages that it splits: fullPages when keys arrive in order,
	// which leaves room for a few more, and halfPages when they arrive anywhere.
	fullPages = 0.97
	halfPages = 0.5
)

// readFormat finds the buckets of the file.
func (s *snapshot) readFormat() error {
	names := tree{s: s, kind: namesKind, root: s.root}
	if err := names.open(); err != nil {
		return err
	}
	c := cursor{tree: &names}
	if err := c.first(); err != nil || c.leaf().count == 0 {
		return err
	}
	settings, err := names.bucket(metaBucket, plainKind)
	if err != nil {
		return err
	}
	if settings == nil {
		return ErrForeign
	}
	value, err := settings.get(formatKey)
	if err != nil {
		return err
	}
	if value == nil {
		return ErrForeign
	}
	s.format, err = strconv.Atoi(string(value))
	switch {
	case err != nil || s.format < 1:
		return damaged("it has no valid format number")
	case s.format > format:
		return ErrNewerFormat
	case s.format == oldFormat:
		return s.readBuckets(&names, oldTenants, oldEntries, plainKind, plainKind)
	}
	return s.readBuckets(&names, leasesBucket, valuesBucket, leasesKind, valuesKind)
}

func (s *snapshot) readBuckets(names *tree, leases, values []byte, leasesAre, valuesAre kind) error {
	l, errLeases := names.bucket(leases, leasesAre)
	v, errValues := names.bucket(values, valuesAre)
	if err := errors.Join(errLeases, errValues); err != nil {
		return err
	}
	if l == nil || v == nil {
		return damaged("a part of it is missing")
	}
	s.leases, s.values = *l, *v
	return nil
}

// bucket returns a bucket that names has; nil if there is none.
func (t *tree) bucket(name []byte, k kind) (*tree, error) {
	value, err := t.get(name)
	if err != nil || value == nil {
		return nil, err
	}
	b := &tree{s: t.s, kind: k, root: u64(value)}
	switch {
	case b.root == 0:
		b.inline = value[bucketSize:]
	case len(value) > bucketSize:
		return nil, damaged("a bucket cannot be read")
	}
	return b, b.open()
}

// prepare makes an empty database one of this package.
func prepare(tx *bolt.Tx) error {
	settings, err := tx.CreateBucket(metaBucket)
	if err != nil {
		return err
	}
	return errors.Join(settings.Put(formatKey, strconv.AppendInt(nil, format, 10)), create(tx))
}

// create makes the buckets of leases and values.
func create(tx *bolt.Tx) error {
	leases, err := tx.CreateBucket(leasesBucket)
	if err != nil {
		return err
	}
	values, err := tx.CreateBucket(valuesBucket)
	if err != nil {
		return err
	}
	return errors.Join(
		writeLast(tx, 0),
		leases.Put(lastKey, appendSealed(nil, leasesKind, lastKey, nil)),
		values.Put(firstKey, appendSealed(nil, valuesKind, firstKey, nil)),
		values.Put(lastKey, appendSealed(nil, valuesKind, lastKey, nil)))
}

// appendSealed appends a value and its sum.
func appendSealed(to []byte, k kind, key, value []byte) []byte {
	start := len(to)
	to = append(append(to, key...), value...)
	sum := sumOf(k, len(key), to[start:])
	to = append(to[:start], value...)
	return binary.BigEndian.AppendUint32(to, sum)
}

func tooLong(field string, err error) error {
	if errors.Is(err, berrors.ErrKeyTooLarge) {
		return &FieldError{Field: field, Reason: "is too long: it has more than 32 KB"}
	}
	return err
}
