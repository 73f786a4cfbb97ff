package yunzhijiatest_test

import (
	"fmt"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/yunzhijia"
	"github.com/orgbridge/orgbridge/yunzhijia/yunzhijiatest"
)

// office is a root with two departments, and three people.
func office(srv *yunzhijiatest.Server) {
	srv.AddOrg(
		yunzhijia.Org{OrgID: "root", Name: "总部"},
		yunzhijia.Org{OrgID: "dev", ParentID: "root", Name: "研发", InChargers: []yunzhijia.Person{{OpenID: "zhang"}}},
		yunzhijia.Org{OrgID: "ops", ParentID: "dev", Name: "运维"},
	)
	srv.AddPerson(
		yunzhijia.Person{OpenID: "zhang", Name: "张三", OrgID: "root", IsAdmin: true, Phone: "13800000001", Email: "zhang@example.com"},
		yunzhijia.Person{OpenID: "li", Name: "李四", OrgID: "dev", Gender: yunzhijia.GenderFemale, JobNo: "7", Phone: "1380"},
		yunzhijia.Person{OpenID: "wang", Name: "王五", OrgID: "ops", Department: "夜班", Status: yunzhijia.StatusDisabled},
	)
}

const (
	zhang = `{"photoUrl":"","gender":"0","openId":"zhang","jobTitle":"","jobNo":"","name":"张三","globalId":"","isAdmin":"1","department":"总部","orgId":"root","status":"1"}`
	li    = `{"photoUrl":"","gender":"2","openId":"li","jobTitle":"","jobNo":"7","name":"李四","globalId":"","isAdmin":"0","department":"研发","orgId":"dev","status":"1"}`
	wang  = `{"photoUrl":"","gender":"0","openId":"wang","jobTitle":"","jobNo":"","name":"王五","globalId":"","isAdmin":"0","department":"夜班","orgId":"ops","status":"2"}`

	root = `{"inChargers":[],"name":"总部","orgId":"root","parentId":""}`
	dev  = `{"inChargers":[` + zhang + `],"name":"研发","orgId":"dev","parentId":"root"}`
	ops  = `{"inChargers":[],"name":"运维","orgId":"ops","parentId":"dev"}`
)

