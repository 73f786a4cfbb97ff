package kernel_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/time/rate"

	"github.com/orgbridge/orgbridge/internal/kernel"
)

func text(t *testing.T, r io.Reader) string {
	t.Helper()
	if r == nil {
		return ""
	}
	b, err := io.ReadAll(r)
	require.NoError(t, err)
	return string(b)
}

func TestContextEndedBefore(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errors.New("the caller's own words, with a secret"))
	rt := &fake{answer: always(200, good)}
	err := newClient(t, rt).Do(ctx, call(kernel.Once))
	e := failure(t, err)
	require.ErrorIs(t, err, context.Canceled)
	require.NotErrorIs(t, err, kernel.ErrUnavailable)
	require.EqualError(t, err, "acme doit: context canceled")
	assert.Zero(t, e.Attempts)
	assert.Zero(t, rt.sent())
}

// The caller's deadline ends the call, at whatever point it strikes.
func TestContextEndsTheCall(t *testing.T) {
	t.Parallel()
	hang := func(r *http.Request) error {
		<-r.Context().Done()
		return context.Cause(r.Context())
	}
	for name, c := range map[string]struct {
		answer  responder
		option  kernel.Option
		status  int
		sent    int
		unknown bool
	}{
		"while sending": {answer: func(_ int, r *http.Request) (*http.Response, error) {
			return nil, &url.Error{Op: "Post", URL: r.URL.String(), Err: hang(r)}
		}, sent: 1, unknown: true},
		"while dialling": {answer: func(_ int, r *http.Request) (*http.Response, error) {
			return nil, opError("dial", hang(r))
		}, sent: 1},
		"while reading": {answer: func(_ int, r *http.Request) (*http.Response, error) {
			resp := respond(r, 200, good)
			resp.Body = io.NopCloser(readFunc(func([]byte) (int, error) { return 0, hang(r) }))
			return resp, nil
		}, status: 200, sent: 1, unknown: true},
		"while reading an error": {answer: func(_ int, r *http.Request) (*http.Response, error) {
			resp := respond(r, 404, good)
			resp.Body = io.NopCloser(readFunc(func([]byte) (int, error) { return 0, hang(r) }))
			return resp, nil
		}, status: 404, sent: 1},
		"while backing off": {answer: always(429, ""), option: kernel.WithRetry(1000, time.Minute), status: 429, sent: -1},
		"with the answer": {answer: func(_ int, r *http.Request) (*http.Response, error) {
			_ = hang(r)
			return respond(r, 429, ""), nil
		}, status: 429, sent: 1},
		"in the limiter": {
			answer: always(429, ""),
			option: kernel.WithLimiter(limiter(func(ctx context.Context) error {
				select {
				case <-ctx.Done():
					return errors.New("limiter says " + ctx.Err().Error())
				case <-time.After(4 * time.Second):
					return nil
				}
			})), status: 429, sent: 1,
		},
		"in a limiter that does not care": {
			answer: always(200, good), sent: 0,
			option: kernel.WithLimiter(limiter(func(context.Context) error {
				<-time.After(time.Minute)
				return nil
			})),
		},
	} {
		for kind, want := range map[string]error{"deadline": context.DeadlineExceeded, "cancel": context.Canceled} {
			t.Run(name+"/"+kind, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
					defer cancel()
					if kind == "cancel" {
						ctx2, cause := context.WithCancelCause(t.Context())
						time.AfterFunc(5*time.Second, func() { cause(errors.New("http://x/?token=secret")) })
						ctx = ctx2
					}
					options := []kernel.Option{}
					if c.option != nil {
						options = append(options, c.option)
					}
					rt := &fake{answer: c.answer}
					start := time.Now()
					err := newClient(t, rt, options...).Do(ctx, call(kernel.Once))
					e := failure(t, err)
					require.ErrorIs(t, err, want)
					require.NotErrorIs(t, err, kernel.ErrMalformed)
					assert.NotContains(t, err.Error(), "secret")
					assert.Equal(t, rt.sent(), e.Attempts)
					if c.sent >= 0 {
						assert.Equal(t, c.sent, rt.sent())
					}
					assert.Equal(t, c.status, e.HTTPStatus, "what had gone wrong before stays")
					assert.Equal(t, c.unknown, e.OutcomeUnknown)
					if name != "in a limiter that does not care" {
						assert.Equal(t, 5*time.Second, time.Since(start), "at once")
					}
				})
			})
		}
	}
}

type readFunc func([]byte) (int, error)

func (f readFunc) Read(b []byte) (int, error) { return f(b) }

// A socket's deadline may fire before the context's own timer: still it is
// the caller's deadline that ended the call.
func TestDeadlineSeenBySocketFirst(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx := lateContext{t.Context(), time.Now().Add(time.Second)}
		rt := &fake{answer: func(int, *http.Request) (*http.Response, error) {
			<-time.After(time.Second)
			return nil, opError("read", timeoutError{})
		}}
		err := newClient(t, rt).Do(ctx, call(kernel.Read))
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Equal(t, 1, rt.sent())
	})
}

// lateContext never ends although its deadline passes.
type lateContext struct {
	context.Context

	at time.Time
}

func (c lateContext) Deadline() (time.Time, bool) { return c.at, true }

