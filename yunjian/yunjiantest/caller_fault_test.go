package yunjiantest_test

import (
	"context"
	"io"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/yunjian"
	"github.com/orgbridge/orgbridge/yunjian/yunjiantest"
)

func receiver(t *testing.T, change func(*yunjian.HandlerConfig)) *yunjian.Handler {
	t.Helper()
	config := yunjian.HandlerConfig{
		Access: yunjian.NewAccess("demo", "pw", "k1"), Now: now,
		Sync: func(_ context.Context, u yunjian.User) (yunjian.Ack, error) {
			return yunjian.Ack{BindID: "b" + u.UserNo}, nil
		},
	}
	if change != nil {
		change(&config)
	}
	h, err := yunjian.NewHandler(config)
	require.NoError(t, err)
	return h
}

func TestCallerFaults(t *testing.T) {
	t.Parallel()
	mark := func(body []byte) []byte { return append([]byte("\ufeff"), body...) }
	half := func(body []byte) []byte { return body[:len(body)/2] }
	for name, c := range map[string]struct {
		fault    yunjiantest.CallerFault
		op, code string // of the refusal, if there is one
	}{
		"wrong sign":      {yunjiantest.SendWrongSign(), "getSession", "10002"},
		"stale":           {yunjiantest.SendStale(6 * time.Minute), "getSession", "10003"},
		"ahead":           {yunjiantest.SendStale(-6 * time.Minute), "getSession", "10003"},
		"somewhat stale":  {yunjiantest.SendStale(4 * time.Minute), "", ""},
		"login twice":     {yunjiantest.SendTwice().On(yunjiantest.OpGetSession), "", ""},
		"push twice":      {yunjiantest.SendTwice().On(yunjiantest.OpSyncUsers), "", ""},
		"login cut":       {yunjiantest.SendCut(), "getSession", "10001"},
		"push cut":        {yunjiantest.SendCut().On(yunjiantest.OpSyncUsers), "userSyn", "10001"},
		"half a push":     {yunjiantest.SendBody(half).On(yunjiantest.OpSyncUsers), "userSyn", "10001"},
		"byte order mark": {yunjiantest.SendBody(mark).Times(2), "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			caller := callerOf(receiver(t, nil), yunjiantest.SampleShape)
			caller.Inject(c.fault)
			answer, err := caller.Push(t.Context(), people()...)
			if c.code != "" {
				var refused *yunjiantest.RefusedError
				require.ErrorAs(t, err, &refused)
				assert.Equal(t, c.op, refused.Op)
				assert.Equal(t, c.code, refused.Code)
				_, err = caller.Push(t.Context(), people()...)
				require.NoError(t, err, "it strikes once")
				return
			}
			require.NoError(t, err)
			assert.Len(t, answer.Rows, 3)
		})
	}
}

func TestCallerFaultsStrikeAsOftenAsTold(t *testing.T) {
	t.Parallel()
	caller := callerOf(receiver(t, nil), yunjiantest.TableShape)
	caller.Inject(yunjiantest.SendWrongSign().Times(2), yunjiantest.SendCut().On(yunjiantest.OpSyncUsers).Always())
	for range 2 {
		require.ErrorContains(t, caller.Login(t.Context()), "10002")
	}
	require.NoError(t, caller.Login(t.Context()))
	for range 3 {
		_, err := caller.Push(t.Context(), people()...)
		require.ErrorContains(t, err, "HTTP 400")
	}
	caller.ClearFaults()
	_, err := caller.Push(t.Context(), people()...)
	require.NoError(t, err)
	assert.Panics(t, func() { caller.Inject(yunjiantest.CallerFault{}) })
	assert.Panics(t, func() { caller.Inject(yunjiantest.SendCut().On("userSync")) })
}

func TestCallerSendsSlowly(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		caller := callerOf(receiver(t, nil), yunjiantest.SampleShape)
		caller.Inject(yunjiantest.SendSlowly(10, time.Second).On(yunjiantest.OpSyncUsers))
		start := time.Now()
		_, err := caller.Push(t.Context(), people()...)
		require.NoError(t, err)
		assert.Greater(t, time.Since(start), 20*time.Second)

		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		caller.Inject(yunjiantest.SendSlowly(1, time.Hour))
		_, err = caller.Push(ctx, people()...)
		require.ErrorContains(t, err, "HTTP 400")
	})
}

func TestCallerFaultsOverASocket(t *testing.T) {
	t.Parallel()
	srv := httptest.NewServer(receiver(t, func(c *yunjian.HandlerConfig) { c.Now = nil }))
	defer srv.Close()
	caller := yunjiantest.NewCaller(yunjiantest.CallerConfig{
		SessionURL: srv.URL + "/session", SyncURL: srv.URL + "/users", Account: "demo", Secret: "pw", SignKey: "k1",
	})
	caller.Inject(yunjiantest.SendCut().On(yunjiantest.OpSyncUsers), yunjiantest.SendSlowly(100, time.Millisecond))
	_, err := caller.Push(t.Context(), people()...)
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	_, err = caller.Push(t.Context(), people()...)
	require.NoError(t, err)
	assert.Equal(t, map[int]int{200: 8}, caller.Flood(t.Context(), yunjiantest.Flood{Pushes: 8, Bytes: 1 << 20, Session: "121312"}))
	srv.Close()
	assert.Equal(t, map[int]int{0: 2}, caller.Flood(t.Context(), yunjiantest.Flood{Pushes: 2, Bytes: 1}))
}

func TestCallerReplaysALogin(t *testing.T) {
	t.Parallel()
	at := clock
	h := receiver(t, func(c *yunjian.HandlerConfig) { c.Now = func() time.Time { return at } })
	caller := callerOf(h, yunjiantest.TableShape)
	_, err := caller.ReplayLogin(t.Context())
	require.Error(t, err)
	require.NoError(t, caller.Login(t.Context()))
	for range 100 {
		same, err := caller.ReplayLogin(t.Context())
		require.NoError(t, err)
		assert.True(t, same)
	}
	at = at.Add(10 * time.Minute)
	_, err = caller.ReplayLogin(t.Context())
	require.ErrorContains(t, err, "10003")
}

func TestCallerFlood(t *testing.T) {
	t.Parallel()
	h := receiver(t, func(c *yunjian.HandlerConfig) { c.MaxMemory = 6 << 20 })
	caller := callerOf(h, yunjiantest.SampleShape)
	counts := caller.Flood(t.Context(), yunjiantest.Flood{Bytes: 900 << 10})
	assert.Equal(t, 100, counts[200]+counts[503])
	_, err := caller.Push(t.Context(), people()...)
	require.NoError(t, err)
}
