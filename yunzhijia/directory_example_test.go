package yunzhijia_test

import (
	"context"
	"fmt"
	"time"

	"github.com/orgbridge/orgbridge/yunzhijia"
	"github.com/orgbridge/orgbridge/yunzhijia/yunzhijiatest"
)

// directoryExample is a simulated team and a client of its directory interface. For the
// vendor's it is yunzhijia.New(yunzhijia.Config{Credentials:
// yunzhijia.SyncCredentials(eid, key)}).
func directoryExample() (*yunzhijiatest.Server, *yunzhijia.Client) {
	srv := yunzhijiatest.NewServer(yunzhijiatest.Seed(3, 250))
	client := srv.SyncClient()
	return srv, client
}

func ExampleSyncCredentials() {
	srv, client := directoryExample()
	defer srv.Close()

	feed := client.DirectoryPersons(yunzhijia.PageOptions{Prefetch: 4})
	people := 0
	for person, err := range feed.Persons(context.Background()) {
		if err != nil {
			fmt.Println(err)
			return
		}
		if people == 0 {
			fmt.Println(person.Name, person.Phone, person.OrgID)
		}
		people++
	}
	fmt.Println(people)
	// Output:
	// 赵一 13800000001 org-0001
	// 250
}

func ExampleClient_ChangedPersons() {
	srv, client := directoryExample()
	defer srv.Close()
	ctx := context.Background()
	feed := client.DirectoryPersons(yunzhijia.PageOptions{})
	for _, err := range feed.Persons(ctx) {
		if err != nil {
			fmt.Println(err)
			return
		}
	}
	clock, ended := feed.Clock() // the vendor's, to start from next time
	since, err := yunzhijia.CursorAt(clock, nil).Minus(5 * time.Minute)
	if err != nil || !ended {
		fmt.Println(err, ended)
		return
	}

	srv.Leave("person-00007")
	var named []string // rows are pointers: read the people they name
	for person, err := range client.ChangedPersons(since, yunzhijia.PageOptions{}).Persons(ctx) {
		if err != nil {
			fmt.Println(err)
			return
		}
		if person.OpenID == "person-00007" {
			named = append(named, person.OpenID)
		}
	}
	for person, err := range client.AllDirectoryPersonsByID(ctx, named) {
		fmt.Println(person.OpenID, person.Status == yunzhijia.StatusLeft, err)
	}
	// Output: person-00007 true <nil>
}

func ExampleClient_AllSideJobs() {
	srv, client := directoryExample()
	defer srv.Close()
	srv.SetSideJobs("person-00002", yunzhijia.SideJob{OrgID: "org-0003", JobTitle: "顾问"})

	for job, err := range client.AllSideJobs(context.Background(), yunzhijia.PageOptions{}) {
		fmt.Println(job.OpenID, job.OrgID, job.JobTitle, err)
	}
	jobs, err := client.ListPersonJobs(context.Background(), []string{"person-00002"})
	fmt.Println(jobs[0].Main.OrgID, len(jobs[0].Sides), err)
	// Output:
	// person-00002 org-0003 顾问 <nil>
	// org-0002 1 <nil>
}

func ExampleClient_ListDirectoryOrgs() {
	srv, client := directoryExample()
	defer srv.Close()
	ctx := context.Background()

	orgs, err := client.ListDirectoryOrgs(ctx) // without the root, perhaps
	fmt.Println(len(orgs), err)
	root, err := client.GetDirectoryOrgsByName(ctx, []string{yunzhijia.RootOrg})
	fmt.Println(root[0].ID, err)
	srv.RemoveOrg("org-0003")
	changed, err := client.ListChangedOrgs(ctx, yunzhijia.CursorAt(time.Now().Add(-time.Minute), nil))
	for _, org := range changed {
		if org.ChangeType == yunzhijia.OrgDeleted {
			fmt.Println("deleted:", org.ID, err)
		}
	}
	// Output:
	// 2 <nil>
	// org-0001 <nil>
	// deleted: org-0003 <nil>
}

func ExampleClient_AllOrgHeads() {
	srv, client := directoryExample()
	defer srv.Close()
	ctx := context.Background()
	srv.SetSuperiors("person-00009", "person-00001")

	for head, err := range client.AllOrgHeads(ctx, yunzhijia.PageOptions{}) {
		fmt.Println(head.OpenID, "heads", head.DepartmentID, err)
	}
	for r, err := range client.AllReportingLines(ctx, yunzhijia.SuperiorSelected, yunzhijia.PageOptions{}) {
		fmt.Println(r.OpenID, "reports to", r.LeaderOpenID, err)
	}
	// Output:
	// person-00001 heads org-0001 <nil>
	// person-00002 heads org-0002 <nil>
	// person-00003 heads org-0003 <nil>
	// person-00009 reports to person-00001 <nil>
}

func ExampleClient_AllPhoneChanges() {
	srv, client := directoryExample()
	defer srv.Close()
	srv.UpdatePerson("person-00005", func(p *yunzhijia.Person) { p.Phone = "13900000005" })

	for change, err := range client.AllPhoneChanges(context.Background(), yunzhijia.Beginning, yunzhijia.PageOptions{}) {
		fmt.Println(change.OpenID, change.NewPhone, err)
	}
	// Output: person-00005 13900000005 <nil>
}
