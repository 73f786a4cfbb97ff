// Quickstart keeps an organisation in step between four vendors, all of them
// simulated in this process: nothing has to be set up and nothing leaves the
// machine.
//
//	go run ./examples/quickstart
//
// The engine of orgmodel/orgsync reads departments and people from 云之家 and brings 爱关怀,
// 兔展 and 云简 up to date. Then people are hired, leave and move, a department is renamed,
// and the engine runs again: it sends what changed and nothing else. Last, 云简 pushes
// users to an endpoint of ours. Read from top to bottom: main.go (the runs), receive.go
// (云简 calls us), vendors.go (the simulators, which a real program does not have).
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"

	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
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
	engine, err := newEngine(v)
	if err != nil {
		return err
	}

	fmt.Fprintln(out, "1. The first run: every target is empty")
	if err := runOnce(ctx, out, engine); err != nil {
		return err
	}

	fmt.Fprintln(out, "2. At 云之家, two people are hired, three leave and one moves")
	v.peopleChange()
	if err := runOnce(ctx, out, engine); err != nil {
		return err
	}

	fmt.Fprintln(out, "3. A department is renamed: users of 云简 carry its name, so everyone is read")
	v.departmentIsRenamed()
	if err := runOnce(ctx, out, engine); err != nil {
		return err
	}

	fmt.Fprintln(out, "Summary")
	v.summary(out)

	fmt.Fprintln(out, "And 云简 pushes to us")
	return receive(ctx, out)
}

// newEngine wires one source and three targets. A real program makes its clients of
// settings (yunzhijia.New and its siblings), and has a store that lasts.
func newEngine(v vendors) (*orgsync.Engine, error) {
	return orgsync.New(orgsync.Config{
		Tenant: "acme",
		Source: &orgsync.YunzhijiaSource{Client: v.yunzhijia.Client()},
		Targets: []orgsync.Target{
			&orgsync.AiguanhuaiTarget{Client: v.aiguanhuai.Client()},
			&orgsync.TuzhanTarget{Client: v.tuzhan.Client()},
			&orgsync.YunjianTarget{Client: v.yunjian.Client()},
		},
		Store: orgsync.NewMemoryStore(), // boltstore.Open("orgsync.db")
	})
}

// runOnce runs the engine once and prints a line for each target. Report.Text says more,
// including whom it concerns.
func runOnce(ctx context.Context, out io.Writer, engine *orgsync.Engine) error {
	report, err := engine.Run(ctx, orgsync.RunOptions{})
	for _, t := range report.Targets {
		var done []string
		for _, action := range []orgsync.Action{orgsync.Create, orgsync.Update, orgsync.Move, orgsync.Disable, orgsync.Delete} {
			if n := t.Done[action]; n > 0 {
				done = append(done, fmt.Sprintf("%d %s", n, action))
			}
		}
		fmt.Fprintf(out, "   %s: %s\n", t.Name, strings.Join(done, ", "))
	}
	return err
}
