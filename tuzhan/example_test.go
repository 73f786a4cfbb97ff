package tuzhan_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/orgbridge/orgbridge/tuzhan"
	"github.com/orgbridge/orgbridge/tuzhan/tuzhantest"
)

func ExampleClient_AddDepartments() {
	srv := tuzhantest.NewServer() // stands for the vendor
	defer srv.Close()
	client := srv.Client()

	// In any order: parents are sent before their children.
	result, err := client.AddDepartments(context.Background(), []tuzhan.Department{
		{DeptType: tuzhan.DeptTypeExternal, ThirdDeptID: "D002", ThirdParentID: "D001", DeptName: "研发部"},
		{DeptType: tuzhan.DeptTypeExternal, ThirdDeptID: "D001", DeptName: "总公司"},
		{DeptType: tuzhan.DeptTypeExternal, ThirdDeptID: "D003", ThirdParentID: "D009", DeptName: "市场部"},
		{DeptType: tuzhan.DeptTypeExternal, ThirdDeptID: "D004"},
	})
	fmt.Println(len(result.Succeeded), "added")
	for _, item := range result.Failed {
		fmt.Println(item.Record.ThirdDeptID, item.Err)
	}
	fmt.Println(errors.Is(err, tuzhan.ErrInvalid))
	// Output:
	// 2 added
	// D003 tuzhan dept/batchAdd add: 父部门不存在
	// D004 dept/batchAdd add: data[3].deptName is required
	// true
}

// The vendor has no call that reads: a caller that adds what is there already updates
// it instead.
func ExampleClient_UpdateEmployees() {
	srv := tuzhantest.NewServer()
	defer srv.Close()
	client := srv.Client()
	ctx := context.Background()
	root := tuzhan.Department{DeptType: tuzhan.DeptTypeExternal, ThirdDeptID: "D001", DeptName: "总公司"}
	if _, err := client.AddDepartments(ctx, []tuzhan.Department{root}); err != nil {
		log.Fatal(err)
	}
	people := []tuzhan.Employee{{
		ThirdUserID: "U001", UserType: tuzhan.UserTypeOfficialAccount, ChannelName: "张三", Phone: "13800000001",
		ThirdDeptID: "D001", RoleKeys: []tuzhan.RoleKey{tuzhan.RoleEmployee},
	}}

	for range 2 {
		result, err := client.AddEmployees(ctx, people)
		var again []tuzhan.Employee
		for _, item := range result.Failed {
			if errors.Is(item.Err, tuzhan.ErrExists) {
				again = append(again, item.Record)
			}
		}
		fmt.Println("added:", len(result.Succeeded), "already there:", errors.Is(err, tuzhan.ErrExists))
		result, err = client.UpdateEmployees(ctx, again)
		fmt.Println("updated:", len(result.Succeeded), err)
	}
	// Output:
	// added: 1 already there: false
	// updated: 0 <nil>
	// added: 0 already there: true
	// updated: 1 <nil>
}

func ExampleClient_DeleteDepartments() {
	srv := tuzhantest.NewServer()
	defer srv.Close()
	client := srv.Client()
	ctx := context.Background()
	tree := []tuzhan.Department{
		{DeptType: tuzhan.DeptTypeExternal, ThirdDeptID: "D001", DeptName: "总公司"},
		{DeptType: tuzhan.DeptTypeExternal, ThirdDeptID: "D002", ThirdParentID: "D001", DeptName: "研发部"},
	}
	if _, err := client.AddDepartments(ctx, tree); err != nil {
		log.Fatal(err)
	}

	_, err := client.DeleteDepartments(ctx, tree[:1])
	fmt.Println(err)
	result, err := client.DeleteDepartments(ctx, tree) // children first
	fmt.Println(len(result.Succeeded), err)
	// Output:
	// 1 of 1 records did not succeed: data[0]: tuzhan dept/batchAdd delete: 存在子部门,无法删除
	// 2 <nil>
}

// Every record that did not succeed has an error that says what to do about it.
func ExampleResult() {
	srv := tuzhantest.NewServer()
	defer srv.Close()
	client := srv.Client()
	srv.Inject(tuzhantest.ResultStatus(0).On(tuzhantest.OpDepartments)) // "in progress"
	result, err := client.AddDepartments(context.Background(), []tuzhan.Department{
		{DeptType: tuzhan.DeptTypeExternal, ThirdDeptID: "D001", DeptName: "总公司"},
	})
	fmt.Println(err)
	for _, item := range append(result.Failed, result.Pending...) {
		switch {
		case errors.Is(item.Err, tuzhan.ErrInvalid):
			fmt.Println("repair the record")
		case errors.Is(item.Err, tuzhan.ErrNotSent):
			fmt.Println("send it again")
		case errors.Is(item.Err, tuzhan.ErrExists):
			fmt.Println("update it instead")
		case errors.Is(item.Err, tuzhan.ErrPending), errors.Is(item.Err, tuzhan.ErrOutcomeUnknown):
			fmt.Println("not known yet")
		default:
			fmt.Println("refused:", item.Message)
		}
	}
	// Output:
	// 1 of 1 records did not succeed: data[0]: tuzhan dept/batchAdd add: in progress at the vendor
	// not known yet
}
