package yunjian_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/yunjian"
)

const syncURL = "https://third.example/api/users"

func sample(t testing.TB, name string) string {
	t.Helper()
	b, err := os.ReadFile("testdata/" + name)
	require.NoError(t, err)
	return string(b)
}

// sampleUsers are the users of the page's request, as its tables mean them.
func sampleUsers() []yunjian.User {
	first := yunjian.User{
		UserNo: "91228", FullName: "测试", Mobile: "12345678901", IsLeave: true,
		DepartmentName: yunjian.Set("test"), DepartmentCode: yunjian.Set("01"),
		CostCenterName: yunjian.Set("test"), CostCenterCode: yunjian.Set("01"),
		BranchName: yunjian.Set("test"), BranchCode: yunjian.Set("01"),
		Gender: yunjian.Set("M"), EmailAddress: yunjian.Set("test@qq.com"),
		Level: yunjian.Set("ES"), LevelCode: yunjian.Set("01"),
		Birthday:    yunjian.Set(yunjian.Date{Year: 1997, Month: 11, Day: 10}),
		Nationality: yunjian.Set("CHN"),
		CardInfo: []yunjian.Card{{
			CardType: "身份证", CardTypeID: yunjian.Set(int64(1)), CardNo: "12312312",
			ExpirationDate: yunjian.Set(int64(1569347060000)),
			GivenName:      yunjian.Set("test"), Surname: yunjian.Set("01"),
		}},
	}
	second := first
	second.UserNo, second.IsLeave = "91229", false
	second.Level = yunjian.Set("第三方平台未维护的职级")
	return []yunjian.User{first, second}
}

func TestHandlerReadsThePageSample(t *testing.T) {
	t.Parallel()
	var got []yunjian.User
	h := newHandler(t, func(c *yunjian.HandlerConfig) {
		c.Sync = func(_ context.Context, u yunjian.User) (yunjian.Ack, error) {
			got = append(got, u)
			if u.UserNo == "91229" {
				return yunjian.Ack{BindID: "b2"}, yunjian.Reject("职级未维护,同步失败")
			}
			return yunjian.Ack{BindID: "b1"}, nil
		}
	})
	body := strings.Replace(sample(t, "push_request.json"), "121312", login(t, h, vectorTime), 1)
	status, answer := post(t, h, "/users", body)
	assert.Equal(t, http.StatusOK, status)
	assert.Equal(t, sampleUsers(), got)
	// The sample's answer, with its two faults set right: the second row is
	// about 91229, and every row has the companyId that the table requires.
	assert.JSONEq(t, `{"resCode":10000,"resMsg":"部分员工同步失败","data":[
		{"userNo":91228,"companyId":38,"status":1,"bindId":"b1"},
		{"userNo":91229,"companyId":38,"status":0,"bindId":"b2","description":"职级未维护,同步失败"}]}`, answer)
}

// client returns a client of syncURL that is answered by respond.
func client(t testing.TB, change func(*yunjian.Config), respond httpmock.Responder, options ...yunjian.Option) *yunjian.Client {
	t.Helper()
	transport := httpmock.NewMockTransport()
	transport.RegisterResponder(http.MethodPost, syncURL, respond)
	config := yunjian.Config{URL: syncURL, Account: account, UserNo: "U001", Session: yunjian.SessionID("121312")}
	if change != nil {
		change(&config)
	}
	options = append([]yunjian.Option{yunjian.WithHTTPClient(&http.Client{Transport: transport}), yunjian.WithRetry(1, 1)}, options...)
	c, err := yunjian.New(config, options...)
	require.NoError(t, err)
	return c
}

func TestClientSendsThePageSample(t *testing.T) {
	t.Parallel()
	var sent string
	c := client(t, func(c *yunjian.Config) { c.SendCards = true }, func(r *http.Request) (*http.Response, error) {
		assert.Equal(t, "application/json", r.Header.Get("Content-Type"))
		b, err := io.ReadAll(r.Body)
		sent = string(b)
		return httpmock.NewStringResponse(http.StatusOK, sample(t, "push_answer_success.json")), err
	})
	result, err := c.SyncUsers(t.Context(), sampleUsers())
	require.NoError(t, err)
	assert.Len(t, result.Succeeded, 2, "successes may be left out of the answer")

	// The sample against the tables: account and userNo stand in place of
	// companyId and userId (V1.2), userNo is a String, isLeave a Boolean,
	// cardTypeId an Integer.
	want := sample(t, "push_request.json")
	for from, to := range map[string]string{
		`"companyId": 38`: `"account": "demo"`, `"userId": 91228`: `"userNo": "U001"`,
		`"userNo": 91228`: `"userNo": "91228"`, `"userNo": 91229`: `"userNo": "91229"`,
		`"isLeave": "Y"`: `"isLeave": true`, `"cardTypeId": "1"`: `"cardTypeId": 1`,
	} {
		require.Contains(t, want, from)
		want = strings.ReplaceAll(want, from, to)
	}
	assert.JSONEq(t, want, sent)
}

func TestClientReadsThePageSample(t *testing.T) {
	t.Parallel()
	c := client(t, nil, httpmock.NewStringResponder(http.StatusOK, sample(t, "push_answer_partial.json")))
	result, err := c.SyncUsers(t.Context(), sampleUsers())
	require.Error(t, err)
	assert.Empty(t, result.Succeeded)
	require.Len(t, result.Failed, 2)

	// The sample reports 91228 twice, as done and as failed. It failed, then;
	// and 91229 cannot count as a success that was left out.
	first, second := result.Failed[0], result.Failed[1]
	assert.Equal(t, "91228", first.Record.UserNo)
	assert.Equal(t, "职级未维护,同步失败", first.Message)
	assert.NotEmpty(t, first.Ref)
	require.ErrorIs(t, first.Err, yunjian.ErrUserFailed)
	require.NotErrorIs(t, first.Err, yunjian.ErrOutcomeUnknown)
	assert.Equal(t, "91229", second.Record.UserNo)
	require.ErrorIs(t, second.Err, yunjian.ErrOutcomeUnknown)
	require.NotErrorIs(t, second.Err, yunjian.ErrUserFailed)
}

// The other direction of the sample: marshalling what was read loses nothing.
func TestUserKeepsItsData(t *testing.T) {
	t.Parallel()
	u := sampleUsers()[0]
	u.ExtraInfo = json.RawMessage(`{"n":12345678901234567890}`)
	b, err := json.Marshal(u)
	require.NoError(t, err)
	var back yunjian.User
	require.NoError(t, json.NewDecoder(bytes.NewReader(b)).Decode(&back))
	assert.Equal(t, u, back)
}
