package yunzhijiatest_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/yunzhijia"
	"github.com/orgbridge/orgbridge/yunzhijia/yunzhijiatest"
)

const openimport = "/gateway/openimport/open/"

func syncToken(t *testing.T, srv *yunzhijiatest.Server) string {
	t.Helper()
	data, _ := askToken(t, srv, map[string]any{
		"eid": "10001", "secret": "simulator-sync-secret", "timestamp": time.Now().UnixMilli(), "scope": "resGroupSecret",
	})
	require.NotEmpty(t, data.AccessToken)
	return data.AccessToken
}

// askSync calls an operation with a good token and these form fields.
func askSync(t *testing.T, srv *yunzhijiatest.Server, op string, fields ...string) envelope {
	t.Helper()
	values := url.Values{}
	for i := 0; i < len(fields); i += 2 {
		values.Add(fields[i], fields[i+1])
	}
	return send(t, srv, http.MethodPost, openimport+op+"?accessToken="+syncToken(t, srv), form, values.Encode())
}

func mustSync(t *testing.T, e envelope) string {
	t.Helper()
	require.True(t, *e.Success, "refused")
	require.NotNil(t, e.Error, "the app level has null here")
	require.Empty(t, *e.Error)
	require.Equal(t, 100, *e.ErrorCode)
	return string(e.Data)
}

func TestSyncLevels(t *testing.T) {
	t.Parallel()
	srv := start(t, yunzhijiatest.Seed(2, 3))
	app, _ := askToken(t, srv, tokenRequest(time.Now()))
	level := syncToken(t, srv)
	assert.Equal(t, level, syncToken(t, srv), "the same while it lives")
	requireRefused(t, send(t, srv, http.MethodPost, openimport+"dept/getall?accessToken="+app.AccessToken, form, "eid=10001"), "鉴权失败")
	requireRefused(t, send(t, srv, http.MethodPost, people+"getcompany?accessToken="+level, form, "eid=10001"), "authentication")
	requireRefused(t, send(t, srv, http.MethodGet, openimport+"dept/getall?accessToken="+level+"&eid=10001", "", ""), "authentication")
	assert.True(t, *send(t, srv, http.MethodPost, openimport+"dept/getall?accessToken="+level, form, "eid=10001").Success)
	for field, value := range map[string]any{"secret": "x", "eid": "2", "appId": "500000001", "scope": "app"} {
		request := map[string]any{
			"eid": "10001", "secret": "simulator-sync-secret", "timestamp": time.Now().UnixMilli(), "scope": "resGroupSecret",
		}
		request[field] = value
		_, e := askToken(t, srv, request)
		assert.False(t, *e.Success, field)
	}
	srv.ExpireTokens()
	requireRefused(t, send(t, srv, http.MethodPost, openimport+"dept/getall?accessToken="+level, form, "eid=10001"), "鉴权失败")
	other := srv.AddTeam("10002", "另一个")
	other.AddOrg(yunzhijia.Org{OrgID: "x"})
	requireRefused(t, askSync(t, srv, "dept/getall", "eid", "10002"), "企业未授权")
}

