package page

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"reflect"
)

// DefaultMaxPages is the page cap of a range whose [Options.MaxPages] is 0: ten million people at
// 1,000 a page.
const DefaultMaxPages = 10_000

var (
	// ErrTooManyPages says that the page cap was reached before the end of the list. The rows
	// yielded so far are not the whole list.
	ErrTooManyPages = errors.New("page cap reached before the end of the list")
	// ErrRepeatedPage says that a page holds just the rows of the page before it: the server
	// ignores the offset.
	ErrRepeatedPage = errors.New("page repeats the page before it")
)

// Page is one answer. Rows and records differ where a vendor nests the paged records in groups.
type Page[T any] struct {
	// Rows are what the range yields.
	Rows []T
	// Records is how far the page moves the vendor's record offset. 0 is the end of the list,
	// whatever the rows.
	Records int
}

// Fetch reads the page that starts at record offset begin and asks for at most count records. It
// must return soon after ctx ends, and be safe for concurrent use when [Options.Prefetch] is above
// 1.
type Fetch[T any] func(ctx context.Context, begin, count int) (Page[T], error)

// Options says how a list is paged.
type Options struct {
	// Count is the number of records asked for per page; it must be above 0.
	Count int
	// Prefetch is the number of pages requested at the same time. 0 or 1 asks for a page only when
	// its first row is wanted.
	Prefetch int
	// MaxPages is the most pages read, the empty one at the end included. 0 or less is
	// [DefaultMaxPages].
	MaxPages int
	// ShortIsEnd says that the vendor promises a page with fewer records than Count to be the last.
	// Without that promise a server may cap its pages below Count, and only an empty page is the
	// end.
	ShortIsEnd bool

	overlap int // records that a page shares with the one before it; see Overlapping
}

// All ranges over the rows of every page from record offset 0 on. Nothing is requested before the
// range begins, and every range begins anew. The first error is yielded once, with the zero T, and
// ends the range; it names the page and its offset and unwraps to the cause, which is the context's
// error when ctx has ended before a page.
//
// A panic of fetch is one of the range statement, whichever goroutine fetch ran in.
//
// When the range statement is left (by its end, break, return or a panic) every fetch has been
// cancelled and has returned.
func All[T any](ctx context.Context, fetch Fetch[T], o Options) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var zero T
		if o.Count <= 0 {
			yield(zero, fmt.Errorf("page: Count must be above 0, not %d", o.Count))
			return
		}
		if o.MaxPages <= 0 {
			o.MaxPages = DefaultMaxPages
		}
		src := newSource(ctx, fetch, o)
		defer src.stop()

		var before []T
		begin := 0
		for number := 1; ; number++ {
			p, err := turn(ctx, src, o, number, begin)
			if err == nil && len(p.Rows) > 0 && reflect.DeepEqual(p.Rows, before) {
				err = ErrRepeatedPage
			}
			if err != nil {
				src.stop() // the consumer may take its time over the error
				yield(zero, fmt.Errorf("page %d at record %d: %w", number, begin, err))
				return
			}
			last := p.Records == 0 || o.ShortIsEnd && p.Records < o.Count
			if last {
				src.stop()
			} else {
				src.follow(begin+p.Records, p.Records)
			}
			for _, row := range p.Rows {
				if !yield(row, nil) {
					return
				}
			}
			if last {
				return
			}
			begin += p.Records
			before = p.Rows
		}
	}
}

// turn reads a page when its turn has come.
func turn[T any](ctx context.Context, src source[T], o Options, number, begin int) (Page[T], error) {
	if err := ctx.Err(); err != nil {
		return Page[T]{}, err
	}
	if number > o.MaxPages {
		return Page[T]{}, ErrTooManyPages
	}
	p, err := src.read(begin)
	if err == nil && p.Records < 0 {
		err = fmt.Errorf("a page cannot hold %d records", p.Records)
	}
	return p, err
}

// source hands out pages in order.
type source[T any] interface {
	// read returns the page at begin, which is 0 or the offset that the last follow named.
	read(begin int) (Page[T], error)
	// follow says where the next page begins, and how far from it the one after that is expected.
	follow(begin, stride int)
	// stop cancels what is under way and waits for it. It can be called again.
	stop()
}

func newSource[T any](ctx context.Context, fetch Fetch[T], o Options) source[T] {
	if o.Prefetch > 1 {
		return &ahead[T]{
			parent: ctx, fetch: fetch, count: o.Count, overlap: o.overlap, width: o.Prefetch, left: o.MaxPages,
		}
	}
	return single[T](func(begin int) (Page[T], error) { return fetch(ctx, begin, o.Count) })
}

// single reads one page after the other, in the consumer's goroutine.
type single[T any] func(begin int) (Page[T], error)

func (s single[T]) read(begin int) (Page[T], error) { return s(begin) }
func (single[T]) follow(int, int)                   {}
func (single[T]) stop()                             {}
