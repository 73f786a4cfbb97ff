package main

import (
	"fmt"
	"io"

	"github.com/orgbridge/orgbridge/aiguanhuai"
	"github.com/orgbridge/orgbridge/aiguanhuai/aiguanhuaitest"
	"github.com/orgbridge/orgbridge/tuzhan/tuzhantest"
	"github.com/orgbridge/orgbridge/yunjian/yunjiantest"
	"github.com/orgbridge/orgbridge/yunzhijia"
	"github.com/orgbridge/orgbridge/yunzhijia/yunzhijiatest"
)

// vendors are the four of them, on loopback.
type vendors struct {
	yunzhijia  *yunzhijiatest.Server
	aiguanhuai *aiguanhuaitest.Server
	tuzhan     *tuzhantest.Server
	yunjian    *yunjiantest.Server
}

func startVendors(orgs, people int) vendors {
	v := vendors{
		// WithContacts: 云之家 grants phones and e-mail addresses only to some
		// apps. Without them they are unknown, and 兔展 and 云简 need a number.
		yunzhijia:  yunzhijiatest.NewServer(yunzhijiatest.Seed(orgs, people), yunzhijiatest.WithContacts()),
		aiguanhuai: aiguanhuaitest.NewServer(),
		tuzhan:     tuzhantest.NewServer(),
		yunjian:    yunjiantest.NewServer(),
	}
	// The feed of 云之家 also tells of people who left long ago.
	v.yunzhijia.Leave("person-00500")
	return v
}

func (v vendors) close() {
	v.yunzhijia.Close()
	v.aiguanhuai.Close()
	v.tuzhan.Close()
	v.yunjian.Close()
}

func (v vendors) peopleChange() {
	for i, name := range []string{"赵新", "钱新"} {
		v.yunzhijia.AddPerson(yunzhijia.Person{
			OpenID: fmt.Sprintf("person-new-%d", i+1), Name: name, Phone: fmt.Sprintf("1390000000%d", i+1), OrgID: "org-0003",
			JobTitle: "工程师", JobNo: fmt.Sprintf("E9000%d", i+1),
		})
	}
	for _, id := range []string{"person-00100", "person-00200", "person-00300"} {
		v.yunzhijia.Leave(id)
	}
	v.yunzhijia.UpdatePerson("person-00400", func(p *yunzhijia.Person) { p.OrgID = "org-0005" })
}

func (v vendors) departmentIsRenamed() {
	v.yunzhijia.UpdateOrg("org-0007", func(o *yunzhijia.Org) { o.Name = "客户成功部" })
}

// summary counts what the vendors hold, and does not take the engine's word for it.
func (v vendors) summary(out io.Writer) {
	active := 0
	for _, p := range v.aiguanhuai.People() {
		if p.Status == aiguanhuai.StatusActive {
			active++
		}
	}
	fmt.Fprintf(out, "   爱关怀 holds %d departments and %d people, %d of them active\n", len(v.aiguanhuai.Departments()), len(v.aiguanhuai.People()), active)

	fmt.Fprintf(out, "   兔展 holds %d departments and %d employees\n", len(v.tuzhan.Departments()), len(v.tuzhan.Employees()))

	inService := 0
	for _, u := range v.yunjian.Users() {
		if !u.IsLeave {
			inService++
		}
	}
	fmt.Fprintf(out, "   云简 holds %d users, %d of them in service\n", len(v.yunjian.Users()), inService)
}
