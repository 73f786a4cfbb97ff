package kernel_test

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/internal/kernel"
	"github.com/orgbridge/orgbridge/internal/token"
)

// byToken answers with success to the tokens that are good.
func byToken(status int, body string, goodTokens ...string) responder {
	return func(_ int, r *http.Request) (*http.Response, error) {
		for _, g := range goodTokens {
			if r.URL.Query().Get("access_token") == g {
				return respond(r, http.StatusOK, good), nil
			}
		}
		return respond(r, status, body), nil
	}
}

func withTokens(class kernel.Class, cache *token.Cache) kernel.Call {
	c := call(class)
	c.Tokens, c.Authorize, c.Rejected = cache, inQuery, rejected
	return c
}

func TestReplay(t *testing.T) {
	t.Parallel()
	refused := refusal("badtoken", "token expired")
	for name, c := range map[string]struct {
		cache    *token.Cache
		class    kernel.Class
		answer   responder
		max      int
		sent     int
		ok       bool
		attempts int
	}{
		"a new token, HTTP 200":         {tokens("old", "new"), kernel.Read, byToken(200, refused, "new"), 4, 2, true, 0},
		"a new token, HTTP 401":         {tokens("old", "new"), kernel.Read, byToken(401, "", "new"), 4, 2, true, 0},
		"once":                          {tokens("old", "new"), kernel.Once, byToken(200, refused, "new"), 4, 2, true, 0},
		"not counted as an attempt":     {tokens("old", "new"), kernel.Once, byToken(401, "", "new"), 1, 2, true, 0},
		"the same token":                {tokens("old"), kernel.Read, byToken(200, refused), 4, 1, false, 1},
		"a static token":                {token.Static("old"), kernel.Read, byToken(401, ""), 4, 1, false, 1},
		"exactly once":                  {tokens("old", "new", "newer"), kernel.Read, byToken(200, refused, "newer"), 4, 2, false, 2},
		"another refusal":               {tokens("old", "new"), kernel.Read, byToken(200, refusal("7", ""), "new"), 4, 1, false, 1},
		"an error status with the code": {tokens("old", "new"), kernel.Once, byToken(403, refused, "new"), 4, 2, true, 0},
		"an error status without":       {tokens("old", "new"), kernel.Read, byToken(403, "<html>", "new"), 4, 1, false, 1},
		"a status that speaks of time":  {tokens("old", "new"), kernel.Read, byToken(429, refused, "new"), 2, 2, false, 2},
		"a broken server with the code": {tokens("old", "new"), kernel.Once, byToken(500, refused, "new"), 4, 1, false, 1},
		"after retries": {
			tokens("old", "new"), kernel.Idempotent,
			sequence(always(500, ""), always(500, ""), byToken(401, "", "new")),
			3, 4, true, 0,
		},
		"before retries": {
			tokens("old", "new"), kernel.Idempotent,
			sequence(byToken(401, "", "new"), always(500, "")),
			3, 4, false, 4,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				rt := &fake{answer: c.answer}
				err := newClient(t, rt, kernel.WithRetry(c.max, time.Second)).Do(t.Context(), withTokens(c.class, c.cache))
				assert.Equal(t, c.sent, rt.sent())
				if c.ok {
					require.NoError(t, err)
					return
				}
				assert.Equal(t, c.attempts, failure(t, err).Attempts)
			})
		})
	}
}

