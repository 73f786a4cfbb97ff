package yunzhijiatest_test

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/yunzhijia/yunzhijiatest"
)

func TestToken(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := yunzhijiatest.NewInMemory(yunzhijiatest.WithTokenLife(time.Hour))
		defer srv.Close()
		first, e := askToken(t, srv, tokenRequest(time.Now()))
		assert.Equal(t, 0, *e.ErrorCode, "not 100, as with data calls")
		assert.Nil(t, e.Error)
		assert.Len(t, first.AccessToken, 32)
		assert.Len(t, first.RefreshToken, 32)
		assert.NotEqual(t, first.AccessToken, first.RefreshToken)
		assert.Equal(t, 3600, first.ExpireIn)

		<-time.After(20 * time.Minute)
		same, _ := askToken(t, srv, tokenRequest(time.Now()))
		assert.Equal(t, first.AccessToken, same.AccessToken, "the same while it lives")
		assert.Equal(t, 2400, same.ExpireIn)
		<-time.After(40 * time.Minute)
		next, _ := askToken(t, srv, tokenRequest(time.Now()))
		assert.NotEqual(t, first.AccessToken, next.AccessToken)

		srv.ExpireTokens()
		last, _ := askToken(t, srv, tokenRequest(time.Now()))
		assert.NotEqual(t, next.AccessToken, last.AccessToken)
		for _, old := range []string{first.AccessToken, next.AccessToken, ""} {
			requireRefused(t, send(t, srv, http.MethodPost, people+"getcompany?accessToken="+old, form, "eid=10001"), "authentication")
		}
		assert.True(t, *send(t, srv, http.MethodPost, people+"getcompany?accessToken="+last.AccessToken, form, "eid=10001").Success)
	})
}

func TestTokenRefusals(t *testing.T) {
	t.Parallel()
	now := time.Now()
	for name, tt := range map[string]struct {
		field   string
		value   any
		message string
	}{
		"no app id":      {"appId", nil, "required"},
		"no secret":      {"secret", nil, "required"},
		"no timestamp":   {"timestamp", nil, "required"},
		"no scope":       {"scope", nil, "required"},
		"wrong app":      {"appId", "500000002", "appId or secret"},
		"wrong secret":   {"secret", "x", "appId or secret"},
		"team scope":     {"scope", "team", "scope"},
		"seconds":        {"timestamp", now.Unix(), "3 minutes"},
		"late":           {"timestamp", now.Add(-4 * time.Minute).UnixMilli(), "3 minutes"},
		"early":          {"timestamp", now.Add(4 * time.Minute).UnixMilli(), "3 minutes"},
		"unknown field":  {"eid", "10001", "unknown field"},
		"stamp a string": {"timestamp", "now", "timestamp"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			request := tokenRequest(now)
			request[tt.field] = tt.value
			if tt.value == nil {
				delete(request, tt.field)
			}
			_, e := askToken(t, start(t), request)
			requireRefused(t, e, tt.message)
		})
	}
	t.Run("form", func(t *testing.T) {
		t.Parallel()
		requireRefused(t, send(t, start(t), http.MethodPost, token, form, "appId=500000001"), "content type")
	})
	t.Run("within 3 minutes", func(t *testing.T) {
		t.Parallel()
		_, e := askToken(t, start(t), tokenRequest(now.Add(-2*time.Minute)))
		assert.True(t, *e.Success)
	})
}

func TestFormRefusals(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		path    string
		params  []string
		message string
	}{
		"missing":          {people + "getperson", nil, "openId is required"},
		"empty":            {people + "getorg", []string{"orgId", ""}, "orgId is required"},
		"misspelt":         {people + "getallorgs", []string{"Begin", "0"}, `unknown parameter "Begin"`},
		"count 1001":       {people + "getallorgs", []string{"count", "1001"}, "count"},
		"count 0":          {people + "getallorgs", []string{"count", "0"}, "count"},
		"count 501":        {people + "org/getUserInfoRelyOrgIds", []string{"orgIds", "a", "isIncludeSub", "true", "count", "501"}, "count"},
		"begin negative":   {people + "getallorgs", []string{"begin", "-1"}, "begin"},
		"begin no number":  {people + "getallorgs", []string{"begin", "one"}, "begin"},
		"no time":          {people + "getallpersons", nil, "time is required"},
		"time of a day":    {people + "getallpersons", []string{"time", "2019-12-19"}, "time"},
		"time with millis": {people + "getallpersons", []string{"time", "2019-12-19 01:02:03.4"}, "time"},
		"millis":           {partners + "getPartners", []string{"time", "2019-12-19 01:02:03"}, "time"},
		"no flag":          {people + "getorginfos", []string{"orgIds", "a"}, "hasChild is required"},
		"flag 1":           {people + "getorginfos", []string{"orgIds", "a", "hasChild", "1"}, "hasChild"},
		"another team":     {people + "getcompany", []string{"eid", "10002"}, "企业未授权"},
		"no team":          {people + "getcompany", []string{"eid", ""}, "eid is required"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			requireRefused(t, ask(t, start(t), tt.path, tt.params...), tt.message)
		})
	}
}

func TestProtocolRefusals(t *testing.T) {
	t.Parallel()
	srv := start(t)
	data, _ := askToken(t, srv, tokenRequest(time.Now()))
	path := people + "getcompany?accessToken=" + data.AccessToken
	requireRefused(t, send(t, srv, http.MethodGet, path, form, ""), "use POST")
	requireRefused(t, send(t, srv, http.MethodPost, path, "application/json", `{"eid":"10001"}`), "content type")
	requireRefused(t, send(t, srv, http.MethodPost, path, form, "eid=10001&eid=10001"), "twice")
	requireRefused(t, send(t, srv, http.MethodPost, path, form, "eid=%zz"), "malformed form")
	requireRefused(t, send(t, srv, http.MethodPost, people+"getcompany", form, "eid=10001&accessToken="+data.AccessToken), "authentication")
	assert.Equal(t, http.StatusMethodNotAllowed, send(t, srv, http.MethodPut, path, form, "").status)
	assert.Equal(t, http.StatusNotFound, send(t, srv, http.MethodPost, people+"getstaff", form, "").status)
	require.Equal(t, 5, srv.Count(yunzhijiatest.OpGetCompany))
}
