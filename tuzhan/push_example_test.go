package tuzhan_test

import (
	"context"
	"fmt"

	"github.com/orgbridge/orgbridge/tuzhan"
	"github.com/orgbridge/orgbridge/tuzhan/tuzhantest"
)

// Pushing reads alike in the three packages that push.
func Example_push() {
	srv := tuzhantest.NewServer() // stands for the vendor
	defer srv.Close()
	client := srv.Client()
	head := tuzhan.Department{DeptType: tuzhan.DeptTypeExternal, ThirdDeptID: "D1", DeptName: "总公司"}
	if _, err := client.AddDepartments(context.Background(), []tuzhan.Department{head}); err != nil {
		fmt.Println(err)
		return
	}
	result, err := client.AddEmployees(context.Background(), []tuzhan.Employee{
		{ThirdUserID: "1001", ChannelName: "张三", Phone: "13800000001", ThirdDeptID: "D1", UserType: tuzhan.UserTypeOfficialAccount, RoleKeys: []tuzhan.RoleKey{tuzhan.RoleEmployee}},
		{ThirdUserID: "1002", ChannelName: "李四", Phone: "138****0002", ThirdDeptID: "D1", UserType: tuzhan.UserTypeOfficialAccount, RoleKeys: []tuzhan.RoleKey{tuzhan.RoleEmployee}},
	})
	for _, item := range result.Failed {
		fmt.Println("failed:", item.Err)
	}
	fmt.Println(len(result.Succeeded), "succeeded,", len(result.Pending), "pending,", len(result.Unsent), "not sent:", err)
	// Output:
	// failed: channel/employee/batchAdd add: data[1].phone is masked
	// 1 succeeded, 0 pending, 0 not sent: 1 of 2 records did not succeed: channel/employee/batchAdd add: data[1].phone is masked
}
