package yunzhijia_test

import (
	"context"
	"fmt"
	"net/http"

	"github.com/orgbridge/orgbridge/yunzhijia"
	"github.com/orgbridge/orgbridge/yunzhijia/yunzhijiatest"
)

// An event only says that it is time to read again: the queue holds one signal, and a full
// queue loses nothing.
func ExampleNewEventHandler() {
	changed := make(chan struct{}, 1)
	handler, err := yunzhijia.NewEventHandler(yunzhijia.EventHandlerConfig{
		Access: []yunzhijia.EventAccess{yunzhijia.TeamEvents("10000001", "an-invented-key")},
		Take: func(context.Context, yunzhijia.Event) error {
			select {
			case changed <- struct{}{}:
			default: // there is one already
			}
			return nil
		},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	mux := http.NewServeMux()
	mux.Handle("/yunzhijia/events", handler)

	sender := yunzhijiatest.NewEventSender(yunzhijiatest.EventSenderConfig{ // plays the part of 云之家
		Handler: mux, EID: "10000001", Key: "an-invented-key",
	})
	for _, id := range []string{"o1", "o2"} {
		answer, err := sender.Send(context.Background(), yunzhijia.Event{Type: yunzhijia.EventUserEnter, ID: id})
		fmt.Println(answer.Body, err)
	}
	<-changed
	fmt.Println("time to read")
	// Output:
	// ok <nil>
	// ok <nil>
	// time to read
}
