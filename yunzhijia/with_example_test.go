package yunzhijia_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/orgbridge/orgbridge/yunzhijia"
	"github.com/orgbridge/orgbridge/yunzhijia/yunzhijiatest"
)

// A health check should not retry, and should say what it saw. It shares the token and
// the limiter with everything else.
func ExampleClient_With() {
	srv := yunzhijiatest.NewServer(yunzhijiatest.Seed(3, 10))
	defer srv.Close()
	client := srv.Client()
	probe, err := client.With(
		yunzhijia.WithRetry(1, time.Second),
		yunzhijia.WithHook(func(_ context.Context, a yunzhijia.Attempt) { fmt.Println(a.Op, a.Status, a.Retry) }),
	)
	if err != nil {
		fmt.Println(err)
		return
	}

	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	srv.Inject(yunzhijiatest.Status(503).On(yunzhijiatest.OpGetCompany))
	_, err = probe.GetCompany(ctx)
	fmt.Println(errors.Is(err, yunzhijia.ErrUnavailable))
	_, err = client.GetCompany(ctx)
	fmt.Println(err)
	// Output:
	// getcompany 503 false
	// true
	// <nil>
}
