package kernel_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/internal/kernel"
	"github.com/orgbridge/orgbridge/internal/token"
)

func TestParseBase(t *testing.T) {
	t.Parallel()
	for base, want := range map[string]string{
		"https://www.yunzhijia.com":       "https://www.yunzhijia.com",
		"https://www.yunzhijia.com/":      "https://www.yunzhijia.com",
		"http://h:8080/gateway/api//":     "http://h:8080/gateway/api",
		"HTTP://h":                        "http://h",
		"http://h/a?key=1&b=2":            "http://h/a?key=1&b=2",
		"http://[::1]:80/x":               "http://[::1]:80/x",
		"https://企业.cn/a":                 "https://%E4%BC%81%E4%B8%9A.cn/a",
		"":                                "BaseURL is empty",
		"www.yunzhijia.com":               "BaseURL is not an http or https URL",
		"//host/x":                        "BaseURL is not an http or https URL",
		"ftp://host":                      "BaseURL is not an http or https URL",
		"localhost:8080":                  "BaseURL is not an http or https URL",
		"http:host":                       "BaseURL has no host",
		"https://":                        "BaseURL has no host",
		"https://:443":                    "BaseURL has no host",
		"https://user:geheim@host":        "BaseURL holds a user name or password",
		"https://geheim@host":             "BaseURL holds a user name or password",
		"https://host/#geheim":            "BaseURL has a fragment",
		"https://host/%zz?token=geheim":   "BaseURL is not a URL",
		" https://host":                   "BaseURL is not a URL",
		"https://ho st/geheim":            "BaseURL is not a URL",
		"https://host/\n?geheim":          "BaseURL is not a URL",
		"https://host:port/?token=geheim": "BaseURL is not a URL",
	} {
		u, err := kernel.ParseBase("BaseURL", base)
		if strings.HasPrefix(want, "BaseURL") {
			require.EqualError(t, err, want, base)
			require.ErrorIs(t, err, kernel.ErrInvalid)
			_, err = kernel.New(vendor, base, kernel.Settings{}, wrap)
			require.EqualError(t, err, want, base)
			continue
		}
		require.NoError(t, err, base)
		assert.Equal(t, want, u.String())
	}
}

// What goes over the wire.
func TestRequest(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		base    string
		query   url.Values
		options []kernel.Option
		url     string
		host    string
	}{
		"plain":                    {"http://vendor.test", nil, nil, "http://vendor.test/doit", "vendor.test"},
		"path":                     {"http://vendor.test:81/a/b/", nil, nil, "http://vendor.test:81/a/b/doit", "vendor.test:81"},
		"query":                    {"http://vendor.test", url.Values{"b": {"2", "3"}, "a": {"张 &"}}, nil, "http://vendor.test/doit?a=%E5%BC%A0+%26&b=2&b=3", "vendor.test"},
		"path and query":           {"http://vendor.test/p?k=1", nil, nil, "http://vendor.test/p/doit?k=1", "vendor.test"},
		"path and query and query": {"http://vendor.test/p?k=1", url.Values{"a": {"2"}}, nil, "http://vendor.test/p/doit?k=1&a=2", "vendor.test"},
		"host": {"http://vendor.test", nil, []kernel.Option{kernel.WithHeader(http.Header{"host": {"gateway.test"}})},
			"http://vendor.test/doit", "gateway.test"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rt := &fake{answer: func(_ int, r *http.Request) (*http.Response, error) {
				assert.Equal(t, c.url, r.URL.String())
				assert.Equal(t, c.host, r.Host)
				assert.Equal(t, http.MethodPost, r.Method)
				assert.Equal(t, "application/json", r.Header.Get("Content-Type"))
				assert.Equal(t, "application/json", r.Header.Get("Accept"))
				assert.Equal(t, "orgbridge-go", r.Header.Get("User-Agent"))
				assert.Equal(t, `{"name":"张三"}`, text(t, r.Body))
				assert.EqualValues(t, len(`{"name":"张三"}`), r.ContentLength)
				return respond(r, 200, good), nil
			}}
			set, err := kernel.Apply(append(c.options, kernel.WithHTTPClient(&http.Client{Transport: rt})))
			require.NoError(t, err)
			client, err := kernel.New(vendor, c.base, set, wrap)
			require.NoError(t, err)
			k := call(kernel.Read)
			k.Query = c.query
			require.NoError(t, client.Do(t.Context(), k))
			assert.Equal(t, 1, rt.sent())
		})
	}
}

