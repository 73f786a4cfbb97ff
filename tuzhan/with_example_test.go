package tuzhan_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/orgbridge/orgbridge/tuzhan"
	"github.com/orgbridge/orgbridge/tuzhan/tuzhantest"
)

// A change that a person waits for should fail soon, and say what it saw. It shares the
// token and the limiter with everything else.
func ExampleClient_With() {
	srv := tuzhantest.NewServer()
	defer srv.Close()
	client := srv.Client()
	interactive, err := client.With(
		tuzhan.WithRetry(1, time.Second),
		tuzhan.WithHook(func(_ context.Context, a tuzhan.Attempt) { fmt.Println(a.Op, a.Status, a.Retry) }),
	)
	if err != nil {
		log.Fatal(err)
	}

	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	departments := []tuzhan.Department{{DeptType: tuzhan.DeptTypeExternal, ThirdDeptID: "D001", DeptName: "总公司"}}
	srv.Inject(tuzhantest.Status(503).On(tuzhantest.OpDepartments))
	_, err = interactive.UpdateDepartments(ctx, departments)
	fmt.Println(errors.Is(err, tuzhan.ErrUnavailable))
	_, err = client.AddDepartments(ctx, departments)
	fmt.Println(err)
	// Output:
	// dept/batchAdd update 503 false
	// true
	// <nil>
}
