package yunjiantest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/internal/optest"
	"github.com/orgbridge/orgbridge/yunjian"
	"github.com/orgbridge/orgbridge/yunjian/yunjiantest"
)

// endpoint answers logins well and pushes with what answer makes of the body.
func endpoint(answer func(body []byte) (status int, text string)) http.Handler {
	mux := http.NewServeMux()
	reply := func(w http.ResponseWriter, status int, text string) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, text)
	}
	mux.HandleFunc("POST /session", func(w http.ResponseWriter, _ *http.Request) {
		reply(w, 200, fmt.Sprintf(`{"resCode":"10000","resMsg":"success","sessionId":"s1","timeLimit":%d}`, clock.Add(time.Hour).UnixMilli()))
	})
	mux.HandleFunc("POST /users", func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		status, text := answer(body)
		reply(w, status, text)
	})
	return mux
}

func callerOf(h http.Handler, shape yunjiantest.Shape) *yunjiantest.Caller {
	return yunjiantest.NewCaller(yunjiantest.CallerConfig{
		Handler: h, Account: "demo", Secret: "pw", SignKey: "k1", Shape: shape, Now: now,
	})
}

func people() []yunjian.User {
	return []yunjian.User{
		{UserNo: "91228", FullName: "张三", Mobile: "13800000001", IsLeave: true, CardInfo: []yunjian.Card{
			{CardType: "身份证", CardTypeID: yunjian.Set(int64(1)), CardNo: "12312312"},
		}},
		{UserNo: "A-1", FullName: "李四", Mobile: "13800000002", ExtraInfo: json.RawMessage(`{"n":12345678901234567890,"t":"<&>"}`)},
		{UserID: yunjian.Set(int64(7)), FullName: "王五", Mobile: "13800000003"},
	}
}

func TestCallerWritesBothShapes(t *testing.T) {
	t.Parallel()
	for shape, want := range map[yunjiantest.Shape]string{
		yunjiantest.SampleShape: `{"companyId":38,"userId":91228,"sessionId":"s1","data":[
			{"userNo":91228,"fullName":"张三","mobile":"13800000001","isLeave":"Y","cardInfo":[{"cardType":"身份证","cardTypeId":"1","cardNo":"12312312"}]},
			{"userNo":"A-1","fullName":"李四","mobile":"13800000002","isLeave":false,"extraInfo":{"n":12345678901234567890,"t":"<&>"}},
			{"userId":7,"fullName":"王五","mobile":"13800000003","isLeave":false}]}`,
		yunjiantest.TableShape: `{"userNo":"U001","account":"demo","sessionId":"s1","data":[
			{"userNo":"91228","fullName":"张三","mobile":"13800000001","isLeave":true,"cardInfo":[{"cardType":"身份证","cardTypeId":1,"cardNo":"12312312"}]},
			{"userNo":"A-1","fullName":"李四","mobile":"13800000002","isLeave":false,"extraInfo":{"n":12345678901234567890,"t":"<&>"}},
			{"userId":7,"fullName":"王五","mobile":"13800000003","isLeave":false}]}`,
	} {
		var got []byte
		c := callerOf(endpoint(func(body []byte) (int, string) {
			got = body
			return 200, `{"resCode":10000,"resMsg":"success","data":[]}`
		}), shape)
		answer, err := c.Push(t.Context(), people()...)
		require.NoError(t, err)
		assert.Empty(t, answer.Rows)
		assert.JSONEq(t, want, string(got))
		assert.Contains(t, string(got), "12345678901234567890")
	}
}

