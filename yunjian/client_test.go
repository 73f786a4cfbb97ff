package yunjian_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/internal/optest"
	"github.com/orgbridge/orgbridge/yunjian"
)

func user(no string) yunjian.User {
	return yunjian.User{UserNo: no, FullName: "张三", Mobile: "13800000001"}
}

func users(n int) []yunjian.User {
	list := make([]yunjian.User, n)
	for i := range list {
		list[i] = user(strconv.Itoa(i))
	}
	return list
}

func TestNewChecksEverything(t *testing.T) {
	t.Parallel()
	_, err := yunjian.New(yunjian.Config{ChunkSize: 1001}, nil, yunjian.WithHTTPClient(nil), yunjian.WithLogger(nil),
		yunjian.WithHook(nil), yunjian.WithLimiter(nil), yunjian.WithClock(nil), yunjian.WithRetry(0, 0))
	require.ErrorIs(t, err, yunjian.ErrInvalid)
	for _, field := range []string{
		"URL", "Account", "UserNo", "ChunkSize", "Session", "Option", "WithHTTPClient", "WithLogger", "WithHook",
		"WithLimiter", "WithClock", "WithRetry",
	} {
		assert.ErrorContains(t, err, field)
	}
	_, err = yunjian.New(yunjian.Config{
		URL: "https://user:" + optest.Secret + "@third.example", Account: "a", UserNo: "u", ChunkSize: -1,
		Session: yunjian.Login(yunjian.LoginConfig{URL: "ftp://x"}),
	})
	for _, field := range []string{"URL", "ChunkSize", "Session.URL", "Session.Secret", "Session.SignKey"} {
		assert.ErrorContains(t, err, field)
	}
	optest.SilentError(t, "error", err)
	_, err = yunjian.New(yunjian.Config{URL: syncURL, Account: "a", UserNo: "u", Session: yunjian.SessionID("")})
	require.ErrorContains(t, err, "Session")
}

func TestConfigIsSilent(t *testing.T) {
	t.Parallel()
	config := yunjian.Config{URL: syncURL + "?key=" + optest.Token, Account: "a", UserNo: "u"}
	loginConfig := yunjian.LoginConfig{URL: syncURL, Secret: optest.Secret, SignKey: optest.SignKey}
	for _, session := range []yunjian.Session{yunjian.SessionID(optest.Token), yunjian.Login(loginConfig)} {
		config.Session = session
		c, err := yunjian.New(config)
		require.NoError(t, err)
		for _, v := range []any{session, config, &config, c, loginConfig, struct{ S yunjian.Session }{session}, struct{ c yunjian.Client }{*c}} {
			optest.Silent(t, fmt.Sprintf("%T", v), v)
		}
		for _, v := range []any{session, loginConfig, config} {
			b, err := json.Marshal(v)
			require.NoError(t, err)
			optest.NoCanary(t, "JSON", string(b))
		}
		assert.Contains(t, session.String(), "redacted")
	}
}

func TestUserIsSilent(t *testing.T) {
	t.Parallel()
	u := canaryUser()
	u.UserID = yunjian.Set(int64(7))
	item := yunjian.Item[yunjian.User]{Record: u, Err: yunjian.ErrNotSent}
	for _, v := range []any{u, &u, u.CardInfo[0], item, yunjian.Result[yunjian.User]{Failed: []yunjian.Item[yunjian.User]{item}}, []yunjian.User{u}} {
		if _, list := v.([]yunjian.User); !list { // slog's JSON handler marshals a slice, which keeps the data
			optest.Silent(t, fmt.Sprintf("%T", v), v)
		}
		optest.NoCanary(t, fmt.Sprintf("%T", v), fmt.Sprintf("%+v", v))
	}
	assert.Equal(t, "yunjian.User{userNo=U2 userId=7 isLeave=true}", fmt.Sprint(u))
}

func canaryUser() yunjian.User {
	return yunjian.User{
		UserNo: "U2", FullName: optest.Name, Mobile: optest.Mobile, IsLeave: true,
		DepartmentName: yunjian.Set(optest.Name), EmailAddress: yunjian.Set(optest.Email),
		Surname: yunjian.Set(optest.Name), GivenName: yunjian.Set(optest.Name),
		ExtraInfo: json.RawMessage(`{"k":"` + optest.Card + `"}`),
		CardInfo: []yunjian.Card{{
			CardType: "身份证", CardTypeID: yunjian.Set(int64(1)), CardNo: optest.Card, Surname: yunjian.Set(optest.Name),
		}},
	}
}

