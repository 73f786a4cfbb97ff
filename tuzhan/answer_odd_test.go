package tuzhan_test

import (
	"net/http"
	"testing"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/tuzhan"
)

// Whatever is odd about an answer, it is not taken for a success that it does not state.
func TestOddAnswers(t *testing.T) {
	t.Parallel()
	for _, success := range []string{
		"\ufeff" + done, `{"code":200.0,"data":{"status":1.0}}`, `{"code":" 200 ","Code":"500","data":{"status":"1","Status":"-1"}}`,
		`{"code":"200","data":{"status":1,"x":0,"x":1},"msg":{}}`, `{"code":"200","data":{"status":1,"errorMsg":"\ud842"}}`,
		`{"code":"200","data":{"status":1,"ErrorData":[{"thirdDeptId":"D0"}]}}`,
	} {
		client, _ := answering(t, success)
		_, err := client.AddDepartments(t.Context(), departments(2))
		require.NoError(t, err, success)
	}
	for malformed, field := range map[string]string{
		`{"code":"500","code":"200","data":{"status":1}}`:                  "code",
		`{"code":"200","data":{"status":-1},"data":{"status":1}}`:          "data",
		`{"code":"200","data":{"status":-1,"status":1}}`:                   "data.status",
		`{"code":"200","data":{"status":1,"\u0073tatus":1}}`:               "data.status",
		`{"code":"200","data":{"Status":1}}`:                               "data.status",
		`{"code":"200","data":{"status":1.5}}`:                             "data.status",
		`{"code":"200","data":{"status":1,"errorData":"D0"}}`:              "data.errorData",
		`{"code":"200","data":{"status":1,"errorData":{}}}`:                "data.errorData",
		`{"code":"200","data":{"status":1,"errorData":[],"errorData":[]}}`: "data.errorData",
		`{"code":"200","data":{"status":1,"errorMsg":"","errorMsg":""}}`:   "data.errorMsg",
		`{"Code":"200","data":{"status":1}}`:                               "code",
		`{"code":"200","data":{"status":1},}`:                              "",
	} {
		client, _ := answering(t, malformed)
		result, err := client.AddDepartments(t.Context(), departments(2))
		require.Len(t, result.Failed, 2)
		require.ErrorIs(t, err, tuzhan.ErrMalformed, malformed)
		require.ErrorIs(t, err, tuzhan.ErrOutcomeUnknown, malformed)
		if field != "" {
			require.ErrorContains(t, err, `"`+field+`"`, malformed)
		}
	}
}

// A row that cannot be read means a record that is not known: those that other rows
// name have their outcome, and all others are in doubt.
func TestOddRows(t *testing.T) {
	t.Parallel()
	for _, odd := range []string{
		`"D0"`, `[]`, `7`, `{"thirdDeptId":{}}`, `{"thirdDeptId":"\ud842"}`, `{"thirdDeptId":"D0","thirdDeptId":"D2"}`,
		`{"thirdDeptID":"D0"}`, `{"thirdDeptId":1.5}`, `{"thirdDeptId":"D0","deptId":[]}`, `{"thirdDeptId":"D0 "}`,
	} {
		client, _ := answering(t, answer("2", `[`+odd+`,{"thirdDeptId":"D1"}]`, `["名称过长","部门已存在"]`))
		result, err := client.AddDepartments(t.Context(), departments(3))
		require.Error(t, err)
		require.Len(t, result.Failed, 3, odd)
		require.ErrorIs(t, result.Failed[0].Err, tuzhan.ErrOutcomeUnknown, odd)
		require.ErrorIs(t, result.Failed[1].Err, tuzhan.ErrExists, odd)
		require.NotErrorIs(t, result.Failed[1].Err, tuzhan.ErrOutcomeUnknown, odd)
		require.ErrorIs(t, result.Failed[2].Err, tuzhan.ErrOutcomeUnknown, odd)
		assert.Equal(t, []string{"名称过长"}, result.Messages)
	}
	// What comes back is compared as it was sent, whatever characters it has.
	records := departments(2)
	records[0].ThirdDeptID = "D\u200b0"
	client, _ := answering(t, answer("2", `[{"thirdDeptId":"D\u200b0"}]`, `["部门已存在"]`))
	result, err := client.AddDepartments(t.Context(), records)
	require.ErrorIs(t, err, tuzhan.ErrExists)
	require.Len(t, result.Failed, 1)
	assert.Equal(t, 0, result.Failed[0].Index)
}

func TestOddTokens(t *testing.T) {
	t.Parallel()
	for data, good := range map[string]bool{
		`{"orgAccessToken":"t","expire":"7200"}`: true, `{"orgAccessToken":"t","expire":7.2E3}`: true, `{"orgAccessToken":"t"}`: true,
		`{"orgAccessToken":"t","expire":null,"OrgAccessToken":7}`: true,
		`{"orgAccessToken":"t","orgAccessToken":"u"}`:             false, `{"orgAccessToken":"t","expire":1,"expire":2}`: false,
		`{"orgAccessToken":""}`: false, `{"orgaccesstoken":"t"}`: false, `{"orgAccessToken":["t"]}`: false, `{"orgAccessToken":"\ud842"}`: false,
		`{"orgAccessToken":"t","expire":"soon"}`: false, `[]`: false, `"t"`: false,
	} {
		m := httpmock.NewMockTransport()
		m.RegisterResponder(http.MethodGet, tokenURL, httpmock.NewStringResponder(http.StatusOK, `{"code":"200","data":`+data+`}`))
		m.RegisterResponder(http.MethodPost, deptURL, httpmock.NewStringResponder(http.StatusOK, done))
		client, err := tuzhan.New(tuzhan.Config{Credentials: tuzhan.AppCredentials("app-1", "app-secret-1")},
			tuzhan.WithHTTPClient(&http.Client{Transport: m}))
		require.NoError(t, err)
		_, err = client.AddDepartments(t.Context(), departments(1))
		if good {
			require.NoError(t, err, data)
		} else {
			require.ErrorIs(t, err, tuzhan.ErrMalformed, data)
		}
	}
}