// Whoever receives with a yunjian.Handler passes, in either shape, and gets
// the very users that were pushed.
func TestCallerAgainstHandler(t *testing.T) {
	t.Parallel()
	for _, shape := range []yunjiantest.Shape{yunjiantest.SampleShape, yunjiantest.TableShape} {
		var got []yunjian.User
		at := clock
		h, err := yunjian.NewHandler(yunjian.HandlerConfig{
			Access: yunjian.NewAccess("demo", "pw", "k1"),
			Now:    func() time.Time { return at },
			Sync: func(_ context.Context, u yunjian.User) (yunjian.Ack, error) {
				got = append(got, u)
				if u.UserNo == "A-1" {
					return yunjian.Ack{}, yunjian.Reject("职级未维护")
				}
				return yunjian.Ack{BindID: "b"}, nil
			},
		})
		require.NoError(t, err)
		c := yunjiantest.NewCaller(yunjiantest.CallerConfig{
			Handler: h, Account: "demo", Secret: "pw", SignKey: "k1", Shape: shape, Now: func() time.Time { return at },
		})
		answer, err := c.Push(t.Context(), people()...)
		require.NoError(t, err)
		assert.Equal(t, people(), got)
		assert.Equal(t, []yunjiantest.Row{
			{UserNo: "91228", BindID: "b", Synced: true},
			{UserNo: "A-1", Description: "职级未维护"},
			{UserID: "7", BindID: "b", Synced: true},
		}, answer.Rows)
		at = at.Add(3 * time.Hour) // the session has ended: a new one is fetched
		_, err = c.Push(t.Context())
		require.NoError(t, err)
		c.SetSession("121312")
		_, err = c.Push(t.Context(), people()...)
		var refused *yunjiantest.RefusedError
		require.ErrorAs(t, err, &refused)
		assert.Equal(t, "10004", refused.Code)
		assert.Equal(t, "userSyn refused: HTTP 200, resCode 10004", refused.Error())

		answer, err = yunjiantest.NewCaller(yunjiantest.CallerConfig{Handler: h, Account: "demo", Secret: "x", SignKey: "k1", Now: func() time.Time { return at }}).
			Push(t.Context(), people()...)
		require.ErrorAs(t, err, &refused)
		assert.Equal(t, "getSession", refused.Op)
		assert.Empty(t, answer.Rows)
	}
}

func TestCallerSendsRowsAsTheyAre(t *testing.T) {
	t.Parallel()
	h, err := yunjian.NewHandler(yunjian.HandlerConfig{
		Access: yunjian.NewAccess("demo", "pw", "k1"), Now: now,
		Sync: func(context.Context, yunjian.User) (yunjian.Ack, error) { return yunjian.Ack{}, errors.New("no") },
	})
	require.NoError(t, err)
	answer, err := callerOf(h, yunjiantest.SampleShape).PushJSON(t.Context(),
		json.RawMessage(`[1,null,"x",{"userNo":{}},{"userNo":"<&>","mobile":[]},`+goodRow+`,`+goodRow+`]`))
	require.NoError(t, err)
	assert.Len(t, answer.Rows, 7)
	_, err = callerOf(h, yunjiantest.SampleShape).PushJSON(t.Context(), json.RawMessage(`{}`))
	var refused *yunjiantest.RefusedError
	require.ErrorAs(t, err, &refused)
	assert.Equal(t, 400, refused.Status)
	_, err = callerOf(h, yunjiantest.SampleShape).PushJSON(t.Context(), json.RawMessage(`[`))
	require.Error(t, err)
}

func TestCallerHoldsAnswersAgainstThePage(t *testing.T) {
	t.Parallel()
	const good = `{"userNo":91228,"bindId":"b","status":1}`
	rows := func(r string) string { return `{"resCode":10000,"resMsg":"success","data":[` + r + `]}` }
	for name, c := range map[string]struct {
		status       int
		answer, says string
	}{
		"good":                {200, rows(good), ""},
		"with all fields":     {200, rows(`{"userNo":91228,"companyId":38,"isLeave":"Y","description":"","bindId":"b","status":1}`), ""},
		"resCode a string":    {200, `{"resCode":"10000","resMsg":"success","data":[]}`, "resCode"},
		"no resMsg":           {200, `{"resCode":10000,"data":[]}`, "without resCode, resMsg or data"},
		"no data":             {200, `{"resCode":10000,"resMsg":"x"}`, "without resCode, resMsg or data"},
		"refused":             {200, `{"resCode":5,"resMsg":"x","data":[]}`, "resCode 5"},
		"status 500":          {500, rows(good), "HTTP 500"},
		"unknown field":       {200, rows(`{"userNo":91228,"bindId":"b","status":1,"x":1}`), "unknown field"},
		"number as string":    {200, rows(`{"userNo":"91228","bindId":"b","status":1}`), "userNo is not that"},
		"stranger":            {200, rows(`{"userNo":1,"bindId":"b","status":1}`), "userNo is not that"},
		"twice":               {200, rows(good + "," + good), "comes too often"},
		"no id":               {200, rows(`{"bindId":"b","status":1}`), "userNo is missing"},
		"no status":           {200, rows(`{"userNo":91228,"bindId":"b"}`), "status is not"},
		"status 2":            {200, rows(`{"userNo":91228,"bindId":"b","status":2}`), "status is not"},
		"status string":       {200, rows(`{"userNo":91228,"bindId":"b","status":"1"}`), "status"},
		"failure, no reason":  {200, rows(`{"userNo":91228,"bindId":"b","status":0}`), "without description"},
		"failure, no bindId":  {200, rows(`{"userNo":91228,"status":0,"description":"x"}`), "bindId is missing"},
		"success, no bindId":  {200, rows(`{"userNo":91228,"bindId":"","status":1}`), "without bindId"},
		"no JSON":             {200, `ok`, "malformed"},
		"failure as the page": {200, rows(`{"userNo":91228,"status":0,"bindId":"","description":"x"}`), ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := callerOf(endpoint(func([]byte) (int, string) { return c.status, c.answer }), yunjiantest.SampleShape).
				Push(t.Context(), people()[0])
			if c.says == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, c.says)
		})
	}
}