// The time-out of the caller's http.Client bounds an attempt, and the next one
// may do better; the caller's own deadline is another matter.
func TestClientTimeout(t *testing.T) {
	t.Parallel()
	hang := func(r *http.Request) error { <-r.Context().Done(); return r.Context().Err() }
	for name, stuck := range map[string]responder{
		"before the answer": func(_ int, r *http.Request) (*http.Response, error) { return nil, hang(r) },
		"within the answer": func(_ int, r *http.Request) (*http.Response, error) {
			resp := respond(r, 200, good)
			resp.Body = io.NopCloser(readFunc(func([]byte) (int, error) { return 0, hang(r) }))
			return resp, nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				rt := &fake{answer: sequence(stuck, always(200, good))}
				hc := kernel.WithHTTPClient(&http.Client{Transport: rt, Timeout: 3 * time.Second})
				require.NoError(t, newClient(t, nil, hc).Do(t.Context(), call(kernel.Idempotent)))
				assert.Equal(t, 2, rt.sent())

				rt = &fake{answer: stuck}
				hc = kernel.WithHTTPClient(&http.Client{Transport: rt, Timeout: 3 * time.Second})
				err := newClient(t, nil, hc, kernel.WithRetry(2, time.Second)).Do(t.Context(), call(kernel.Idempotent))
				e := failure(t, err)
				assert.Contains(t, err.Error(), "doit: timeout")
				assert.Equal(t, 2, rt.sent())
				assert.True(t, e.OutcomeUnknown)
				require.ErrorIs(t, err, kernel.ErrUnavailable)
				var n net.Error
				require.ErrorAs(t, err, &n)
				assert.True(t, n.Timeout())

				ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
				defer cancel()
				err = newClient(t, nil, hc).Do(ctx, call(kernel.Read))
				require.ErrorIs(t, err, context.DeadlineExceeded)
				require.NotErrorIs(t, err, kernel.ErrUnavailable)
				assert.Contains(t, err.Error(), "context deadline exceeded")
			})
		})
	}
}

func TestLimiterIsWaitedForPerAttempt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		waited := 0
		rt := &fake{answer: sequence(always(500, ""), failing(syscall.ECONNRESET), byToken(401, "", "new"))}
		counting := limiter(func(context.Context) error { waited++; return nil })
		require.NoError(t, newClient(t, rt, kernel.WithLimiter(counting)).Do(t.Context(), withTokens(kernel.Read, tokens("old", "new"))))
		assert.Equal(t, 4, rt.sent())
		assert.Equal(t, 4, waited, "retries and the replay included")
	})
}

func TestLimiterFails(t *testing.T) {
	t.Parallel()
	mine := &net.OpError{Op: "dial", Err: errors.New("redis://user:secret@host")}
	said := &url.Error{Op: "Get", URL: "http://quota.test/?key=secret", Err: mine}
	for name, c := range map[string]struct {
		class   kernel.Class
		before  int
		answer  responder
		unknown bool
	}{
		"at once":              {kernel.Once, 0, always(200, good), false},
		"before a retry":       {kernel.Read, 1, always(503, ""), false},
		"after a lost attempt": {kernel.Idempotent, 1, always(503, ""), true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				n := 0
				rt := &fake{answer: c.answer}
				ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
				defer cancel()
				err := newClient(t, rt, kernel.WithLimiter(limiter(func(context.Context) error {
					if n++; n > c.before {
						return said
					}
					return nil
				}))).Do(ctx, call(c.class))
				e := failure(t, err)
				require.ErrorIs(t, err, error(mine))
				var u *url.Error
				require.False(t, errors.As(err, &u))
				var n2 net.Error
				require.ErrorAs(t, err, &n2)
				require.NotContains(t, n2.Error(), "quota.test")
				require.NotErrorIs(t, err, context.DeadlineExceeded, "a broken limiter is no deadline")
				assert.Contains(t, err.Error(), "rate limiter failed")
				assert.NotContains(t, err.Error(), "secret")
				assert.Equal(t, c.before, rt.sent())
				assert.Equal(t, c.before, e.Attempts)
				assert.Equal(t, c.unknown, e.OutcomeUnknown)
				assert.Equal(t, c.before*503, e.HTTPStatus)
				assert.Equal(t, c.before > 0, errors.Is(err, kernel.ErrUnavailable))
			})
		})
	}
}

// A *rate.Limiter refuses at once when its wait would outlast the deadline.
func TestRateLimiter(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		rt := &fake{answer: always(200, good)}
		l := rate.NewLimiter(rate.Every(10*time.Second), 1)
		client := newClient(t, rt, kernel.WithLimiter(l))
		start := time.Now()
		require.NoError(t, client.Do(t.Context(), call(kernel.Read)))
		require.NoError(t, client.Do(t.Context(), call(kernel.Read)))
		assert.Equal(t, 10*time.Second, time.Since(start))

		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start = time.Now()
		err := client.Do(ctx, call(kernel.Once))
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.EqualError(t, err, "acme doit: the wait for the rate limiter would outlast the deadline")
		assert.Zero(t, time.Since(start))
		assert.Zero(t, failure(t, err).Attempts)

		// A limiter that admits nothing is a mistake, not a deadline.
		err = newClient(t, rt, kernel.WithLimiter(rate.NewLimiter(1, 0))).Do(ctx, call(kernel.Once))
		require.NotErrorIs(t, err, context.DeadlineExceeded)
		assert.Equal(t, 2, rt.sent())
	})
}

// The time-out's timer goes with the attempt.
func TestAttemptsContextIsReleased(t *testing.T) {
	t.Parallel()
	for _, answer := range []responder{always(200, good), always(404, ""), failing(syscall.ECONNRESET)} {
		var attempt context.Context
		rt := &fake{answer: func(n int, r *http.Request) (*http.Response, error) {
			attempt = r.Context()
			return answer(n, r)
		}}
		hc := kernel.WithHTTPClient(&http.Client{Transport: rt, Timeout: time.Hour})
		_ = newClient(t, nil, hc, kernel.WithRetry(1, time.Second)).Do(t.Context(), call(kernel.Read))
		require.ErrorIs(t, attempt.Err(), context.Canceled)
		require.NoError(t, t.Context().Err())
	}
}
