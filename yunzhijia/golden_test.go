package yunzhijia_test

import (
	"encoding/json"
	"errors"
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
		assert.Equal(t, yunzhijia.Company{EID: "1", UserCount: 3}, company)
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
		n, err := c.SearchNetworks(t.Context(), yunzhijia.SearchNetworksRequest{Phone: "13800000001", Name: "x"})
		require.NoError(t, err)
		assert.Equal(t, []yunzhijia.Network{{EID: "1"}}, n)
	})
	t.Run("null lists", func(t *testing.T) {
		t.Parallel()
		for _, body := range []string{ok("null"), ok("[]"), `{"success":true}`} {
			_, c := answering(t, body)
			orgs, err := c.ListSubOrgs(t.Context(), "a")
			require.NoError(t, err)
			assert.Empty(t, orgs)
		}
		_, c := answering(t, ok(`{"inChargers":null,"members":null}`))
		people, err := c.ListOrgPersons(t.Context(), "a", yunzhijia.PageRequest{})
		require.NoError(t, err)
		assert.Empty(t, people)
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
		"no user count":         {"getcompany", `{"success":true,"data":{"userCount":""}}`, `"data.userCount"`},
		"no admins":             {"getAdminOidsByEid", `{"success":true,"data":{"oids":null}}`, `"data.oids"`},
		"another person":        {"getperson", `{"success":true,"data":[{"openId":"else"}]}`, `"data.openId"`},
		"another department":    {"getorg", `{"success":true,"data":{"orgId":"else"}}`, `"data.orgId"`},
		"no cursor":             {"getallpersons", `{"success":true,"data":{"persons":[]}}`, `"data.time"`},
		"cursor of another era": {"getallpersons", `{"success":true,"data":{"time":"19.12.2019"}}`, `"data.time"`},
		"admin unreadable":      {"getUserInfoRelyOrgIds", `{"success":true,"data":[{"isAdmin":"maybe"}]}`, `"data.isAdmin"`},
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

func TestNotFound(t *testing.T) {
	t.Parallel()
	for op, data := range map[string]string{"getperson": `[]`, "getorg": `null`} {
		for _, body := range []string{`{"success":true,"data":` + data + `}`, `{"success":true}`} {
			_, client := answering(t, body)
			_, err := operations()[op].call(t.Context(), client)
			require.ErrorIs(t, err, yunzhijia.ErrNotFound)
			require.NotErrorIs(t, err, yunzhijia.ErrMalformed)
			var e *yunzhijia.Error
			require.ErrorAs(t, err, &e)
			assert.Equal(t, yunzhijia.Error{
				Vendor: "yunzhijia", Op: op, HTTPStatus: http.StatusOK, Attempts: 1, Err: yunzhijia.ErrNotFound,
			}, *e)
			assert.Equal(t, "yunzhijia "+op+": not found", err.Error())
		}
	}
}

// No code says that a record does not exist: the text does, if it names the record.
func TestNotFoundByText(t *testing.T) {
	t.Parallel()
	for text, absent := range map[string][2]bool{ // getperson, getorg
		"人员不存在":                 {true, false},
		"用户[oid-zhangsan]不存在":   {true, false},
		"openId not found":      {true, false},
		"部门不存在":                 {false, true},
		"org does not exist":    {false, true},
		"查询不到该人员信息":             {true, false},
		"该企业下无此部门":              {false, true},
		"企业未授权":                 {false, false},
		"token对应的用户不存在":         {false, false},
		"eid不存在":                {false, false},
		"系统错误,请联系管理员":           {false, false},
		"user lookup timed out": {false, false},
	} {
		for i, op := range []string{"getperson", "getorg"} {
			_, client := answering(t, `{"success":false,"errorCode":1201001,"error":"`+text+`","data":null}`)
			_, err := operations()[op].call(t.Context(), client)
			assert.Equal(t, absent[i], errors.Is(err, yunzhijia.ErrNotFound), "%s: %s", op, text)
			var e *yunzhijia.Error
			require.ErrorAs(t, err, &e)
			assert.Equal(t, "1201001", e.Code)
		}
	}
	_, client := answering(t, `{"success":true,"data":{}}`)
	_, err := operations()["getorg"].call(t.Context(), client)
	require.ErrorIs(t, err, yunzhijia.ErrNotFound)
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
