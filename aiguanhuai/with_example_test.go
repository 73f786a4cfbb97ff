package aiguanhuai_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/orgbridge/orgbridge/aiguanhuai"
	"github.com/orgbridge/orgbridge/aiguanhuai/aiguanhuaitest"
)

// A change that a person waits for should fail soon, and say what it saw. It shares the
// limiter with everything else.
func ExampleClient_With() {
	srv := aiguanhuaitest.NewServer()
	defer srv.Close()
	client, err := aiguanhuai.New(aiguanhuai.Config{BaseURL: srv.URL(), CorpID: "corp-demo"})
	if err != nil {
		fmt.Println(err)
		return
	}
	interactive, err := client.With(
		aiguanhuai.WithRetry(1, time.Second),
		aiguanhuai.WithHook(func(_ context.Context, a aiguanhuai.Attempt) { fmt.Println(a.Op, a.Status, a.Retry) }),
	)
	if err != nil {
		fmt.Println(err)
		return
	}

	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	departments := []aiguanhuai.Department{{DepartmentID: "d1", DepartmentName: "总部", Status: aiguanhuai.StatusActive}}
	srv.Inject(aiguanhuaitest.Status(503).On(aiguanhuaitest.OpUpdate))
	_, err = interactive.UpdateDepartments(ctx, departments)
	fmt.Println(errors.Is(err, aiguanhuai.ErrUnavailable))
	_, err = client.UpdateDepartments(ctx, departments)
	fmt.Println(err)
	// Output:
	// update 503 false
	// true
	// <nil>
}
