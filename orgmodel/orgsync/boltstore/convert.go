package boltstore

import (
	"context"
	"encoding/binary"
	"errors"
	"hash/fnv"
	"maps"
	"slices"
	"strconv"

	bolt "go.etcd.io/bbolt"
)

// Buckets of format 1: tenant → fencing number and sum, and entries without sums. Tenant
// and bucket are written with their length in front, before the key of an entry too.
var (
	oldTenants = []byte("tenants")
	oldEntries = []byte("entries")
)

type oldRecord struct{ fence, sum uint64 }

func oldPrefix(tenant, bucket string) []byte {
	return append(binary.AppendUvarint(oldTenant(tenant), uint64(len(bucket))), bucket...)
}

func oldTenant(tenant string) []byte {
	return append(binary.AppendUvarint(nil, uint64(len(tenant))), tenant...)
}

// cutName cuts a name with its length in front from a key.
func cutName(key []byte) (name, rest []byte, ok bool) {
	n, size := binary.Uvarint(key)
	if size <= 0 || n > uint64(len(key)-size) { // #nosec G115 -- size is at most the length
		return nil, nil, false
	}
	end := size + int(n) // #nosec G115 -- within the key
	return key[size:end], key[end:], true
}

func parseOld(value []byte) (oldRecord, error) {
	if len(value) != 16 {
		return oldRecord{}, errRecord
	}
	return oldRecord{binary.BigEndian.Uint64(value), binary.BigEndian.Uint64(value[8:])}, nil
}

// oldRecord returns what format 1 keeps of a tenant; zero if there is nothing.
func (s *snapshot) oldRecord(tenant string) (record, error) {
	value, err := s.leases.get(oldTenant(tenant))
	if err != nil || value == nil {
		return record{}, err
	}
	old, err := parseOld(value)
	return record{fence: old.fence}, err
}

func (s *snapshot) oldRecords(ctx context.Context) (map[string]oldRecord, error) {
	records := map[string]oldRecord{}
	err := s.leases.each(ctx, nil, func(key, value []byte) error {
		name, rest, ok := cutName(key)
		if !ok || len(rest) > 0 {
			return errRecord
		}
		var err error
		records[string(name)], err = parseOld(value)
		return err
	})
	return records, err
}

// eachOld calls do with all entries of format 1.
func (s *snapshot) eachOld(ctx context.Context, do func(tenant, bucket, key, full, value []byte) error) error {
	return s.values.each(ctx, nil, func(full, value []byte) error {
		tenant, rest, okTenant := cutName(full)
		bucket, key, okBucket := cutName(rest)
		if !okTenant || !okBucket {
			return errSums
		}
		return do(tenant, bucket, key, full, value)
	})
}

// verifyOld compares the entries of format 1 with the sums of their tenants.
func (s *snapshot) verifyOld(ctx context.Context) error {
	records, err := s.oldRecords(ctx)
	if err != nil {
		return err
	}
	sums := map[string]uint64{}
	err = s.eachOld(ctx, func(tenant, _, _, full, value []byte) error {
		sums[string(tenant)] += oldSum(full, value)
		return nil
	})
	if err != nil {
		return err
	}
	for tenant, r := range records {
		if sums[tenant] != r.sum {
			return errSums
		}
		delete(sums, tenant)
	}
	if len(sums) > 0 {
		return errSums
	}
	return nil
}

func oldSum(key, value []byte) uint64 {
	h := fnv.New64a()
	_, _ = h.Write(binary.AppendUvarint(nil, uint64(len(key))))
	_, _ = h.Write(key)
	_, _ = h.Write(value)
	return h.Sum64()
}

// convert brings a file of format 1 into the present one.
func (f *file) convert(ctx context.Context) error {
	old := false
	err := f.view(func(s *snapshot) error {
		old = s.format == oldFormat
		return nil
	})
	if err != nil || !old {
		return err
	}
	return f.update(ctx, func(tx *bolt.Tx, s *snapshot) error {
		if s.format != oldFormat {
			return nil // the Write of another tenant came first
		}
		return convert(ctx, tx, s)
	})
}

// convert rewrites a file that was verified. Tenants and buckets get their numbers in
// the order of the entries, so that these stay in order.
func convert(ctx context.Context, tx *bolt.Tx, s *snapshot) error {
	old, err := s.oldRecords(ctx)
	if err != nil {
		return err
	}
	if err := create(tx); err != nil {
		return err
	}
	values := tx.Bucket(valuesBucket)
	values.FillPercent = fullPages
	records := map[string]*record{}
	recordOf := func(tenant string) *record {
		if records[tenant] == nil {
			records[tenant] = &record{number: uint64(len(records)) + 1}
		}
		return records[tenant]
	}
	err = s.eachOld(ctx, func(tenant, bucket, key, _, value []byte) error {
		r := recordOf(string(tenant))
		n := len(r.buckets)
		if n == 0 || r.buckets[n-1] != string(bucket) {
			r.buckets = append(r.buckets, string(bucket))
			n++
		}
		now := append(r.prefix(n-1), key...)
		sealed := appendSealed(nil, valuesKind, now, value)
		r.add(entrySum(sealed))
		return values.Put(now, sealed)
	})
	if err != nil {
		return err
	}
	for _, tenant := range slices.Sorted(maps.Keys(old)) {
		r := recordOf(tenant)
		r.fence = old[tenant].fence
		if err := writeRecord(tx, tenant, *r); err != nil {
			return err
		}
	}
	return errors.Join(
		writeLast(tx, uint64(len(records))),
		tx.DeleteBucket(oldTenants), tx.DeleteBucket(oldEntries),
		tx.Bucket(metaBucket).Put(formatKey, strconv.AppendInt(nil, format, 10)))
}
