package boltstore

import (
	"encoding/binary"
	"errors"
	"hash/fnv"
	"strconv"

	bolt "go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"

	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
)

// The file has three buckets, none nested:
//
//	orgsync   format → 1
//	tenants   tenant → fencing number, sum of the tenant's entries
//	entries   tenant, bucket, key → value
//
// Tenant and bucket are written with their length in front, so that no two
// different ones meet, none is a prefix of another, and none is empty.
var (
	metaBucket    = []byte("orgsync")
	tenantsBucket = []byte("tenants")
	entriesBucket = []byte("entries")
	formatKey     = []byte("format")
)

const format = 1

// errUnprepared says that the file has no buckets at all.
var errUnprepared = errors.New("boltstore: an empty database")

// checkFormat reports whether the file is one of this package and version.
func checkFormat(tx *bolt.Tx) error {
	if name, _ := tx.Cursor().First(); name == nil {
		return errUnprepared
	}
	meta := tx.Bucket(metaBucket)
	if meta == nil {
		return ErrForeign
	}
	value := meta.Get(formatKey)
	if value == nil {
		return ErrForeign
	}
	switch found, err := strconv.Atoi(string(value)); {
	case err != nil || found < 1:
		return damaged("it has no valid format number")
	case found > format:
		return ErrNewerFormat
	case tx.Bucket(tenantsBucket) == nil || tx.Bucket(entriesBucket) == nil:
		return damaged("a part of it is missing")
	}
	return nil
}

// prepare makes an empty database one of this package.
func prepare(tx *bolt.Tx) error {
	meta, err := tx.CreateBucket(metaBucket)
	if err != nil {
		return err
	}
	_, errTenants := tx.CreateBucket(tenantsBucket)
	_, errEntries := tx.CreateBucket(entriesBucket)
	return errors.Join(errTenants, errEntries, meta.Put(formatKey, strconv.AppendInt(nil, format, 10)))
}

func tenantKey(tenant string) []byte {
	return append(binary.AppendUvarint(nil, uint64(len(tenant))), tenant...)
}

func bucketPrefix(tenant, bucket string) []byte {
	return append(binary.AppendUvarint(tenantKey(tenant), uint64(len(bucket))), bucket...)
}

func entryKey(tenant, bucket, key string) []byte {
	return append(bucketPrefix(tenant, bucket), key...)
}

// tenantRecord is what is kept of a tenant. sum is the sum of [entrySum] over its
// entries: it does not depend on their order, and one change costs one step.
type tenantRecord struct{ fence, sum uint64 }

func readTenant(tx *bolt.Tx, tenant string) (tenantRecord, error) {
	value := tx.Bucket(tenantsBucket).Get(tenantKey(tenant))
	switch len(value) {
	case 0:
		return tenantRecord{}, nil
	case 16:
		return tenantRecord{fence: binary.BigEndian.Uint64(value), sum: binary.BigEndian.Uint64(value[8:])}, nil
	}
	return tenantRecord{}, damaged("the record of a tenant is cut")
}

func writeTenant(tx *bolt.Tx, tenant string, rec tenantRecord) error {
	value := binary.BigEndian.AppendUint64(nil, rec.fence)
	value = binary.BigEndian.AppendUint64(value, rec.sum)
	return tx.Bucket(tenantsBucket).Put(tenantKey(tenant), value)
}

func entrySum(key, value []byte) uint64 {
	h := fnv.New64a()
	_, _ = h.Write(binary.AppendUvarint(nil, uint64(len(key))))
	_, _ = h.Write(key)
	_, _ = h.Write(value)
	return h.Sum64()
}

// apply puts or deletes one entry and returns the new sum of its tenant.
func apply(tx *bolt.Tx, tenant string, e orgsync.Entry, sum uint64) (uint64, error) {
	entries := tx.Bucket(entriesBucket)
	key := entryKey(tenant, e.Bucket, e.Key)
	if old := entries.Get(key); old != nil {
		sum -= entrySum(key, old)
	}
	if e.Value == nil {
		return sum, entries.Delete(key)
	}
	return sum + entrySum(key, e.Value), tooLong("Entry.Key", entries.Put(key, e.Value))
}

func tooLong(field string, err error) error {
	if errors.Is(err, berrors.ErrKeyTooLarge) {
		return &FieldError{Field: field, Reason: "is too long: tenant, bucket and key share 32 KiB"}
	}
	return err
}
