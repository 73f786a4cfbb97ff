package page

import (
	"context"
	"fmt"
	"iter"
	"slices"
)

// mostBack is how often one range goes back a page before the list counts as slid.
const mostBack = 3

// Overlapping ranges over a list that may change while it is read. It is [All] for lists whose rows
// are their records, and reads every page from the last record of the page before it. That row,
// which same must recognise, is yielded once. If another row comes first, records before it have
// been added or removed, and those that moved across the border would be lost. The page before is
// then read again, so its rows may be yielded twice. The list ends with a page that has nothing
// beyond the row that it overlaps or, with ShortIsEnd, with a short page.
//
// After three such steps the range goes on wherever it is, without an error, and calls slid once:
// rows may be missing. slid runs in the goroutine of the range, before any further row.
//
// With a Count of 1 there is nothing to overlap.
func Overlapping[T any](ctx context.Context, fetch Fetch[T], o Options, same func(a, b T) bool, slid func()) iter.Seq2[T, error] {
	if o.Count <= 1 {
		return All(ctx, fetch, o)
	}
	o.overlap = 1
	if o.MaxPages <= 0 {
		o.MaxPages = DefaultMaxPages
	}
	return func(yield func(T, error) bool) {
		src := newSource(ctx, fetch, o)
		defer src.stop()
		c := chain[T]{same: same}
		begin := 0
		for number := 1; ; number++ {
			p, err := turn(ctx, src, o, number, begin)
			if err == nil && p.Records != len(p.Rows) {
				err = fmt.Errorf("a page of %d records cannot have %d rows", p.Records, len(p.Rows))
			}
			rows, fits := c.accept(begin, p.Rows)
			if err == nil && c.stuck() {
				err = ErrRepeatedPage
			}
			if err != nil {
				src.stop()
				var zero T
				yield(zero, fmt.Errorf("page %d at record %d: %w", number, begin, err))
				return
			}
			if !fits && c.back < mostBack {
				begin = c.retreat()
				src.follow(begin, o.Count-1)
				continue
			}
			if !fits && !c.slid {
				c.slid = true
				slid()
			}
			last := p.Records <= o.overlap || o.ShortIsEnd && p.Records < o.Count
			if last {
				src.stop()
			} else {
				begin = c.push(begin, p.Rows)
				src.follow(begin, p.Records-1)
			}
			for _, row := range rows {
				if !yield(row, nil) {
					return
				}
			}
			if last {
				return
			}
		}
	}
}

// chain tells whether a page goes on where the one before it ended.
type chain[T any] struct {
	same    func(a, b T) bool
	read    []link[T] // the latest pages, no more than can be gone back over and the one before these
	undo    []T       // rows of the pages that were gone back over since a page fitted
	back    int       // pages gone back over in all
	repeats int       // pages that were the page before once more
	slid    bool
}

type link[T any] struct {
	begin int
	rows  []T
}

// accept returns the rows of a page that are new, and whether it goes on where the page before it
// ended.
func (c *chain[T]) accept(begin int, rows []T) (fresh []T, fits bool) {
	n := len(c.read)
	switch {
	case begin == 0 || n == 0:
		return rows, true // nothing was before it
	case len(rows) == 0:
		return nil, false
	}
	before := c.read[n-1].rows
	if len(c.undo) == 0 && slices.EqualFunc(rows, before, c.same) {
		c.repeats++
		return rows, false
	}
	if c.same(rows[0], before[len(before)-1]) {
		return rows[1:], true
	}
	// A page that is read again begins later than it did if records before it were removed. As long
	// as it begins with a row that has been read, nothing is missing between the two.
	return rows, slices.ContainsFunc(c.undo, func(row T) bool { return c.same(row, rows[0]) })
}

// stuck reports whether pages repeat the page before them. Once may be chance: as many records may
// have been added before it.
func (c *chain[T]) stuck() bool { return c.repeats > 1 || c.repeats > 0 && c.back >= mostBack }

// retreat forgets the page before, and returns where it began.
func (c *chain[T]) retreat() int {
	last := len(c.read) - 1
	top := c.read[last]
	c.read = c.read[:last]
	c.undo = append(c.undo, top.rows...)
	c.back++
	return top.begin
}

// push notes a page that is not the last, and returns where the next one begins.
func (c *chain[T]) push(begin int, rows []T) int {
	c.undo = nil
	c.read = append(c.read, link[T]{begin, rows})
	if len(c.read) > mostBack+1 {
		c.read = slices.Delete(c.read, 0, 1)
	}
	return begin + len(rows) - 1
}
