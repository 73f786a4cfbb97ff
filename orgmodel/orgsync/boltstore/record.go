package boltstore

import (
	"bytes"
	"encoding/binary"
	"slices"

	bolt "go.etcd.io/bbolt"
)

// record is what is kept of a tenant. sum is that of the sums of its entries: it does
// not depend on their order, and one change costs one step.
type record struct {
	fence, count, sum uint64
	number            uint64   // of the tenant; 0 if it never wrote
	buckets           []string // the place of a name is the number of the bucket
}

// add counts an entry with that sum.
func (r *record) add(sum uint32) { r.count++; r.sum += uint64(sum) }

func (r *record) remove(sum uint32) { r.count--; r.sum -= uint64(sum) }

// maxPrefix is the most that numbers add to a key.
const maxPrefix = 16

// prefix is what stands before the keys of a bucket.
func (r *record) prefix(bucket int) []byte {
	return appendNumber(appendNumber(make([]byte, 0, maxPrefix), r.number), uint64(bucket)) // #nosec G115 -- a place
}

// prefixOf returns what stands before the key of an entry.
func prefixOf(full []byte) []byte {
	_, rest, _ := number(full)
	_, rest, _ = number(rest)
	return full[:len(full)-len(rest)]
}

// entrySum is the sum at the end of what is stored.
func entrySum(stored []byte) uint32 { return binary.BigEndian.Uint32(stored[len(stored)-sumSize:]) }

// tenantKey is the key of a tenant's record, which neither sentinel can be.
func tenantKey(tenant string) []byte { return append([]byte{'t'}, tenant...) }

// record returns what is kept of a tenant; zero if there is nothing.
func (s *snapshot) record(tenant string) (r record, err error) {
	if s.format == oldFormat {
		return s.oldRecord(tenant)
	}
	value, err := s.leases.get(tenantKey(tenant))
	if err != nil || value == nil {
		return r, err
	}
	return parseRecord(value)
}

// prefix returns what stands before the keys of a bucket; nil if the bucket is empty.
func (s *snapshot) prefix(tenant, bucket string) ([]byte, error) {
	if s.format == oldFormat {
		return oldPrefix(tenant, bucket), nil
	}
	r, err := s.record(tenant)
	if err != nil {
		return nil, err
	}
	if i := slices.Index(r.buckets, bucket); i >= 0 {
		return r.prefix(i), nil
	}
	return nil, nil
}

// complete checks that there are no entries with a number that was not given: of a
// tenant that never wrote, or of a bucket that this tenant does not have.
func (s *snapshot) complete(r record) error {
	from, to := r.prefix(len(r.buckets)), appendNumber(nil, r.number+1)
	if r.number == 0 {
		last, err := s.last()
		if err != nil {
			return err
		}
		from, to = appendNumber(nil, last+1), lastKey
	}
	c := cursor{tree: &s.values}
	if _, err := c.seek(from); err != nil {
		return err
	}
	if leaf := c.leaf(); leaf.index == leaf.count {
		if err := c.next(); err != nil {
			return err
		}
	}
	if len(c.path) == 0 || bytes.Compare(c.leaf().key(c.leaf().index), to) < 0 {
		return errSums
	}
	return nil
}

// parseRecord reads numbers of eight bytes, then the number and the names with the length
// of each in front.
func parseRecord(value []byte) (record, error) {
	if len(value) < 24 {
		return record{}, errRecord
	}
	r := record{
		fence: binary.BigEndian.Uint64(value),
		count: binary.BigEndian.Uint64(value[8:]),
		sum:   binary.BigEndian.Uint64(value[16:]),
	}
	var ok bool
	if r.number, value, ok = number(value[24:]); !ok {
		return record{}, errRecord
	}
	for len(value) > 0 {
		size, rest, ok := number(value)
		if !ok || size > uint64(len(rest)) {
			return record{}, errRecord
		}
		r.buckets = append(r.buckets, string(rest[:size]))
		value = rest[size:]
	}
	return r, nil
}

var errRecord = damaged("the record of a tenant is cut")

func writeRecord(tx *bolt.Tx, tenant string, r record) error {
	value := binary.BigEndian.AppendUint64(nil, r.fence)
	value = binary.BigEndian.AppendUint64(value, r.count)
	value = binary.BigEndian.AppendUint64(value, r.sum)
	value = appendNumber(value, r.number)
	for _, name := range r.buckets {
		value = append(appendNumber(value, uint64(len(name))), name...)
	}
	key := tenantKey(tenant)
	return tx.Bucket(leasesBucket).Put(key, appendSealed(nil, leasesKind, key, value))
}

// last returns the last number that a tenant was given. It is kept in the first sentinel.
func (s *snapshot) last() (uint64, error) {
	value, err := s.leases.get(firstKey)
	if err != nil {
		return 0, err
	}
	last, rest, ok := number(value)
	if !ok || len(rest) > 0 {
		return 0, errNumbers
	}
	return last, nil
}

func writeLast(tx *bolt.Tx, last uint64) error {
	value := appendSealed(nil, leasesKind, firstKey, appendNumber(nil, last))
	return tx.Bucket(leasesBucket).Put(firstKey, value)
}

// appendNumber appends a number below 2^62 in one, two, four or eight bytes, which the
// two highest bits tell apart.
func appendNumber(to []byte, n uint64) []byte {
	switch {
	case n < 1<<6:
		return append(to, byte(n))
	case n < 1<<14:
		return binary.BigEndian.AppendUint16(to, uint16(n)|1<<14)
	case n < 1<<30:
		return binary.BigEndian.AppendUint32(to, uint32(n)|2<<30)
	}
	return binary.BigEndian.AppendUint64(to, n|3<<62)
}

// number reads a number, and returns what follows it.
func number(from []byte) (n uint64, rest []byte, ok bool) {
	if len(from) == 0 {
		return 0, nil, false
	}
	size := 1 << (from[0] >> 6)
	if len(from) < size {
		return 0, nil, false
	}
	n = uint64(from[0] & 0x3f)
	for _, b := range from[1:size] {
		n = n<<8 | uint64(b)
	}
	return n, from[size:], true
}
