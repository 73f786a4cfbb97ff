package boltstore

import (
	"bytes"
	"context"
	"slices"
	"strings"

	bolt "go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"

	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
)

// change is an entry as it is stored; one without a value is deleted.
type change struct{ key, value []byte }

// changes returns what entries change, in order of the keys; of several with one key
// the last. It gives numbers to buckets that are new.
func (r *record) changes(entries []orgsync.Entry) ([]change, error) {
	size := 0
	for _, e := range entries {
		size += 2*(len(e.Key)+maxPrefix) + len(e.Value) + sumSize
	}
	space := make([]byte, 0, size)
	changes, bucket, prefix := make([]change, 0, len(entries)), "", []byte(nil)
	for _, e := range entries {
		if prefix == nil || e.Bucket != bucket {
			at := slices.Index(r.buckets, e.Bucket)
			switch {
			case at >= 0:
			case e.Value == nil:
				continue // a bucket without a number has no entries
			case len(e.Bucket) > bolt.MaxKeySize:
				return nil, tooLong("Entry.Key", berrors.ErrKeyTooLarge)
			default:
				at, r.buckets = len(r.buckets), append(r.buckets, e.Bucket)
			}
			bucket, prefix = e.Bucket, r.prefix(at)
		}
		start := len(space)
		space = append(append(space, prefix...), e.Key...)
		c := change{key: space[start:len(space):len(space)]}
		if len(c.key) > bolt.MaxKeySize {
			return nil, tooLong("Entry.Key", berrors.ErrKeyTooLarge)
		}
		if e.Value != nil {
			start = len(space)
			space = appendSealed(space, valuesKind, c.key, e.Value)
			c.value = space[start:len(space):len(space)]
		}
		changes = append(changes, c)
	}
	inOrder := func(a, b change) int { return bytes.Compare(a.key, b.key) }
	if !slices.IsSortedFunc(changes, inOrder) {
		slices.SortStableFunc(changes, inOrder)
	}
	n := 0
	for i, c := range changes {
		if i+1 == len(changes) || !bytes.Equal(c.key, changes[i+1].key) {
			changes[n] = c
			n++
		}
	}
	return changes[:n], nil
}

// touch checks every page that bbolt reads when it applies the changes, drops changes
// that delete nothing, and counts the others in r. fill is how full pages should be.
func (t *tree) touch(ctx context.Context, changes []change, r *record) (left []change, fill float64, err error) {
	c := cursor{tree: t}
	n, shrunk, grown := 0, shrinking{half: t.s.pageSize / 2}, growing{}
	for i, change := range changes {
		if i%64 == 0 && ctx.Err() != nil {
			return nil, 0, context.Cause(ctx)
		}
		loads := c.loads
		found, err := c.seek(change.key)
		if err != nil {
			return nil, 0, err
		}
		l := c.leaf()
		if i == 0 || c.loads != loads {
			shrunk.start(l)
		}
		if found {
			stored := l.value(l.index)
			r.remove(entrySum(stored))
			shrunk.remove(change, len(stored))
		}
		switch {
		case change.value != nil:
			r.add(entrySum(change.value))
			if !found {
				grown.add(&c, change.key)
			}
		case !found:
			continue
		}
		changes[n] = change
		n++
	}
	return changes[:n], grown.fill(), t.neighbours(shrunk.end())
}

// growing finds out whether new keys arrive in order: each behind all others of its bucket,
// or where the one before it went.
type growing struct{ all, inOrder, loads, index int }

func (g *growing) add(c *cursor, key []byte) {
	l := c.leaf()
	next := l.high
	if l.index < l.count {
		next = l.key(l.index)
	}
	if g.all > 0 && g.loads == c.loads && g.index == l.index || !bytes.HasPrefix(next, prefixOf(key)) {
		g.inOrder++
	}
	g.all, g.loads, g.index = g.all+1, c.loads, l.index
}

func (g *growing) fill() float64 {
	if g.inOrder > g.all/2 {
		return fullPages
	}
	return halfPages
}

// shrinking finds the leaves that bbolt may merge with a neighbour. It does so when a
// deletion leaves little; what a Write adds is not counted.
type shrinking struct {
	half  int    // of a page
	leaf  []byte // its first key
	count int
	size  int
	found [][]byte // first keys of leaves
}

func (s *shrinking) start(l *step) {
	s.end()
	s.leaf, s.count, s.size = nil, l.count, headerSize
	if l.count > 0 {
		_, _, s.size = l.element(l.count - 1)
	}
}

func (s *shrinking) remove(c change, stored int) {
	s.size -= stored
	if c.value != nil {
		return
	}
	s.count--
	s.size -= elementSize + len(c.key)
	if s.leaf == nil {
		s.leaf = c.key
	}
}

// end closes the leaf and returns a key of each leaf that was found.
func (s *shrinking) end() [][]byte {
	if s.leaf != nil && (s.count <= 1 || s.size <= s.half) {
		s.found = append(s.found, s.leaf)
	}
	s.leaf = nil
	return s.found
}

// neighbours checks the leaves next to those with these keys. Merging leaves may make
// bbolt merge branches, and those above them: it checks all branches, which
// are one page in a hundred.
func (t *tree) neighbours(keys [][]byte) error {
	if len(keys) == 0 || t.depth < 2 {
		return nil
	}
	c := cursor{tree: t}
	if err := c.push(t.root, nil, nil); err != nil {
		return err
	}
	if err := c.branches(); err != nil {
		return err
	}
	c.path = c.path[:0]
	for _, key := range keys {
		if _, err := c.seek(key); err != nil {
			return err
		}
		if err := c.clone().next(); err != nil {
			return err
		}
		if err := c.clone().previous(); err != nil {
			return err
		}
	}
	return nil
}

// apply lets bbolt make the changes.
func apply(ctx context.Context, tx *bolt.Tx, changes []change, fill float64) error {
	values := tx.Bucket(valuesBucket)
	values.FillPercent = fill
	for i, c := range changes {
		if i%64 == 0 && ctx.Err() != nil {
			return context.Cause(ctx)
		}
		var err error
		if c.value == nil {
			err = values.Delete(c.key)
		} else {
			err = values.Put(c.key, c.value)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// keysInOrder returns the places of keys in the order of the keys.
func keysInOrder(keys []string) []int {
	order := make([]int, len(keys))
	for i := range order {
		order[i] = i
	}
	if !slices.IsSorted(keys) {
		slices.SortFunc(order, func(a, b int) int { return strings.Compare(keys[a], keys[b]) })
	}
	return order
}
