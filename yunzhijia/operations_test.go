package yunzhijia_test

import (
	"context"
	"time"

	"github.com/orgbridge/orgbridge/internal/kernel"
	"github.com/orgbridge/orgbridge/yunzhijia"
)

// operation is one call as its golden sample has it, and what the sample's
// answer means.
type operation struct {
	class kernel.Class
	call  func(ctx context.Context, c *yunzhijia.Client) (any, error)
	want  any
}

const photo = "http://static.yunzhijia.com/space/c/photo/load?id="

var (
	zhangsan = yunzhijia.Person{
		OpenID: "oid-zhangsan", GlobalID: "g-zhangsan", Name: "张三", PhotoURL: photo + "oid-zhangsan",
		Department: "运营管理部", OrgID: "org-ops", Gender: yunzhijia.GenderMale, IsAdmin: true,
		Status: yunzhijia.StatusActive,
	}
	lisi = yunzhijia.Person{
		OpenID: "oid-lisi", GlobalID: "g-lisi", Name: "李四", PhotoURL: photo + "oid-lisi",
		Department: "A产品事业部", OrgID: "org-a", JobTitle: "开发工程师", Gender: yunzhijia.GenderFemale,
		Status: yunzhijia.StatusActive, JobNo: "J0001",
	}
	orgA = yunzhijia.Org{
		OrgID: "org-a", ParentID: "org-root", Name: "A产品事业部", InChargers: []yunzhijia.Person{lisi},
	}
)

