package orgsync_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	"github.com/orgbridge/orgbridge/orgmodel"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
	"github.com/orgbridge/orgbridge/tuzhan/tuzhantest"
	"github.com/orgbridge/orgbridge/yunjian/yunjiantest"
	"github.com/orgbridge/orgbridge/yunzhijia"
	"github.com/orgbridge/orgbridge/yunzhijia/yunzhijiatest"
)

func Example() {
	from := yunzhijiatest.NewServer(yunzhijiatest.Seed(10, 100), yunzhijiatest.WithContacts())
	defer from.Close()
	to := tuzhantest.NewServer()
	defer to.Close()
	source := from.Client()
	target := to.Client()

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
	source := from.Client()
	target := to.Client()
	engine, err := orgsync.New(orgsync.Config{
		Tenant: "acme", Source: &orgsync.YunzhijiaSource{Client: source},
		Targets: []orgsync.Target{&orgsync.TuzhanTarget{Client: target}}, Store: orgsync.NewMemoryStore(),
	}, options...)
	if err != nil {
		panic(err)
	}
	return from, to, engine
}

// leave lets the first n people leave.
func leave(from *yunzhijiatest.Server, n int) {
	for i := range n {
		from.Leave(fmt.Sprintf("person-%05d", i+1))
	}
}

// Thirty of a hundred people leave at once. The guard stops that before anything is
// sent. Once a person has looked at it, the approval names what was objected to: whatever
// changes elsewhere meanwhile does not void it.
func ExampleGuardError() {
	from, to, engine := simulated(true)
	defer from.Close()
	defer to.Close()
	ctx := context.Background()
	if _, err := engine.Run(ctx, orgsync.RunOptions{}); err != nil {
		panic(err)
	}
	leave(from, 30)
	_, err := engine.Run(ctx, orgsync.RunOptions{})
	stopped, ok := errors.AsType[*orgsync.GuardError](err)
	if !ok {
		panic(err)
	}
	fmt.Println(stopped.Violations[0])
	fmt.Println(len(to.Employees()), "employees at 兔展")

	from.UpdatePerson("person-00099", func(p *yunzhijia.Person) { p.JobTitle = "总监" })
	report, err := engine.Run(ctx, orgsync.RunOptions{Approve: orgsync.Approve{Digest: stopped.Digest, By: "wang"}})
	fmt.Println(report.Targets[0].Done, err)
	// Output:
	// tuzhan: people removed: 30 of 100, 10 allowed
	// 100 employees at 兔展
	// map[delete:30 update:1] <nil>
}

// While no one has decided yet, everything else goes on.
func ExampleRunOptions_hold() {
	from, to, engine := simulated(true)
	defer from.Close()
	defer to.Close()
	ctx := context.Background()
	if _, err := engine.Run(ctx, orgsync.RunOptions{}); err != nil {
		panic(err)
	}
	leave(from, 30)
	from.AddPerson(yunzhijia.Person{OpenID: "person-new", Name: "赵新", Phone: "13900000001", OrgID: "org-0003"})
	report, err := engine.Run(ctx, orgsync.RunOptions{Hold: true})
	stopped, ok := errors.AsType[*orgsync.GuardError](err)
	if !ok {
		panic(err)
	}
	fmt.Println("held back:", stopped.Held)
	fmt.Println(report.Targets[0].Done, len(to.Employees()), "employees at 兔展")
	// Output:
	// held back: true
	// map[create:1] 101 employees at 兔展
}

// A plan is a value: it can be kept, shown and compared, and holds no names or mobiles.
func ExampleEngine_Plan() {
	from, to, engine := simulated(true)
	defer from.Close()
	defer to.Close()
	ctx := context.Background()
	if _, err := engine.Run(ctx, orgsync.RunOptions{}); err != nil {
		panic(err)
	}
	from.Leave("person-00042")
	from.UpdatePerson("person-00007", func(p *yunzhijia.Person) { p.OrgID = "org-0003" })
	plan, err := engine.Plan(ctx, orgsync.RunOptions{})
	if err != nil {
		panic(err)
	}
	text, err := json.MarshalIndent(plan.Targets[0].Changes, "", "  ")
	if err != nil {
		panic(err)
	}
	fmt.Println(string(text))
	// Output:
	// [
	//   {
	//     "op": "updatePeople",
	//     "action": "move",
	//     "entity": "person",
	//     "id": "person-00007",
	//     "department": "org-0003",
	//     "from": "org-0007",
	//     "reason": "changed"
	//   },
	//   {
	//     "op": "removePeople",
	//     "action": "delete",
	//     "entity": "person",
	//     "id": "person-00042",
	//     "department": "org-0002",
	//     "reason": "left"
	//   }
	// ]
}

// 云简 takes no user without name and mobile, so a person who has vanished from 云之家 can
// be disabled there only with what the state keeps of them, sealed.
func ExampleWithSealing() {
	from := yunzhijiatest.NewServer(yunzhijiatest.Seed(10, 100), yunzhijiatest.WithContacts())
	defer from.Close()
	to := yunjiantest.NewServer()
	defer to.Close()
	source := from.Client()
	target := to.Client()
	key := bytes.Repeat([]byte{7}, 32) // 32 random bytes, kept apart from the state
	engine, err := orgsync.New(orgsync.Config{
		Tenant: "acme", Source: &orgsync.YunzhijiaSource{Client: source},
		Targets: []orgsync.Target{&orgsync.YunjianTarget{Client: target}}, Store: orgsync.NewMemoryStore(),
	}, orgsync.WithSealing(key))
	if err != nil {
		panic(err)
	}
	report, err := engine.Run(context.Background(), orgsync.RunOptions{})
	fmt.Println(report.Targets[0].Done, err)

	from.RemovePerson("person-00042")
	report, err = engine.Run(context.Background(), orgsync.RunOptions{Full: true})
	fmt.Println(report.Targets[0].Done, err)
	// Output:
	// map[create:100] <nil>
	// map[disable:1] <nil>
}

// 云之家 grants few apps the phones that 兔展 demands. A roster supplies them; people who are
// not in it are skipped and reported. If that is most of the company, the run fails with a
// [orgsync.CoverageError].
func ExampleWithEnrichment() {
	mobiles := map[string]string{}
	for i := range 98 {
		mobiles[fmt.Sprintf("person-%05d", i+1)] = fmt.Sprintf("138%08d", i+1)
	}
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
	fmt.Println(report.Targets[0].Skipped[0].Reason)
	// Output:
	// 98 employees at 兔展, 2 skipped
	// orgmodel: person "person-00099": mobile: is required, but unknown or empty
}

// A part of the organisation, with all below it, is kept in step. Everything is read
// regardless, so that no one who is outside is taken for gone.
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