// The answers are the page's, letter by letter.
func TestAnswers(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		path   string
		params []string
		want   string
	}{
		"person":               {people + "getperson", []string{"openId", "li"}, `[` + li + `]`},
		"no such person":       {people + "getperson", []string{"openId", "x"}, `[]`},
		"org":                  {people + "getorg", []string{"orgId", "ops"}, ops[:len(ops)-1] + `,"status":"1"}`},
		"no such org":          {people + "getorg", []string{"orgId", "x"}, `null`},
		"ancestors":            {people + "getancestororgs", []string{"orgId", "ops"}, `[` + ops + `,` + dev + `,` + root + `]`},
		"all below":            {people + "getsuborgs", []string{"orgId", "root"}, `[` + dev + `,` + ops + `]`},
		"next level":           {people + "getsublevelorgs", []string{"orgId", "root"}, `[` + dev + `]`},
		"orgs":                 {people + "getallorgs", nil, `[` + root + `,` + dev + `,` + ops + `]`},
		"orgs, second page":    {people + "getallorgs", []string{"begin", "2", "count", "2"}, `[` + ops + `]`},
		"orgs, beyond the end": {people + "getallorgs", []string{"begin", "3"}, `[]`},
		"company":              {people + "getcompany", nil, `{"eid":"10001","userCount":"3","name":"示例工作圈"}`},
		"people of an org":     {people + "getorgpersons", []string{"orgId", "dev"}, `{"inChargers":[` + zhang + `],"members":[` + li + `]}`},
		"people, later page":   {people + "getorgpersons", []string{"orgId", "dev", "begin", "1"}, `{"inChargers":null,"members":[]}`},
		"people of no org":     {people + "getorgpersons", []string{"orgId", "x"}, `{"inChargers":null,"members":[]}`},
		"superior":             {people + "getparentperson", []string{"openId", "wang"}, `{"defaultParentPersons":[` + zhang + `],"defaultParentSecPersons":[],"selectParentPersons":null}`},
		"superior selected":    {people + "getparentperson", []string{"openId", "zhang"}, `{"defaultParentPersons":null,"defaultParentSecPersons":[],"selectParentPersons":[` + li + `]}`},
		"superior of nobody":   {people + "getparentperson", []string{"openId", "x"}, `{"defaultParentPersons":null,"defaultParentSecPersons":null,"selectParentPersons":null}`},
		"admins":               {people + "getAdminOidsByEid", nil, `{"oids":"zhang"}`},
		"roles": {people + "getpersonByRoleIds", []string{"roleIds", "r1_r2_r9"}, `[
			{"eid":"10001","roleId":"r1","roleName":"安全员","members":[
				{"uid":"100000000","photoUrl":"","openId":"zhang","name":"张三"},{"uid":"100000001","photoUrl":"","openId":"li","name":"李四"}]},
			{"eid":"10001","roleId":"r2","roleName":"空缺","members":[]}]`},
		"roles, second page": {people + "getpersonByRoleIds", []string{"roleIds", "r1_r2", "begin", "1", "count", "1"}, `[
			{"eid":"10001","roleId":"r1","roleName":"安全员","members":[{"uid":"100000001","photoUrl":"","openId":"li","name":"李四"}]}]`},
		"org infos": {people + "getorginfos", []string{"orgIds", "dev_x", "hasChild", "true"}, `[
			{"subOrgs":[{"name":"运维","orgId":"ops","parentId":"dev"}],"org":{"name":"研发","orgId":"dev","parentId":"root"},
			 "members":[{"uid":"100000001","photoUrl":"","openId":"li","name":"李四","orgId":"dev"}]}]`},
		"org infos, no children": {people + "getorginfos", []string{"orgIds", "root", "hasChild", "false", "begin", "1"}, `[]`},
		"users": {people + "org/getUserInfoRelyOrgIds", []string{"orgIds", "root,dev", "isIncludeSub", "false"}, `[
			{"photoUrl":"","gender":"0","phone":"1380*******1","openId":"zhang","jobTitle":"","jobNo":"","name":"张三","isAdmin":1,"department":"总部","email":"zhang@example.com","orgId":"root","status":1},
			{"photoUrl":"","gender":"2","phone":"*******","openId":"li","jobTitle":"","jobNo":"7","name":"李四","isAdmin":0,"department":"研发","email":"","orgId":"dev","status":1}]`},
		"users below": {people + "org/getUserInfoRelyOrgIds", []string{"orgIds", "dev", "isIncludeSub", "true", "begin", "1", "count", "500"}, `[
			{"photoUrl":"","gender":"0","phone":"","openId":"wang","jobTitle":"","jobNo":"","name":"王五","isAdmin":0,"department":"夜班","email":"","orgId":"ops","status":2}]`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := start(t)
			office(srv)
			srv.SetSuperiors("zhang", "li")
			srv.AddRole("r1", "安全员", "zhang", "li", "nobody")
			srv.AddRole("r2", "空缺")
			assert.JSONEq(t, tt.want, must(t, ask(t, srv, tt.path, tt.params...)))
		})
	}
}

func TestContacts(t *testing.T) {
	t.Parallel()
	srv := start(t, yunzhijiatest.WithContacts())
	office(srv)
	assert.JSONEq(t, `[`+zhang[:len(zhang)-1]+`,"phone":"13800000001","email":"zhang@example.com"}]`,
		must(t, ask(t, srv, people+"getperson", "openId", "zhang")))
	assert.Contains(t, must(t, ask(t, srv, people+"org/getUserInfoRelyOrgIds", "orgIds", "root", "isIncludeSub", "false")),
		`"phone":"13800000001"`)
}