// 50 refused calls, in a row or at the same time, cost one token call if the token comes
// back unchanged: that it does is remembered for a while.
func TestUnchangedTokenIsRemembered(t *testing.T) {
	t.Parallel()
	for name, each := range map[string]func(call func()){
		"in a row": func(call func()) {
			for range 50 {
				call()
			}
		},
		"at the same time": func(call func()) {
			var wg sync.WaitGroup
			for range 50 {
				wg.Go(call)
			}
			wg.Wait()
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var fetched atomic.Int32
				cache := token.NewCache(token.Config{Fetch: func(context.Context) (token.Token, error) {
					fetched.Add(1)
					<-time.After(time.Second)
					return token.New("same", time.Time{}), nil
				}})
				_, err := cache.Token(t.Context())
				require.NoError(t, err)
				rt := &fake{answer: byToken(200, refusal("badtoken", ""))}
				client := newClient(t, rt)
				each(func() { assert.Error(t, client.Do(t.Context(), withTokens(kernel.Once, cache))) })
				assert.EqualValues(t, 2, fetched.Load(), "one to begin with, one for the refusals")
				assert.Equal(t, 50, rt.sent(), "nothing is replayed")

				<-time.After(2 * time.Minute)
				require.Error(t, client.Do(t.Context(), withTokens(kernel.Once, cache)))
				assert.EqualValues(t, 3, fetched.Load(), "for a while only")
			})
		})
	}
}

// The replay follows at once; waiting is for vendors in trouble.
func TestReplayDoesNotWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		rt := &fake{answer: byToken(401, "", "new")}
		require.NoError(t, newClient(t, rt).Do(t.Context(), withTokens(kernel.Read, tokens("old", "new"))))
		assert.Zero(t, time.Since(start))
	})
}

// A caller's own source is asked once for the call and once for the
// replacement, which is the token that the replay sends.
func TestReplayWithTheCallersSource(t *testing.T) {
	t.Parallel()
	asked := 0
	source := token.FromFunc(func(context.Context) (string, error) {
		asked++
		return []string{"old", "new", "newer"}[asked-1], nil
	})
	rt := &fake{answer: byToken(401, "", "new")}
	require.NoError(t, newClient(t, rt).Do(t.Context(), withTokens(kernel.Read, source)))
	assert.Equal(t, 2, asked)
}

func TestReplayFailsToRenew(t *testing.T) {
	t.Parallel()
	tokenError := wrap(&kernel.Failure{Vendor: vendor, Op: "gettoken", HTTPStatus: 403, Err: errors.New("no")})
	asked := 0
	source := token.FromFunc(func(context.Context) (string, error) {
		if asked++; asked == 1 {
			return "old", nil
		}
		return "", tokenError
	})
	rt := &fake{answer: byToken(200, refusal("badtoken", "token expired"))}
	err := newClient(t, rt).Do(t.Context(), withTokens(kernel.Once, source))
	e := failure(t, err)
	assert.Equal(t, "badtoken", e.Code, "what the vendor said about the call stays")
	assert.Equal(t, "token expired", e.Message)
	assert.False(t, e.OutcomeUnknown)
	inner, ok := errors.AsType[*vendorError](errors.Unwrap(err))
	require.True(t, ok, "the token call's own error is in the chain")
	assert.Equal(t, "gettoken", inner.Op)
	assert.Equal(t, 1, rt.sent())
}

// The token call's own error is the error of the call, with its own Op, and
// nothing was sent.
func TestTokenFails(t *testing.T) {
	t.Parallel()
	tokenError := wrap(&kernel.Failure{Vendor: vendor, Op: "gettoken", HTTPStatus: 403})
	rt := &fake{answer: always(200, good)}
	fails := token.NewCache(token.Config{Fetch: func(context.Context) (token.Token, error) { return token.Token{}, tokenError }})
	err := newClient(t, rt).Do(t.Context(), withTokens(kernel.Once, fails))
	e, ok := errors.AsType[*vendorError](err)
	require.True(t, ok)
	assert.Equal(t, "gettoken", e.Op)
	require.ErrorIs(t, err, kernel.ErrUnauthorized)
	assert.Zero(t, rt.sent())
}

// A token that cannot be had for a retry does not hide that the first attempt
// may have been carried out.
func TestTokenFailsAfterALostAttempt(t *testing.T) {
	t.Parallel()
	for class, value := range classes {
		if value == kernel.Once {
			continue
		}
		t.Run(class, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				tokenError := wrap(&kernel.Failure{Vendor: vendor, Op: "gettoken", HTTPStatus: 403})
				asked := 0
				source := token.FromFunc(func(context.Context) (string, error) {
					if asked++; asked == 1 {
						return "old", nil
					}
					return "", tokenError
				})
				rt := &fake{answer: failing(syscall.ECONNRESET)}
				err := newClient(t, rt).Do(t.Context(), withTokens(value, source))
				require.ErrorIs(t, err, tokenError)
				assert.Equal(t, value == kernel.Idempotent, errors.Is(err, kernel.ErrOutcomeUnknown))
				assert.Equal(t, 1, rt.sent())
			})
		})
	}
}

func TestTokenWaitEndsWithTheContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		slow := token.NewCache(token.Config{Fetch: func(context.Context) (token.Token, error) {
			<-time.After(10 * time.Second)
			return token.New("late", time.Time{}), nil
		}})
		rt := &fake{answer: always(200, good)}
		start := time.Now()
		err := newClient(t, rt).Do(ctx, withTokens(kernel.Once, slow))
		e := failure(t, err)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.False(t, e.OutcomeUnknown)
		assert.Zero(t, e.Attempts)
		assert.Equal(t, time.Second, time.Since(start))
		<-time.After(time.Minute) // the refresh goes on for others
	})
}

func TestAuthorize(t *testing.T) {
	t.Parallel()
	t.Run("changes query, header and body, per attempt", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			var seen []string
			rt := &fake{answer: func(n int, r *http.Request) (*http.Response, error) {
				seen = append(seen, r.Header.Get("X-Sign")+r.URL.RawQuery+text(t, r.Body))
				if n == 1 {
					return respond(r, 500, ""), nil
				}
				return respond(r, 200, good), nil
			}}
			n := 0
			c := call(kernel.Read)
			c.Query = map[string][]string{"a": {"1"}}
			c.Authorize = func(_ context.Context, out *kernel.Outgoing, credential string) error {
				n++
				assert.Empty(t, credential)
				out.Header.Set("X-Sign", string(rune('a'+n)))
				out.Query.Add("n", string(rune('0'+n)))
				out.Body = append([]byte("signed "), out.Body...)
				return nil
			}
			require.NoError(t, newClient(t, rt).Do(t.Context(), c))
			assert.Equal(t, []string{`ba=1&n=1signed {"name":"张三"}`, `ca=1&n=2signed {"name":"张三"}`}, seen)
			assert.Equal(t, map[string][]string{"a": {"1"}}, map[string][]string(c.Query))
		})
	})
	t.Run("can drop the body of a retry", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			rt := &fake{answer: func(n int, r *http.Request) (*http.Response, error) {
				if n == 2 {
					assert.Nil(t, r.Body)
					assert.Zero(t, r.ContentLength)
					return respond(r, 200, good), nil
				}
				return respond(r, 500, ""), nil
			}}
			c := call(kernel.Read)
			first := true
			c.Authorize = func(_ context.Context, out *kernel.Outgoing, _ string) error {
				if !first {
					out.Body = nil
				}
				first = false
				return nil
			}
			require.NoError(t, newClient(t, rt).Do(t.Context(), c))
		})
	})
	t.Run("fails", func(t *testing.T) {
		t.Parallel()
		c := call(kernel.Once)
		mine := errors.New("no signer")
		c.Authorize = func(context.Context, *kernel.Outgoing, string) error { return mine }
		rt := &fake{answer: always(200, good)}
		assert.Equal(t, mine, newClient(t, rt).Do(t.Context(), c), "passes as it is")
		assert.Zero(t, rt.sent())
	})
	t.Run("sets a header that cannot be sent", func(t *testing.T) {
		t.Parallel()
		c := withTokens(kernel.Once, token.Static("secret\n"))
		c.Authorize = func(_ context.Context, out *kernel.Outgoing, credential string) error {
			out.Header.Set("X-Token", credential)
			return nil
		}
		rt := &fake{answer: always(200, good)}
		err := newClient(t, rt).Do(t.Context(), c)
		require.ErrorIs(t, err, kernel.ErrInvalid)
		require.EqualError(t, err, "doit: header X-Token holds a line break or another control character")
		assert.Zero(t, rt.sent())
	})
}
