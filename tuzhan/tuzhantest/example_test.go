package tuzhantest_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/orgbridge/orgbridge/tuzhan"
	"github.com/orgbridge/orgbridge/tuzhan/tuzhantest"
)

// What does our code do when the vendor refuses one record, and when an answer
// is lost?
func Example() {
	srv := tuzhantest.NewServer()
	defer srv.Close()
	client := srv.Client()
	departments := []tuzhan.Department{
		{DeptType: tuzhan.DeptTypeExternal, ThirdDeptID: "D001", DeptName: "总公司"},
		{DeptType: tuzhan.DeptTypeExternal, ThirdDeptID: "D002", DeptName: "研发部"},
	}

	srv.RefuseRecord("D002", "部门名称含敏感词")
	result, _ := client.AddDepartments(context.Background(), departments)
	fmt.Println(result.Failed[0].Record.ThirdDeptID, result.Failed[0].Message)

	srv.RefuseRecord("D002", "")
	srv.Inject(tuzhantest.LoseAnswer().On(tuzhantest.OpDepartments))
	_, err := client.AddDepartments(context.Background(), departments[1:])
	fmt.Println("outcome unknown:", errors.Is(err, tuzhan.ErrOutcomeUnknown))
	fmt.Println("held:", len(srv.Departments()))
	// Output:
	// D002 部门名称含敏感词
	// outcome unknown: true
	// held: 2
}