func TestRequestWithoutBody(t *testing.T) {
	t.Parallel()
	rt := &fake{answer: func(_ int, r *http.Request) (*http.Response, error) {
		assert.Nil(t, r.Body)
		assert.Empty(t, r.Header.Get("Content-Type"))
		return respond(r, 200, good), nil
	}}
	c := kernel.Call{Op: kernel.Op{Name: "doit", Method: http.MethodGet, Path: "/"}, Read: read(nil)}
	require.NoError(t, newClient(t, rt).Do(t.Context(), c))

	c.Op.Method = "no method"
	require.ErrorIs(t, newClient(t, rt).Do(t.Context(), c), kernel.ErrInvalid)
	assert.Equal(t, 1, rt.sent())
}

func TestBodyIsSentWholeOnEveryAttempt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		body := bytes.Repeat([]byte("0123456789"), 1<<14)
		rt := &fake{answer: func(n int, r *http.Request) (*http.Response, error) {
			assert.EqualValues(t, len(body), r.ContentLength)
			if n == 1 {
				_, err := io.CopyN(io.Discard, r.Body, 100)
				return nil, errors.Join(err, errors.New("reset"))
			}
			assert.Equal(t, string(body), text(t, r.Body))
			if n == 2 {
				return respond(r, 503, ""), nil
			}
			return respond(r, 200, good), nil
		}}
		c := call(kernel.Read)
		c.Body = body
		require.NoError(t, newClient(t, rt).Do(t.Context(), c))
		assert.Equal(t, 3, rt.sent())
	})
}

func TestRequestTooLarge(t *testing.T) {
	t.Parallel()
	rt := &fake{answer: always(200, good)}
	c := call(kernel.Once)
	c.Body = make([]byte, 64<<20)
	require.NoError(t, newClient(t, rt).Do(t.Context(), c))
	c.Body = make([]byte, 64<<20+1)
	err := newClient(t, rt).Do(t.Context(), c)
	require.ErrorIs(t, err, kernel.ErrInvalid)
	require.EqualError(t, err, "doit: request is larger than 64 MiB")
	assert.Equal(t, 1, rt.sent())
}

func TestAnswerSize(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		pad    int
		length int64
		ok     bool
	}{
		"at the limit":        {100 - len(good), 100, true},
		"beyond it":           {101 - len(good), 101, false},
		"length unknown":      {101 - len(good), -1, false},
		"length is a lie":     {0, math.MaxInt64, true}, // nothing of that size is allocated
		"length is too small": {0, 1, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rt := &fake{answer: func(_ int, r *http.Request) (*http.Response, error) {
				resp := respond(r, 200, good+strings.Repeat(" ", c.pad))
				resp.ContentLength = c.length
				return resp, nil
			}}
			err := newClient(t, rt, kernel.WithMaxResponse(100)).Do(t.Context(), call(kernel.Read))
			if c.ok {
				require.NoError(t, err)
				return
			}
			require.ErrorIs(t, err, kernel.ErrTooLarge)
		})
	}
	require.NoError(t, newClient(t, &fake{answer: always(200, good)}, kernel.WithMaxResponse(math.MaxInt64)).Do(t.Context(), call(kernel.Read)))
}

// Every body that a transport hands out is closed, whatever becomes of it.
func TestBodiesAreClosed(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]responder{
		"success": always(200, good), "refusal": always(200, refusal("1", "")), "500": always(500, "x"), "429": always(429, "x"),
		"302": always(302, "x", "Location", "/y"), "empty": always(200, ""), "oversized": always(200, strings.Repeat(" ", 200)), "cut": cutBody(io.ErrUnexpectedEOF),
	} {
		for _, timeout := range []time.Duration{0, time.Minute} {
			t.Run(name+"/"+timeout.String(), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					open := 0
					rt := &fake{answer: func(n int, r *http.Request) (*http.Response, error) {
						assert.Zero(t, open, "the body of the attempt before is closed")
						resp, err := answer(n, r)
						open++
						once := false
						resp.Body = closer{resp.Body, func() {
							if !once {
								open--
							}
							once = true
						}}
						return resp, err
					}}
					hc := kernel.WithHTTPClient(&http.Client{Transport: rt, Timeout: timeout})
					_ = newClient(t, nil, hc, kernel.WithMaxResponse(100)).Do(t.Context(), call(kernel.Read))
					assert.Zero(t, open)
					assert.NotZero(t, rt.sent())
				})
			})
		}
	}
}

type closer struct {
	io.Reader

	close func()
}

