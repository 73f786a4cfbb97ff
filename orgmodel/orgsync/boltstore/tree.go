package boltstore

import (
	"bytes"
	"slices"
)

// tree is a bucket of bbolt.
type tree struct {
	s      *snapshot
	kind   kind
	root   uint64
	inline []byte // of a bucket that lies in its parent's page
	depth  int    // of every leaf; 0 while it is not known
}

// Sentinels are the first and the last key of leases and values. A tree that has both
// has everything between them. If one of its pages took the place of the root, it
// would not have both.
var (
	firstKey = []byte{0}
	lastKey  = []byte{0xff, 0xff, 0xff, 0xff}
)

// open checks both edges of a tree.
func (t *tree) open() error {
	left, right := cursor{tree: t}, cursor{tree: t}
	if err := left.first(); err != nil {
		return err
	}
	if err := right.last(); err != nil {
		return err
	}
	if len(left.path) != len(right.path) {
		return damaged("its leaves are not at one depth")
	}
	if t.kind.sealed() {
		l, r := left.leaf(), right.leaf()
		if l.count == 0 || !bytes.Equal(l.key(0), firstKey) || !bytes.Equal(r.key(r.count-1), lastKey) {
			return damaged("a bucket is not complete")
		}
	}
	t.depth = len(left.path)
	return nil
}

// get returns the value of one key; nil if there is none.
func (t *tree) get(key []byte) ([]byte, error) {
	c := cursor{tree: t}
	found, err := c.seek(key)
	if err != nil || !found {
		return nil, err
	}
	return c.value(), nil
}

// step is a page on the way from the root of a tree, and the place in it.
type step struct {
	page
	index  int
	high   []byte // keys are below it; nil means no bound
	buffer []byte
}

// cursor walks a tree and checks the pages it meets. Every page must begin with the
// key that its parent gives it, so that a branch cannot lead astray.
type cursor struct {
	tree *tree
	path []step
	gap  bool // behind the last key of the leaf there is nothing before the next leaf

	loads int                      // how many pages were read
	visit func(id, n uint64) error // if set, is told of each page and its length

	scan   bool // leaves are read one after another
	ahead  []byte
	ahead0 uint64 // the first page in ahead
}

func (c *cursor) leaf() *step { return &c.path[len(c.path)-1] }

// value is the value at the cursor without its sum.
func (c *cursor) value() []byte {
	l := c.leaf()
	value := l.value(l.index)
	return slices.Clip(value[:len(value)-c.tree.kind.behind()])
}

// seek goes to a key, or to where it would be. Keys that rise cost little: what they
// share of the path is read once.
func (c *cursor) seek(key []byte) (found bool, err error) {
	level := len(c.path)
	for level > 0 && (c.path[level-1].high != nil && bytes.Compare(key, c.path[level-1].high) >= 0 ||
		level > 1 && bytes.Compare(key, c.path[level-1].key(0)) < 0) {
		level--
	}
	if level < len(c.path) || level == 0 {
		c.path = c.path[:level]
		if err := c.descend(func(s *step) int {
			i, exact := s.search(key)
			if !exact && i > 0 {
				i--
			}
			return i
		}); err != nil {
			return false, err
		}
	}
	l := c.leaf()
	if l.index, found = l.search(key); !found && l.index == l.count && l.high != nil && !c.gap {
		c.gap = true
		return false, c.clone().next()
	}
	return found, nil
}

func (c *cursor) first() error {
	c.path = c.path[:0]
	return c.descend(func(*step) int { return 0 })
}

func (c *cursor) last() error {
	c.path = c.path[:0]
	return c.descend(func(s *step) int { return s.count - 1 })
}

// next goes to the next leaf; behind the last one the path is empty.
func (c *cursor) next() error {
	for c.path = c.path[:len(c.path)-1]; len(c.path) > 0; c.path = c.path[:len(c.path)-1] {
		if l := c.leaf(); l.index+1 < l.count {
			l.index++
			return c.below(func(*step) int { return 0 })
		}
	}
	return nil
}

// previous goes to the leaf before; before the first one the path is empty.
func (c *cursor) previous() error {
	for c.path = c.path[:len(c.path)-1]; len(c.path) > 0; c.path = c.path[:len(c.path)-1] {
		if l := c.leaf(); l.index > 0 {
			l.index--
			return c.below(func(s *step) int { return s.count - 1 })
		}
	}
	return nil
}

// branches reads every branch below the place of the cursor, which is on one.
func (c *cursor) branches() error {
	n := len(c.path)
	if n+1 >= c.tree.depth {
		return nil
	}
	for i := range c.path[n-1].count {
		c.path[n-1].index = i
		if err := c.enter(); err != nil {
			return err
		}
		if err := c.branches(); err != nil {
			return err
		}
		c.path = c.path[:n]
	}
	return nil
}

