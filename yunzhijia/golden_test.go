package yunzhijia_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/yunzhijia"
)

// sample is one call of the vendor's page: what is sent, and the answer.
type sample struct {
	Path     string            `json:"path"`
	Form     map[string]string `json:"form"`
	Body     json.RawMessage   `json:"body"`
	Response json.RawMessage   `json:"response"`
}

func load(t *testing.T, op string) (s sample) {
	t.Helper()
	readJSON(t, filepath.Join("testdata", op+".json"), &s)
	return s
}

func TestGolden(t *testing.T) {
	t.Parallel()
	for name, op := range operations() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := load(t, name)
			mock, client := mocked(t)
			mock.RegisterResponder(http.MethodPost, "https://www.yunzhijia.com"+s.Path,
				func(r *http.Request) (*http.Response, error) {
					assert.Equal(t, "application/x-www-form-urlencoded", r.Header.Get("Content-Type"))
					assert.Equal(t, url.Values{"accessToken": {"a-given-token"}}, r.URL.Query())
					body, err := io.ReadAll(r.Body)
					assert.NoError(t, err)
					form, err := url.ParseQuery(string(body))
					assert.NoError(t, err)
					assert.Equal(t, documented(s.Form, form), form)
					return httpmock.NewBytesResponse(http.StatusOK, s.Response), nil
				})
			got, err := op.call(t.Context(), client)
			require.NoError(t, err)
			assert.Equal(t, op.want, got)
			assert.Equal(t, 1, mock.GetTotalCallCount())
		})
	}
}

// documented is the sample's form. Where it leaves begin and count out, what
// we send is the page's default, spelt out.
func documented(sample map[string]string, sent url.Values) url.Values {
	want := url.Values{}
	for name, value := range sample {
		want.Set(name, value)
	}
	if sent.Has("begin") {
		want.Set("begin", "0")
		want.Set("count", "1000")
		if sent.Has("isIncludeSub") {
			want.Set("count", "500")
		}
	}
	return want
}

func TestGoldenToken(t *testing.T) {
	t.Parallel()
	s := load(t, "getAccessToken")
	mock := httpmock.NewMockTransport()
	mock.RegisterResponder(http.MethodPost, "https://www.yunzhijia.com"+s.Path,
		func(r *http.Request) (*http.Response, error) {
			assert.Equal(t, "application/json", r.Header.Get("Content-Type"))
			assert.Empty(t, r.URL.RawQuery)
			body, err := io.ReadAll(r.Body)
			assert.NoError(t, err)
			assert.JSONEq(t, string(s.Body), string(body))
			return httpmock.NewBytesResponse(http.StatusOK, s.Response), nil
		})
	company := load(t, "getcompany")
	mock.RegisterResponder(http.MethodPost, data+"getcompany", func(r *http.Request) (*http.Response, error) {
		assert.Equal(t, "accessToken=0123456789abcdef0123456789abcdef", r.URL.RawQuery)
		return httpmock.NewBytesResponse(http.StatusOK, company.Response), nil
	})
	client := newClient(t,
		yunzhijia.Config{EID: eid, Credentials: yunzhijia.AppCredentials("500000001", "an-invented-secret")},
		yunzhijia.WithHTTPClient(&http.Client{Transport: mock}),
		yunzhijia.WithClock(func() time.Time { return time.UnixMilli(1576734657000) }))
	_, err := client.GetCompany(t.Context())
	require.NoError(t, err)
}

