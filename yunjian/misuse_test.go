package yunjian_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"testing"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/internal/optest"
	"github.com/orgbridge/orgbridge/yunjian"
)

func TestNoContextNoClient(t *testing.T) {
	t.Parallel()
	c := client(t, nil, httpmock.NewStringResponder(http.StatusOK, `{"resCode":10000}`))
	optest.Misused(t, c)
	for _, bad := range []*yunjian.Client{nil, {}} {
		_, err := bad.With()
		require.ErrorIs(t, err, yunjian.ErrInvalid)
	}
	users := []yunjian.User{{UserNo: "1"}, {UserNo: "2"}}
	result, err := c.SyncUsers(nil, users) //nolint:staticcheck // that is the point
	require.ErrorIs(t, err, yunjian.ErrNotSent)
	assert.Len(t, result.Unsent, len(users), "every record has an outcome")
}

// A secret that was read from a file ends with a line break, which the other side does not
// expect. To say so beats a refusal that says nothing.
func TestSecretsWithLineBreaks(t *testing.T) {
	t.Parallel()
	for field, session := range map[string]yunjian.Session{
		"Session":         yunjian.SessionID("s-1\n"),
		"Session.Secret":  yunjian.Login(yunjian.LoginConfig{URL: "https://tmc.example/session", Secret: "pw\n", SignKey: "k1"}),
		"Session.SignKey": yunjian.Login(yunjian.LoginConfig{URL: "https://tmc.example/session", Secret: "pw", SignKey: "k1\r\n"}),
	} {
		_, err := yunjian.New(yunjian.Config{URL: "https://tmc.example/users", Account: "demo", UserNo: "U0", Session: session})
		require.EqualError(t, err, field+" holds a line break or another control character")
	}
}

func TestLoggerWithoutHandler(t *testing.T) {
	t.Parallel()
	_, err := yunjian.NewHandler(yunjian.HandlerConfig{
		Access: yunjian.NewAccess(account, secret, signKey), Sync: syncOK, Logger: new(slog.Logger),
	})
	require.EqualError(t, err, "Logger has no handler: make it with slog.New")
}

// An error of the integrator's is the integrator's code: the well-known nil pointer in an
// interface, whose methods cannot stand it, fails its user alone.
func TestHandlerSurvivesAnError(t *testing.T) {
	t.Parallel()
	h := newHandler(t, func(c *yunjian.HandlerConfig) {
		c.Sync = func(_ context.Context, u yunjian.User) (yunjian.Ack, error) {
			var none *yunjian.Error
			if u.UserNo == "1" {
				return yunjian.Ack{}, none
			}
			return yunjian.Ack{BindID: "b"}, nil
		}
	})
	session := login(t, h, vectorTime)
	_, answer := post(t, h, "/users", pushBody(session, "["+row(map[string]string{"userNo": `"1"`})+","+row(map[string]string{"userNo": `"2"`})+"]"))
	a := decodePush(t, answer)
	require.Len(t, a.Data, 2)
	assert.Equal(t, "同步失败", a.Data[0]["description"])
	assert.Equal(t, "b", a.Data[1]["bindId"])
}

type panickingHandler struct{ slog.Handler }

func (panickingHandler) Handle(context.Context, slog.Record) error { panic("log is full") }

// What a Logger panics with ends the request, as net/http has it, and not the process.
func TestHandlerRaisesTheLoggersPanic(t *testing.T) {
	t.Parallel()
	h := newHandler(t, func(c *yunjian.HandlerConfig) {
		c.Logger = slog.New(panickingHandler{slog.NewTextHandler(io.Discard, nil)})
		c.Sync = func(context.Context, yunjian.User) (yunjian.Ack, error) { return yunjian.Ack{}, errors.New("no") }
	})
	session := login(t, h, vectorTime)
	body := pushBody(session, "["+row(map[string]string{"userNo": `"1"`})+"]")
	assert.PanicsWithValue(t, "log is full", func() { post(t, h, "/users", body) })
}
