package yunzhijiatest_test

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/orgbridge/orgbridge/yunzhijia"
	"github.com/orgbridge/orgbridge/yunzhijia/yunzhijiatest"
)

func Example() {
	srv := yunzhijiatest.NewServer(yunzhijiatest.Seed(3, 40))
	defer srv.Close()
	client, err := yunzhijia.New(srv.Config())
	if err != nil {
		fmt.Println(err)
		return
	}
	srv.Inject(yunzhijiatest.Status(http.StatusServiceUnavailable).On("getcompany"))

	company, err := client.GetCompany(context.Background())
	fmt.Println(company.UserCount, err)
	fmt.Println(srv.Count("getcompany"), "requests")
	// Output:
	// 40 <nil>
	// 2 requests
}

func ExampleServer_Inject() {
	srv := yunzhijiatest.NewInMemory()
	defer srv.Close()
	client, err := yunzhijia.New(srv.Config(), yunzhijia.WithHTTPClient(srv.HTTPClient()))
	if err != nil {
		fmt.Println(err)
		return
	}
	srv.Inject(yunzhijiatest.RateLimited(time.Hour).On("getperson"))
	_, err = client.GetPerson(context.Background(), "p1")
	fmt.Println(err)
	// Output:
	// yunzhijia getperson: HTTP 429 Too Many Requests (retry after 1h0m0s)
}
