// Quickstart keeps an organisation in step between four vendors, all of them
// simulated in this process: nothing has to be set up and nothing leaves the
// machine.
//
//	go run ./examples/quickstart
//
// It reads departments and people from 云之家, pushes them to 爱关怀, 兔展 and 云简,
// receives a push from 云简, lets some people change, and pushes just the
// changes. The pieces are wired by hand, to be read from top to bottom:
// main.go (the run), pull.go (云之家), push.go (the targets), receive.go (云简
// calls us), vendors.go (the simulators, which a real program does not have).
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"

	"github.com/orgbridge/orgbridge/orgmodel"
	"github.com/orgbridge/orgbridge/yunzhijia"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "quickstart:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer) error {
	v := startVendors(120, 3000)
	defer v.close()

	source, err := yunzhijia.New(v.yunzhijia.Config())
	if err != nil {
		return err
	}
	targets, err := v.targets()
	if err != nil {
		return err
	}

	// Everything is read and checked before anything is written.
	fmt.Fprintln(out, "1. Pull from 云之家")
	org, cursor, err := pull(ctx, source, yunzhijia.Beginning)
	if err != nil {
		return err
	}
	if err := org.Validate(); err != nil {
		return err
	}
	if !org.Complete() {
		return fmt.Errorf("the pull is incomplete: %v", org.Incomplete())
	}
	fmt.Fprintf(out, "   %d departments and %d people, complete and valid\n", org.NumDepartments(), org.NumPeople())

	fmt.Fprintln(out, "2. Push everything")
	everything := orgmodel.Diff(nil, org)
	if err := pushAll(ctx, out, targets, org, everything); err != nil {
		return err
	}

	fmt.Fprintln(out, "3. 云简 pushes to us")
	if err := receive(ctx, out); err != nil {
		return err
	}

	fmt.Fprintln(out, "4. Meanwhile, at 云之家: one person is hired, one moves, one is promoted, one leaves")
	v.somePeopleChange()

	fmt.Fprintln(out, "5. Pull what changed since, and push just that")
	now, _, err := pull(ctx, source, cursor)
	if err != nil {
		return err
	}
	changes := orgmodel.Diff(org, now)
	if len(changes.ChangedDepartments) > 0 {
		// Its people carry its name at 云简, and the feed is silent about them.
		if now, _, err = pull(ctx, source, yunzhijia.Beginning); err != nil {
			return err
		}
		changes = orgmodel.Diff(org, now)
	}
	fmt.Fprintf(out, "   %d new, %d changed\n", len(changes.CreatedPeople), len(changes.ChangedPeople))
	if err := pushAll(ctx, out, targets, now, changes); err != nil {
		return err
	}

	fmt.Fprintln(out, "Summary")
	v.summary(out)
	return nil
}

// pushAll pushes to one target after the other. A target that fails does not
// keep the others from getting their share.
func pushAll(ctx context.Context, out io.Writer, targets []target, org *orgmodel.Directory, c orgmodel.Changes) error {
	var errs []error
	for _, t := range targets {
		done, err := t.push(ctx, org, c)
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", t.name(), err))
			done += ", then failed"
		}
		fmt.Fprintf(out, "   %s: %s\n", t.name(), done)
	}
	return errors.Join(errs...)
}