func TestSyncRefusals(t *testing.T) {
	t.Parallel()
	srv := start(t, yunzhijiatest.Seed(2, 3))
	many := func(n int) string { return `["` + strings.Repeat(`x","`, n) + `x"]` }
	for name, c := range map[string]struct {
		op, message string
		fields      []string
	}{
		"no eid":               {"person/getall", "eid is required", []string{"data", `{"begin":0,"count":5}`}},
		"no data":              {"person/getall", "data is required", []string{"eid", "10001"}},
		"begin in the form":    {"person/getall", "unknown form field", []string{"eid", "10001", "data", `{}`, "begin", "0"}},
		"data twice":           {"person/getall", "twice", []string{"eid", "10001", "data", `{}`, "data", `{}`}},
		"data no object":       {"person/getall", "data", []string{"eid", "10001", "data", `[]`}},
		"unknown parameter":    {"person/getall", "data", []string{"eid", "10001", "data", `{"size":5}`}},
		"count as text":        {"person/getall", "data", []string{"eid", "10001", "data", `{"begin":0,"count":"5"}`}},
		"count above 1000":     {"person/getall", "count", []string{"eid", "10001", "data", `{"begin":0,"count":1001}`}},
		"begin negative":       {"person/getall", "begin", []string{"eid", "10001", "data", `{"begin":-1,"count":5}`}},
		"long nonce":           {"dept/getall", "nonce", []string{"eid", "10001", "nonce", "0123456789abcdef0"}},
		"no time":              {"person/getAtTime", "time", []string{"eid", "10001", "data", `{"begin":0,"count":5}`}},
		"time of another form": {"dept/getAtTime", "time", []string{"eid", "10001", "data", `{"time":"2025-01-01T00:00:00"}`}},
		"no type":              {"person/get", "type", []string{"eid", "10001", "data", `{"array":["a"]}`}},
		"type 2":               {"dept/get", "type", []string{"eid", "10001", "data", `{"type":2,"array":["a"]}`}},
		"no ids":               {"person/get", "array", []string{"eid", "10001", "data", `{"type":1,"array":[]}`}},
		"101 ids":              {"person/get", "array", []string{"eid", "10001", "data", `{"type":1,"array":` + many(100) + `}`}},
		"201 ids":              {"relation/queryPersonOrgJobInfo", "openIds", []string{"eid", "10001", "data", `{"openIds":` + many(200) + `}`}},
		"nonce where none is":  {"relation/queryPersonOrgJobInfo", "unknown form field", []string{"nonce", "a", "data", `{"openIds":["a"]}`}},
		"count as number":      {"company/queryRelations", "data", []string{"eid", "10001", "data", `{"relationType":"LEADER","begin":0,"count":5}`}},
		"no relation":          {"company/queryRelations", "relationType", []string{"eid", "10001", "data", `{"begin":"0","count":"5"}`}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			requireRefused(t, askSync(t, srv, c.op, c.fields...), c.message)
		})
	}
	// Another content type, and the server sees no parameters.
	e := send(t, srv, http.MethodPost, openimport+"dept/getall?accessToken="+syncToken(t, srv), "application/json", `{"eid":"10001"}`)
	requireRefused(t, e, "参数为空")
	assert.True(t, *askSync(t, srv, "dept/getall", "eid", "10001", "nonce", "0123456789abcdef").Success)
	requireRefused(t, askSync(t, srv, "dept/getall", "eid", "10001", "nonce", "0123456789abcdef"), "nonce repeats")
	assert.True(t, *askSync(t, srv, "relation/queryPersonOrgJobInfo", "data", `{"openIds":["person-00001"]}`).Success, "eid may be left out")
}