func TestSyncUsersRefusesBadUsers(t *testing.T) {
	t.Parallel()
	with := func(change func(*yunjian.User)) yunjian.User {
		u := canaryUser()
		change(&u)
		return u
	}
	card := func(change func(*yunjian.Card)) yunjian.User {
		return with(func(u *yunjian.User) {
			u.CardInfo = append(u.CardInfo, u.CardInfo[0])
			change(&u.CardInfo[1])
		})
	}
	for field, u := range map[string]yunjian.User{
		"userNo is required":                 with(func(u *yunjian.User) { u.UserNo = "" }),
		"fullName is required":               with(func(u *yunjian.User) { u.FullName = " " }),
		"fullName is masked":                 with(func(u *yunjian.User) { u.FullName = "金*" }),
		"fullName is not UTF-8":              with(func(u *yunjian.User) { u.FullName = "\xd5\xc5" }),
		"departmentName is not UTF-8":        with(func(u *yunjian.User) { u.DepartmentName = yunjian.Set("\xd5") }),
		"mobile is required":                 with(func(u *yunjian.User) { u.Mobile = "" }),
		"mobile is masked":                   with(func(u *yunjian.User) { u.Mobile = "138****5678" }),
		"birthday is not":                    with(func(u *yunjian.User) { u.Birthday = yunjian.Set(yunjian.Date{Year: 1997, Month: 2, Day: 30}) }),
		"nationality is not":                 with(func(u *yunjian.User) { u.Nationality = yunjian.Set("中国") }),
		"extraInfo is not a JSON object":     with(func(u *yunjian.User) { u.ExtraInfo = json.RawMessage(`[1]`) }),
		"extraInfo is not UTF-8":             with(func(u *yunjian.User) { u.ExtraInfo = json.RawMessage("{\"a\":\"\xd5\"}") }),
		"cardInfo.cardType is required":      card(func(c *yunjian.Card) { c.CardType = "" }),
		"cardInfo[1].cardTypeId is required": card(func(c *yunjian.Card) { c.CardTypeID = yunjian.Opt[int64]{} }),
		"cardInfo[1].cardNo is required":     card(func(c *yunjian.Card) { c.CardNo = "" }),
		"cardInfo[1].cardNo is masked":       card(func(c *yunjian.Card) { c.CardNo = "1101****" }),
		"cardInfo[1].expirationDate is not":  card(func(c *yunjian.Card) { c.ExpirationDate = yunjian.Set(int64(1569347060)) }),
		"cardInfo[1].surname is not UTF-8":   card(func(c *yunjian.Card) { c.Surname = yunjian.Set("\xd5") }),
	} {
		field = strings.Replace(field, "cardInfo.", "cardInfo[1].", 1)
		t.Run(field, func(t *testing.T) {
			t.Parallel()
			c := client(t, func(c *yunjian.Config) { c.SendCards = true }, func(*http.Request) (*http.Response, error) {
				t.Error("a request was sent")
				return nil, io.EOF
			})
			result, err := c.SyncUsers(t.Context(), []yunjian.User{u})
			require.Len(t, result.Failed, 1)
			require.ErrorIs(t, err, yunjian.ErrInvalid)
			var bad *yunjian.FieldError
			require.ErrorAs(t, result.Failed[0].Err, &bad)
			assert.Equal(t, "userSyn", bad.Op)
			require.ErrorContains(t, err, "data[0]."+field)
			optest.SilentError(t, "error", err)
		})
	}
}

