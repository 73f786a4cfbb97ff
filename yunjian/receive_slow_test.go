package yunjian_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/yunjian"
)

// pipes is a listener whose connections are in memory, so that a test's clock rules them.
type pipes struct {
	conns  chan net.Conn
	closed chan struct{}
}

func (p pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p pipes) Close() error {
	close(p.closed)
	return nil
}

func (p pipes) Addr() net.Addr { return &net.TCPAddr{} }

func (p pipes) dial() net.Conn {
	client, server := net.Pipe()
	p.conns <- server
	return client
}

// serve runs a handler in a bubble until the test ends.
func serve(t *testing.T, server *http.Server) pipes {
	t.Helper()
	p := pipes{make(chan net.Conn), make(chan struct{})}
	done := make(chan error, 1)
	go func() { done <- server.Serve(p) }()
	t.Cleanup(func() {
		require.NoError(t, server.Close())
		require.ErrorIs(t, <-done, http.ErrServerClosed)
	})
	return p
}

// begin sends the head of a push of some length, and the first part of its body.
func begin(t *testing.T, p pipes, length int, part string) net.Conn {
	t.Helper()
	c := p.dial()
	_, err := fmt.Fprintf(c, "POST /users HTTP/1.1\r\nHost: third.example\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", length, part)
	require.NoError(t, err)
	return c
}

func statusOf(t *testing.T, c net.Conn) (status int, answer string) {
	t.Helper()
	resp, err := http.ReadResponse(bufio.NewReader(c), nil)
	require.NoError(t, err)
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return resp.StatusCode, string(b)
}

func TestABodyThatDripsIsNotWaitedFor(t *testing.T) {
	t.Parallel()
	for want, server := range map[time.Duration]*http.Server{
		time.Minute:      {},
		20 * time.Second: {ReadTimeout: 20 * time.Second},
		time.Minute + 1:  {ReadTimeout: time.Hour},
	} {
		synctest.Test(t, func(t *testing.T) {
			server.Handler = newHandler(t, nil)
			p := serve(t, server)
			start := time.Now()
			c := begin(t, p, 1000, `{"data":[`)
			var dripping sync.WaitGroup
			dripping.Go(func() {
				for range 100 { // a blank every second is no progress
					if _, err := io.WriteString(c, " "); err != nil {
						return
					}
					<-time.After(time.Second)
				}
			})
			status, answer := statusOf(t, c)
			assert.Equal(t, http.StatusRequestTimeout, status)
			assert.Contains(t, answer, `"resCode":10001`)
			assert.Equal(t, want.Truncate(time.Second), time.Since(start))
			_ = c.Close()
			dripping.Wait()
		})
	}
}

// A body that waits makes room at once, and is told so.
func TestABodyThatWaitsMakesRoom(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHandler(t, func(c *yunjian.HandlerConfig) { c.MaxBody, c.MaxMemory = 1<<20, 6<<20 })
		p := serve(t, &http.Server{Handler: h})
		start := time.Now()
		var waiting []net.Conn
		for range 8 {
			waiting = append(waiting, begin(t, p, 1<<20, `{"data":["`+strings.Repeat("x", 800<<10)))
			synctest.Wait()
		}
		told := 0
		for _, c := range waiting {
			require.NoError(t, c.SetReadDeadline(time.Now().Add(time.Second)))
			resp, err := http.ReadResponse(bufio.NewReader(c), nil)
			if err != nil {
				continue // it still waits
			}
			assert.Equal(t, http.StatusServiceUnavailable, resp.StatusCode)
			assert.Equal(t, "5", resp.Header.Get("Retry-After"))
			_ = resp.Body.Close()
			told++
		}
		assert.Equal(t, 3, told, "five of a MiB each fit, with what a request takes")
		assert.Less(t, time.Since(start), 10*time.Second, "long before its time is up")
		for _, c := range waiting {
			_ = c.Close()
		}
	})
}

// The time for a body is not the time for the integrator's function.
func TestAPushMayTakeLong(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHandler(t, func(c *yunjian.HandlerConfig) {
			c.Sync = func(ctx context.Context, _ yunjian.User) (yunjian.Ack, error) {
				<-time.After(10 * time.Minute)
				return yunjian.Ack{BindID: "b"}, ctx.Err()
			}
		})
		p := serve(t, &http.Server{Handler: h})
		body := pushBody(login(t, h, vectorTime), "["+row(nil)+","+row(nil)+"]")
		for _, n := range []int{len(body), len(body) + 1} { // with and without something behind it
			c := begin(t, p, n, body+strings.Repeat(" ", n-len(body)))
			status, answer := statusOf(t, c)
			assert.Equal(t, http.StatusOK, status)
			assert.Contains(t, answer, "success")
			_ = c.Close()
		}
	})
}

// A caller who does not read keeps the answer for a while only.
func TestAnAnswerIsNotHeldForALazyReader(t *testing.T) {
	t.Parallel()
	for want, server := range map[time.Duration]*http.Server{time.Minute: {}, 3 * time.Minute: {WriteTimeout: 3 * time.Minute}} {
		synctest.Test(t, func(t *testing.T) {
			h := newHandler(t, nil)
			served := make(chan time.Duration, 1)
			start := time.Now()
			server.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				h.ServeHTTP(w, r)
				served <- time.Since(start)
			})
			p := serve(t, server)
			body := pushBody(login(t, h, vectorTime), "["+strings.Repeat(row(nil)+",", 200)+row(nil)+"]")
			c := begin(t, p, len(body), body)
			assert.Equal(t, want, <-served)
			_ = c.Close()
		})
	}
}

// deadlines notes what a handler sets.
type deadlines struct {
	*httptest.ResponseRecorder

	read []time.Time
}

func (d *deadlines) SetReadDeadline(at time.Time) error {
	d.read = append(d.read, at)
	return nil
}

// The deadline of a body that has come ends nothing else; that of one that has not stays,
// because a server reads on when it has answered.
func TestReadDeadlines(t *testing.T) {
	t.Parallel()
	h := newHandler(t, func(c *yunjian.HandlerConfig) { c.MaxBody = 1000 })
	good := pushBody(login(t, h, vectorTime), "[]")
	for body, over := range map[string]bool{pushBody("121312", "[]"): true, good: true, strings.Repeat(" ", 1001): false} {
		d := &deadlines{ResponseRecorder: httptest.NewRecorder()}
		r := request(t, "/users", body)
		r.ContentLength = -1
		h.ServeHTTP(d, r)
		require.NotEmpty(t, d.read)
		assert.WithinDuration(t, time.Now().Add(time.Minute), d.read[0], 30*time.Second)
		assert.Equal(t, over, d.read[len(d.read)-1].IsZero(), body)
		if body == good {
			assert.Len(t, d.read, 3, "the time begins again when the push has got its place, for which it may wait")
		}
	}
}

// A body that says it is too long is not read at all.
func TestATooLongBodyIsNotRead(t *testing.T) {
	t.Parallel()
	h := newHandler(t, func(c *yunjian.HandlerConfig) { c.MaxBody = 1000 })
	r := request(t, "/users", "")
	r.ContentLength = 1001
	r.Body = io.NopCloser(iotest.ErrReader(errors.New("read")))
	status, _ := do(h, r)
	assert.Equal(t, http.StatusRequestEntityTooLarge, status)
}
