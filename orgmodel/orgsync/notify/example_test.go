package notify_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync/notify"
)

// A run that the guard stopped is told once, and its end too.
func ExampleAlarms() {
	group := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		fmt.Printf("%s\n", body)
		_, _ = io.WriteString(w, `{"errcode":0,"errmsg":"ok"}`)
	}))
	defer group.Close()
	robot, err := notify.New(group.URL+"/cgi-bin/webhook/send?key=an-invented-key", "", notify.WithLanguage(notify.English))
	if err != nil {
		fmt.Println(err)
		return
	}
	alarms := notify.NewAlarms(notify.AlarmsConfig{
		Notifier: robot, Now: func() time.Time { return time.Date(2025, 1, 1, 8, 0, 0, 0, time.UTC) },
	})

	// In real life, report and err come from Engine.Run.
	report := &orgsync.Report{Tenant: "10000001"}
	stopped := &orgsync.GuardError{
		Violations: []orgsync.Violation{{Kind: orgsync.KindPeople, Target: "tuzhan", Planned: 60, Of: 400, Allowed: 20}},
		Digest:     "5e2f",
	}
	for _, run := range []notify.Run{
		{Report: report, Err: stopped, Exit: notify.ExitGuarded},
		{Report: report, Err: stopped, Exit: notify.ExitGuarded},
		{Report: report, Exit: notify.ExitDone},
	} {
		if err := alarms.After(context.Background(), run); err != nil {
			fmt.Println("not delivered:", err)
		}
	}
	// Output:
	// {"msgtype":"text","text":{"content":"Org sync needs a decision\nTeam: 10000001\n• tuzhan: people removed: 60 of 400, 20 allowed\nTo let it pass: -approve 5e2f\nNext: look at the plan (-dry-run) before you let it pass"}}
	// {"msgtype":"text","text":{"content":"Org sync has recovered\nTeam: 10000001\nThe trouble began at 2025-01-01 08:00 +00:00"}}
}
