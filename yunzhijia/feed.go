package yunzhijia

import (
	"context"
	"iter"
	"sync"

	"github.com/orgbridge/orgbridge/internal/page"
)

// PersonFeed reads the changes of people since a cursor: one run is all pages
// of getallpersons, each asked for with the same time. Make it with
// [Client.PersonFeed]. It can be run more than once; every run starts from the
// same cursor.
type PersonFeed struct {
	client  *Client
	since   Cursor
	options PageOptions

	mu     sync.Mutex
	run    int // the latest run begun
	cursor Cursor
	ended  bool // that run ended without error
}

// PersonFeed returns the feed of all changes after since; the zero Cursor is
// the [Beginning]. It does no I/O.
func (c *Client) PersonFeed(since Cursor, options PageOptions) *PersonFeed {
	return &PersonFeed{client: c, since: since, options: options}
}

// Events ranges over the events of one run in the vendor's order. The same
// openId may come several times: the last event holds.
func (f *PersonFeed) Events(ctx context.Context) iter.Seq2[Person, error] {
	return func(yield func(Person, error) bool) {
		run := f.begin()
		var next Cursor
		for p, err := range f.read(ctx, &next) {
			if !yield(p, err) || err != nil {
				return
			}
		}
		f.end(run, next)
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

// Latest runs the feed and folds it: the last event of every openId, in the
// order in which the openIds first came, and the cursor for the next run. Rows
// without an openId cannot be told apart and are all kept in their place.
func (f *PersonFeed) Latest(ctx context.Context) ([]Person, Cursor, error) {
	run := f.begin()
	var next Cursor
	var people []Person
	index := map[string]int{}
	for p, err := range f.read(ctx, &next) {
		if err != nil {
			return nil, "", err
		}
		if i, seen := index[p.OpenID]; seen && p.OpenID != "" {
			people[i] = p
			continue
		}
		index[p.OpenID] = len(people)
		people = append(people, p)
	}
	f.end(run, next)
	return people, next, nil
}

// read ranges over one run and sets next, which may be read when it has ended.
func (f *PersonFeed) read(ctx context.Context, next *Cursor) iter.Seq2[Person, error] {
	return listing[Person]{
		op: opListPersons, most: maxCount,
		// 如果返回条数不足count条,表示分页拉取已结束
		end: atShortPage,
		read: func(ctx context.Context, p PageRequest) (page.Page[Person], error) {
			answer, err := f.client.ListPersons(ctx, ListPersonsRequest{Since: f.since, Begin: p.Begin, Count: p.Count})
			if p.Begin == 0 {
				*next = answer.Time
			}
			return flat(answer.Persons, err)
		},
	}.all(ctx, f.options)
}

func (f *PersonFeed) begin() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.run++
	f.cursor, f.ended = "", false
	return f.run
}

func (f *PersonFeed) end(run int, next Cursor) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if run == f.run {
		f.cursor, f.ended = next, true
	}
}
