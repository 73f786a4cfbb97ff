package aiguanhuai_test

import (
	"context"
	"fmt"

	"github.com/orgbridge/orgbridge/aiguanhuai"
	"github.com/orgbridge/orgbridge/aiguanhuai/aiguanhuaitest"
)

// Pushing reads alike in the three packages that push.
func Example_push() {
	srv := aiguanhuaitest.NewServer() // stands for the vendor
	defer srv.Close()
	client := srv.Client()
	result, err := client.UpdatePeople(context.Background(), []aiguanhuai.Person{
		{UserID: "1001", RealName: "张三", Mobile: aiguanhuai.Set("13800000001"), Account: "1001", Status: aiguanhuai.StatusActive},
		{UserID: "1002", RealName: "李四", Mobile: aiguanhuai.Set("138****0002"), Account: "1002", Status: aiguanhuai.StatusActive},
	})
	for _, item := range result.Failed {
		fmt.Println("failed:", item.Err)
	}
	fmt.Println(len(result.Succeeded), "succeeded,", len(result.Pending), "pending,", len(result.Unsent), "not sent:", err)
	// Output:
	// failed: update: data[1].mobile is masked
	// 1 succeeded, 0 pending, 0 not sent: 1 of 2 records did not succeed: update: data[1].mobile is masked
}
