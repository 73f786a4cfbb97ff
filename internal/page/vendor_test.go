package page_test

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/orgbridge/orgbridge/internal/page"
)

var errVendor = errors.New("vendor refused")

// row is one of the rows of a record, of which a record may have several or none.
type row struct{ Record, Part int }

// vendor is a server with total records. Its answers take time, so it belongs into a synctest
// bubble.
type vendor struct {
	total   int
	size    func(begin, count int) int            // records of the page at begin, before the end; nil is count
	latency func(begin int) time.Duration         // nil is no time at all
	fail    func(begin int) error                 // nil never fails
	parts   func(record int) int                  // rows of a record; nil is one
	deaf    bool                                  // goes on when its context ends
	answer  func(begin, count int) page.Page[row] // replaces the answer

	mu       sync.Mutex
	begins   []int
	inFlight int
	peak     int
}

func (v *vendor) fetch(ctx context.Context, begin, count int) (page.Page[row], error) {
	v.mu.Lock()
	v.begins = append(v.begins, begin)
	v.inFlight++
	v.peak = max(v.peak, v.inFlight)
	v.mu.Unlock()
	defer func() {
		v.mu.Lock()
		defer v.mu.Unlock()
		v.inFlight--
	}()
	if v.latency != nil {
		if err := v.wait(ctx, v.latency(begin)); err != nil {
			return page.Page[row]{}, err
		}
	}
	if v.fail != nil {
		if err := v.fail(begin); err != nil {
			return page.Page[row]{}, err
		}
	}
	if v.answer != nil {
		return v.answer(begin, count), nil
	}
	return v.page(begin, count), nil
}

func (v *vendor) wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	over := ctx.Done()
	if v.deaf {
		over = nil
	}
	select {
	case <-timer.C:
		return nil
	case <-over:
		return ctx.Err()
	}
}

func (v *vendor) page(begin, count int) page.Page[row] {
	n := count
	if v.size != nil {
		n = v.size(begin, count)
	}
	var p page.Page[row]
	for record := begin; record < min(begin+n, v.total); record++ {
		p.Records++
		parts := 1
		if v.parts != nil {
			parts = v.parts(record)
		}
		for part := range parts {
			p.Rows = append(p.Rows, row{record, part})
		}
	}
	return p
}

func (v *vendor) calls() int {
	v.mu.Lock()
	defer v.mu.Unlock()
	return len(v.begins)
}

func (v *vendor) flying() int {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.inFlight
}

// walk is what a range has to yield, page after page, by the rules and without any of the code
// under test.
func (v *vendor) walk(o page.Options) (rows []row, pages int, err error) {
	for begin := 0; ; {
		if pages == o.MaxPages {
			return rows, pages, page.ErrTooManyPages
		}
		pages++
		if v.fail != nil {
			if err := v.fail(begin); err != nil {
				return rows, pages, err
			}
		}
		p := v.page(begin, o.Count)
		rows = append(rows, p.Rows...)
		if p.Records == 0 || o.ShortIsEnd && p.Records < o.Count {
			return rows, pages, nil
		}
		begin += p.Records
	}
}

func constant(d time.Duration) func(int) time.Duration { return func(int) time.Duration { return d } }

// collect ranges to the end, and counts the errors it is given.
func collect(seq func(func(row, error) bool)) (rows []row, errs []error) {
	for r, err := range seq {
		if err != nil {
			errs = append(errs, err)
			continue
		}
		rows = append(rows, r)
	}
	return rows, errs
}
