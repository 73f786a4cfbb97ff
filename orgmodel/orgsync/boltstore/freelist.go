package boltstore

import (
	"bytes"
	"context"
	"encoding/binary"
	"hash/crc32"
)

// bbolt has no sum of its list of free pages. This package keeps one at the end of the
// page of the header, which bbolt leaves empty and writes anew with each header:
//
//	listMagic, the header's own sum, the sum of the list, and a sum of these
//
// It is written after the transaction, and not at once on disk: a process that ends in
// between leaves none, or that of another header. Then all of the file is read instead,
// which finds any page that the list has too many or too few.
const (
	listMagic  = "freelist"
	recordSize = len(listMagic) + 8 + 4 + 4
)

func (s *snapshot) listRecord() []byte {
	r := binary.NativeEndian.AppendUint64([]byte(listMagic), s.headerSum)
	r = binary.NativeEndian.AppendUint32(r, s.sum)
	return binary.NativeEndian.AppendUint32(r, crc32.Checksum(r, castagnoli))
}

// recordAt is where the sum of the list is kept, apart from the sector of the header.
func (s *snapshot) recordAt() int64 {
	return int64(s.txid%2+1)*int64(s.pageSize) - int64(recordSize) // #nosec G115 -- 1 or 2
}

// compareList compares the list of free pages with the sum that is kept of it, if one is.
func (s *snapshot) compareList() error {
	kept, own := make([]byte, recordSize), s.listRecord()
	if err := s.read(kept, s.recordAt()); err != nil {
		return err
	}
	s.listed = bytes.Equal(kept, own)
	end, list := recordSize-4, len(listMagic)+8
	if !s.listed && bytes.Equal(kept[:list], own[:list]) && u32(kept[end:]) == crc32.Checksum(kept[:end], castagnoli) {
		return damaged("the list of free pages differs from its sum")
	}
	return nil
}

// trust makes sure that bbolt may write: it takes pages from the list of free pages.
// It reads all of the file if no sum of the list is kept, or its entries have none.
func (s *snapshot) trust(ctx context.Context) error {
	if s.listed && s.format != oldFormat {
		return nil
	}
	err := s.verify(ctx)
	s.listed = err == nil
	return err
}

// keepSum keeps the sum of the list of free pages that a transaction wrote. If that
// fails, the file is read as a whole when it is opened again.
func (f *file) keepSum(txid int) {
	s, err := f.snapshot(txid)
	if err != nil || s.freelist == noFreelist {
		return
	}
	_, _ = f.handle.WriteAt(s.listRecord(), s.recordAt())
	s.listed = true // bbolt has it in memory
}

// readFreelist checks the list of free pages, which bbolt reads when it opens a file
// for writing, and takes the pages from.
func (s *snapshot) readFreelist() error {
	if s.freelist == noFreelist {
		return nil
	}
	if err := s.within(s.freelist, 0); err != nil {
		return err
	}
	at, header := int64(s.freelist)*int64(s.pageSize), make([]byte, headerSize+8) // #nosec G115 -- within the file
	if err := s.read(header, at); err != nil {
		return err
	}
	overflow, count, first := uint64(u32(header[12:])), uint64(u16(header[10:])), int64(headerSize)
	if count == 0xFFFF {
		count, first = u64(header[headerSize:]), headerSize+8
	}
	err := s.within(s.freelist, overflow)
	if err != nil || u64(header) != s.freelist || u16(header[8:]) != freelistPage ||
		count > s.pages || !s.fits(count, overflow+1) {
		return damaged("the list of free pages cannot be read")
	}
	ids := make([]byte, count*8)
	if err := s.read(ids, at+first); err != nil {
		return err
	}
	s.sum = crc32.Update(crc32.Checksum(header[:first], castagnoli), castagnoli, ids)
	if err := s.compareList(); err != nil {
		return err
	}
	before := uint64(0)
	for ; len(ids) > 0; ids = ids[8:] {
		id := u64(ids)
		if id <= before {
			return damaged("the list of free pages is not in order")
		}
		if err := s.reserve(id); err != nil {
			return err
		}
		before = id
	}
	for i := range overflow + 1 {
		if err := s.reserve(s.freelist + i); err != nil {
			return err
		}
	}
	return nil
}

// fits reports whether bbolt allocates so many pages for a list: it estimates, and
// may take them from the list.
func (s *snapshot) fits(count, pages uint64) bool {
	for _, n := range []uint64{count, count + pages} {
		if n >= 0xFFFF {
			n++
		}
		if (headerSize+8*n)/uint64(s.pageSize)+1 == pages { // #nosec G115 -- bbolt's own number
			return true
		}
	}
	return false
}
