package tuzhan_test

import (
	"net/http"
	"testing"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/internal/optest"
	"github.com/orgbridge/orgbridge/tuzhan"
)

// What the vendor says of one record repeats what the call sent, or used.
func TestRecordMessagesRepeatNothing(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"用户 诸葛 金丝雀 无效":           "用户 *** 无效",
		"用户 诸-葛·金丝\u200b雀":       "用户 ***",
		`用户 \\ud842\\udfb7野家`:    "用户 ***",
		"手机 １３８ ００００ ０００１":       "手机 ***",
		"手机 138-0000-0001 重复":    "手机 *** 重复",
		"token aaaaaaaaaaaa 无效":  "token *** 无效",
		"token AAAA%61aaa%61aaa": "token ***",
		"gateway Gw-Key-1 坏":     "gateway *** 坏",
		"site keyInURL 坏":        "site *** 坏",
		"路径 pathkey77 坏":         "路径 *** 坏",
	} {
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			named, rare := employee("U1"), employee("U2")
			named.ChannelName, named.Phone = "诸葛金丝雀", "13800000001"
			rare.ChannelName, rare.Phone = "𠮷野家", "13800000002"
			transport := httpmock.NewMockTransport()
			transport.RegisterNoResponder(httpmock.NewStringResponder(200, answer("2", `[{"thirdUserId":"U1"}]`, `["`+text+`","`+text+`"]`)))
			client, err := tuzhan.New(tuzhan.Config{
				BaseURL: "https://vendor.example/pathkey77?k=keyInURL", Credentials: tuzhan.AccessToken("aaaaaaaaaaaa"),
			}, tuzhan.WithHTTPClient(&http.Client{Transport: transport}), tuzhan.WithHeader(http.Header{"X-Gateway": {"Bearer gw-key-1"}}))
			require.NoError(t, err)
			result, err := client.AddEmployees(t.Context(), []tuzhan.Employee{named, rare})
			require.Error(t, err)
			require.Len(t, result.Failed, 1)
			assert.Equal(t, want, result.Failed[0].Message)
			assert.Equal(t, []string{want}, result.Messages)
		})
	}
}

func TestRefusalRepeatsNoAppSecret(t *testing.T) {
	t.Parallel()
	config := tuzhan.Config{Credentials: tuzhan.AppCredentials("app", "s3cr3t-Value")}
	client, _ := fake(t, config, nil, httpmock.NewStringResponder(200, `{"code":" 100300 ","msg":"secret S3CR3T value 无效","data":null}`))
	_, err := client.AddEmployees(t.Context(), []tuzhan.Employee{employee("U1")})
	require.ErrorIs(t, err, tuzhan.ErrAuthCode, "blanks around a code are not part of it")
	assert.NotContains(t, err.Error(), "S3CR3T")
	assert.Contains(t, err.Error(), "secret *** 无效")
}

func TestSuccessCodeWithBlanks(t *testing.T) {
	t.Parallel()
	client, _ := answering(t, `{"code":" 200","data":{"status":1}}`)
	result, err := client.AddEmployees(t.Context(), []tuzhan.Employee{employee("U1")})
	require.NoError(t, err)
	assert.Len(t, result.Succeeded, 1)
}

func TestConfigPrintsNoAddress(t *testing.T) {
	t.Parallel()
	config := tuzhan.Config{BaseURL: "https://vendor.example/" + optest.SignKey + "?k=" + optest.Secret, Credentials: tuzhan.AccessToken(optest.Token)}
	optest.Silent(t, "config", config)
	optest.Silent(t, "pointer", &config)
	optest.Silent(t, "within", struct{ C tuzhan.Config }{config})
}
