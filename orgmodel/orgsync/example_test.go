package orgsync_test

import (
	"context"
	"fmt"

	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
	"github.com/orgbridge/orgbridge/tuzhan"
	"github.com/orgbridge/orgbridge/tuzhan/tuzhantest"
	"github.com/orgbridge/orgbridge/yunzhijia"
	"github.com/orgbridge/orgbridge/yunzhijia/yunzhijiatest"
)

func Example() {
	from := yunzhijiatest.NewServer(yunzhijiatest.Seed(10, 100), yunzhijiatest.WithContacts())
	defer from.Close()
	to := tuzhantest.NewServer()
	defer to.Close()
	source, err := yunzhijia.New(from.Config())
	if err != nil {
		panic(err)
	}
	target, err := tuzhan.New(to.Config())
	if err != nil {
		panic(err)
	}

	engine, err := orgsync.New(orgsync.Config{
		Tenant:  "acme",
		Source:  &orgsync.YunzhijiaSource{Client: source},
		Targets: []orgsync.Target{&orgsync.TuzhanTarget{Client: target}},
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
		from.Leave("person-00042")
	}
	// Output:
	// map[create:110]
	// map[delete:1]
}
