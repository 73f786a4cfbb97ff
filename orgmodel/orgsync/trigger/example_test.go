package trigger_test

import (
	"context"
	"fmt"
	"time"

	"github.com/orgbridge/orgbridge/orgmodel/orgsync/trigger"
)

func ExampleTrigger() {
	ctx, stop := context.WithCancel(context.Background())
	t, err := trigger.New(trigger.Config{
		Run: func(_ context.Context, r trigger.Request) {
			fmt.Println("a run, because of", r.Cause, "with", r.Events, "events")
			stop() // a real program goes on until it is interrupted
		},
		Every: 15 * time.Minute,
		Quiet: time.Millisecond, // by default 5 seconds
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for range 3 { // as a handler does, for each event that it received
		if err := t.Event(); err != nil {
			fmt.Println(err)
		}
	}
	if err := t.Serve(ctx); err != nil {
		fmt.Println(err)
	}
	// Output: a run, because of events with 3 events
}
