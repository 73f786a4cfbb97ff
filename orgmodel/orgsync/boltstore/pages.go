package boltstore

import (
	"bytes"
	"encoding/binary"
	"io"
	"math"
	"os"
)

// bbolt trusts the pages of a file: a damaged one makes it panic, and one that
// points back to its parent makes it descend until memory ends, which no caller
// can recover from. So every page is looked at before bbolt may: each must be used
// exactly once, hold what it says within its bounds, and be in order.

const (
	boltMagic = 0xED0CDAED

	headerSize  = 16 // of a page: id, flags, count, overflow
	elementSize = 16
	bucketSize  = 16 // of a bucket in front of its inline page

	branchPage   = 0x01
	leafPage     = 0x02
	freelistPage = 0x10
	bucketFlag   = 0x01

	noFreelist = math.MaxUint64
	maxDepth   = 64
)

type walker struct {
	file     io.ReaderAt
	pageSize uint64
	seen     []bool // by page id
}

// verifyPages reads the state of the file as of a transaction.
func verifyPages(file *os.File, pageSize int, tx int) error {
	info, err := file.Stat()
	if err != nil {
		return err
	}
	w := &walker{file: file, pageSize: uint64(pageSize)} // #nosec G115 -- bbolt's own number
	meta := make([]byte, headerSize+64)
	if _, err := file.ReadAt(meta, int64(tx%2)*int64(pageSize)); err != nil {
		return damaged("its header: %w", err)
	}
	meta = meta[headerSize:]
	root, freelist, pages := u64(meta[16:]), u64(meta[32:]), u64(meta[40:])
	if size := uint64(info.Size()); pageSize < 1024 || pages > size/w.pageSize { // #nosec G115 -- a size
		return damaged("it is cut: %d bytes, %d pages", size, pages)
	}
	w.seen = make([]bool, pages)
	if err := w.node(root, nil, nil, 0); err != nil || freelist == noFreelist {
		return err
	}
	return w.free(freelist)
}

// claim reads a page that nothing else may be.
func (w *walker) claim(id uint64) ([]byte, error) {
	header := make([]byte, headerSize)
	if err := w.mark(id, 1); err != nil {
		return nil, err
	}
	if err := w.read(header, id); err != nil {
		return nil, err
	}
	if u64(header) != id {
		return nil, damaged("page %d says it is another", id)
	}
	overflow := uint64(u32(header[12:]))
	if err := w.mark(id+1, overflow); err != nil {
		return nil, err
	}
	page := make([]byte, (1+overflow)*w.pageSize)
	return page, w.read(page, id)
}

func (w *walker) read(into []byte, id uint64) error {
	if _, err := w.file.ReadAt(into, int64(id*w.pageSize)); err != nil { // #nosec G115 -- within the file
		return damaged("page %d: %w", id, err)
	}
	return nil
}

func (w *walker) mark(id, n uint64) error {
	pages := uint64(len(w.seen))
	if id < 2 || id > pages || n > pages-id {
		return damaged("page %d is not within the file", id)
	}
	for i := range n {
		if w.seen[id+i] {
			return damaged("page %d is used twice", id+i)
		}
		w.seen[id+i] = true
	}
	return nil
}

// node checks a page of a tree and all below it. Its keys are within [low, high);
// nil means no bound.
func (w *walker) node(id uint64, low, high []byte, depth int) error {
	page, err := w.claim(id)
	if err != nil {
		return err
	}
	return w.elements(id, page, low, high, depth)
}

func (w *walker) elements(id uint64, page, low, high []byte, depth int) error {
	flags, count := u16(page[8:]), int(u16(page[10:]))
	leaf := flags == leafPage
	switch {
	case depth > maxDepth, !leaf && flags != branchPage, !leaf && count == 0, headerSize+count*elementSize > len(page):
		return damaged("page %d cannot be read", id)
	}
	keys := make([][]byte, count, count+1)
	for i := range count {
		key, value, ok := element(page[headerSize+i*elementSize:], leaf)
		if !ok || !inOrder(keys[:i], key, low, high) {
			return damaged("page %d is not in order", id)
		}
		keys[i] = key
		if leaf && u32(page[headerSize+i*elementSize:])&bucketFlag != 0 {
			if err := w.bucket(id, value, depth+1); err != nil {
				return err
			}
		}
	}
	if leaf {
		return nil
	}
	keys = append(keys, high)
	for i := range count {
		child := u64(page[headerSize+i*elementSize+8:])
		if err := w.node(child, keys[i], keys[i+1], depth+1); err != nil {
			return err
		}
	}
	return nil
}

// element returns key and value of the element that begins e; a branch has no
// values.
func element(e []byte, leaf bool) (key, value []byte, ok bool) {
	pos, keySize, valueSize := uint64(u32(e)), uint64(u32(e[4:])), uint64(0)
	if leaf {
		pos, keySize, valueSize = uint64(u32(e[4:])), uint64(u32(e[8:])), uint64(u32(e[12:]))
	}
	if keySize == 0 || pos < elementSize || pos+keySize+valueSize > uint64(len(e)) {
		return nil, nil, false
	}
	return e[pos : pos+keySize], e[pos+keySize : pos+keySize+valueSize], true
}

func inOrder(before [][]byte, key, low, high []byte) bool {
	if n := len(before); n > 0 && bytes.Compare(before[n-1], key) >= 0 {
		return false
	}
	return bytes.Compare(low, key) <= 0 && (high == nil || bytes.Compare(key, high) < 0)
}

func (w *walker) bucket(id uint64, value []byte, depth int) error {
	if len(value) < bucketSize {
		return damaged("page %d has half a bucket", id)
	}
	if root := u64(value); root != 0 {
		return w.node(root, nil, nil, depth)
	}
	if len(value) < bucketSize+headerSize || u16(value[bucketSize+8:]) != leafPage {
		return damaged("page %d has half a bucket", id)
	}
	return w.elements(id, value[bucketSize:], nil, nil, depth)
}

// free checks the list of free pages, and that no page is neither used nor free.
func (w *walker) free(id uint64) error {
	page, err := w.claim(id)
	if err != nil {
		return err
	}
	ids, count := page[headerSize:], uint64(u16(page[10:]))
	if count == math.MaxUint16 {
		count, ids = u64(ids), ids[8:]
	}
	if u16(page[8:]) != freelistPage || count > uint64(len(ids)/8) {
		return damaged("the list of free pages cannot be read")
	}
	for i := range count {
		if err := w.mark(u64(ids[i*8:]), 1); err != nil {
			return err
		}
	}
	for id := 2; id < len(w.seen); id++ {
		if !w.seen[id] {
			return damaged("page %d is neither used nor free", id)
		}
	}
	return nil
}

// bbolt writes numbers as the machine has them.
func u16(b []byte) uint16 { return binary.NativeEndian.Uint16(b) }
func u32(b []byte) uint32 { return binary.NativeEndian.Uint32(b) }
func u64(b []byte) uint64 { return binary.NativeEndian.Uint64(b) }