// clone returns a cursor of the same place with buffers of its own.
func (c *cursor) clone() *cursor {
	path := append([]step{}, c.path...)
	for i := range path {
		path[i].buffer = nil
	}
	return &cursor{tree: c.tree, path: path}
}

// descend goes on from the last page of the path, or from the root, to a leaf.
func (c *cursor) descend(choose func(*step) int) error {
	if len(c.path) == 0 {
		if err := c.push(c.tree.root, nil, nil); err != nil {
			return err
		}
	}
	for l := c.leaf(); !l.leaf; l = c.leaf() {
		l.index = choose(l)
		if err := c.enter(); err != nil {
			return err
		}
	}
	c.leaf().index = choose(c.leaf())
	return nil
}

// below enters the page at the cursor, and descends.
func (c *cursor) below(choose func(*step) int) error {
	if err := c.enter(); err != nil {
		return err
	}
	return c.descend(choose)
}

// enter goes to the page below the place in a branch.
func (c *cursor) enter() error {
	l := c.leaf()
	high := l.high
	if l.index+1 < l.count {
		high = l.key(l.index + 1)
	}
	return c.push(l.child(l.index), l.key(l.index), high)
}

// push loads a page onto the path. Its first key is low and its last one below high.
func (c *cursor) push(id uint64, low, high []byte) error {
	c.gap = false
	n := len(c.path)
	if n < cap(c.path) {
		c.path = c.path[:n+1]
	} else {
		c.path = append(c.path, step{})
	}
	s := &c.path[n]
	var err error
	if id == 0 && n == 0 && c.tree.inline != nil {
		s.page, err = inlinePage(c.tree.inline, c.tree.kind)
	} else {
		if s.buffer == nil {
			s.buffer = make([]byte, c.tree.s.pageSize)
		}
		s.page, err = c.tree.s.load(id, c.tree.kind, s.buffer, c.readAhead(id))
	}
	c.loads++
	if err == nil {
		err = c.placed(id, s, low, high)
	}
	if err == nil && c.visit != nil && id != 0 {
		err = c.visit(id, uint64(len(s.data)/c.tree.s.pageSize)) // #nosec G115 -- a size
	}
	if err != nil {
		c.path = c.path[:0]
		return err
	}
	s.high = high
	return nil
}

// aheadPages is how many leaves that follow each other in the file are read at once.
const aheadPages = 16

// readAhead returns a leaf that was read with one before; nil if it was not.
func (c *cursor) readAhead(id uint64) []byte {
	size := c.tree.s.pageSize
	if !c.scan || len(c.path) < 2 || len(c.path) != c.tree.depth {
		return nil
	}
	if n := uint64(len(c.ahead) / size); id >= c.ahead0 && id-c.ahead0 < n { // #nosec G115 -- a size
		return c.ahead[int(id-c.ahead0)*size:][:size] // #nosec G115 -- within it
	}
	parent, n := &c.path[len(c.path)-2], uint64(1)
	for i := parent.index + 1; i < parent.count && n < aheadPages && parent.child(i) == id+n; i++ {
		n++
	}
	if n == 1 || c.tree.s.within(id, n-1) != nil {
		return nil
	}
	if cap(c.ahead) < aheadPages*size {
		c.ahead = make([]byte, aheadPages*size)
	}
	c.ahead, c.ahead0 = c.ahead[:int(n)*size], id             // #nosec G115 -- a few pages
	if c.tree.s.read(c.ahead, int64(id)*int64(size)) != nil { // #nosec G115 -- within the file
		c.ahead = c.ahead[:0]
		return nil
	}
	return c.ahead[:size]
}

// placed checks that a page is where it belongs.
func (c *cursor) placed(id uint64, s *step, low, high []byte) error {
	depth := len(c.path)
	switch {
	case depth > maxDepth, c.tree.depth > 0 && s.leaf != (depth == c.tree.depth):
		return damaged("page %d is at the wrong depth", id)
	case low != nil && (s.count == 0 || !bytes.Equal(s.key(0), low)),
		high != nil && bytes.Compare(s.key(s.count-1), high) >= 0:
		return damaged("page %d is not in order", id)
	}
	return nil
}

// inlinePage checks the page of a bucket that lies in its parent's page.
func inlinePage(data []byte, k kind) (page, error) {
	p := page{data: data}
	if len(data) < headerSize || u16(data[8:]) != leafPage {
		return p, damaged("a bucket cannot be read")
	}
	end, err := p.check(0, k)
	if err == nil && end != len(data) {
		err = damaged("a bucket cannot be read")
	}
	return p, err
}