// The page and its samples have the same things in several shapes.
func TestTolerance(t *testing.T) {
	t.Parallel()
	ok := func(data string) string { return `{"success":true,"errorCode":100,"data":` + data + `}` }
	t.Run("numbers for strings", func(t *testing.T) {
		t.Parallel()
		_, c := answering(t, ok(`[{"openId":9007199254740993,"orgId":18446744073709551615,"jobNo":7,"isAdmin":"1","status":2,"gender":1}]`))
		p, err := c.GetPerson(t.Context(), "9007199254740993")
		require.NoError(t, err)
		assert.Equal(t, yunzhijia.Person{
			OpenID: "9007199254740993", OrgID: "18446744073709551615", JobNo: "7", IsAdmin: true,
			Status: yunzhijia.StatusDisabled, Gender: yunzhijia.GenderMale,
		}, p)
	})
	t.Run("unknown values and fields stay", func(t *testing.T) {
		t.Parallel()
		_, c := answering(t, ok(`[{"openId":"a","status":"suspended","gender":"9","shoeSize":[43]}]`))
		p, err := c.GetPerson(t.Context(), "a")
		require.NoError(t, err)
		assert.Equal(t, yunzhijia.Person{OpenID: "a", Status: "suspended", Gender: "9"}, p)
	})
	t.Run("success and codes quoted", func(t *testing.T) {
		t.Parallel()
		_, c := answering(t, `{"success":"true","errorCode":"100","data":{"eid":1,"name":null,"userCount":3}}`)
		company, err := c.GetCompany(t.Context())
		require.NoError(t, err)
		assert.Equal(t, yunzhijia.Company{EID: "1", UserCount: 3, UserCountKnown: true}, company)
	})
	t.Run("only success decides", func(t *testing.T) {
		t.Parallel()
		_, c := answering(t, `{"success":true,"errorCode":1201030,"error":"odd","data":{"oids":""}}`)
		ids, err := c.ListAdminOpenIDs(t.Context())
		require.NoError(t, err)
		assert.Empty(t, ids)
	})
	t.Run("admins with blanks", func(t *testing.T) {
		t.Parallel()
		_, c := answering(t, ok(`{"oids":" a ,,b,"}`))
		ids, err := c.ListAdminOpenIDs(t.Context())
		require.NoError(t, err)
		assert.Equal(t, []string{"a", "b"}, ids)
	})
	t.Run("networks spelt right", func(t *testing.T) {
		t.Parallel()
		_, c := answering(t, ok(`{"networks":[{"eid":"1"}]}`))
		n, err := c.SearchTeams(t.Context(), yunzhijia.SearchTeamsRequest{Phone: "13800000001", Name: "x"})
		require.NoError(t, err)
		assert.Equal(t, []yunzhijia.FoundTeam{{EID: "1"}}, n)
	})
	t.Run("null lists", func(t *testing.T) {
		t.Parallel()
		_, c := answering(t, ok(`{"inChargers":null,"members":[]}`))
		people, err := c.ListOrgMembers(t.Context(), "a", yunzhijia.PageRequest{})
		require.NoError(t, err)
		assert.Equal(t, yunzhijia.OrgMembers{}, people)
		_, c = answering(t, ok(`{"selectParentPersons":null,"defaultParentPersons":[]}`))
		parents, err := c.GetSuperiors(t.Context(), "a")
		require.NoError(t, err)
		assert.Equal(t, yunzhijia.Superiors{}, parents)
		_, c = answering(t, ok(`{"oids":null}`))
		ids, err := c.ListAdminOpenIDs(t.Context())
		require.NoError(t, err)
		assert.Empty(t, ids)
	})
	t.Run("another person of the answer", func(t *testing.T) {
		t.Parallel()
		_, c := answering(t, ok(`[{"openId":"b"},{"openId":"a","name":"张三"}]`))
		p, err := c.GetPerson(t.Context(), "a")
		require.NoError(t, err)
		assert.Equal(t, "张三", p.Name)
	})
	t.Run("certified partner", func(t *testing.T) {
		t.Parallel()
		_, c := answering(t, ok(`{"partners":[{"hasCertified":"1"}]}`))
		partners, err := c.ListPartners(t.Context(), time.Time{}, yunzhijia.PageRequest{})
		require.NoError(t, err)
		assert.Equal(t, []yunzhijia.Partner{{Certified: true}}, partners)
	})
}