func TestCallerHoldsSessionsAgainstThePage(t *testing.T) {
	t.Parallel()
	future := strconv.FormatInt(clock.Add(time.Hour).UnixMilli(), 10)
	for says, answer := range map[string]string{
		"resCode":                        `{"resCode":10000,"resMsg":"success","sessionId":"s","timeLimit":` + future + `}`,
		"without resCode":                `{"resMsg":"success"}`,
		"without sessionId":              `{"resCode":"10000","resMsg":"success","timeLimit":` + future + `}`,
		"timeLimit is not an instant":    `{"resCode":"10000","resMsg":"success","sessionId":"s","timeLimit":7200}`,
		"success with HTTP 201":          `{"resCode":"10000","resMsg":"success","sessionId":"s","timeLimit":` + future + `}`,
		"wrong content type":             ``,
		"refused: HTTP 200, resCode 2":   `{"resCode":"2","resMsg":"no"}`,
		"refused: HTTP 400, resCode 2":   `{"resCode":"2","resMsg":"no"}`,
		"timeLimit is not an instant in": `{"resCode":"10000","resMsg":"success","sessionId":"s"}`,
	} {
		h := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			if answer != "" {
				w.Header().Set("Content-Type", "application/json")
			}
			switch {
			case strings.Contains(says, "201"):
				w.WriteHeader(http.StatusCreated)
			case strings.Contains(says, "400"):
				w.WriteHeader(http.StatusBadRequest)
			}
			_, _ = io.WriteString(w, answer)
		})
		require.ErrorContains(t, callerOf(h, yunjiantest.TableShape).Login(t.Context()), says)
	}
}

func TestCallerOverASocket(t *testing.T) {
	t.Parallel()
	h, err := yunjian.NewHandler(yunjian.HandlerConfig{
		Access: yunjian.NewAccess("demo", "pw", "k1"),
		Sync: func(_ context.Context, u yunjian.User) (yunjian.Ack, error) {
			return yunjian.Ack{BindID: "b" + u.UserNo}, nil
		},
	})
	require.NoError(t, err)
	srv := httptest.NewServer(h)
	defer srv.Close()
	c := yunjiantest.NewCaller(yunjiantest.CallerConfig{
		SessionURL: srv.URL + "/session", SyncURL: srv.URL + "/users", Account: "demo", Secret: "pw", SignKey: "k1",
	})
	answer, err := c.Push(t.Context(), people()...)
	require.NoError(t, err)
	assert.Len(t, answer.Rows, 3)
	srv.Close()
	_, err = c.Push(t.Context(), people()...)
	require.Error(t, err)
	require.Error(t, yunjiantest.NewCaller(yunjiantest.CallerConfig{SessionURL: "::", HTTPClient: srv.Client()}).Login(t.Context()))
}

func TestCallerIsSilent(t *testing.T) {
	t.Parallel()
	config := yunjiantest.CallerConfig{Account: "demo", Secret: optest.Secret, SignKey: optest.SignKey}
	optest.Silent(t, "config", config)
	optest.Silent(t, "caller", yunjiantest.NewCaller(config))
	s := server(t)
	var b bytes.Buffer
	_, _ = fmt.Fprintf(&b, "%+v", s.Config())
	assert.NotContains(t, b.String(), yunjiantest.Secret)
}
