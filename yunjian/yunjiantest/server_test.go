package yunjiantest_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/yunjian"
	"github.com/orgbridge/orgbridge/yunjian/yunjiantest"
)

func TestServerHandsOutSessions(t *testing.T) {
	t.Parallel()
	s := server(t, yunjiantest.WithSessionLife(time.Hour))
	status, answer := post(t, s, s.SessionURL(), js, login(map[string]any{"platform": "tmc", "userNo": "U1", "userId": 7}))
	assert.Equal(t, http.StatusOK, status)
	assert.Contains(t, answer, `"resCode":"10000"`)
	assert.Contains(t, answer, fmt.Sprintf(`"timeLimit":%d`, clock.Add(time.Hour).UnixMilli()))
	_, answer = post(t, s, s.SessionURL(), js, login(map[string]any{"timestamp": strconv.FormatInt(clock.UnixMilli(), 10)}))
	assert.Contains(t, answer, `"resCode":"10000"`, "as a string too")
}

func TestServerRefusesLogins(t *testing.T) {
	t.Parallel()
	s := server(t)
	for name, c := range map[string]struct {
		body string
		code int
	}{
		"no account":     {login(map[string]any{"account": nil}), yunjiantest.CodeRequest},
		"no secret":      {login(map[string]any{"secret": nil}), yunjiantest.CodeRequest},
		"empty sign":     {login(map[string]any{"sign": ""}), yunjiantest.CodeRequest},
		"unknown field":  {login(map[string]any{"tenant": "x"}), yunjiantest.CodeRequest},
		"userId text":    {login(map[string]any{"userId": "7"}), yunjiantest.CodeRequest},
		"no JSON":        {"x", yunjiantest.CodeRequest},
		"wrong account":  {login(map[string]any{"account": "x"}), yunjiantest.CodeCredentials},
		"wrong secret":   {login(map[string]any{"secret": "x"}), yunjiantest.CodeCredentials},
		"wrong sign":     {login(map[string]any{"sign": strings.Repeat("0", 32)}), yunjiantest.CodeCredentials},
		"no timestamp":   {login(map[string]any{"timestamp": nil}), yunjiantest.CodeTimestamp},
		"seconds":        {login(map[string]any{"timestamp": clock.Unix()}), yunjiantest.CodeTimestamp},
		"old timestamp":  {login(map[string]any{"timestamp": clock.Add(-6 * time.Minute).UnixMilli()}), yunjiantest.CodeTimestamp},
		"text timestamp": {login(map[string]any{"timestamp": "now"}), yunjiantest.CodeTimestamp},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			status, answer := post(t, s, s.SessionURL(), js, c.body)
			assert.Equal(t, http.StatusOK, status)
			assert.Contains(t, answer, fmt.Sprintf(`"resCode":"%d"`, c.code))
			assert.Contains(t, answer, `"sessionId":""`)
		})
	}
	status, _ := post(t, s, s.SessionURL(), "text/plain", login(nil))
	assert.Equal(t, http.StatusUnsupportedMediaType, status)
}

const goodRow = `{"userNo":"1","fullName":"张三","mobile":"13800000001","isLeave":false}`

func body(session, data string) string {
	return `{"userNo":"U001","account":"demo","sessionId":"` + session + `","data":` + data + `}`
}

