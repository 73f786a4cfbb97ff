package yunjian_test

import (
	"context"
	"fmt"

	"github.com/orgbridge/orgbridge/yunjian"
	"github.com/orgbridge/orgbridge/yunjian/yunjiantest"
)

// Pushing reads alike in the three packages that push.
func Example_push() {
	srv := yunjiantest.NewServer() // stands for the vendor
	defer srv.Close()
	client := srv.Client()
	result, err := client.SyncUsers(context.Background(), []yunjian.User{
		{UserNo: "1001", FullName: "张三", Mobile: "13800000001"},
		{UserNo: "1002", FullName: "李四", Mobile: "138****0002"},
	})
	for _, item := range result.Failed {
		fmt.Println("failed:", item.Err)
	}
	fmt.Println(len(result.Succeeded), "succeeded,", len(result.Pending), "pending,", len(result.Unsent), "not sent:", err)
	// Output:
	// failed: userSyn: data[1].mobile is masked
	// 1 succeeded, 0 pending, 0 not sent: 1 of 2 records did not succeed: userSyn: data[1].mobile is masked
}