// The same people and departments as the other calls have, in the words of this interface.
func TestSyncAnswers(t *testing.T) {
	t.Parallel()
	now := time.Now()
	srv := start(t, yunzhijiatest.WithClock(func() time.Time { return now }))
	srv.AddOrg(yunzhijia.Org{OrgID: "root", Name: "集团"},
		yunzhijia.Org{OrgID: "dev", ParentID: "root", Name: "研发", InChargers: []yunzhijia.Person{{OpenID: "a"}, {OpenID: "gone"}}},
		yunzhijia.Org{OrgID: "team", ParentID: "dev", Name: "平台"})
	srv.AddPerson(
		yunzhijia.Person{OpenID: "a", Name: "甲", Phone: "13800000001", OrgID: "dev"},
		yunzhijia.Person{OpenID: "b", Name: "乙", Phone: "13800000002", OrgID: "team"},
		yunzhijia.Person{OpenID: "gone", Name: "丙", OrgID: "dev", Status: yunzhijia.StatusLeft},
		yunzhijia.Person{OpenID: "off", Name: "丁", OrgID: "dev", Status: yunzhijia.StatusDisabled})
	srv.SetDetails("b", yunzhijiatest.Details{HireDate: "2019-03-01", MaskPhone: true})
	srv.SetSideJobs("b", yunzhijia.SideJob{OrgID: "dev", JobTitle: "顾问"})
	srv.SetSuperiors("b", "a")

	get := func(op, data string) string { return mustSync(t, askSync(t, srv, op, "eid", "10001", "data", data)) }
	everyone := get("person/getall", `{"begin":0,"count":10}`)
	for _, want := range []string{`"department":"研发\\平台"`, `"phone":"138****0002"`, `"phone":"13800000001"`, `"hireDate":"2019-03-01"`, `"orgUserType":"1"`, `"weights":"0"`} {
		assert.Contains(t, everyone, want)
	}
	assert.NotContains(t, everyone, `"gone"`)
	assert.NotContains(t, everyone, `"off"`, "disabled people are not listed")
	assert.Equal(t, "[]", get("person/getall", `{"begin":2,"count":10}`))

	changed := get("person/getAtTime", `{"time":"2008-01-01 00:00:00","begin":0,"count":10}`)
	assert.Contains(t, changed, `"openId":"gone"`)
	assert.NotContains(t, changed, "hireDate", "rows are pointers")
	assert.Equal(t, 1, strings.Count(changed, `"openId":"b"`))
	srv.LoseChanges("b")
	assert.NotContains(t, get("person/getAtTime", `{"time":"2008-01-01 00:00:00","begin":0,"count":10}`), `"openId":"b"`)

	asked := get("person/get", `{"type":1,"array":["gone","nobody"]}`)
	assert.Contains(t, asked, `"status":"0"`)
	assert.NotContains(t, asked, "nobody")
	assert.Contains(t, get("person/get", `{"type":0,"array":["13800000001"]}`), `"openId":"a"`)

	orgs := get("dept/getall", `{}`)
	assert.Less(t, strings.Index(orgs, `"id":"team"`), strings.Index(orgs, `"id":"dev"`), "children before parents")
	assert.NotContains(t, orgs, `"id":"root"`)
	assert.Contains(t, get("dept/get", `{"type":1,"array":["\\"]}`), `"id":"root"`)
	assert.Contains(t, get("dept/get", `{"type":0,"array":["root","none"]}`), `"department":"\\"`)
	srv.RemoveOrg("team")
	deleted := get("dept/getAtTime", fmt.Sprintf(`{"time":"%s"}`, yunzhijia.CursorAt(now.Add(-time.Minute), nil)))
	assert.Contains(t, deleted, `"changeType":"3"`)

	assert.JSONEq(t, `[{"openId":"a","departmentId":"dev","department":"研发"}]`, get("company/queryOrgAdmins", `{"begin":0,"count":2000}`))
	assert.JSONEq(t, `[{"openId":"b","orgId":"dev","jobTitle":"顾问","weights":0}]`, get("company/queryPartTimeJobs", `{"begin":0,"count":10}`))
	assert.JSONEq(t, `[{"relationType":"LEADER","openId":"b","leaderOpenId":"a"}]`, get("company/queryRelations", `{"relationType":"LEADER","begin":"0","count":"10"}`))
	assert.Equal(t, "[]", get("company/queryRelations", `{"relationType":"REPORT","begin":"0","count":"10"}`))
	srv.UpdatePerson("a", func(p *yunzhijia.Person) { p.Phone = "13800000009" })
	assert.Contains(t, get("person/getPersonChangePhone", `{"time":"2008-01-01 00:00:00","begin":0,"count":10}`), `"newPhone":"13800000009"`)
}

// The header Date is the server's clock, in memory and over a socket.
func TestSyncDate(t *testing.T) {
	t.Parallel()
	at := time.Date(2031, 5, 6, 7, 8, 9, 0, time.UTC)
	for name, open := range map[string]func(...yunzhijiatest.Option) *yunzhijiatest.Server{
		"memory": yunzhijiatest.NewInMemory, "socket": yunzhijiatest.NewServer,
	} {
		srv := open(yunzhijiatest.WithClock(func() time.Time { return at }))
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, srv.URL()+openimport+"dept/getall", http.NoBody)
		require.NoError(t, err)
		response, err := srv.HTTPClient().Do(request)
		require.NoError(t, err)
		_ = response.Body.Close()
		assert.Equal(t, "Tue, 06 May 2031 07:08:09 GMT", response.Header.Get("Date"), name)
		srv.Close()
	}
}
