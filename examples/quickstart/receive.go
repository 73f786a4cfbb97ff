package main

import (
	"context"
	"fmt"
	"io"
	"sync"

	"github.com/orgbridge/orgbridge/yunjian"
	"github.com/orgbridge/orgbridge/yunjian/yunjiantest"
)

// receive shows the other direction: 云简 logs in and pushes its users to an
// endpoint of ours. In a real program handler goes to an http.Server.
func receive(ctx context.Context, out io.Writer) error {
	const account, secret, signKey = "acme", "invented-secret", "invented-sign-key"
	var (
		mu    sync.Mutex
		users = map[string]yunjian.User{}
	)
	handler, err := yunjian.NewHandler(yunjian.HandlerConfig{
		Access: yunjian.NewAccess(account, secret, signKey), // issued to 云简
		Sync: func(_ context.Context, u yunjian.User) (yunjian.Ack, error) {
			if u.Level.Or("") == "P99" {
				return yunjian.Ack{}, yunjian.Reject("职级未维护") // 云简 shows this text
			}
			mu.Lock()
			defer mu.Unlock()
			users[u.UserNo] = u
			return yunjian.Ack{BindID: "ours-" + u.UserNo}, nil
		},
	})
	if err != nil {
		return err
	}

	caller := yunjiantest.NewCaller(yunjiantest.CallerConfig{Handler: handler, Account: account, Secret: secret, SignKey: signKey})
	answer, err := caller.Push(ctx,
		yunjian.User{UserNo: "91228", FullName: "张三", Mobile: "13800000001", Level: yunjian.Set("P5")},
		yunjian.User{UserNo: "91229", FullName: "李四", Mobile: "13800000002", Level: yunjian.Set("P99")},
		yunjian.User{UserNo: "91230", FullName: "王五", Mobile: "13800000003", IsLeave: true},
	)
	if err != nil {
		return err
	}
	for _, row := range answer.Rows {
		if !row.Synced {
			fmt.Fprintf(out, "   user %s refused: %s\n", row.UserNo, row.Description)
		}
	}
	fmt.Fprintf(out, "   %d of %d users taken\n", len(users), len(answer.Rows))
	return nil
}
