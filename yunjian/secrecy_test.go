package yunjian_test

import (
	"bytes"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/internal/optest"
	"github.com/orgbridge/orgbridge/yunjian"
)

// What the endpoint says of one user repeats what the call sent, or used.
func TestDescriptionsRepeatNothing(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"用户 诸葛 金丝雀 无效":                "用户 *** 无效",
		"另一个用户 李　四 无效":                "另一个用户 *** 无效",
		"手机 １３８ ００００ ０００１":            "手机 ***",
		"gateway GW-KEY-1 坏":          "gateway *** 坏",
		"session ＳＥＳＳ 0001 坏":         "session *** 坏",
		`session \\u0073ess%30001 坏`:  "session *** 坏",
		"密 pw-77-secret 与 sign.key 9": "密 *** 与 ***",
	} {
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			transport := httpmock.NewMockTransport()
			transport.RegisterResponder(http.MethodPost, sessionURL,
				httpmock.NewStringResponder(200, `{"resCode":" 10000 ","sessionId":"sess0001","timeLimit":4102444800000}`))
			transport.RegisterNoResponder(httpmock.NewStringResponder(200,
				`{"resCode":10000,"data":[{"userNo":"1","status":"0","description":"`+text+`"}]}`))
			c, err := yunjian.New(yunjian.Config{
				URL: syncURL, Account: "acct", UserNo: "U001",
				Session: yunjian.Login(yunjian.LoginConfig{URL: sessionURL, Secret: "pw77-Secret", SignKey: "signKey9"}),
			}, yunjian.WithHTTPClient(&http.Client{Transport: transport}), yunjian.WithHeader(http.Header{"X-Gateway": {"Key gw-key-1"}}))
			require.NoError(t, err)
			one, two := user("1"), user("2")
			one.FullName, two.FullName = "诸葛金丝雀", "李四"
			result, err := c.SyncUsers(t.Context(), []yunjian.User{one, two})
			require.ErrorIs(t, err, yunjian.ErrUserFailed)
			require.Len(t, result.Failed, 1)
			assert.Equal(t, want, result.Failed[0].Message)
			assert.Contains(t, err.Error(), want)
		})
	}
}

func TestConfigPrintsNoAddress(t *testing.T) {
	t.Parallel()
	config := yunjian.Config{URL: "https://third.example/" + optest.SignKey + "?k=" + optest.Secret, Session: yunjian.SessionID(optest.Token)}
	optest.Silent(t, "config", config)
	optest.Silent(t, "pointer", &config)
	optest.Silent(t, "within", struct{ C yunjian.Config }{config})
}

// Both addresses are http: one warning is enough.
func TestPlainHTTPWarnsOnce(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	transport := httpmock.NewMockTransport()
	transport.RegisterNoResponder(httpmock.NewStringResponder(200, `{"resCode":10000,"sessionId":"s","timeLimit":4102444800000,"data":[]}`))
	c, err := yunjian.New(yunjian.Config{
		URL: "http://third.example/users", Account: "acct", UserNo: "U001",
		Session: yunjian.Login(yunjian.LoginConfig{URL: "http://third.example/session", Secret: "pw", SignKey: "k"}),
	}, yunjian.WithHTTPClient(&http.Client{Transport: transport}), yunjian.WithLogger(slog.New(slog.NewTextHandler(&b, nil))))
	require.NoError(t, err)
	for range 2 {
		_, err = c.SyncUsers(t.Context(), []yunjian.User{user("1")})
		require.NoError(t, err)
	}
	assert.Equal(t, 1, strings.Count(b.String(), "unencrypted"), b.String())
}