func TestServerRefusesPushes(t *testing.T) {
	t.Parallel()
	s := server(t)
	good := body(session(t, s), "["+goodRow+"]")
	for name, c := range map[string]struct {
		body string
		code int
	}{
		"no userNo":       {strings.Replace(good, `"userNo":"U001",`, "", 1), yunjiantest.CodeRequest},
		"no account":      {strings.Replace(good, `"account":"demo",`, "", 1), yunjiantest.CodeRequest},
		"no data":         {strings.Replace(good, `,"data":[`+goodRow+`]`, "", 1), yunjiantest.CodeRequest},
		"no session":      {body("", "[]"), yunjiantest.CodeRequest},
		"old names":       {strings.Replace(good, `"userNo":"U001"`, `"userId":7,"userNo":"U001"`, 1), yunjiantest.CodeRequest},
		"other account":   {strings.Replace(good, "demo", "demo2", 1), yunjiantest.CodeCredentials},
		"unknown session": {body("121312", "[]"), yunjiantest.CodeSession},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			status, answer := post(t, s, s.SyncURL(), js, c.body)
			assert.Equal(t, http.StatusOK, status)
			assert.Contains(t, answer, fmt.Sprintf(`"resCode":%d,`, c.code))
			assert.Empty(t, s.Users())
		})
	}
	status, _ := post(t, s, s.SyncURL(), "text/plain", good)
	assert.Equal(t, http.StatusUnsupportedMediaType, status)
}

func TestServerFailsRowsThatThePageDoesNotAllow(t *testing.T) {
	t.Parallel()
	with := func(from, to string) string { return strings.Replace(goodRow, from, to, 1) }
	add := func(field string) string { return with(`}`, `,`+field+`}`) }
	for says, row := range map[string]string{
		"userNo is missing":                  with(`"userNo":"1",`, ""),
		"userNo":                             with(`"1"`, `1`),
		"fullName is missing":                with(`"张三"`, `""`),
		"mobile is missing":                  with(`"mobile":"13800000001",`, ""),
		"mobile is not":                      with("13800000001", "1380000000"),
		"isLeave is missing":                 with(`,"isLeave":false`, ""),
		"isLeave":                            with(`false`, `"Y"`),
		"nationality":                        add(`"nationality":"CN"`),
		"birthday":                           add(`"birthday":"19971110"`),
		"extraInfo":                          add(`"extraInfo":[]`),
		"unknown field":                      add(`"levels":"x"`),
		"cardInfo.cardType is missing":       add(`"cardInfo":[{"cardTypeId":1,"cardNo":"1"}]`),
		"cardInfo.cardTypeId is missing":     add(`"cardInfo":[{"cardType":"身份证","cardNo":"1"}]`),
		"cardTypeId":                         add(`"cardInfo":[{"cardType":"身份证","cardTypeId":"1","cardNo":"1"}]`),
		"cardInfo.cardNo is missing":         add(`"cardInfo":[{"cardType":"身份证","cardTypeId":1}]`),
		"cardInfo.expirationDate is not 13 ": add(`"cardInfo":[{"cardType":"身份证","cardTypeId":1,"cardNo":"1","expirationDate":1569347060}]`),
	} {
		t.Run(says, func(t *testing.T) {
			t.Parallel()
			s := server(t)
			_, answer := post(t, s, s.SyncURL(), js, body(session(t, s), `[`+row+`,{"userId":2,`+goodRow[len(`{"userNo":"1",`):]+`]`))
			var a struct {
				ResCode int
				Data    []struct {
					Status      int
					Description string
				}
			}
			require.NoError(t, json.Unmarshal([]byte(answer), &a))
			assert.Equal(t, 10000, a.ResCode)
			require.Len(t, a.Data, 2)
			assert.Zero(t, a.Data[0].Status)
			assert.Contains(t, a.Data[0].Description, strings.TrimSpace(says))
			assert.Equal(t, 1, a.Data[1].Status)
			assert.Len(t, s.Users(), 1)
			assert.Equal(t, "bind-1", s.BindID("2"))
			assert.Empty(t, s.BindID("1"))
		})
	}
}

