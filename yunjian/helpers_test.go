package yunjian_test

import (
	"context"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/yunjian"
)

const (
	account = "demo"
	secret  = "pw"
	signKey = "k1"
)

// vectorTime is the timestamp of the worked signature.
var vectorTime = time.UnixMilli(1618708800000)

func syncOK(_ context.Context, u yunjian.User) (yunjian.Ack, error) {
	return yunjian.Ack{BindID: "bind-" + u.UserNo}, nil
}

func newHandler(t testing.TB, change func(*yunjian.HandlerConfig)) *yunjian.Handler {
	t.Helper()
	config := yunjian.HandlerConfig{
		Access: yunjian.NewAccess(account, secret, signKey),
		Sync:   syncOK,
		Now:    func() time.Time { return vectorTime },
	}
	if change != nil {
		change(&config)
	}
	h, err := yunjian.NewHandler(config)
	require.NoError(t, err)
	return h
}

func request(t testing.TB, path, body string) *http.Request {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	return r
}

func do(h http.Handler, r *http.Request) (status int, body string) {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

func post(t testing.TB, h http.Handler, path, body string) (status int, answer string) {
	t.Helper()
	return do(h, request(t, path, body))
}

// login returns a session of the handler.
func login(t testing.TB, h http.Handler, now time.Time) string {
	t.Helper()
	_, answer := post(t, h, "/session", signed(t, map[string]any{
		"account": account, "secret": secret, "timestamp": now.UnixMilli(),
	}))
	var a struct {
		ResCode   string `json:"resCode"`
		SessionID string `json:"sessionId"`
	}
	require.NoError(t, json.Unmarshal([]byte(answer), &a))
	require.Equal(t, "10000", a.ResCode)
	require.NotEmpty(t, a.SessionID)
	return a.SessionID
}

// signed adds the sign to a login and returns it as JSON.
func signed(t testing.TB, fields map[string]any) string {
	t.Helper()
	params := make(map[string]string)
	for name, v := range fields {
		b, err := json.Marshal(v)
		require.NoError(t, err)
		params[name] = strings.Trim(string(b), `"`)
	}
	fields["sign"] = yunjian.Sign(signKey, params)
	b, err := json.Marshal(fields)
	require.NoError(t, err)
	return string(b)
}

// push sends rows with a good session and returns the answer.
func push(t testing.TB, h *yunjian.Handler, data string) pushAnswer {
	t.Helper()
	status, answer := post(t, h, "/users", pushBody(login(t, h, vectorTime), data))
	require.Equal(t, http.StatusOK, status, answer)
	return decodePush(t, answer)
}

func pushBody(session, data string) string {
	return `{"userNo":"U001","account":"` + account + `","sessionId":"` + session + `","data":` + data + `}`
}

type pushAnswer struct {
	ResCode int              `json:"resCode"`
	ResMsg  string           `json:"resMsg"`
	Data    []map[string]any `json:"data"`
}

func decodePush(t testing.TB, answer string) pushAnswer {
	t.Helper()
	var a pushAnswer
	dec := json.NewDecoder(strings.NewReader(answer))
	dec.UseNumber()
	require.NoError(t, dec.Decode(&a), answer)
	require.NotNil(t, a.Data, "data is always a list")
	_, err := dec.Token()
	require.ErrorIs(t, err, io.EOF)
	return a
}

// row is a valid row with some fields replaced or added, as JSON texts; an
// empty text leaves the field out.
func row(changes map[string]string) string {
	fields := map[string]string{
		"userNo": `"91228"`, "fullName": `"张三"`, "mobile": `"13800000001"`, "isLeave": "false",
	}
	maps.Copy(fields, changes)
	var parts []string
	for name, text := range fields {
		if text != "" {
			parts = append(parts, `"`+name+`":`+text)
		}
	}
	return "{" + strings.Join(parts, ",") + "}"
}
