package yunzhijia

import (
	"cmp"
	"context"
	"iter"
	"net/http"
	"sync"
	"time"

	"github.com/orgbridge/orgbridge/internal/kernel"
)

// DirectoryFeed reads people of openimport page by page: everyone in service
// ([Client.DirectoryPersons]) or those who changed ([Client.ChangedPersons]). It can be
// run more than once.
//
// People who come or go while a run reads move the others across the borders of pages, so
// pages overlap as those of [PersonFeed] do: rows may be yielded twice, and Slid says
// that some may be missing. A run ends with a page that has nothing new.
type DirectoryFeed struct {
	options PageOptions
	read    func(ctx context.Context, p PageRequest, header func(http.Header)) (rows[DirectoryPerson], error)
	op      kernel.Op
	now     func() time.Time

	mu    sync.Mutex
	run   int // the latest run begun
	clock time.Time
	ahead time.Duration // of ours
	ended bool          // that run ended without error
	slid  bool
}

// DirectoryPersons returns the feed of everyone in service (person/getall), 500 a page
// unless options say otherwise. It does no I/O.
func (c *Client) DirectoryPersons(options PageOptions) *DirectoryFeed {
	options.Count = cmp.Or(options.Count, defaultDirectoryCount)
	return &DirectoryFeed{options: options, op: opListDirectoryPersons, now: c.now, read: c.directoryPersons}
}

// ChangedPersons returns the feed of the people who changed after since
// (person/getAtTime), those who left included. It does no I/O.
//
// Take a row as a pointer to a person: the vendor's samples lack fields here that
// [Client.GetDirectoryPersons] has. Whether new people, disabled ones, new phones and
// side departments are among the changes is not documented.
func (c *Client) ChangedPersons(since Cursor, options PageOptions) *DirectoryFeed {
	options.Count = cmp.Or(options.Count, defaultDirectoryCount)
	return &DirectoryFeed{
		options: options, op: opListChangedPersons, now: c.now,
		read: func(ctx context.Context, p PageRequest, header func(http.Header)) (rows[DirectoryPerson], error) {
			return c.changedPersons(ctx, ListPersonsRequest{Since: since, Begin: p.Begin, Count: p.Count}, header)
		},
	}
}

// Persons ranges over the rows of one run. A row that cannot be read yields a
// [*RowError], and the run goes on.
func (f *DirectoryFeed) Persons(ctx context.Context) iter.Seq2[DirectoryPerson, error] {
	return func(yield func(DirectoryPerson, error) bool) {
		run := f.begin()
		var first time.Time
		var ahead time.Duration
		slid := false
		read := func(ctx context.Context, p PageRequest) (rows[DirectoryPerson], error) {
			var at time.Time
			r, err := f.read(ctx, p, func(h http.Header) { at = clock(h) })
			if err == nil && p.Begin == 0 && first.IsZero() { // it may be read again
				first, ahead = at, at.Sub(f.now())
			}
			return r, err
		}
		for p, err := range syncListing(f.op, func() { slid = true }, read).all(ctx, f.options) {
			if !yield(p, err) || err != nil && !isRow(err) {
				return
			}
		}
		f.end(run, first, ahead, slid)
	}
}

// Clock returns the vendor's clock as its first answer of the latest run had it (the
// header Date), for [CursorAt]: start the next [Client.ChangedPersons] somewhat before it.
// It is zero if the answer had none, and false unless that run was ranged over to its end
// without an error.
func (f *DirectoryFeed) Clock() (time.Time, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.clock, f.ended
}

// Ahead returns how far that clock was ahead of this machine's when the answer came; it is
// negative if it was behind, and 0 if there was none. The vendor may compare a moment that
// it is asked for with yet another clock: where the two differ by much, start from the
// earlier one.
func (f *DirectoryFeed) Ahead() time.Duration {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.clock.IsZero() {
		return 0
	}
	return f.ahead
}

// Slid reports whether rows may be missing from the latest run; see [PersonFeed.Slid].
func (f *DirectoryFeed) Slid() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.slid
}

func (f *DirectoryFeed) begin() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.run++
	f.clock, f.ahead, f.ended, f.slid = time.Time{}, 0, false, false
	return f.run
}

func (f *DirectoryFeed) end(run int, at time.Time, ahead time.Duration, slid bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if run == f.run {
		f.clock, f.ahead, f.ended, f.slid = at, ahead, true, slid
	}
}

func (c *Client) directoryPersons(ctx context.Context, p PageRequest, header func(http.Header)) (rows[DirectoryPerson], error) {
	p.Count = cmp.Or(p.Count, defaultDirectoryCount)
	r := newRequest(opListDirectoryPersons)
	r.data(pageData(r.checked(p, maxCount)))
	r.header = header
	return call(ctx, c, r, syncRows(opListDirectoryPersons, readDirectoryPerson))
}

var opListChangedPersons = syncOp("person/getAtTime")

// changesData is the moment that a listing of changes starts after, and the page.
type changesData struct {
	Time  Cursor `json:"time"`
	Begin int    `json:"begin"`
	Count int    `json:"count"`
}

// ListChangedPersons reads one page of the people who changed (openimport,
// person/getAtTime), 500 by default and at most 1,000. [Client.ChangedPersons] reads all
// pages and tells the vendor's clock.
func (c *Client) ListChangedPersons(ctx context.Context, request ListPersonsRequest) ([]DirectoryPerson, error) {
	return result(c.changedPersons(ctx, request, nil))
}

func (c *Client) changedPersons(ctx context.Context, request ListPersonsRequest, header func(http.Header)) (rows[DirectoryPerson], error) {
	r := newRequest(opListChangedPersons)
	request.Count = cmp.Or(request.Count, defaultDirectoryCount)
	r.changes(request)
	r.header = header
	return call(ctx, c, r, syncRows(opListChangedPersons, readDirectoryPerson))
}

// changes sets the parameters of a listing of changes.
func (r *request) changes(request ListPersonsRequest) {
	since := r.since(request.Since)
	p := r.checked(PageRequest{Begin: request.Begin, Count: request.Count}, maxCount)
	r.data(changesData{since, p.Begin, p.Count})
}

// since returns the moment with its default.
func (r *request) since(since Cursor) Cursor {
	since = since.orBeginning()
	if _, err := since.Time(nil); err != nil {
		r.refuse("Since", problemCursor)
	}
	return since
}
