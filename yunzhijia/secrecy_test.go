package yunzhijia_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/internal/optest"
	"github.com/orgbridge/orgbridge/yunzhijia"
)

// A refusal repeats what the call sent, or used, in the message or the code.
func TestRefusalsRepeatNothing(t *testing.T) {
	t.Parallel()
	for answer, want := range map[string]string{
		`"errorCode":" 1201030 ","error":"手机 １３８ ００００ ０００１"`:  "code 1201030: 手机 ***",
		`"errorCode":100,"error":"用户 诸葛 金丝雀 无效"`:              "code 100: 用户 *** 无效",
		`"errorCode":100,"error":"token aaaa-aaaa%61aaa 无效"`:  "code 100: token *** 无效",
		`"errorCode":100,"error":"secret S3CR3T%2dvalue"`:     "code 100: secret ***",
		`"errorCode":"S3CR3T_value","error":"x"`:              "code ***: x",
		`"errorCode":"aaaaaaaaaaaa","error":"x"`:              "code ***: x",
		`"errorCode":"1380000\u200b0001","error":"x"`:         "code ***: x",
		`"errorCode":"BAD.13800000001","error":"x"`:           "code BAD.***: x",
		`"errorCode":"USER_NOT_FOUND","error":"no such user"`: "code USER_NOT_FOUND: no such user",
	} {
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			transport := httpmock.NewMockTransport()
			transport.RegisterNoResponder(func(r *http.Request) (*http.Response, error) {
				if strings.HasSuffix(r.URL.Path, "/getAccessToken") {
					return httpmock.NewStringResponse(200, `{"success":true,"data":{"accessToken":"aaaaaaaaaaaa","expireIn":7200}}`), nil
				}
				return httpmock.NewStringResponse(200, `{"success":false,`+answer+`}`), nil
			})
			c := newClient(t, yunzhijia.Config{EID: eid, Credentials: yunzhijia.AppCredentials("1", "s3cr3t-Value")},
				yunzhijia.WithHTTPClient(&http.Client{Transport: transport}))
			_, err := c.SearchTeams(t.Context(), yunzhijia.SearchTeamsRequest{Phone: "13800000001", Name: "诸葛金丝雀"})
			require.Error(t, err)
			assert.Equal(t, "yunzhijia searchNetwork: "+want, err.Error())
		})
	}
}

func TestConfigPrintsNoAddress(t *testing.T) {
	t.Parallel()
	config := yunzhijia.Config{
		BaseURL: "https://vendor.example/" + optest.SignKey + "?k=" + optest.Secret, GatewayPath: "/" + optest.Card, Credentials: yunzhijia.AccessToken(optest.Token),
	}
	optest.Silent(t, "config", config)
	optest.Silent(t, "pointer", &config)
	optest.Silent(t, "within", struct{ C yunzhijia.Config }{config})
}