func TestSyncUsersTakesNeitherOfTwo(t *testing.T) {
	t.Parallel()
	var sent string
	c := client(t, nil, func(r *http.Request) (*http.Response, error) {
		b, err := io.ReadAll(r.Body)
		sent = string(b)
		return httpmock.NewStringResponse(http.StatusOK, `{"resCode":10000,"resMsg":"success","data":null}`), err
	})
	a, b := user("1"), user("1")
	b.IsLeave = true
	d, e := user("4"), user("")
	d.UserID, e.UserID = yunjian.Set(int64(9)), yunjian.Set(int64(9))
	result, err := c.SyncUsers(t.Context(), []yunjian.User{a, user("2"), b, user(""), d, e})
	require.Error(t, err)
	require.Len(t, result.Succeeded, 1)
	assert.Equal(t, 1, result.Succeeded[0].Index)
	assert.Equal(t, "2", result.Succeeded[0].Record.UserNo)
	require.Len(t, result.Failed, 5)
	assert.ErrorContains(t, result.Failed[0].Err, "data[0].userNo is given more than once")
	assert.ErrorContains(t, result.Failed[1].Err, "data[2].userNo is given more than once")
	assert.ErrorContains(t, result.Failed[2].Err, "data[3].userNo is required")
	assert.ErrorContains(t, result.Failed[3].Err, "data[4].userId is given more than once")
	assert.JSONEq(t, `{"userNo":"U001","account":"demo","sessionId":"121312",
		"data":[{"userNo":"2","fullName":"张三","mobile":"13800000001","isLeave":false}]}`, sent)
}

func TestSyncUsersSendsNothingForNobody(t *testing.T) {
	t.Parallel()
	c := client(t, nil, func(*http.Request) (*http.Response, error) {
		t.Error("a request was sent")
		return nil, io.EOF
	})
	result, err := c.SyncUsers(t.Context(), nil)
	require.NoError(t, err)
	assert.Empty(t, result.Succeeded)
}

// Absent fields stay absent, cleared ones travel, userId goes only where there
// is no userNo, and cards stay here.
func TestSyncUsersSendsWhatIsSet(t *testing.T) {
	t.Parallel()
	var sent string
	c := client(t, nil, func(r *http.Request) (*http.Response, error) {
		b, err := io.ReadAll(r.Body)
		sent = string(b)
		return httpmock.NewStringResponse(http.StatusOK, sample(t, "push_answer_success.json")), err
	})
	first := canaryUser()
	first.UserID = yunjian.Set(int64(5))
	first.Birthday, first.Level = yunjian.Set(yunjian.Date{}), yunjian.Set("")
	first.ExtraInfo = json.RawMessage(`{"b":1.0,"a":"<&>"}`)
	second := yunjian.User{UserID: yunjian.Set(int64(91228)), FullName: "李四", Mobile: "13800000002"}
	list := []yunjian.User{first, second}
	_, err := c.SyncUsers(t.Context(), list)
	require.NoError(t, err)
	assert.JSONEq(t, `{"userNo":"U001","account":"demo","sessionId":"121312","data":[
		{"userNo":"U2","fullName":"金丝雀","mobile":"13812345678","isLeave":true,"departmentName":"金丝雀","birthday":"","level":"",
			"emailAddress":"canary.bird@example.com","surname":"金丝雀","givenName":"金丝雀","extraInfo":{"b":1.0,"a":"<&>"}},
		{"userId":91228,"fullName":"李四","mobile":"13800000002","isLeave":false}]}`, sent)
	assert.NotContains(t, sent, "cardInfo")
	assert.Contains(t, sent, `"extraInfo":{"b":1.0,"a":"<&>"}`)
	assert.Len(t, list[0].CardInfo, 1, "the caller's users are not touched")
	assert.True(t, list[0].UserID.IsSet())
}

