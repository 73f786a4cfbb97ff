package yunzhijia_test

import (
	"context"

	"github.com/orgbridge/orgbridge/yunzhijia"
)

const (
	syncEID = "10000001"
	since   = yunzhijia.Cursor("2025-01-01 08:00:00")

	oidLi   = "6f1d2c3b4a5968778695a4b3"
	oidWang = "6f1d2c3b4a5968778695a4b4"
	orgTeam = "0a1b2c3d-1111-4222-8333-444455556666"
	orgDev  = "0a1b2c3d-1111-4222-8333-000011112222"
	orgSide = "0a1b2c3d-1111-4222-8333-777788889999"
	orgRoot = "60000000000000000000aaaa"
)

func li() yunzhijia.DirectoryPerson {
	return yunzhijia.DirectoryPerson{
		OpenID: oidLi, UID: "900000001", Name: "李示例", Gender: yunzhijia.GenderFemale, Phone: "13900000001",
		IsHidePhone: "0", Email: "li.shili@example.com", JobNo: "E1001", JobTitle: "开发工程师,评审员", OrgID: orgTeam,
		Department: `研发中心\平台部`, OrgUserType: "0", Weights: "0", Birthday: "1990-05-17", HireDate: "2019-03-01",
		PositiveDate: "2019-06-01", StaffType: "IN_STAFF", Status: yunzhijia.StatusActive,
		PhotoURL: "http://static.example/photo?id=1",
		Contact: `[{"name":"邮箱","type":"E","publicid":"VIRTUAL","permission":"R","value":"li.shili@example.com"},` +
			`{"name":"短号","type":"O","publicid":"77aa","permission":"W","value":"6001"}]`,
	}
}

func wang() yunzhijia.DirectoryPerson {
	return yunzhijia.DirectoryPerson{
		OpenID: oidWang, UID: "900000002", Name: "王示例", Gender: yunzhijia.GenderUnknown, Phone: "137****0002",
		IsHidePhone: "0", OrgID: orgRoot, OrgUserType: "1", Weights: "10", Status: yunzhijia.StatusActive, Contact: "[]",
	}
}

// directoryOperations are all reads of openimport by their paths.
func directoryOperations() map[string]operation {
	type calls = func(ctx context.Context, c *yunzhijia.Client) (any, error)
	page := yunzhijia.PageRequest{}
	changes := yunzhijia.ListPersonsRequest{Since: since}
	op := func(call calls, want any) operation { return operation{call: call, want: want} }
	return map[string]operation{
		"person/getall": op(func(ctx context.Context, c *yunzhijia.Client) (any, error) {
			return c.ListDirectoryPersons(ctx, page)
		}, []yunzhijia.DirectoryPerson{li(), wang()}),
		"person/getAtTime": op(func(ctx context.Context, c *yunzhijia.Client) (any, error) {
			return c.ListChangedPersons(ctx, changes)
		}, []yunzhijia.DirectoryPerson{{
			OpenID: "6f1d2c3b4a5968778695a4b5", UID: "900000003", Name: "周示例", Gender: yunzhijia.GenderMale,
			Phone: "13900000003", IsHidePhone: "0", Email: "zhou@example.com", JobTitle: "专员", OrgID: orgTeam,
			OrgUserType: "0", Weights: "0", Birthday: "1988-01-02", Status: yunzhijia.StatusLeft, Contact: "[]",
		}}),
		"person/get": op(func(ctx context.Context, c *yunzhijia.Client) (any, error) {
			return c.GetDirectoryPersons(ctx, []string{oidLi, "6f1d2c3b4a5968778695a4ff"})
		}, []yunzhijia.DirectoryPerson{li()}),
		"person/getPersonChangePhone": op(func(ctx context.Context, c *yunzhijia.Client) (any, error) {
			return c.ListPhoneChanges(ctx, changes)
		}, []yunzhijia.PhoneChange{{
			EID: syncEID, OpenID: oidLi, OldPhone: "13900000001", NewPhone: "13900000009", CreateTime: "2025-01-02 10:00:00",
		}}),
		"relation/queryPersonOrgJobInfo": op(func(ctx context.Context, c *yunzhijia.Client) (any, error) {
			return c.ListPersonJobs(ctx, []string{oidLi, oidWang})
		}, []yunzhijia.PersonJobs{
			{
				OpenID: oidLi, Main: yunzhijia.Job{OrgID: orgTeam, JobTitle: "开发工程师", Weights: 1010},
				Sides: []yunzhijia.Job{{OrgID: orgSide, JobTitle: "顾问", Weights: 399}},
			},
			{OpenID: oidWang, Main: yunzhijia.Job{OrgID: orgRoot, JobTitle: "书记，主任"}},
		}),
		"dept/getall": op(func(ctx context.Context, c *yunzhijia.Client) (any, error) {
			return c.ListDirectoryOrgs(ctx)
		}, []yunzhijia.DirectoryOrg{
			{ID: orgTeam, ParentID: orgDev, Name: "平台部", Department: `研发中心\平台部`, Weights: 101000, BusinessUnit: true},
			{ID: orgDev, ParentID: orgRoot, Name: "研发中心", Department: "研发中心", Weights: 5},
		}),
		"dept/getAtTime": op(func(ctx context.Context, c *yunzhijia.Client) (any, error) {
			return c.ListChangedOrgs(ctx, since)
		}, []yunzhijia.DirectoryOrg{{
			ID: "0a1b2c3d-1111-4222-8333-bbbbccccdddd", ParentID: orgDev, Name: "旧测试组", Department: `研发中心\旧测试组`,
			Weights: 2, BusinessUnit: true, ChangeType: yunzhijia.OrgDeleted,
		}}),
		"dept/get": op(func(ctx context.Context, c *yunzhijia.Client) (any, error) {
			return c.GetDirectoryOrgsByName(ctx, []string{yunzhijia.RootOrg})
		}, []yunzhijia.DirectoryOrg{{ID: orgRoot, Name: "示例集团", Department: `\`, BusinessUnit: true}}),
		"company/queryOrgAdmins": op(func(ctx context.Context, c *yunzhijia.Client) (any, error) {
			return c.ListOrgHeads(ctx, page)
		}, []yunzhijia.OrgHead{{OpenID: oidLi, DepartmentID: orgTeam, Department: `研发中心\平台部`}}),
		"company/queryPartTimeJobs": op(func(ctx context.Context, c *yunzhijia.Client) (any, error) {
			return c.ListSideJobs(ctx, page)
		}, []yunzhijia.SideJob{{OpenID: oidLi, OrgID: orgSide, JobTitle: "顾问", Weights: 2147483647}}),
		"company/queryRelations": op(func(ctx context.Context, c *yunzhijia.Client) (any, error) {
			return c.ListReportingLines(ctx, yunzhijia.SuperiorSelected, page)
		}, []yunzhijia.ReportingLine{{Type: yunzhijia.SuperiorSelected, OpenID: oidLi, LeaderOpenID: oidWang}}),
	}
}
