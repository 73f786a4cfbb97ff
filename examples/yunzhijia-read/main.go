// Yunzhijia-read keeps a copy of the people at 云之家 up to date: it reads all of
// them once, and from then on what changed since a cursor. The vendor is
// simulated.
//
//	go run ./examples/yunzhijia-read
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/signal"
	"time"

	"github.com/orgbridge/orgbridge/yunzhijia"
	"github.com/orgbridge/orgbridge/yunzhijia/yunzhijiatest"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "yunzhijia-read:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer) error {
	vendor := yunzhijiatest.NewServer(yunzhijiatest.Seed(30, 2500))
	defer vendor.Close()
	client, err := yunzhijia.New(vendor.Config())
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "yunzhijia-read-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	state, err := os.OpenRoot(dir) // a directory that outlives the program, in real life
	if err != nil {
		return err
	}
	defer func() { _ = state.Close() }()

	m := mirror{client: client, state: state, people: map[string]yunzhijia.Person{}}
	for _, step := range []struct {
		title  string
		before func()
	}{
		{"1. Read everybody", func() {}},
		{"2. One person is hired, one moves twice, one leaves: read the changes", func() {
			vendor.AddPerson(yunzhijia.Person{OpenID: "person-new", Name: "赵新", OrgID: "org-0003"})
			vendor.UpdatePerson("person-00200", func(p *yunzhijia.Person) { p.OrgID = "org-0005" })
			vendor.UpdatePerson("person-00200", func(p *yunzhijia.Person) { p.OrgID = "org-0006" })
			vendor.Leave("person-00400")
		}},
		{"3. Nothing happens: the overlap is read again, which does no harm", func() {}},
		{"4. One is promoted while 云之家 is busy: the cursor stays where it is", func() {
			vendor.UpdatePerson("person-00300", func(p *yunzhijia.Person) { p.JobTitle = "总监" })
			vendor.Inject(yunzhijiatest.RateLimited(10 * time.Minute).On("getallpersons").Always())
		}},
		{"5. Later: nothing was lost", vendor.ClearFaults},
	} {
		fmt.Fprintln(out, step.title)
		step.before()
		added, changed, known, err := m.catchUp(ctx)
		if e, ok := errors.AsType[*yunzhijia.Error](err); ok && e.RetryAfter > 0 {
			// A scheduler would start the next run then.
			fmt.Fprintf(out, "   %s answered HTTP %d: come back in %s\n", e.Op, e.HTTPStatus, e.RetryAfter)
			continue
		}
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "   %d new, %d changed, %d known already\n", added, changed, known)
	}
	fmt.Fprintf(out, "We hold %d people; person-00200 is in %s\n", len(m.people), m.people["person-00200"].OrgID)
	return nil
}

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
		// Who left comes as well, with a Status that says so. Nobody is gone
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
