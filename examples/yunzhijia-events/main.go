// Yunzhijia-events reads what changed at 云之家 a few seconds after 云之家 says that
// something did. By itself it lets a simulated 云之家 send events to it, and ends:
//
//	go run ./examples/yunzhijia-events
//
// With -listen it serves until it is interrupted, at the path /yunzhijia/events. Have TLS
// terminated in front of it, and enter the address in the console of 云之家 (管理中心 →
// 系统集成 → 通讯录同步). 云之家 then sends one check, so start the program first. Its
// environment:
//
//	YUNZHIJIA_EID           the team (工作圈)
//	YUNZHIJIA_EVENT_KEY     the key that events are signed with
//	YUNZHIJIA_EVENT_APP_ID  the 第三方应用ID, if they are those of an ISV's application
//	YUNZHIJIA_APP_ID        the light app that reads people, with YUNZHIJIA_APP_SECRET
//	YUNZHIJIA_BASE_URL      default https://www.yunzhijia.com
//
// For each of the secrets, the name with _FILE appended can name a file that holds it.
//
// receiver.go is the part to copy.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/orgbridge/orgbridge/orgmodel/orgsync/trigger"
	"github.com/orgbridge/orgbridge/yunzhijia"
	"github.com/orgbridge/orgbridge/yunzhijia/yunzhijiatest"
)

func main() {
	address := flag.String("listen", "", "`address` to serve on until interrupted, such as :8080")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	var err error
	if *address == "" {
		err = run(ctx, os.Stdout)
	} else {
		err = listen(ctx, *address, os.Getenv, os.Stderr)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "yunzhijia-events:", err)
		os.Exit(1)
	}
}

// run lets a simulated 云之家 change and tell.
func run(ctx context.Context, out io.Writer) (err error) {
	const key = "an-invented-key"
	vendor := yunzhijiatest.NewInMemory(yunzhijiatest.Seed(30, 500))
	defer vendor.Close()
	config := vendor.Config()
	client, err := yunzhijia.New(config, yunzhijia.WithHTTPClient(vendor.HTTPClient()))
	if err != nil {
		return err
	}
	readings := make(chan reading)
	r := &receiver{client: client, tell: func(done reading) { readings <- done }}
	handler, runs, err := r.open(yunzhijia.TeamEvents(config.EID, key),
		trigger.Config{AtStart: true, Quiet: 300 * time.Millisecond}, nil)
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(ctx)
	served := make(chan error, 1)
	go func() { served <- runs.Serve(ctx) }()
	defer func() {
		stop()
		err = errors.Join(err, <-served)
	}()
	fmt.Fprintln(out, "1. Read everyone once")
	fmt.Fprintln(out, "  ", <-readings)

	at := time.Now()
	sender := yunzhijiatest.NewEventSender(yunzhijiatest.EventSenderConfig{
		Handler: handler, EID: config.EID, Key: key, Now: func() time.Time { return at },
	})
	fmt.Fprintln(out, "2. 云之家 checks the address")
	if err := sender.Check(ctx); err != nil {
		return err
	}
	fmt.Fprintln(out, "   ok")

	fmt.Fprintln(out, "3. Two people move, one leaves; one event comes twice, one is lost, one is forged")
	vendor.UpdatePerson("person-00200", func(p *yunzhijia.Person) { p.OrgID = "org-0005" })
	vendor.UpdatePerson("person-00300", func(p *yunzhijia.Person) { p.OrgID = "org-0006" })
	vendor.Leave("person-00400")
	moved := yunzhijia.Event{Type: yunzhijia.EventPersonUpdate, ID: "person-00200", CreateTime: "1735689600000"}
	left := yunzhijia.Event{Type: yunzhijia.EventUserLeave, ID: "person-00400", CreateTime: "1735689600001"}
	for _, e := range []yunzhijia.Event{left, moved, moved} { // in any order
		if _, err := sender.Send(ctx, e); err != nil {
			return err
		}
	}
	deleted := yunzhijia.Event{Type: yunzhijia.EventOrgDelete, ID: "org-0001"}
	forged, err := sender.Send(ctx, deleted, yunzhijiatest.WrongKey())
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "   the forged one is answered with HTTP %d\n", forged.Status)
	fmt.Fprintln(out, "  ", <-readings)
	return nil
}
