package yunzhijia_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/orgbridge/orgbridge/yunzhijia"
	"github.com/orgbridge/orgbridge/yunzhijia/yunzhijiatest"
)

func Example() {
	srv := yunzhijiatest.NewServer(yunzhijiatest.Seed(3, 250)) // instead of the vendor
	defer srv.Close()

	client := srv.Client()
	people, cursor, err := client.PersonFeed(yunzhijia.Beginning, yunzhijia.PageOptions{Prefetch: 4}).Latest(context.Background())
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(len(people), people[0].Name, people[0].JobTitle)

	// The next run starts where this one stopped, a little earlier.
	if cursor, err = cursor.Minus(time.Minute); err != nil {
		fmt.Println(err)
		return
	}
	srv.Leave("person-00007")
	changed, _, err := client.PersonFeed(cursor, yunzhijia.PageOptions{}).Latest(context.Background())
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, p := range changed {
		fmt.Println(p.OpenID, p.Status == yunzhijia.StatusLeft)
	}
	// Output:
	// 250 赵一 经理
	// person-00007 true
}

func ExamplePersonFeed_Events() {
	srv := yunzhijiatest.NewServer()
	defer srv.Close()
	client := srv.Client()
	srv.AddPerson(yunzhijia.Person{OpenID: "p1", JobTitle: "实习生"}, yunzhijia.Person{OpenID: "p2", JobTitle: "顾问"})
	srv.UpdatePerson("p1", func(p *yunzhijia.Person) { p.JobTitle = "工程师" })

	feed := client.PersonFeed(yunzhijia.Beginning, yunzhijia.PageOptions{})
	for person, err := range feed.Events(context.Background()) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(person.OpenID, person.JobTitle)
	}
	_, ended := feed.Cursor()
	fmt.Println("cursor:", ended)
	// Output:
	// p1 实习生
	// p2 顾问
	// p1 工程师
	// cursor: true
}

func ExampleClient_AllOrgs() {
	srv := yunzhijiatest.NewServer(yunzhijiatest.Seed(4, 0))
	defer srv.Close()
	client := srv.Client()
	for org, err := range client.AllOrgs(context.Background(), yunzhijia.PageOptions{}) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("%s %s below %q\n", org.OrgID, org.Name, org.ParentID)
	}
	// Output:
	// org-0001 示例工作圈 below ""
	// org-0002 产品1组 below "org-0001"
	// org-0003 市场2组 below "org-0001"
	// org-0004 销售3组 below "org-0001"
}

func ExampleClient_AllOrgUsers() {
	srv := yunzhijiatest.NewServer(yunzhijiatest.Seed(2, 2))
	defer srv.Close()
	client := srv.Client()
	query := yunzhijia.OrgUsersQuery{OrgIDs: []string{"org-0001"}, IncludeDescendants: true}
	for user, err := range client.AllOrgUsers(context.Background(), query, yunzhijia.PageOptions{}) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(user.OpenID, user.Phone) // masked
	}
	// Output:
	// person-00001 1380*******1
	// person-00002 1380*******2
}

func ExampleClient_GetPerson() {
	srv := yunzhijiatest.NewServer(yunzhijiatest.Seed(2, 2))
	defer srv.Close()
	client := srv.Client()
	person, err := client.GetPerson(context.Background(), "person-00002")
	fmt.Println(person.Department, err)
	fmt.Println(person) // what is personal does not print by accident

	_, err = client.GetPerson(context.Background(), "person-00099")
	fmt.Println(errors.Is(err, yunzhijia.ErrNoRecord))
	// Output:
	// 产品1组 <nil>
	// yunzhijia.Person{openId=person-00002 orgId=org-0002 status=1}
	// true
}

func ExampleClient_ListAncestorOrgs() {
	srv := yunzhijiatest.NewServer(yunzhijiatest.Seed(12, 0))
	defer srv.Close()
	client := srv.Client()
	chain, err := client.ListAncestorOrgs(context.Background(), "org-0010")
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, org := range chain { // the department itself comes first
		fmt.Println(org.OrgID)
	}
	// Output:
	// org-0010
	// org-0002
	// org-0001
}

func ExampleClient_AllRoleMembers() {
	srv := yunzhijiatest.NewServer(yunzhijiatest.Seed(1, 3))
	defer srv.Close()
	srv.AddRole("role-1", "安全员", "person-00001", "person-00003")
	client := srv.Client()
	for role, err := range client.AllRoleMembers(context.Background(), []string{"role-1"}, yunzhijia.PageOptions{}) {
		if err != nil {
			fmt.Println(err)
			return
		}
		for _, member := range role.Members {
			fmt.Println(role.RoleName, member.OpenID)
		}
	}
	// Output:
	// 安全员 person-00001
	// 安全员 person-00003
}

func ExampleClient_CreatePartner() {
	srv := yunzhijiatest.NewServer(yunzhijiatest.Seed(1, 1))
	defer srv.Close()
	srv.AddOtherTeam("13800000002", yunzhijia.FoundTeam{EID: "20002", NetworkID: "net-2", Name: "示例伙伴"})
	client := srv.Client()
	ctx := context.Background()
	found, err := client.SearchTeams(ctx, yunzhijia.SearchTeamsRequest{Phone: "13800000002", Name: "示例伙伴"})
	if err != nil {
		fmt.Println(err)
		return
	}
	err = client.CreatePartner(ctx, yunzhijia.CreatePartnerRequest{
		MyOpenID: "person-00001", PartnerEID: found[0].EID, PartnerPhone: "13800000002",
	})
	if errors.Is(err, yunzhijia.ErrOutcomeUnknown) {
		fmt.Println("look before trying again")
	}
	for partner, err := range client.AllPartners(ctx, time.Time{}, yunzhijia.PageOptions{}) {
		fmt.Println(partner.EID, len(partner.Contacts), err)
	}
	// Output:
	// 20002 1 <nil>
}

func ExampleError() {
	srv := yunzhijiatest.NewServer()
	defer srv.Close()
	srv.Inject(yunzhijiatest.Refuse(1201030, "nobody has 13800000001").On(yunzhijiatest.OpGetCompany))
	client := srv.Client()
	_, err := client.GetCompany(context.Background())
	if e, ok := errors.AsType[*yunzhijia.Error](err); ok {
		fmt.Println(e.Op, e.Code)
	}
	fmt.Println(err)
	// Output:
	// getcompany 1201030
	// yunzhijia getcompany: code 1201030: nobody has ***
}
