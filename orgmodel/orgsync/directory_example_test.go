package orgsync_test

import (
	"context"
	"fmt"

	"github.com/orgbridge/orgbridge/aiguanhuai/aiguanhuaitest"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
	"github.com/orgbridge/orgbridge/yunzhijia"
	"github.com/orgbridge/orgbridge/yunzhijia/yunzhijiatest"
)

func ExampleYunzhijiaDirectorySource() {
	from := yunzhijiatest.NewServer(yunzhijiatest.Seed(10, 100))
	defer from.Close()
	to := aiguanhuaitest.NewServer()
	defer to.Close()
	source := from.SyncClient()
	target := to.Client()
	engine, err := orgsync.New(orgsync.Config{
		Tenant:  "acme",
		Source:  &orgsync.YunzhijiaDirectorySource{Client: source},
		Targets: []orgsync.Target{&orgsync.AiguanhuaiTarget{Client: target}},
		Store:   orgsync.NewMemoryStore(), // boltstore or sqlstore, to keep it
	})
	if err != nil {
		panic(err)
	}
	for range 2 {
		report, err := engine.Run(context.Background(), orgsync.RunOptions{})
		if err != nil {
			panic(err)
		}
		fmt.Println(report.Targets[0].Done)
		// A side job is seen by the next run, and so is its end.
		from.SetSideJobs("person-00042", yunzhijia.SideJob{OrgID: "org-0003"})
	}
	// Output:
	// map[create:110]
	// map[update:1]
}