func TestSyncUsersJoins(t *testing.T) {
	t.Parallel()
	const unknown = "?"
	for name, c := range map[string]struct {
		data string
		want string // per user: 1 done, 0 failed, ? unknown
	}{
		"all named":                {`[{"userNo":"0","status":1},{"userNo":"1","status":1},{"userNo":"2","status":1}]`, "111"},
		"failures only":            {`[{"userNo":"1","status":0,"description":"x"}]`, "101"},
		"numbers":                  {`[{"userNo":1,"status":"0"},{"userNo":2,"status":"1"}]`, "101"},
		"null":                     {`null`, "111"},
		"missing":                  {``, "111"},
		"empty":                    {`[]`, "111"},
		"other order":              {`[{"userNo":"2","status":0},{"userNo":"0","status":0}]`, "010"},
		"done and failed":          {`[{"userNo":"0","status":1},{"userNo":"0","status":0}]`, "0??"},
		"failed and done":          {`[{"userNo":"0","status":0},{"userNo":"0","status":1}]`, "0??"},
		"failed twice":             {`[{"userNo":"0","status":0},{"userNo":"0","status":0},{"userNo":"1","status":1}]`, "01?"},
		"done twice":               {`[{"userNo":"0","status":1},{"userNo":"0","status":1}]`, "111"},
		"failure of a stranger":    {`[{"userNo":"9","status":0},{"userNo":"1","status":1}]`, "?1?"},
		"success of a stranger":    {`[{"userNo":"9","status":1}]`, "111"},
		"failure of nobody":        {`[{"status":0},{"userNo":"1","status":1}]`, "?1?"},
		"by position":              {`[{"status":1},{"status":0},{"status":1}]`, "101"},
		"too few for position":     {`[{"status":1},{"status":0}]`, "???"},
		"position only if all":     {`[{"status":1},{"status":0},{"userNo":"2","status":1}]`, "??1"},
		"no status":                {`[{"userNo":"0"},{"userNo":"1","status":1}]`, "?11"},
		"unknown status":           {`[{"userNo":"0","status":2}]`, "?11"},
		"unknown status then done": {`[{"userNo":"0","status":2},{"userNo":"0","status":1}]`, "???"},
		"unknown then failed":      {`[{"userNo":"0","status":2},{"userNo":"0","status":0}]`, "0??"},
		"leading zero lost":        {`[{"userNo":"00","status":0}]`, "???"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cl := client(t, nil, httpmock.NewStringResponder(http.StatusOK, `{"resCode":"10000","resMsg":"x"`+strings.TrimSuffix(`,"data":`+c.data, `,"data":`)+`}`))
			result, err := cl.SyncUsers(t.Context(), users(3))
			assert.Equal(t, c.want == "111", err == nil)
			got := []byte(strings.Repeat("-", 3))
			for _, item := range result.Succeeded {
				got[item.Index] = '1'
			}
			for _, item := range result.Failed {
				var e *yunjian.Error
				require.ErrorAs(t, item.Err, &e)
				require.Equal(t, 1, e.Attempts)
				got[item.Index] = '0'
				if e.OutcomeUnknown {
					got[item.Index] = unknown[0]
					require.ErrorIs(t, item.Err, yunjian.ErrOutcomeUnknown)
					require.NotErrorIs(t, item.Err, yunjian.ErrUserFailed)
				} else {
					require.ErrorIs(t, item.Err, yunjian.ErrUserFailed)
				}
			}
			assert.Equal(t, c.want, string(got))
		})
	}
}

func TestSyncUsersJoinsByUserID(t *testing.T) {
	t.Parallel()
	c := client(t, nil, httpmock.NewStringResponder(http.StatusOK,
		`{"resCode":10000,"resMsg":"x","data":[{"userId":"5","status":0,"bindId":77,"description":"no"},{"userId":6,"status":1,"bindId":"b6"}]}`))
	list := []yunjian.User{user("5"), user(""), user("")}
	list[1].UserID, list[2].UserID = yunjian.Set(int64(5)), yunjian.Set(int64(6))
	result, err := c.SyncUsers(t.Context(), list)
	require.Error(t, err)
	require.Len(t, result.Failed, 1)
	assert.Equal(t, 1, result.Failed[0].Index, "userId 5 is not userNo 5")
	assert.Equal(t, "77", result.Failed[0].Ref)
	assert.Equal(t, "no", result.Failed[0].Message)
	require.Len(t, result.Succeeded, 2)
	assert.Equal(t, "b6", result.Succeeded[1].Ref)
	require.ErrorContains(t, err, "1 of 3 records did not succeed: data[1]: yunjian userSyn: code status 0: no")
}

func TestSyncUsersRefusedAnswers(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		body string
		is   error
		text string
	}{
		"refused":          {`{"resCode":20001,"resMsg":"no","data":"none"}`, nil, "code 20001: no"},
		"refused as text":  {`{"resCode":"20001","resMsg":{"a":1}}`, nil, "code 20001"},
		"no resCode":       {`{"resMsg":"success","data":[]}`, yunjian.ErrMalformed, `"resCode": is missing`},
		"resCode null":     {`{"resCode":null,"data":[]}`, yunjian.ErrMalformed, `"resCode": is missing`},
		"data an object":   {`{"resCode":10000,"data":{}}`, yunjian.ErrMalformed, `"data"`},
		"row of an object": {`{"resCode":10000,"data":[{"userNo":{}}]}`, yunjian.ErrMalformed, `"data.userNo"`},
		"no JSON":          {`ok`, yunjian.ErrMalformed, "is not JSON"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cl := client(t, nil, httpmock.NewStringResponder(http.StatusOK, c.body))
			result, err := cl.SyncUsers(t.Context(), users(2))
			require.Len(t, result.Failed, 2)
			require.ErrorContains(t, err, c.text)
			if c.is != nil {
				require.ErrorIs(t, err, c.is)
			}
			require.Equal(t, c.is != nil, isUnknown(result.Failed[1].Err))
		})
	}
}

