package yunjian_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/orgbridge/orgbridge/yunjian"
	"github.com/orgbridge/orgbridge/yunjian/yunjiantest"
)

// 云简 pushes employees to us: mount the handler, and give 云简 its two
// addresses with the account, secret and sign key.
func ExampleHandler() {
	h, err := yunjian.NewHandler(yunjian.HandlerConfig{
		Access: yunjian.NewAccess("demo", "a-long-secret", "a-long-sign-key"),
		Sync: func(_ context.Context, u yunjian.User) (yunjian.Ack, error) {
			if level, ok := u.Level.Get(); ok && level != "P6" {
				return yunjian.Ack{}, yunjian.Reject("职级未维护")
			}
			fmt.Println("received", u.UserNo, "left:", u.IsLeave)
			return yunjian.Ack{BindID: "emp-" + u.UserNo}, nil
		},
	})
	if err != nil {
		panic(err)
	}
	// http.Handle("/yunjian/", http.StripPrefix("/yunjian", h))

	// Here the simulator stands in for 云简.
	caller := yunjiantest.NewCaller(yunjiantest.CallerConfig{
		Handler: h, Account: "demo", Secret: "a-long-secret", SignKey: "a-long-sign-key",
	})
	answer, err := caller.Push(context.Background(),
		yunjian.User{UserNo: "1001", FullName: "张三", Mobile: "13800000001", Level: yunjian.Set("P6")},
		yunjian.User{UserNo: "1002", FullName: "李四", Mobile: "13800000002", Level: yunjian.Set("P9")},
		yunjian.User{UserNo: "1003", FullName: "王五", Mobile: "13800000003", IsLeave: true},
	)
	if err != nil {
		panic(err)
	}
	for _, row := range answer.Rows {
		fmt.Printf("%s %t %q\n", row.UserNo, row.Synced, row.BindID+row.Description)
	}
	// Output:
	// received 1001 left: false
	// received 1003 left: true
	// 1001 true "emp-1001"
	// 1002 false "职级未维护"
	// 1003 true "emp-1003"
}

// Pushing users to an endpoint as 云简 does.
func ExampleClient_SyncUsers() {
	server := yunjiantest.NewServer() // in place of the third party
	defer server.Close()
	server.RefuseRecord("1002", "职级未维护,同步失败")

	client, err := yunjian.New(yunjian.Config{
		URL:     server.SyncURL(),
		Account: yunjiantest.Account,
		UserNo:  "admin",
		Session: yunjian.Login(yunjian.LoginConfig{
			URL: server.SessionURL(), Secret: yunjiantest.Secret, SignKey: yunjiantest.SignKey,
		}),
	})
	if err != nil {
		panic(err)
	}
	result, err := client.SyncUsers(context.Background(), []yunjian.User{
		{UserNo: "1001", FullName: "张三", Mobile: "13800000001", DepartmentCode: yunjian.Set("D1")},
		{UserNo: "1002", FullName: "李四", Mobile: "13800000002"},
		{UserNo: "1003", FullName: "王五", Mobile: "138****0003"},
	})
	for _, item := range result.Succeeded {
		fmt.Println("synced", item.Record.UserNo, item.Ref)
	}
	for _, item := range result.Failed {
		switch {
		case errors.Is(item.Err, yunjian.ErrUserFailed):
			fmt.Println("failed", item.Record.UserNo, item.Message)
		case errors.Is(item.Err, yunjian.ErrInvalid):
			fmt.Println("not sent", item.Err)
		default:
			fmt.Println("repeat", item.Err)
		}
	}
	fmt.Println(errors.Is(err, yunjian.ErrUserFailed))
	// Output:
	// synced 1001 bind-1
	// failed 1002 职级未维护,同步失败
	// not sent userSyn: data[2].mobile is masked
	// true
}

func ExampleSign() {
	fmt.Println(yunjian.Sign("k1", map[string]string{
		"account": "demo", "secret": "pw", "timestamp": "1618708800000", "userNo": "U001",
		"platform": "tmc", "source": "tmc",
	}))
	// Output: 26dda60f6d37b15d8ed008696ccd1abe
}
