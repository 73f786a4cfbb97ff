package yunzhijia

import (
	"context"
	"errors"
	"iter"
	"strconv"

	"github.com/orgbridge/orgbridge/internal/kernel"
	"github.com/orgbridge/orgbridge/internal/page"
)

const (
	maxCount         = 1000
	maxCountOrgUsers = 500
	maxPrefetch      = 32
)

// PageRequest says which page of a listing to read.
type PageRequest struct {
	// Begin is the record offset of the page's first record, from 0. It is not
	// a page number: the second page of 500 begins at 500.
	Begin int
	// Count is the number of records asked for: at most 1,000, or 500 with
	// [Client.ListOrgUsers]. 0 means that most.
	Count int
}

// PageOptions says how the All methods and [PersonFeed] read their pages. The
// zero value is right for most.
type PageOptions struct {
	// Count is the number of records asked for per page: at most, and by
	// default, 1,000, or 500 with [Client.AllOrgUsers]. With [PersonFeed] one of them
	// is the last record of the page before.
	Count int
	// Prefetch is the number of pages requested at the same time, at most 32.
	// By default a page is asked for when its first row is wanted.
	Prefetch int
	// MaxPages is the number of pages after which a listing that has not ended
	// fails with [ErrTooManyPages], default 10,000.
	MaxPages int
}

// ending is where a listing ends.
type ending bool

const (
	// atEmptyPage is the safe reading where the page does not promise more: a
	// server that caps its pages below count would end the listing early.
	atEmptyPage ending = false
	// atShortPage costs no request for an empty page.
	atShortPage ending = true
)

func (o PageOptions) internal(op kernel.Op, most int, end ending) (page.Options, error) {
	for _, f := range []struct {
		name        string
		value, most int
	}{
		{"PageOptions.Count", o.Count, most},
		{"PageOptions.Prefetch", o.Prefetch, maxPrefetch},
	} {
		if f.value < 0 || f.value > f.most {
			return page.Options{}, &FieldError{
				Op: op.Name, Field: f.name, Reason: "is not within 0 and " + strconv.Itoa(f.most),
			}
		}
	}
	if o.MaxPages < 0 {
		return page.Options{}, &FieldError{Op: op.Name, Field: "PageOptions.MaxPages", Reason: "is negative"}
	}
	if o.Count == 0 {
		o.Count = most
	}
	return page.Options{Count: o.Count, Prefetch: o.Prefetch, MaxPages: o.MaxPages, ShortIsEnd: bool(end)}, nil
}

// listing is what the All methods differ in.
type listing[T any] struct {
	op   kernel.Op
	most int
	end  ending
	read func(ctx context.Context, p PageRequest) (page.Page[record[T]], error)
	// slid, if set, makes the pages overlap and learns that they do not fit.
	slid func()
	same func(a, b record[T]) bool
}

func (l listing[T]) all(ctx context.Context, o PageOptions) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		options, err := o.internal(l.op, l.most, l.end)
		if ctx == nil {
			err = errors.Join(err, kernel.NoContext(l.op.Name))
		}
		if err != nil {
			var none T
			yield(none, err)
			return
		}
		fetch := func(ctx context.Context, begin, count int) (page.Page[record[T]], error) {
			return l.read(ctx, PageRequest{Begin: begin, Count: count})
		}
		pages := page.All(ctx, fetch, options)
		if l.slid != nil {
			pages = page.Overlapping(ctx, fetch, options, l.same, l.slid)
		}
		for place, err := range pages {
			var row T
			if err == nil {
				row, err = place.get()
			}
			if !yield(row, err) {
				return
			}
		}
	}
}

// grouped is the page of a listing whose rows are groups, as many as ids were
// asked for, each with its members and perhaps sub-departments. The vendor does
// not say which of these begin and count are about. Groups alone cannot fill a
// page (see roomFor), so a page that one of the fillings may have filled is
// followed by another one, and any other has shown everything whatever is
// counted. The price is a last page that may be empty. Records is count then,
// because begin goes on in the same unit.
//
// A group that cannot be read may have filled the page, too.
func grouped[T any](r rows[T], count int, fillings ...filling) page.Page[record[T]] {
	rows := r.records()
	records := len(rows)
	if len(r.bad) > 0 {
		records = count
	}
	for _, f := range fillings {
		if f.group == count || f.total == count {
			records = count
		}
	}
	return page.Page[record[T]]{Rows: rows, Records: min(count, records)}
}

// filling is what a page holds of something that begin and count may be about,
// in all groups or in each. More than count, in all and in one, shows that they
// are not: it would come again on every page.
type filling struct {
	total int // in all groups
	group int // in the largest group that does not hold more than count
}

func (f *filling) add(n, count int) {
	f.total += n
	if n <= count {
		f.group = max(f.group, n)
	}
}

// roomFor refuses more ids than fit on a page: if begin counted groups, a page
// filled by groups, and one filled by their members, could not be told apart.
func roomFor(op kernel.Op, field string, ids []string, p PageRequest) error {
	if len(ids) < p.Count {
		return nil
	}
	return &FieldError{Op: op.Name, Field: field, Reason: "holds as many ids as PageOptions.Count, or more: ask for fewer at a time"}
}