// Whatever is odd about an answer, it is not taken for a success that it does not state.
func TestOddAnswers(t *testing.T) {
	t.Parallel()
	push := func(body string) (yunjian.Result[yunjian.User], error) {
		return client(t, nil, httpmock.NewStringResponder(http.StatusOK, body)).SyncUsers(t.Context(), users(3))
	}
	for _, success := range []string{
		"\ufeff" + `{"resCode":10000}`, `{"resCode":10000.0,"data":[]}`, `{"resCode":"10000 ","ResCode":20001,"Data":[{"userNo":"0","status":0}]}`,
		`{"resCode":1e4,"resMsg":"\ud842","data":null,"x":1,"x":1}`, `{"resCode":10000,"data":[{"userNo":0.0,"status":1.0,"Status":0}]}`,
	} {
		_, err := push(success)
		require.NoError(t, err, success)
	}
	for malformed, field := range map[string]string{
		`{"resCode":20001,"resCode":10000}`:                              "resCode",
		`{"resCode":10000,"data":[{"userNo":"0","status":0}],"data":[]}`: "data",
		`{"rescode":10000}`:                                              "resCode",
		`{"resCode":10000,"data":"[]"}`:                                  "data",
		`{"resCode":10000,"data":[],}`:                                   "",
	} {
		result, err := push(malformed)
		require.Len(t, result.Failed, 3)
		require.ErrorIs(t, err, yunjian.ErrMalformed, malformed)
		require.True(t, isUnknown(err), malformed)
		if field != "" {
			require.ErrorContains(t, err, `"`+field+`"`)
		}
	}
	for row, field := range map[string]string{
		`"0"`: "data", `[]`: "data", `{"userNo":{}}`: "data.userNo", `{"userNo":"0","userNo":"2","status":1}`: "data.userNo",
		`{"userId":"0","userId":"0","status":1}`: "data.userId", `{"userNo":"\ud842","status":1}`: "data.userNo", `{"userNo":1.5}`: "data.userNo",
	} {
		result, err := push(`{"resCode":10000,"data":[` + row + `,{"userNo":"1","status":1,"bindId":"b1"}]}`)
		require.Len(t, result.Succeeded, 1, row)
		assert.Equal(t, "b1", result.Succeeded[0].Ref)
		require.Len(t, result.Failed, 2, "it may be about any of those that are not mentioned")
		require.ErrorIs(t, err, yunjian.ErrMalformed, row)
		require.ErrorContains(t, err, `"`+field+`"`)
		require.True(t, isUnknown(result.Failed[0].Err))
	}
	for row, field := range map[string]string{
		`{"userNo":"1","status":1,"status":1}`: "data.status", `{"userNo":"1","status":{}}`: "data.status",
		`{"userNo":"1","status":1,"bindId":"a","bindId":"b"}`: "data.bindId", `{"userNo":"1","status":1,"bindId":[]}`: "data.bindId",
	} {
		result, err := push(`{"resCode":10000,"data":[` + row + `]}`)
		require.Len(t, result.Failed, 1, row)
		assert.Equal(t, 1, result.Failed[0].Index, "the row says whom it is about")
		require.ErrorIs(t, err, yunjian.ErrMalformed)
		require.ErrorContains(t, err, `"`+field+`"`)
		require.True(t, isUnknown(err))
	}
}