// getallpersons is a log of events.
func TestFeed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := yunzhijiatest.NewInMemory()
		defer srv.Close()
		office(srv)
		first := fmt.Sprintf(`{"persons":[%s,%s,%s],"time":"2000-01-01 08:00:00"}`, zhang, li, wang)
		assert.JSONEq(t, first, must(t, ask(t, srv, people+"getallpersons", "time", "2008-08-02 01:40:38")),
			"a first pull is everything, whatever the clock says")
		<-time.After(90 * time.Second)
		srv.UpdatePerson("li", func(p *yunzhijia.Person) { p.JobTitle = "主管" })
		srv.Leave("li")
		boss := `"jobTitle":"主管"`
		since := must(t, ask(t, srv, people+"getallpersons", "time", "2000-01-01 08:00:00"))
		assert.Contains(t, since, boss)
		assert.Contains(t, since, `"status":"0"`)
		assert.Contains(t, since, `"time":"2000-01-01 08:01:30"`)
		assert.NotContains(t, since, "zhang")
		assert.JSONEq(t, `{"persons":[],"time":"2000-01-01 08:01:30"}`,
			must(t, ask(t, srv, people+"getallpersons", "time", "2000-01-01 08:01:30")))
		second := must(t, ask(t, srv, people+"getallpersons", "time", "2000-01-01 08:00:00", "begin", "1", "count", "1"))
		assert.Contains(t, second, `"status":"0"`)

		assert.JSONEq(t, `{"inChargers":[`+zhang+`],"members":[]}`, must(t, ask(t, srv, people+"getorgpersons", "orgId", "dev")),
			"who left is in no department")
		assert.Contains(t, must(t, ask(t, srv, people+"getperson", "openId", "li")), `"status":"0"`)
		assert.Contains(t, must(t, ask(t, srv, people+"getcompany")), `"userCount":"2"`)

		srv.RemovePerson("zhang")
		all := must(t, ask(t, srv, people+"getallpersons", "time", "2008-08-02 01:40:38"))
		assert.NotContains(t, all, "zhang")
		assert.Contains(t, must(t, ask(t, srv, people+"getperson", "openId", "wang")), "王五")
		assert.JSONEq(t, `[]`, must(t, ask(t, srv, people+"getperson", "openId", "zhang")))
	})
}

func TestPartners(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := yunzhijiatest.NewInMemory()
		defer srv.Close()
		office(srv)
		srv.AddPartner(yunzhijia.Partner{
			PartnerID: "p", Code: "c", Name: "张*", EID: "20001", CompanyName: "示例公司", Certified: true,
			Contacts: []yunzhijia.PartnerContact{{ContactID: "k", Name: "张*", Phone: "138****0001"}},
		})
		srv.AddOtherTeam("13800000002", yunzhijia.FoundTeam{EID: "20002", NetworkID: "n", Name: "示例伙伴"})
		assert.JSONEq(t, `{"partners":[{"partnerId":"p","code":"c","name":"张*","hasCertified":1,"eid":"20001","companyName":"示例公司",
			"contacts":[{"name":"张*","phone":"138****0001","openid":"","contactId":"k"}]}]}`, must(t, ask(t, srv, partners+"getPartners")))

		<-time.After(time.Minute)
		since := strconv.FormatInt(time.Now().Add(-time.Second).UnixMilli(), 10)
		assert.JSONEq(t, `{"partners":[]}`, must(t, ask(t, srv, partners+"getPartners", "time", since)))
		assert.JSONEq(t, `{"newtorks":[{"eid":"20002","networkId":"n","name":"示例伙伴"}]}`,
			must(t, ask(t, srv, partners+"searchNetwork", "phone", "13800000002", "name", "示例伙伴")))
		assert.JSONEq(t, `{"newtorks":[]}`, must(t, ask(t, srv, partners+"searchNetwork", "phone", "13800000003", "name", "示例伙伴")))

		create := func(me, eid, phone string) envelope {
			return ask(t, srv, partners+"createPartners", "myOid", me, "partnerEid", eid, "partnerPhone", phone)
		}
		requireRefused(t, create("nobody", "20002", "13800000002"), "myOid")
		requireRefused(t, create("zhang", "20002", "13800000003"), "no such team")
		assert.JSONEq(t, `{}`, must(t, create("zhang", "20002", "13800000002")))
		requireRefused(t, create("zhang", "20002", "13800000002"), "already")
		assert.Contains(t, must(t, ask(t, srv, partners+"getPartners", "time", since)), `"eid":"20002"`)

		remove := func(eid, id string) envelope {
			return ask(t, srv, partners+"delPartContacts", "partnerEid", eid, "contactId", id)
		}
		requireRefused(t, remove("20009", "k"), "no such contact")
		requireRefused(t, remove("20001", "x"), "no such contact")
		assert.JSONEq(t, `{}`, must(t, remove("20001", "k")))
		held := srv.Partners()
		require.Len(t, held, 2)
		assert.Empty(t, held[0].Contacts)
		assert.Equal(t, "13800000002", held[1].Contacts[0].Phone)
	})
}
