package yunjiantest_test

import (
	"context"
	"fmt"
	"time"

	"github.com/orgbridge/orgbridge/yunjian"
	"github.com/orgbridge/orgbridge/yunjian/yunjiantest"
)

// An endpoint that ends sessions early: the client logs in again by itself.
func ExampleServer() {
	server := yunjiantest.NewServer()
	defer server.Close()
	client := server.Client()
	push := func(no string) {
		_, err := client.SyncUsers(context.Background(), []yunjian.User{
			{UserNo: no, FullName: "张三", Mobile: "13800000001"},
		})
		fmt.Println(no, err)
	}
	push("1001")
	server.ExpireSessions()
	push("1002")
	fmt.Println(len(server.Users()), "users,", server.Count(yunjiantest.OpGetSession), "logins")
	// Output:
	// 1001 <nil>
	// 1002 <nil>
	// 2 users, 2 logins
}

// A push to an endpoint that drops leavers: the answer breaks the rules of the
// page, and the caller says so.
func ExampleCaller() {
	h, err := yunjian.NewHandler(yunjian.HandlerConfig{
		Access: yunjian.NewAccess("demo", "pw", "k1"),
		Sync: func(_ context.Context, u yunjian.User) (yunjian.Ack, error) {
			if u.IsLeave {
				return yunjian.Ack{}, nil // forgot the key of the user
			}
			return yunjian.Ack{BindID: "emp-" + u.UserNo}, nil
		},
	})
	if err != nil {
		panic(err)
	}
	caller := yunjiantest.NewCaller(yunjiantest.CallerConfig{Handler: h, Account: "demo", Secret: "pw", SignKey: "k1"})
	_, err = caller.Push(context.Background(),
		yunjian.User{UserNo: "1001", FullName: "张三", Mobile: "13800000001"},
		yunjian.User{UserNo: "1002", FullName: "李四", Mobile: "13800000002", IsLeave: true},
	)
	fmt.Println(err)
	// Output: userSyn: answer row 1: a success without bindId
}

// What a network and its strangers do to an endpoint.
func ExampleCaller_Inject() {
	h, err := yunjian.NewHandler(yunjian.HandlerConfig{
		Access: yunjian.NewAccess("demo", "pw", "k1"),
		Sync: func(_ context.Context, u yunjian.User) (yunjian.Ack, error) {
			return yunjian.Ack{BindID: "emp-" + u.UserNo}, nil
		},
	})
	if err != nil {
		panic(err)
	}
	ctx := context.Background()
	caller := yunjiantest.NewCaller(yunjiantest.CallerConfig{Handler: h, Account: "demo", Secret: "pw", SignKey: "k1"})
	caller.Inject(
		yunjiantest.SendStale(time.Hour),
		yunjiantest.SendCut().On(yunjiantest.OpSyncUsers),
	)
	user := yunjian.User{UserNo: "1001", FullName: "张三", Mobile: "13800000001"}
	for range 3 {
		answer, err := caller.Push(ctx, user)
		fmt.Println(answer.Rows, err)
	}
	same, err := caller.ReplayLogin(ctx)
	fmt.Println(same, err)
	fmt.Println(caller.Flood(ctx, yunjiantest.Flood{Pushes: 10, Bytes: 1 << 20, Session: "stolen"}))
	// Output:
	// [] getSession refused: HTTP 200, resCode 10003
	// [] userSyn refused: HTTP 400, resCode 10001
	// [{1001  emp-1001  true}] <nil>
	// true <nil>
	// map[200:10]
}
