package yunzhijiatest_test

import (
	"context"
	"fmt"

	"github.com/orgbridge/orgbridge/yunzhijia/yunzhijiatest"
)

func ExampleServer_SyncConfig() {
	srv := yunzhijiatest.NewServer(yunzhijiatest.Seed(3, 20), yunzhijiatest.WithMaskedPhones())
	defer srv.Close()
	srv.SetDetails("person-00002", yunzhijiatest.Details{HireDate: "2019-03-01"})
	client := srv.SyncClient()
	people, err := client.GetDirectoryPersons(context.Background(), []string{"person-00002"})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(people[0].Phone, people[0].HireDate)
	// Output: 138****0002 2019-03-01
}
