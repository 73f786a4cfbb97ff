package boltstore

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"hash/fnv"
	"math"
)

// bbolt trusts the pages of a file: a damaged one makes it panic, and one that
// points back to its parent makes it descend until memory ends, which no caller can
// recover from. So this package reads the file itself, checks each page as it does,
// and lets bbolt write only where every page on the way has been checked.
//
// bbolt writes keys and values one after another without gaps, behind a table of
// elements, and allocates as many pages as that takes. A page must be exactly so:
// then no number in it can change unnoticed.

const (
	boltMagic   = 0xED0CDAED
	boltVersion = 2

	headerSize  = 16 // of a page: id, flags, count, overflow
	elementSize = 16
	bucketSize  = 16 // of a bucket in front of its inline page
	metaSize    = 64
	sumSize     = 4

	branchPage   = 0x01
	leafPage     = 0x02
	freelistPage = 0x10

	noFreelist = math.MaxUint64
	maxDepth   = 64
)

// kind says what the leaves of a tree hold.
type kind uint8

const (
	namesKind  kind = iota + 1 // buckets
	plainKind                  // values without sums
	leasesKind                 // values with sums, between two sentinels
	valuesKind                 // the same
)

// sealed reports whether a sum is kept behind each value.
func (k kind) sealed() bool { return k >= leasesKind }

// behind is how many bytes are kept behind each value.
func (k kind) behind() int {
	if k.sealed() {
		return sumSize
	}
	return 0
}

// page is a checked page.
type page struct {
	data  []byte // header, elements, keys and values
	count int
	leaf  bool
}

// element returns where a key and a value begin and end.
func (p *page) element(i int) (key, value, end int) {
	at := headerSize + i*elementSize
	if e := p.data[at : at+elementSize]; p.leaf {
		key = at + int(u32(e[4:]))
		value = key + int(u32(e[8:]))
		return key, value, value + int(u32(e[12:]))
	}
	key = at + int(u32(p.data[at:]))
	value = key + int(u32(p.data[at+4:]))
	return key, value, value
}

func (p *page) key(i int) []byte {
	key, value, _ := p.element(i)
	return p.data[key:value]
}

func (p *page) value(i int) []byte {
	_, value, end := p.element(i)
	return p.data[value:end]
}

// child is the page below the i-th key of a branch.
func (p *page) child(i int) uint64 { return u64(p.data[headerSize+i*elementSize+8:]) }

// search returns the first key that is not below the one given.
func (p *page) search(key []byte) (i int, found bool) {
	low, high := 0, p.count
	for low < high {
		middle := int(uint(low+high) >> 1)
		switch c := bytes.Compare(p.key(middle), key); {
		case c == 0:
			return middle, true
		case c < 0:
			low = middle + 1
		default:
			high = middle
		}
	}
	return low, false
}

// check reads all of a page and returns where its contents end.
func (p *page) check(id uint64, k kind) (end int, err error) {
	p.leaf, p.count = u16(p.data[8:]) == leafPage, int(u16(p.data[10:]))
	at := uint64(headerSize + p.count*elementSize) // #nosec G115 -- 20 bits
	if !p.leaf && (u16(p.data[8:]) != branchPage || p.count == 0) || at > uint64(len(p.data)) {
		return 0, damaged("page %d cannot be read", id)
	}
	var before []byte
	for i := range p.count {
		offset := headerSize + i*elementSize
		e := p.data[offset : offset+elementSize]
		var flags, keySize, valueSize, pos uint32
		if p.leaf {
			flags, pos, keySize, valueSize = u32(e), u32(e[4:]), u32(e[8:]), u32(e[12:])
		} else {
			pos, keySize = u32(e), u32(e[4:])
		}
		next := at + uint64(keySize) + uint64(valueSize)
		if uint64(offset)+uint64(pos) != at || keySize == 0 || next > uint64(len(p.data)) { // #nosec G115 -- 20 bits
			return 0, damaged("page %d cannot be read", id)
		}
		key := p.data[at : at+uint64(keySize)]
		if i > 0 && bytes.Compare(before, key) >= 0 {
			return 0, damaged("page %d is not in order", id)
		}
		if p.leaf && !valid(k, flags, key, p.data[at:next]) {
			return 0, damaged("an entry of page %d differs from its sum", id)
		}
		before, at = key, next
	}
	return int(at), nil // #nosec G115 -- within the page
}

// valid checks one element of a leaf, given as key and value.
func valid(k kind, flags uint32, key, both []byte) bool {
	switch k {
	case namesKind:
		return flags == 1 && len(both)-len(key) >= bucketSize
	case plainKind:
		return flags == 0
	}
	end := len(both) - sumSize
	return flags == 0 && end >= len(key) && binary.BigEndian.Uint32(both[end:]) == sumOf(k, len(key), both[:end])
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// sumOf is kept behind each value: a sum over key and value, and where one ends.
func sumOf(k kind, keySize int, both []byte) uint32 {
	return crc32.Update(uint32(k)<<24|uint32(keySize), castagnoli, both) // #nosec G115 -- 16 bits
}

// span is how many pages bbolt allocates for so many bytes.
func span(size, pageSize int) uint64 { return uint64((size + pageSize - 1) / pageSize) } // #nosec G115 -- a size

// meta is one of the two headers of the file.
type meta struct{ root, freelist, pages, txid, headerSum uint64 }

// readMeta returns the header of a page; false if it is not valid.
func readMeta(data []byte) (m meta, ok bool) {
	body := data[headerSize : headerSize+metaSize]
	h := fnv.New64a()
	_, _ = h.Write(body[:metaSize-8])
	m = meta{root: u64(body[16:]), freelist: u64(body[32:]), pages: u64(body[40:]), txid: u64(body[48:]), headerSum: h.Sum64()}
	return m, u32(body) == boltMagic && u32(body[4:]) == boltVersion && u64(body[metaSize-8:]) == m.headerSum
}

// bbolt writes numbers as the machine has them.
func u16(b []byte) uint16 { return binary.NativeEndian.Uint16(b) }
func u32(b []byte) uint32 { return binary.NativeEndian.Uint32(b) }
func u64(b []byte) uint64 { return binary.NativeEndian.Uint64(b) }
