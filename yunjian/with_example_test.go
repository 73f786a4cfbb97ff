package yunjian_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/orgbridge/orgbridge/yunjian"
	"github.com/orgbridge/orgbridge/yunjian/yunjiantest"
)

// A change that a person waits for should fail soon, and say what it saw. It shares the
// session and the limiter with everything else.
func ExampleClient_With() {
	server := yunjiantest.NewServer()
	defer server.Close()
	client, err := yunjian.New(yunjian.Config{
		URL: server.SyncURL(), Account: yunjiantest.Account, UserNo: "admin",
		Session: yunjian.Login(yunjian.LoginConfig{URL: server.SessionURL(), Secret: yunjiantest.Secret, SignKey: yunjiantest.SignKey}),
	})
	if err != nil {
		panic(err)
	}
	interactive, err := client.With(
		yunjian.WithRetry(1, time.Second),
		yunjian.WithHook(func(_ context.Context, a yunjian.Attempt) { fmt.Println(a.Op, a.Status, a.Retry) }),
	)
	if err != nil {
		panic(err)
	}

	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	users := []yunjian.User{{UserNo: "1001", FullName: "张三", Mobile: "13800000001"}}
	server.Inject(yunjiantest.Status(503).On(yunjiantest.OpSyncUsers))
	_, err = interactive.SyncUsers(ctx, users)
	fmt.Println(errors.Is(err, yunjian.ErrUnavailable))
	_, err = client.SyncUsers(ctx, users)
	fmt.Println(err)
	// Output:
	// userSyn 503 false
	// true
	// <nil>
}
