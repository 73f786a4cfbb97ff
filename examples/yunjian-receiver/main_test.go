package main

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/yunjian"
)

func TestRun(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	require.NoError(t, run(t.Context(), &out))
	assert.Equal(t, `云简 pushes 4 users
   91228 taken as ours-91228
   91229 failed: 职级未维护
   91230 failed: 同步失败
   91231 taken as ours-91231
云简 pushes 2 users
   91228 taken as ours-91228
   91229 taken as ours-91229
We hold 3 employees, 1 of whom left
`, out.String())
}

func TestWhatWasNotSentStays(t *testing.T) {
	t.Parallel()
	d := newDirectory()
	for _, u := range []yunjian.User{
		{UserNo: "1", Level: yunjian.Set("P5"), DepartmentCode: yunjian.Set("D1")},
		{UserNo: "1", DepartmentCode: yunjian.Set(""), IsLeave: true},
	} {
		ack, err := d.sync(t.Context(), u)
		require.NoError(t, err)
		assert.Equal(t, "ours-1", ack.BindID)
	}
	assert.Equal(t, map[string]employee{"1": {level: "P5", left: true}}, d.employees)

	_, err := d.sync(t.Context(), yunjian.User{UserID: yunjian.Set(int64(7))})
	require.Error(t, err)
	assert.Len(t, d.employees, 1)
}

func TestListenNeedsCredentialsAndAnAddress(t *testing.T) {
	t.Parallel()
	err := listen(t.Context(), "127.0.0.1:0", yunjian.NewAccess("acme", "secret", ""))
	require.ErrorIs(t, err, yunjian.ErrInvalid)
	require.ErrorContains(t, err, "YUNJIAN_SIGN_KEY")

	err = listen(t.Context(), "nowhere", yunjian.NewAccess("acme", "secret", "key"))
	var wrong *net.AddrError
	require.ErrorAs(t, err, &wrong)
}

// watched tells when it is closed.
type watched struct {
	net.Listener

	once   sync.Once
	closed chan struct{}
}

func (w *watched) Close() error {
	w.once.Do(func() { close(w.closed) })
	return w.Listener.Close()
}

func TestAPushUnderWayFinishes(t *testing.T) {
	t.Parallel()
	inner, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	listener := &watched{Listener: inner, closed: make(chan struct{})}
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		interrupt()
		<-listener.closed // no new caller is let in
		if r.Context().Err() == nil {
			_, _ = io.WriteString(w, "done")
		}
	})
	served := make(chan error, 1)
	go func() { served <- serve(ctx, listener, handler) }()

	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+inner.Addr().String(), nil)
	require.NoError(t, err)
	answer, err := new(http.Transport).RoundTrip(request)
	require.NoError(t, err)
	body, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	require.NoError(t, answer.Body.Close())
	assert.Equal(t, "done", string(body))
	require.NoError(t, <-served)
}

func TestServeTellsWhyItCannot(t *testing.T) {
	t.Parallel()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, listener.Close())
	require.ErrorIs(t, serve(t.Context(), listener, http.NotFoundHandler()), net.ErrClosed)
}
