package yunzhijiatest_test

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/orgbridge/orgbridge/yunzhijia/yunzhijiatest"
)

func Example() {
	srv := yunzhijiatest.NewServer(yunzhijiatest.Seed(3, 40))
	defer srv.Close()
	client := srv.Client()
	srv.Inject(yunzhijiatest.Status(http.StatusServiceUnavailable).On(yunzhijiatest.OpGetCompany))

	company, err := client.GetCompany(context.Background())
	fmt.Println(company.UserCount, err)
	fmt.Println(srv.Count(yunzhijiatest.OpGetCompany), "requests")
	// Output:
	// 40 <nil>
	// 2 requests
}

func ExampleServer_Inject() {
	srv := yunzhijiatest.NewInMemory()
	defer srv.Close()
	client := srv.Client()
	srv.Inject(yunzhijiatest.RateLimited(time.Hour).On(yunzhijiatest.OpGetPerson))
	_, err := client.GetPerson(context.Background(), "p1")
	fmt.Println(err)
	// Output:
	// yunzhijia getperson: HTTP 429 Too Many Requests (retry after 1h0m0s)
}
