package boltstore

import (
	"math"
	"os"
)

// snapshot is the file as of a transaction: what must be known before any page of it
// can be trusted. It is made anew for each transaction that was written.
type snapshot struct {
	meta
	file     *os.File
	pageSize int
	whole    bool // both headers are valid, so that no transaction was cut off

	free   []uint64 // a bit for each page that no tree may use
	sum    uint32   // of the list of free pages
	listed bool     // the list of free pages is the one that was written
	format int      // 0 while the database is empty
	leases tree
	values tree
}

// takeSnapshot reads the state of the file as of a transaction.
func takeSnapshot(file *os.File, pageSize int, txid uint64) (*snapshot, error) {
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	if pageSize < 1024 {
		return nil, damaged("its pages have %d bytes", pageSize)
	}
	s := &snapshot{file: file, pageSize: pageSize}
	var metas [2]meta
	var ok [2]bool
	header := make([]byte, headerSize+metaSize)
	for i := range metas {
		if err := s.read(header, int64(i)*int64(pageSize)); err != nil {
			return nil, err
		}
		metas[i], ok[i] = readMeta(header)
	}
	if s.meta = metas[txid%2]; !ok[txid%2] || s.txid != txid {
		return nil, damaged("its header cannot be read")
	}
	s.whole = ok[0] && ok[1] && metas[(txid+1)%2].txid+1 == txid
	if size := uint64(info.Size()); s.pages > size/uint64(pageSize) { // #nosec G115 -- a size
		return nil, damaged("it is cut: %d bytes, %d pages", size, s.pages)
	}
	s.free = make([]uint64, (s.pages+63)/64)
	if err := s.readFreelist(); err != nil {
		return nil, err
	}
	return s, s.readFormat()
}

func (s *snapshot) read(into []byte, at int64) error {
	if _, err := s.file.ReadAt(into, at); err != nil {
		return damaged("reading at %d: %w", at, err)
	}
	return nil
}

// within reports whether a page and those that continue it can be pages of a tree.
func (s *snapshot) within(id, overflow uint64) error {
	if id < 2 || id >= s.pages || overflow >= s.pages-id {
		return damaged("page %d is not within the file", id)
	}
	for i := id; i <= id+overflow; i++ {
		if s.free[i/64]>>(i%64)&1 != 0 {
			return damaged("page %d is used and free", i)
		}
	}
	return nil
}

// reserve marks a page that no tree may use.
func (s *snapshot) reserve(id uint64) error {
	if err := s.within(id, 0); err != nil {
		return err
	}
	s.free[id/64] |= 1 << (id % 64)
	return nil
}

// load checks a page: read, if it was read before, or else into buffer.
func (s *snapshot) load(id uint64, k kind, buffer, read []byte) (page, error) {
	if err := s.within(id, 0); err != nil {
		return page{}, err
	}
	data := read
	if data == nil {
		data = buffer
		if err := s.read(data, int64(id)*int64(s.pageSize)); err != nil { // #nosec G115 -- within the file
			return page{}, err
		}
	}
	if u64(data) != id {
		return page{}, damaged("page %d says it is another", id)
	}
	overflow := uint64(u32(data[12:]))
	if overflow > 0 {
		var err error
		if data, err = s.long(id, overflow, data); err != nil {
			return page{}, err
		}
	}
	p := page{data: data}
	end, err := p.check(id, k)
	if err == nil && span(end, s.pageSize) != overflow+1 {
		err = damaged("page %d has %d more than it needs", id, overflow)
	}
	for i := 0; i < p.count && !p.leaf && err == nil; i++ {
		err = s.within(p.child(i), 0)
	}
	return p, err
}

// long reads a page that others continue. How many is believed only when the last
// element of the page agrees.
func (s *snapshot) long(id, overflow uint64, data []byte) ([]byte, error) {
	if err := s.within(id, overflow); err != nil {
		return nil, err
	}
	at, last := int64(id)*int64(s.pageSize), make([]byte, elementSize) // #nosec G115 -- within the file
	offset := headerSize + (int(u16(data[10:]))-1)*elementSize
	if offset < headerSize {
		return nil, damaged("page %d cannot be read", id)
	}
	if err := s.read(last, at+int64(offset)); err != nil {
		return nil, err
	}
	// position, key and value of a leaf; position and key of a branch
	size := uint64(offset) + uint64(u32(last)) + uint64(u32(last[4:])) // #nosec G115 -- 20 bits
	if u16(data[8:]) == leafPage {
		size += uint64(u32(last[8:])) + uint64(u32(last[12:])) - uint64(u32(last))
	}
	if size > math.MaxInt32 || span(int(size), s.pageSize) != overflow+1 { // #nosec G115 -- bounded
		return nil, damaged("page %d has %d more than it needs", id, overflow)
	}
	data = make([]byte, int(overflow+1)*s.pageSize) // #nosec G115 -- within the file
	return data, s.read(data, at)
}
