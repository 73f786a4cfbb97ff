package tuzhantest_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/tuzhan/tuzhantest"
)

func TestTokens(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCaller(t, tuzhantest.WithTokenLife(90*time.Second))
		fetch := func(id, secret string) (string, map[string]any) {
			query := url.Values{"instanceAppid": {id}, "instanceSecrect": {secret}}
			_, text := c.send(http.MethodGet, tokenPath+"?"+query.Encode(), "", "")
			var r struct {
				Code string         `json:"code"`
				Data map[string]any `json:"data"`
			}
			require.NoError(t, json.Unmarshal([]byte(text), &r))
			return r.Code, r.Data
		}
		for _, wrong := range [][2]string{{"", ""}, {tuzhantest.InstanceAppID, "x"}, {"x", tuzhantest.InstanceSecret}} {
			code, data := fetch(wrong[0], wrong[1])
			assert.Equal(t, "100100", code)
			assert.Nil(t, data)
		}
		code, data := fetch(tuzhantest.InstanceAppID, tuzhantest.InstanceSecret)
		assert.Equal(t, "200", code)
		assert.InDelta(t, 90, data["expire"], 0)
		assert.NotEmpty(t, data["orgRefreshToken"])

		c.token = data["orgAccessToken"].(string)
		assert.Empty(t, c.one(deptPath, "add", dept("A", "")))
		<-time.After(89 * time.Second)
		assert.Empty(t, c.one(deptPath, "add", dept("B", "")))
		<-time.After(time.Second)
		assert.Equal(t, "100200", c.post(deptPath, "{}").Code)
		c.token = c.IssueToken()
		assert.Empty(t, c.one(deptPath, "add", dept("C", "")))
		c.ExpireTokens()
		assert.Equal(t, "TOKEN_ERROR", c.post(employeePath, "{}").ErrorCode)
	})
	c := newCaller(t, tuzhantest.WithUnauthorized())
	c.token = ""
	status, _ := c.send(http.MethodPost, deptPath, "application/json", "{}")
	assert.Equal(t, http.StatusUnauthorized, status)
}

func TestFaults(t *testing.T) {
	t.Parallel()
	c := newCaller(t)
	add := `{"publicParams":{"optType":"add"},"data":[` + dept("A", "") + `]}`
	c.Inject(tuzhantest.ResultStatus(0))
	assert.Equal(t, 0, c.post(deptPath, add).Data.Status)
	assert.Len(t, c.Departments(), 1, "carried out nonetheless")
	c.Inject(tuzhantest.ErrorMessages("a", "b"))
	r := c.post(deptPath, add)
	assert.Equal(t, []string{"a", "b"}, r.Data.ErrorMsg)
	assert.Equal(t, -1, r.Data.Status)
	c.Inject(tuzhantest.ErrorMessages())
	assert.Nil(t, c.post(deptPath, add).Data.ErrorMsg)
	c.Inject(tuzhantest.MutateResult(func(r *tuzhantest.BatchResult) { r.ErrorData = nil }))
	assert.Nil(t, c.post(deptPath, add).Data.ErrorData)

	// Refusals and the token call pass unharmed.
	c.Inject(tuzhantest.ResultStatus(0), tuzhantest.ResultStatus(0).On(tuzhantest.OpToken))
	assert.Equal(t, tuzhantest.CodeBadRequest, c.post(deptPath, "{}").Code)
	_, text := c.send(http.MethodGet, tokenPath+"?instanceAppid="+tuzhantest.InstanceAppID+"&instanceSecrect="+tuzhantest.InstanceSecret, "", "")
	assert.NotContains(t, text, "status")
	assert.Empty(t, c.Pending())

	for name, fault := range map[string]tuzhantest.Fault{
		"Status(503)":  tuzhantest.Status(503),
		"RateLimited":  tuzhantest.RateLimited(time.Second),
		"RateLimited ": tuzhantest.RateLimitedUntil(time.Now()),
		"HTML":         tuzhantest.HTML(),
		"Body(201)":    tuzhantest.Body(201, "text/plain", "x"),
		"Respond":      tuzhantest.Respond(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) }),
		"EmptyBody":    tuzhantest.EmptyBody(),
		"TruncateBody": tuzhantest.TruncateBody(),
		"PadBody(3)":   tuzhantest.PadBody(3),
		"MutateBody":   tuzhantest.MutateBody(func([]byte) []byte { return []byte("{}") }),
		"Delay":        tuzhantest.Delay(time.Microsecond),
	} {
		want, text := c.send(http.MethodPost, deptPath, "application/json", add)
		c.Inject(fault)
		got, struck := c.send(http.MethodPost, deptPath, "application/json", add)
		assert.Contains(t, fault.String(), strings.TrimSpace(name))
		assert.Equal(t, name == "Delay", want == got && text == struck, name)
	}
	c.Inject(tuzhantest.ResetConnection(), tuzhantest.LoseAnswer(), tuzhantest.CutBody().After(2))
	for range 3 {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, c.URL()+deptPath, strings.NewReader(add))
		require.NoError(t, err)
		r.Header.Set("X-Token", c.token)
		r.Header.Set("Content-Type", "application/json")
		resp, err := c.HTTPClient().Do(r)
		if err == nil {
			_, err = io.ReadAll(resp.Body)
			_ = resp.Body.Close()
		}
		require.Error(t, err)
	}
	assert.Panics(t, func() { c.Inject(tuzhantest.Status(500).On("dept/list")) })
	c.Inject(tuzhantest.Status(500).Always())
	c.ClearFaults()
	assert.Empty(t, c.Pending())
}