func (c closer) Close() error { c.close(); return nil }

// A transport may, against its contract, return no body at all.
func TestNoBodyAtAll(t *testing.T) {
	t.Parallel()
	rt := &fake{answer: func(_ int, r *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: http.StatusNotFound, Request: r, Header: http.Header{}}, nil
	}}
	for _, timeout := range []time.Duration{0, time.Minute} {
		hc := kernel.WithHTTPClient(&http.Client{Transport: rt, Timeout: timeout})
		require.ErrorIs(t, newClient(t, nil, hc).Do(t.Context(), call(kernel.Read)), kernel.ErrNotFound)
	}
}

func TestOptions(t *testing.T) {
	t.Parallel()
	set, err := kernel.Apply(nil)
	require.NoError(t, err)
	assert.Equal(t, 6, set.MaxAttempts)
	assert.Equal(t, 30*time.Second, set.MaxWait)
	assert.EqualValues(t, 32<<20, set.MaxResponse)
	assert.NotNil(t, set.Now)
	assert.Nil(t, set.Logger)

	_, err = kernel.Apply([]kernel.Option{
		nil, kernel.WithHTTPClient(nil), kernel.WithHTTPClient(&http.Client{Timeout: -1}), kernel.WithLogger(nil), kernel.WithLimiter(nil),
		kernel.WithHook(nil), kernel.WithRetry(0, 0), kernel.WithClock(nil), kernel.WithTokenStore(nil),
		kernel.WithMaxResponse(0), kernel.WithHeader(http.Header{"X-Key": {"geheim\r\nX-Other: 1"}}), kernel.WithHeader(http.Header{"geheim geheim": {"1"}}),
		kernel.WithHeader(http.Header{"": {"1"}}),
	})
	require.ErrorIs(t, err, kernel.ErrInvalid)
	want := []string{
		"Option is nil", "WithHTTPClient client is nil", "WithHTTPClient timeout is negative", "WithLogger logger is nil", "WithLimiter limiter is nil",
		"WithHook hook is nil", "WithRetry maxAttempts is below 1", "WithRetry maxWait is not positive", "WithClock clock is nil", "WithTokenStore store is nil",
		"WithMaxResponse is not positive", "header X-Key holds a line break or another control character",
		"header name holds a character that no header may have", "header name holds a character that no header may have",
	}
	assert.Equal(t, strings.Join(want, "\n"), err.Error(), "all of them, and no value")
}

type nowhere struct{}

func (nowhere) Load(context.Context, string) (token.Token, error) { return token.Token{}, nil }
func (nowhere) Save(context.Context, string, token.Token) error   { return nil }
func (nowhere) Delete(context.Context, string, token.Token) error { return nil }
func (nowhere) RoundTrip(*http.Request) (*http.Response, error)   { return nil, io.EOF }
func (nowhere) Wait(context.Context) error                        { return nil }

// A client may sit in an unexported field, where fmt asks no Format method.
func TestClientPrintsNoGatewayCredential(t *testing.T) {
	t.Parallel()
	set, err := kernel.Apply([]kernel.Option{kernel.WithHeader(http.Header{"X-Gateway": {"canary"}})})
	require.NoError(t, err)
	client, err := kernel.New(vendor, "http://vendor.test/?key=canary", set, wrap)
	require.NoError(t, err)
	holder := struct{ c *kernel.Client }{client}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d"} {
		assert.NotContains(t, fmt.Sprintf(verb, *client), "canary")
		assert.NotContains(t, fmt.Sprintf(verb, holder), "canary")
	}
}

func TestOptionsAreKept(t *testing.T) {
	t.Parallel()
	set, err := kernel.Apply([]kernel.Option{
		kernel.WithTokenStore(nowhere{}), kernel.WithLimiter(nowhere{}), kernel.WithRetry(7, time.Hour), kernel.WithMaxResponse(9),
		kernel.WithHeader(http.Header{"x-a": {"1"}}), kernel.WithHeader(http.Header{"X-A": {"2"}, "X-B": {"3"}}),
	})
	require.NoError(t, err)
	assert.Equal(t, nowhere{}, set.TokenStore)
	assert.Equal(t, nowhere{}, set.Limiter)
	assert.Equal(t, 7, set.MaxAttempts)
	assert.Equal(t, time.Hour, set.MaxWait)
	assert.EqualValues(t, 9, set.MaxResponse)
	assert.Equal(t, http.Header{"X-A": {"1", "2"}, "X-B": {"3"}}, set.Header)
}