// operations are all calls by the vendor's names.
func operations() map[string]operation {
	page := yunzhijia.PageRequest{}
	withStatus := orgA
	withStatus.Status = "1"
	return map[string]operation{
		"getallpersons": {
			call: func(ctx context.Context, c *yunzhijia.Client) (any, error) {
				return c.ListPersons(ctx, yunzhijia.ListPersonsRequest{Since: "2019-12-01 01:40:29"})
			},
			want: yunzhijia.PersonPage{Time: "2019-12-19 13:50:57", Persons: []yunzhijia.Person{zhangsan, lisi}},
		},
		"getperson": {
			call: func(ctx context.Context, c *yunzhijia.Client) (any, error) { return c.GetPerson(ctx, "oid-zhangsan") },
			want: zhangsan,
		},
		"getorg": {
			call: func(ctx context.Context, c *yunzhijia.Client) (any, error) { return c.GetOrg(ctx, "org-a") },
			want: withStatus,
		},
		"getancestororgs": {
			call: func(ctx context.Context, c *yunzhijia.Client) (any, error) { return c.ListAncestorOrgs(ctx, "org-a") },
			want: []yunzhijia.Org{orgA, {OrgID: "org-root", Name: "示例团队"}},
		},
		"getsuborgs": {
			call: func(ctx context.Context, c *yunzhijia.Client) (any, error) {
				return c.ListDescendantOrgs(ctx, "org-root")
			},
			want: []yunzhijia.Org{orgA, {
				OrgID: "org-ops", ParentID: "org-root", Name: "运营管理部", InChargers: []yunzhijia.Person{zhangsan},
			}},
		},
		"getsublevelorgs": {
			call: func(ctx context.Context, c *yunzhijia.Client) (any, error) { return c.ListChildOrgs(ctx, "org-p") },
			want: []yunzhijia.Org{
				{OrgID: "org-p1", ParentID: "org-p", Name: "移动平台产品部"},
				{OrgID: "org-p2", ParentID: "org-p", Name: "云平台产品部"},
			},
		},
		"getallorgs": {
			call: func(ctx context.Context, c *yunzhijia.Client) (any, error) { return c.ListOrgs(ctx, page) },
			want: []yunzhijia.Org{
				{OrgID: "org-cs", ParentID: "org-root", Name: "客户服务部"},
				{OrgID: "org-ux", ParentID: "org-root", Name: "用户体验部"},
			},
		},
		"getcompany": {
			call: func(ctx context.Context, c *yunzhijia.Client) (any, error) { return c.GetCompany(ctx) },
			want: yunzhijia.Company{Name: "示例团队", EID: eid, UserCount: 11, UserCountKnown: true},
		},
		"getorgpersons": {
			call: func(ctx context.Context, c *yunzhijia.Client) (any, error) {
				return c.ListOrgMembers(ctx, "org-ops", page)
			},
			want: yunzhijia.OrgMembers{
				Heads: []yunzhijia.Person{zhangsan}, Members: []yunzhijia.Person{zhangsan, lisi},
			},
		},
		"getparentperson": {
			call: func(ctx context.Context, c *yunzhijia.Client) (any, error) {
				return c.GetSuperiors(ctx, "oid-lisi")
			},
			want: yunzhijia.Superiors{
				Default: []yunzhijia.Person{zhangsan}, DefaultSecondary: []yunzhijia.Person{zhangsan},
			},
		},
		"getAdminOidsByEid": {
			call: func(ctx context.Context, c *yunzhijia.Client) (any, error) { return c.ListAdminOpenIDs(ctx) },
			want: []string{"oid-zhangsan", "oid-wangwu", "oid-zhaoliu"},
		},
		"getPartners": {
			call: func(ctx context.Context, c *yunzhijia.Client) (any, error) {
				return c.ListPartners(ctx, time.Time{}, page)
			},
			want: []yunzhijia.Partner{{
				PartnerID: "partner-1", Code: "18013450", Name: "张*", EID: "18013450", CompanyName: "示例伙伴公司",
				Contacts: []yunzhijia.PartnerContact{{ContactID: "contact-1", Name: "张*", Phone: "138****0001"}},
			}},
		},
		"searchNetwork": {
			call: func(ctx context.Context, c *yunzhijia.Client) (any, error) {
				return c.SearchTeams(ctx, yunzhijia.SearchTeamsRequest{Phone: "13800000001", Name: "示例团队"})
			},
			want: []yunzhijia.FoundTeam{{EID: eid, NetworkID: "org-root", Name: "示例团队"}},
		},
		"createPartners": {
			class: kernel.Once,
			call: func(ctx context.Context, c *yunzhijia.Client) (any, error) {
				return nil, c.CreatePartner(ctx, yunzhijia.CreatePartnerRequest{
					MyOpenID: "oid-zhangsan", PartnerEID: "18013450", PartnerPhone: "13800000002",
				})
			},
		},
		"delPartContacts": {
			class: kernel.Once,
			call: func(ctx context.Context, c *yunzhijia.Client) (any, error) {
				return nil, c.DeletePartnerContact(ctx, yunzhijia.DeletePartnerContactRequest{
					PartnerEID: "18013450", ContactID: "contact-1",
				})
			},
		},
		"getpersonByRoleIds": {
			call: func(ctx context.Context, c *yunzhijia.Client) (any, error) {
				return c.ListRoleMembers(ctx, []string{"cdb374f2-103b", "5be500b2-767b"}, page)
			},
			want: []yunzhijia.RoleMembers{{
				EID: eid, RoleID: "cdb374f2-103b", RoleName: "队长", Members: []yunzhijia.Member{
					{UID: "125154854", OpenID: "oid-zhangsan", Name: "张三", PhotoURL: photo + "1"},
					// As the page has it: openid, and no uid.
					{OpenID: "oid-lisi", Name: "李四", PhotoURL: photo + "2"},
				},
			}},
		},
		"getorginfos": {
			call: func(ctx context.Context, c *yunzhijia.Client) (any, error) {
				return c.ListOrgDetails(ctx, yunzhijia.OrgDetailsQuery{OrgIDs: []string{"org-p1"}, IncludeSubOrgs: true}, page)
			},
			want: []yunzhijia.OrgDetails{{
				Org:     yunzhijia.Org{OrgID: "org-p1", ParentID: "org-p", Name: "移动平台产品部"},
				SubOrgs: []yunzhijia.Org{{OrgID: "org-dev", ParentID: "org-p1", Name: "开发部"}},
				Members: []yunzhijia.Member{{
					UID: "125154606", OpenID: "oid-zhangsan", Name: "张三", PhotoURL: photo + "3", OrgID: "org-p1",
				}},
			}},
		},
		"getUserInfoRelyOrgIds": {
			call: func(ctx context.Context, c *yunzhijia.Client) (any, error) {
				return c.ListOrgUsers(ctx, yunzhijia.OrgUsersQuery{OrgIDs: []string{"org-a", "org-ops"}}, page)
			},
			want: []yunzhijia.Person{
				{
					OpenID: "oid-zhangsan", Name: "张三", PhotoURL: photo + "4", Phone: "1326*******4",
					Email: "zhangsan@example.com", Department: "云之家测试1421", OrgID: "org-a",
					Gender: yunzhijia.GenderMale, IsAdmin: true, Status: yunzhijia.StatusActive,
				},
				{
					OpenID: "oid-lisi", Name: "李四", PhotoURL: photo + "5", Phone: "130****3055",
					Email: "lisi@example.com", Department: "A产品事业部", OrgID: "org-ops", JobTitle: "开发工程师",
					Gender: yunzhijia.GenderFemale, Status: yunzhijia.StatusActive, JobNo: "8546",
				},
			},
		},
	}
}