func TestServerOnRequest(t *testing.T) {
	t.Parallel()
	s := server(t)
	id := session(t, s)
	push := func(data string) string {
		_, answer := post(t, s, s.SyncURL(), js, body(id, data))
		return answer
	}
	s.AnswerNumbers(true)
	assert.Contains(t, push("["+goodRow+"]"), `"userNo":1,`)
	assert.Contains(t, push("["+strings.Replace(goodRow, `"1"`, `"01"`, 1)+"]"), `"userNo":"01"`)
	s.AnswerNumbers(false)
	s.RefuseRecord("1", "no")
	assert.Contains(t, push("["+goodRow+"]"), `"description":"no","status":0`)
	s.OmitSuccesses(true)
	s.RefuseRecord("1", "")
	assert.JSONEq(t, `{"resCode":10000,"resMsg":"success","data":[]}`, push("["+goodRow+"]"))
	// null says nothing about what is held.
	push("[" + strings.Replace(goodRow, "}", `,"level":"P6"}`, 1) + "]")
	push("[" + strings.Replace(goodRow, "}", `,"level":null}`, 1) + "]")
	assert.Equal(t, yunjian.Set("P6"), s.Users()[0].Level)
	s.ExpireSessions()
	assert.Contains(t, push("[]"), `"resCode":20004`)
	assert.Equal(t, 8, s.Count(""))
	assert.Equal(t, 1, s.MaxInFlight())
	s.Reset()
	assert.Empty(t, s.Requests())
}

func TestServerOverASocket(t *testing.T) {
	t.Parallel()
	s := yunjiantest.NewServer()
	defer s.Close()
	s.SetLatency(time.Microsecond)
	c := s.Client()
	list := []yunjian.User{{UserNo: "1", FullName: "张三", Mobile: "13800000001"}}
	_, err := c.SyncUsers(t.Context(), list)
	require.NoError(t, err)
	assert.Equal(t, list, s.Users())
	assert.Positive(t, s.Connections().Accepted)
	assert.True(t, strings.HasPrefix(s.SyncURL(), s.URL()))
	resp, err := (&http.Client{Transport: s.Transport()}).Get(s.URL())
	require.NoError(t, err)
	assert.Equal(t, http.StatusNotFound, resp.StatusCode)
	require.NoError(t, resp.Body.Close())
}

func TestFaults(t *testing.T) {
	t.Parallel()
	for name, f := range map[string]yunjiantest.Fault{
		"delay":      yunjiantest.Delay(time.Microsecond),
		"status":     yunjiantest.Status(500),
		"limited":    yunjiantest.RateLimited(time.Microsecond),
		"until":      yunjiantest.RateLimitedUntil(clock),
		"HTML":       yunjiantest.HTML(),
		"body":       yunjiantest.Body(200, js, `{"resCode":1}`),
		"respond":    yunjiantest.Respond(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotFound) }),
		"reset":      yunjiantest.ResetConnection(),
		"lose":       yunjiantest.LoseAnswer(),
		"empty":      yunjiantest.EmptyBody(),
		"truncate":   yunjiantest.TruncateBody(),
		"cut":        yunjiantest.CutBody(),
		"pad":        yunjiantest.PadBody(10),
		"mutate":     yunjiantest.MutateBody(func(b []byte) []byte { return b[1:] }),
		"never hits": yunjiantest.Status(500).On(yunjiantest.OpGetSession).After(1),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := server(t)
			c := s.Client(yunjian.WithRetry(1, time.Second), yunjian.WithClock(now))
			if f.String() != yunjiantest.Status(500).On(yunjiantest.OpGetSession).After(1).String() {
				f = f.On(yunjiantest.OpSyncUsers)
			}
			s.Inject(f)
			_, err := c.SyncUsers(t.Context(), []yunjian.User{{UserNo: "1", FullName: "张三", Mobile: "13800000001"}})
			harmless := name == "delay" || name == "pad" || name == "never hits" ||
				name == "body" // a refusal is replayed with a new session
			assert.Equal(t, harmless, err == nil, err)
			assert.Len(t, s.Pending(), map[bool]int{true: 1}[name == "never hits"])
			s.ClearFaults()
			assert.Empty(t, s.Pending())
		})
	}
}
