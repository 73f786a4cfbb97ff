package main

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"time"

	"github.com/orgbridge/orgbridge/yunzhijia"
)

// mirror is our copy of the people of a team.
type mirror struct {
	client *yunzhijia.Client
	state  *os.Root                    // where the cursor is kept
	people map[string]yunzhijia.Person // by openId; a table of the database in real life
}

// overlap is how far a run reaches back before the cursor, which counts whole
// seconds: what happens late in one may come after the answer. Reading an event
// twice stores the same person twice.
const overlap = time.Minute

// catchUp reads who changed since the last run, stores them, and moves the
// cursor.
func (m *mirror) catchUp(ctx context.Context) (added, changed, known int, err error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Minute) // a run that hangs must not keep the next from starting
	defer cancel()
	since, err := m.cursor()
	if err != nil {
		return 0, 0, 0, err
	}
	// The feed is a list of events, and the last one of a person wins. Half a
	// run is an error, and gives neither people nor cursor.
	feed := m.client.PersonFeed(since, yunzhijia.PageOptions{Prefetch: 4})
	people, next, err := feed.Latest(ctx)
	if err != nil {
		return 0, 0, 0, err
	}
	for _, p := range people {
		// Leavers come as well, with a Status that says so. No one is gone
		// for not being in the feed.
		switch before, ok := m.people[p.OpenID]; {
		case !ok:
			added++
		case before != p:
			changed++
		default:
			known++
		}
		m.people[p.OpenID] = p
	}
	// Only now, when the work is safe: a crash between moving the cursor and
	// storing the people would lose them for good.
	return added, changed, known, m.keep(next)
}

// cursor returns where to read from.
func (m *mirror) cursor() (yunzhijia.Cursor, error) {
	text, err := m.state.ReadFile("cursor")
	if errors.Is(err, fs.ErrNotExist) {
		return yunzhijia.Beginning, nil
	}
	if err != nil {
		return "", err
	}
	return yunzhijia.Cursor(text).Minus(overlap)
}

// keep replaces the file as a whole: a crash leaves the old cursor or the new.
func (m *mirror) keep(next yunzhijia.Cursor) error {
	if err := m.state.WriteFile("cursor.new", []byte(next), 0o600); err != nil {
		return err
	}
	return m.state.Rename("cursor.new", "cursor")
}
