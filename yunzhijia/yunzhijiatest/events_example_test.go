package yunzhijiatest_test

import (
	"context"
	"fmt"

	"github.com/orgbridge/orgbridge/yunzhijia"
	"github.com/orgbridge/orgbridge/yunzhijia/yunzhijiatest"
)

// A receiver sees what 云之家 sends, and what anyone else might.
func ExampleEventSender() {
	handler, err := yunzhijia.NewEventHandler(yunzhijia.EventHandlerConfig{
		Access: []yunzhijia.EventAccess{yunzhijia.TeamEvents("10000001", "an-invented-key")},
		Take: func(_ context.Context, e yunzhijia.Event) error {
			fmt.Println("taken:", e.Type, e.ID)
			return nil
		},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx := context.Background()
	sender := yunzhijiatest.NewEventSender(yunzhijiatest.EventSenderConfig{
		Handler: handler, EID: "10000001", Key: "an-invented-key",
	})
	fmt.Println("check:", sender.Check(ctx))
	moved := yunzhijia.Event{Type: yunzhijia.EventPersonUpdate, ID: "o1"}
	for _, faults := range [][]yunzhijiatest.EventFault{nil, {yunzhijiatest.WrongKey()}} {
		answer, err := sender.Send(ctx, moved, faults...)
		fmt.Println(answer.Status, answer.Body, err)
	}
	// Output:
	// check: <nil>
	// taken: person_update o1
	// 200 ok <nil>
	// 403 refused <nil>
}
