package orgsync

import (
	"context"
	"encoding/binary"
	"fmt"
	"iter"
	"maps"
	"math/bits"
	"slices"
	"strings"
)

// index finds ids by a keyed hash of a key, or tells whether a name is known. It may
// name ids that do not have the key any more: an entry says which key it has. It is
// kept in blocks of about rowsPerBlock rows; the leading bits of a hash say in which.
// Changes are made in memory and written at the checkpoint.
type index struct {
	get    func(ctx context.Context, bucket string, keys ...string) ([][]byte, error)
	all    func(ctx context.Context, bucket string) iter.Seq2[Entry, error]
	hash   *hasher
	bucket string
	kind   byte

	loaded bool
	bits   int
	blocks map[uint32][]indexRow // those that were looked at
	dirty  map[uint32]bool

	memory map[uint64][]string // instead of the blocks, when they cannot be trusted
}

type indexRow struct {
	hash uint64
	id   string
}

const (
	rowsPerBlock = 64
	keyBits      = "bits"
	maxIndexBits = 20
)

func (x index) opened() *index {
	x.blocks, x.dirty = map[uint32][]indexRow{}, map[uint32]bool{}
	return &x
}

// inMemory makes the index forget its blocks, until rebuild writes new ones.
func (x *index) inMemory() { x.memory = map[uint64][]string{} }

// find returns the ids that a key may belong to.
func (x *index) find(ctx context.Context, key string) ([]string, error) {
	sum := x.hash.number(x.kind, key)
	if x.memory != nil {
		return x.memory[sum], nil
	}
	rows, err := x.block(ctx, sum)
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, r := range rows {
		if r.hash == sum {
			ids = append(ids, r.id)
		}
	}
	return ids, nil
}

func (x *index) add(ctx context.Context, key, id string) error {
	sum := x.hash.number(x.kind, key)
	if x.memory != nil {
		if !slices.Contains(x.memory[sum], id) {
			x.memory[sum] = append(x.memory[sum], id)
		}
		return nil
	}
	rows, err := x.block(ctx, sum)
	if err != nil || slices.Contains(rows, indexRow{sum, id}) {
		return err
	}
	at := x.number(sum)
	x.blocks[at], x.dirty[at] = append(rows, indexRow{sum, id}), true
	return nil
}

func (x *index) number(sum uint64) uint32 {
	return uint32(sum >> 32 >> (32 - x.bits)) // #nosec G115 -- at most 20 bits
}

func (x *index) block(ctx context.Context, sum uint64) ([]indexRow, error) {
	if !x.loaded {
		values, err := x.get(ctx, x.bucket, keyBits)
		if err != nil {
			return nil, err
		}
		if value := values[0]; len(value) == 1 && value[0] <= maxIndexBits {
			x.bits = int(value[0])
		} else if value != nil {
			return nil, fmt.Errorf("%w: an index", ErrCorrupt)
		}
		x.loaded = true
	}
	at := x.number(sum)
	if rows, there := x.blocks[at]; there {
		return rows, nil
	}
	values, err := x.get(ctx, x.bucket, blockKey(at))
	if err != nil {
		return nil, err
	}
	rows, err := decodeRows(values[0])
	if err != nil {
		return nil, err
	}
	x.blocks[at] = rows
	return rows, nil
}

func blockKey(n uint32) string { return string(binary.BigEndian.AppendUint32(nil, n)) }

func decodeRows(b []byte) ([]indexRow, error) {
	var rows []indexRow
	r := reader{rest: b}
	for len(r.rest) > 0 {
		sum := r.take(8)
		id := r.text()
		if r.bad {
			return nil, fmt.Errorf("%w: an index", ErrCorrupt)
		}
		rows = append(rows, indexRow{binary.BigEndian.Uint64(sum), id})
	}
	return rows, nil
}

func encodeRows(rows []indexRow) []byte {
	var b []byte
	for _, r := range rows {
		b = binary.BigEndian.AppendUint64(b, r.hash)
		b = appendText(b, r.id)
	}
	return b
}

// changes returns what is to be written of the blocks that changed.
func (x *index) changes() []Entry {
	var writes []Entry
	for _, at := range slices.Sorted(maps.Keys(x.dirty)) {
		e := Entry{Bucket: x.bucket, Key: blockKey(at)}
		if rows := x.blocks[at]; len(rows) > 0 {
			e.Value = encodeRows(rows)
		}
		writes = append(writes, e)
	}
	clear(x.dirty)
	return writes
}

// rebuild writes the whole index anew, in one pass sorted by hash.
func (x *index) rebuild(ctx context.Context, rows []indexRow, write func(...Entry) error) error {
	slices.SortFunc(rows, func(a, b indexRow) int {
		switch {
		case a.hash < b.hash:
			return -1
		case a.hash > b.hash:
			return 1
		}
		return strings.Compare(a.id, b.id)
	})
	rows = slices.Compact(rows)
	x.memory, x.loaded = nil, true
	x.bits = min(maxIndexBits, bits.Len(uint(len(rows)/rowsPerBlock)))
	clear(x.blocks)
	clear(x.dirty)
	var stale []Entry
	for stored, err := range x.all(ctx, x.bucket) {
		if err != nil {
			return err
		}
		stale = append(stale, Entry{Bucket: x.bucket, Key: stored.Key})
	}
	if err := write(stale...); err != nil {
		return err
	}
	batch := []Entry{{Bucket: x.bucket, Key: keyBits, Value: []byte{byte(x.bits)}}} // #nosec G115 -- at most 20
	for len(rows) > 0 {
		at, n := x.number(rows[0].hash), 1
		for n < len(rows) && x.number(rows[n].hash) == at {
			n++
		}
		batch = append(batch, Entry{Bucket: x.bucket, Key: blockKey(at), Value: encodeRows(rows[:n])})
		if rows = rows[n:]; len(batch) == 1000 {
			if err := write(batch...); err != nil {
				return err
			}
			batch = nil
		}
	}
	return write(batch...)
}
