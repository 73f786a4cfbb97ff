package yunzhijia

import (
	"context"
	"errors"
	"iter"
	"strings"
	"sync"

	"github.com/orgbridge/orgbridge/internal/page"
)

// PersonFeed reads the changes of people since a cursor: one run is all pages
// of getallpersons, each asked for with the same time. Make it with
// [Client.PersonFeed]. It can be run more than once; every run starts from the
// same cursor.
//
// The vendor counts begin anew for every page, so rows would be missed if others
// came or went while a run reads. Therefore every page but the first begins with the
// last row of the page before it, which is not yielded twice. When another row comes
// there, the run goes back one page, and its rows may be yielded again; the last
// event of an openId holds, as ever. It does so three times: see [PersonFeed.Slid].
type PersonFeed struct {
	client  *Client
	since   Cursor
	options PageOptions

	mu     sync.Mutex
	run    int // the latest run begun
	cursor Cursor
	ended  bool // that run ended without error
	slid   bool
}

// outcome is what one run has found out besides rows.
type outcome struct {
	next Cursor
	slid bool
}

// PersonFeed returns the feed of all changes after since (getallpersons); the zero Cursor is the
// [Beginning]. It does no I/O.
func (c *Client) PersonFeed(since Cursor, options PageOptions) *PersonFeed {
	return &PersonFeed{client: c, since: since, options: options}
}

// Events ranges over the events of one run in the vendor's order. The same
// openId may come several times: the last event holds. A row that cannot be read
// yields a [*RowError], and the run goes on.
func (f *PersonFeed) Events(ctx context.Context) iter.Seq2[Person, error] {
	return func(yield func(Person, error) bool) {
		run := f.begin()
		var o outcome
		for p, err := range f.read(ctx, &o) {
			if !yield(p, err) || err != nil && !isRow(err) {
				return
			}
		}
		f.end(run, o)
	}
}

// Cursor returns where to start the next feed: the time that the vendor gave
// with the first page of the latest run. Later pages have later times, but
// what changed between two pages may be on neither of them. It returns false
// unless that run was ranged over to its end without an error.
//
// Store the cursor only when what the run yielded is safe; start the next run
// somewhat earlier ([Cursor.Minus]), because its unit is the second.
func (f *PersonFeed) Cursor() (Cursor, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.cursor, f.ended
}

// Slid reports whether rows may be missing from the latest run, because pages did
// not fit together although the run went back three times: the list changed while it
// was read. It is false until that run was ranged over to its end without an error.
// A run that slid is no full reading; read again later.
func (f *PersonFeed) Slid() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.slid
}

// Latest runs the feed and folds it: the last event of every openId, in the
// order in which the openIds first came, and the cursor for the next run. Rows
// without an openId cannot be told apart and are all kept in their place.
//
// If nothing failed except rows that cannot be read, the error is their [RowError]s,
// joined, and everything else is returned with it. People whose last event is
// unreadable are left out.
func (f *PersonFeed) Latest(ctx context.Context) ([]Person, Cursor, error) {
	run := f.begin()
	var o outcome
	var people []Person
	var unreadable []error
	index, dropped := map[string]int{}, map[int]bool{}
	for p, err := range f.read(ctx, &o) {
		if bad, ok := errors.AsType[*RowError](err); ok {
			unreadable = append(unreadable, err)
			if i, seen := index[bad.ID]; seen && bad.ID != "" {
				dropped[i] = true
			}
			continue
		}
		if err != nil {
			return nil, "", err
		}
		if i, seen := index[p.OpenID]; seen && p.OpenID != "" {
			people[i] = p
			delete(dropped, i)
			continue
		}
		index[p.OpenID] = len(people)
		people = append(people, p)
	}
	f.end(run, o)
	if len(dropped) > 0 {
		kept := people[:0]
		for i, p := range people {
			if !dropped[i] {
				kept = append(kept, p)
			}
		}
		people = kept
	}
	return people, o.next, errors.Join(unreadable...)
}

// read ranges over one run and fills o, which may be read when it has ended.
func (f *PersonFeed) read(ctx context.Context, o *outcome) iter.Seq2[Person, error] {
	return listing[Person]{
		op: opListPersons, most: maxCount,
		// 如果返回条数不足count条,表示分页拉取已结束
		end:  atShortPage,
		same: same[Person],
		slid: func() { o.slid = true },
		read: func(ctx context.Context, p PageRequest) (page.Page[record[Person]], error) {
			answer, err := f.client.personPage(ctx, ListPersonsRequest{Since: f.since, Begin: p.Begin, Count: p.Count})
			if p.Begin == 0 && o.next == "" { // the first page may be read again
				o.next = Cursor(strings.Clone(string(answer.time)))
			}
			return flat(answer.persons, err)
		},
	}.all(ctx, f.options)
}

func (f *PersonFeed) begin() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.run++
	f.cursor, f.ended, f.slid = "", false, false
	return f.run
}

func (f *PersonFeed) end(run int, o outcome) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if run == f.run {
		f.cursor, f.ended, f.slid = o.next, true, o.slid
	}
}