func TestOddSessions(t *testing.T) {
	t.Parallel()
	for answer, good := range map[string]bool{
		`"sessionId":"s","timeLimit":"1618708800000"`: true, `"sessionId":"s","timeLimit":1.6187088E12`: true, `"sessionId":"s"`: true,
		`"sessionId":17,"timeLimit":null,"SessionId":"x"`: true,
		`"sessionId":"s","sessionId":"t"`:                 false, `"sessionId":"s","timeLimit":1,"timeLimit":2`: false, `"sessionid":"s"`: false,
		`"sessionId":"\ud842"`: false, `"sessionId":["s"]`: false, `"sessionId":"s","timeLimit":"soon"`: false,
	} {
		m := httpmock.NewMockTransport()
		m.RegisterResponder(http.MethodPost, "https://third.example/session", httpmock.NewStringResponder(http.StatusOK, `{"resCode":10000,`+answer+`}`))
		m.RegisterResponder(http.MethodPost, "https://third.example/users", httpmock.NewStringResponder(http.StatusOK, `{"resCode":10000}`))
		c, err := yunjian.New(yunjian.Config{
			URL: "https://third.example/users", Account: "a", UserNo: "u",
			Session: yunjian.Login(yunjian.LoginConfig{URL: "https://third.example/session", Secret: "secret-1", SignKey: "sign-key-1"}),
		}, yunjian.WithHTTPClient(&http.Client{Transport: m}))
		require.NoError(t, err)
		_, err = c.SyncUsers(t.Context(), users(1))
		if good {
			require.NoError(t, err, answer)
		} else {
			require.ErrorIs(t, err, yunjian.ErrMalformed, answer)
		}
	}
}

func isUnknown(err error) bool { return errors.Is(err, yunjian.ErrOutcomeUnknown) }

func TestSyncUsersScrubsDescriptions(t *testing.T) {
	t.Parallel()
	text := strings.Join([]string{"不行", optest.Mobile, optest.Name, optest.Card, optest.Email, "会话12ab"}, " ")
	c := client(t, func(c *yunjian.Config) { c.SendCards, c.Session = true, yunjian.SessionID("会话12ab") },
		httpmock.NewStringResponder(http.StatusOK, `{"resCode":10000,"resMsg":"x","data":[{"userNo":"U2","status":0,"description":"`+text+`"}]}`))
	result, err := c.SyncUsers(t.Context(), []yunjian.User{canaryUser()})
	require.Len(t, result.Failed, 1)
	optest.SilentError(t, "error", err)
	optest.NoCanary(t, "description", result.Failed[0].Message)
	assert.NotContains(t, result.Failed[0].Message, "会话12ab")
	assert.Contains(t, result.Failed[0].Message, "不行")
}

func TestClientKeepsTheAddressAsItIs(t *testing.T) {
	t.Parallel()
	for _, address := range []string{
		"https://third.example/users/", "https://third.example/users", "https://third.example/", "https://third.example/a//",
		"https://third.example/users/?key=v", "https://third.example?key=v",
	} {
		var got string
		transport := httpmock.NewMockTransport()
		transport.RegisterNoResponder(func(r *http.Request) (*http.Response, error) {
			got = r.URL.String()
			return httpmock.NewStringResponse(http.StatusOK, sample(t, "push_answer_success.json")), nil
		})
		c, err := yunjian.New(yunjian.Config{URL: address, Account: "a", UserNo: "u", Session: yunjian.SessionID("s")},
			yunjian.WithHTTPClient(&http.Client{Transport: transport}), yunjian.WithHeader(http.Header{"X-Gateway": {"g"}}))
		require.NoError(t, err)
		_, err = c.SyncUsers(t.Context(), users(1))
		require.NoError(t, err)
		assert.Equal(t, address, got)
	}
}

func TestDate(t *testing.T) {
	t.Parallel()
	d, err := yunjian.ParseDate("1997-11-10")
	require.NoError(t, err)
	assert.Equal(t, yunjian.Date{Year: 1997, Month: time.November, Day: 10}, d)
	assert.Equal(t, "1997-11-10", d.String())
	assert.True(t, d.IsValid())
	for _, text := range []string{"1997-02-30", "19971110", "1997-11-10 00:00:00", "0000-01-01"} {
		_, err := yunjian.ParseDate(text)
		require.ErrorIs(t, err, yunjian.ErrInvalid)
		assert.NotContains(t, err.Error(), text)
	}
	_, err = json.Marshal(yunjian.Date{Year: 1997, Month: 13, Day: 1})
	require.Error(t, err)
	assert.False(t, yunjian.Date{Year: 10000, Month: 1, Day: 1}.IsValid())
	assert.Empty(t, yunjian.Date{}.String())
}
