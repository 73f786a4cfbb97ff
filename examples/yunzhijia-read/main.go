// Yunzhijia-read keeps a copy of the people at 云之家 up to date: it reads all of
// them once, and from then on what changed since a cursor.
//
//	go run ./examples/yunzhijia-read
//
// catchup.go is the part to copy. main.go runs it several times, against a
// simulator.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
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
	client := vendor.Client()
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
			vendor.Inject(yunzhijiatest.RateLimited(10 * time.Minute).On(yunzhijiatest.OpListPersons).Always())
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