// Nothing that is wrong passes for something that is empty.
func TestUnreadableAnswers(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		op, body, field string
	}{
		"no success":            {"getcompany", `{"errorCode":100,"data":{"userCount":"1"}}`, `"success"`},
		"success null":          {"getcompany", `{"success":null,"data":{"userCount":"1"}}`, `"success"`},
		"success unreadable":    {"getcompany", `{"success":"perhaps","data":{}}`, `"success"`},
		"no data":               {"getcompany", `{"success":true}`, `"data"`},
		"data null":             {"getorgpersons", `{"success":true,"data":null}`, `"data"`},
		"user count unreadable": {"getcompany", `{"success":true,"data":{"userCount":"many"}}`, `"data.userCount"`},
		"no admins":             {"getAdminOidsByEid", `{"success":true,"data":{}}`, `"data.oids"`},
		"no list":               {"getsuborgs", `{"success":true,"data":null}`, `"data"`},
		"no list at all":        {"getallorgs", `{"success":true}`, `"data"`},
		"no people":             {"getallpersons", `{"success":true,"data":{"time":"2019-12-19 01:40:38"}}`, `"data.persons"`},
		"people null":           {"getallpersons", `{"success":true,"data":{"time":"2019-12-19 01:40:38","persons":null}}`, `"data.persons"`},
		"members null":          {"getorgpersons", `{"success":true,"data":{"inChargers":[],"members":null}}`, `"data.members"`},
		"no partners":           {"getPartners", `{"success":true,"data":{}}`, `"data.partners"`},
		"no networks":           {"searchNetwork", `{"success":true,"data":{"newtorks":null}}`, `"data.newtorks"`},
		"success twice":         {"getcompany", `{"success":true,"data":{},"success":true}`, `"success"`},
		"data twice":            {"getcompany", `{"success":true,"data":{},"data":{}}`, `"data"`},
		"a field twice":         {"getcompany", `{"success":true,"data":{"name":"a","name":"b"}}`, `"data.name"`},
		"another person":        {"getperson", `{"success":true,"data":[{"openId":"else"}]}`, `"data.openId"`},
		"another department":    {"getorg", `{"success":true,"data":{"orgId":"else"}}`, `"data.orgId"`},
		"no cursor":             {"getallpersons", `{"success":true,"data":{"persons":[]}}`, `"data.time"`},
		"cursor of another era": {"getallpersons", `{"success":true,"data":{"time":"19.12.2019"}}`, `"data.time"`},
		"admin unreadable":      {"getUserInfoRelyOrgIds", `{"success":true,"data":[{"isAdmin":"maybe"}]}`, `"isAdmin"`},
		"list of another shape": {"getallorgs", `{"success":true,"data":{"orgs":[]}}`, `"data"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			mock, client := answering(t, c.body)
			_, err := operations()[c.op].call(t.Context(), client)
			require.ErrorIs(t, err, yunzhijia.ErrMalformed)
			require.NotErrorIs(t, err, yunzhijia.ErrNotFound)
			assert.Contains(t, err.Error(), "field "+c.field)
			assert.Equal(t, 1, mock.GetTotalCallCount(), "asking again would not help")
		})
	}
}

// A success without a record is one failure, however the vendor writes it.
func TestNoRecord(t *testing.T) {
	t.Parallel()
	for _, op := range []string{"getperson", "getorg"} {
		for _, data := range []string{
			``, `,"data":null`, `,"data":{}`, `,"data":[]`, `,"data":[null]`, `,"data":[{}]`, `,"data": [ {} , null ] `,
			`,"data":{"openId":"","orgId":null,"name":""}`,
		} {
			_, client := answering(t, `{"success":true,"errorCode":100`+data+`}`)
			_, err := operations()[op].call(t.Context(), client)
			require.ErrorIs(t, err, yunzhijia.ErrNoRecord, data)
			require.NotErrorIs(t, err, yunzhijia.ErrNotFound, data)
			require.NotErrorIs(t, err, yunzhijia.ErrMalformed, data)
			var e *yunzhijia.Error
			require.ErrorAs(t, err, &e)
			assert.Equal(t, yunzhijia.Error{
				Vendor: "yunzhijia", Op: op, HTTPStatus: http.StatusOK, Attempts: 1, Err: yunzhijia.ErrNoRecord,
			}, *e)
			assert.Equal(t, "yunzhijia "+op+": the answer holds no record", err.Error())
		}
	}
}

// The record asked for is found whatever surrounds it.
func TestPointReadShapes(t *testing.T) {
	t.Parallel()
	for _, data := range []string{
		`{"openId":"x","orgId":"x"}`, `[{"openId":"x","orgId":"x"}]`, `[null,{},{"openId":"y","orgId":"y"},{"openId":"x","orgId":"x"}]`,
	} {
		_, client := answering(t, `{"success":true,"data":`+data+`}`)
		person, err := client.GetPerson(t.Context(), "x")
		require.NoError(t, err, data)
		assert.Equal(t, "x", person.OpenID)
		org, err := client.GetOrg(t.Context(), "x")
		require.NoError(t, err, data)
		assert.Equal(t, "x", org.OrgID)
	}
	for data, field := range map[string]string{
		`"none"`: `"data"`, `0`: `"data"`, `[[]]`: `"data"`, `["x"]`: `"data"`,
		`{"openId":"y","orgId":"y"}`: `"data.o`, `[{"name":"x"}]`: `"data.o`, `{"name":[]}`: `"data.name"`, `[{},{"name":{}}]`: `"data.name"`,
	} {
		_, client := answering(t, `{"success":true,"data":`+data+`}`)
		_, personErr := client.GetPerson(t.Context(), "x")
		_, orgErr := client.GetOrg(t.Context(), "x")
		for _, err := range []error{personErr, orgErr} {
			require.ErrorIs(t, err, yunzhijia.ErrMalformed, data)
			require.NotErrorIs(t, err, yunzhijia.ErrNoRecord, data)
			assert.Contains(t, err.Error(), field, data)
		}
	}
}

// No text of a refusal says that a record does not exist.
func TestRefusalIsNotAbsence(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"人员不存在", "部门不存在", "openId not found", "查询不到该人员信息", "企业未授权", "not found"} {
		for _, op := range []string{"getperson", "getorg"} {
			_, client := answering(t, `{"success":false,"errorCode":1201001,"error":"`+text+`","data":null}`)
			_, err := operations()[op].call(t.Context(), client)
			require.NotErrorIs(t, err, yunzhijia.ErrNotFound, text)
			require.NotErrorIs(t, err, yunzhijia.ErrNoRecord, text)
			var e *yunzhijia.Error
			require.ErrorAs(t, err, &e)
			assert.Equal(t, yunzhijia.Error{
				Vendor: "yunzhijia", Op: op, HTTPStatus: http.StatusOK, Code: "1201001", Message: text, Attempts: 1,
			}, *e)
		}
	}
}

// Whether there is a count is not for the caller to guess.
func TestUserCount(t *testing.T) {
	t.Parallel()
	for data, want := range map[string]yunzhijia.Company{
		`{"eid":"1"}`:                  {EID: "1"},
		`{"eid":"1","userCount":null}`: {EID: "1"},
		`{"eid":"1","userCount":""}`:   {EID: "1"},
		`{"eid":"1","userCount":"0"}`:  {EID: "1", UserCountKnown: true},
		`{"eid":"1","userCount":11}`:   {EID: "1", UserCount: 11, UserCountKnown: true},
	} {
		_, client := answering(t, `{"success":true,"data":`+data+`}`)
		company, err := client.GetCompany(t.Context())
		require.NoError(t, err, data)
		assert.Equal(t, want, company, data)
	}
}

func TestRefusal(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"documented":       `{"success":false,"errorCode":1201030,"error":"no person %s","data":null}`,
		"quoted":           `{"success":"false","errorCode":"1201030","error":"no person %s"}`,
		"data of no shape": `{"success":false,"errorCode":1201030,"error":"no person %s","data":"nothing"}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			mock, client := answering(t, strings.ReplaceAll(body, "%s", "oid-zhangsan"))
			_, err := client.GetPerson(t.Context(), "oid-zhangsan")
			var e *yunzhijia.Error
			require.ErrorAs(t, err, &e)
			assert.Equal(t, "1201030", e.Code)
			assert.Equal(t, "no person ***", e.Message, "what was sent is masked")
			assert.Equal(t, "getperson", e.Op)
			require.NotErrorIs(t, err, yunzhijia.ErrMalformed)
			assert.Equal(t, 1, mock.GetTotalCallCount(), "a given token is not replaced")
		})
	}
}
