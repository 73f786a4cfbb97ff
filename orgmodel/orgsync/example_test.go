package orgsync_test

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/orgbridge/orgbridge/orgmodel"
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

// simulated is an organisation at 云之家 that is kept in step at 兔展. The app is
// granted phones or is not.
func simulated(phones bool, options ...orgsync.Option) (*yunzhijiatest.Server, *tuzhantest.Server, *orgsync.Engine) {
	seed := []yunzhijiatest.Option{yunzhijiatest.Seed(10, 100)}
	if phones {
		seed = append(seed, yunzhijiatest.WithContacts())
	}
	from, to := yunzhijiatest.NewServer(seed...), tuzhantest.NewServer()
	source, err := yunzhijia.New(from.Config())
	if err != nil {
		panic(err)
	}
	target, err := tuzhan.New(to.Config())
	if err != nil {
		panic(err)
	}
	engine, err := orgsync.New(orgsync.Config{
		Tenant: "acme", Source: &orgsync.YunzhijiaSource{Client: source},
		Targets: []orgsync.Target{&orgsync.TuzhanTarget{Client: target}}, Store: orgsync.NewMemoryStore(),
	}, options...)
	if err != nil {
		panic(err)
	}
	return from, to, engine
}

// Thirty of a hundred people leave at once. The guard stops that before anything is
// sent; whoever has looked at the plan approves it, and it alone.
func ExampleGuardError() {
	from, to, engine := simulated(true)
	defer from.Close()
	defer to.Close()
	ctx := context.Background()
	if _, err := engine.Run(ctx, orgsync.RunOptions{}); err != nil {
		panic(err)
	}
	for i := range 30 {
		from.Leave(fmt.Sprintf("person-%05d", i+1))
	}
	_, err := engine.Run(ctx, orgsync.RunOptions{})
	stopped, ok := errors.AsType[*orgsync.GuardError](err)
	if !ok {
		panic(err)
	}
	fmt.Println(stopped.Violations[0])
	fmt.Println(len(to.Employees()), "employees at 兔展")

	report, err := engine.Run(ctx, orgsync.RunOptions{Approve: stopped.Digest})
	fmt.Println(report.Targets[0].Done, err)
	// Output:
	// tuzhan: people removed: 30 of 100, 10 allowed
	// 100 employees at 兔展
	// map[delete:30] <nil>
}

// 云之家 grants few apps the phones that 兔展 demands. A roster supplies them; people
// who are not in it are skipped and reported.
func ExampleWithEnrichment() {
	mobiles := map[string]string{"person-00001": "13800000001", "person-00002": "13800000002"}
	from, to, engine := simulated(false, orgsync.WithEnrichment(orgsync.Enrichment{
		Person: func(p orgmodel.Person) (orgmodel.Person, error) {
			if mobile, there := mobiles[p.ID]; there {
				p.SetMobile(mobile)
			}
			return p, nil
		},
		Digest: func() string { return strconv.Itoa(len(mobiles)) }, // a new roster takes effect at once
	}))
	defer from.Close()
	defer to.Close()
	report, err := engine.Run(context.Background(), orgsync.RunOptions{})
	if err != nil {
		panic(err)
	}
	fmt.Println(len(to.Employees()), "employees at 兔展,", len(report.Targets[0].Skipped), "skipped")
	fmt.Println(report.Targets[0].Skipped[0].ID, report.Targets[0].Skipped[0].Reason)
	// Output:
	// 2 employees at 兔展, 98 skipped
	// person-00003 orgmodel: person "person-00003": mobile: is required, but unknown or empty
}

// A part of the organisation, with all below it, is kept in step. Everything is read all the same, so
// that nobody who is outside is taken for gone.
func ExampleWithScope() {
	from, to, engine := simulated(true, orgsync.WithScope(orgsync.Scope{Departments: []string{"org-0002"}}))
	defer from.Close()
	defer to.Close()
	report, err := engine.Run(context.Background(), orgsync.RunOptions{})
	if err != nil {
		panic(err)
	}
	fmt.Println(report.Reading.People, "people read,", len(to.Employees()), "pushed")
	// Output: 100 people read, 20 pushed
}
