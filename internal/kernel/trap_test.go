package kernel_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/time/rate"

	"github.com/orgbridge/orgbridge/internal/kernel"
	"github.com/orgbridge/orgbridge/internal/token"
)

// The measured traps of go-retryablehttp and of the stack around it, each kept
// closed by a test that bears its number.

// go-retryablehttp puts the URL into its error twice; here that would be the
// token.
func TestTrap01_FailedRequestNeverPrintsURL(t *testing.T) {
	t.Parallel()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	addr := l.Addr().String()
	require.NoError(t, l.Close()) // nobody listens there any more
	set, err := kernel.Apply([]kernel.Option{kernel.WithRetry(2, time.Millisecond)})
	require.NoError(t, err)
	client, err := kernel.New(vendor, "http://"+addr, set, wrap)
	require.NoError(t, err)

	c := withTokens(kernel.Read, token.Static("CANARYTOKEN"))
	c.Query = url.Values{"mobile": {"13800000001"}}
	err = client.Do(t.Context(), c)
	require.EqualError(t, err, "acme doit: connection refused (after 2 attempts)")
	for e := err; e != nil; e = errors.Unwrap(e) {
		for _, verb := range []string{"%v", "%+v", "%#v", "%q", "%d"} {
			assert.NotRegexp(t, "CANARY|1380000|doit\\?|access_token", fmt.Sprintf(verb, e))
		}
	}
	var u *url.Error
	require.False(t, errors.As(err, &u), "what holds the URL is out of reach")
	var n net.Error
	require.ErrorAs(t, err, &n)
	assert.NotContains(t, n.Error(), "CANARY")
	var op *net.OpError
	require.ErrorAs(t, err, &op)
	require.ErrorIs(t, err, syscall.ECONNREFUSED)
}

// go-retryablehttp's default policy repeats a POST after 503.
func TestTrap02_CreateIsNotRetried(t *testing.T) {
	t.Parallel()
	rt := &fake{answer: always(503, "")}
	err := newClient(t, rt).Do(t.Context(), call(kernel.Once))
	require.ErrorIs(t, err, kernel.ErrOutcomeUnknown)
	assert.Equal(t, 1, rt.sent())
}

// go-retryablehttp's default back-off sleeps as long as the vendor says.
func TestTrap03_RetryAfterIsCapped(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		err := newClient(t, &fake{answer: always(503, "", "Retry-After", "3600")}).Do(t.Context(), call(kernel.Read))
		assert.Equal(t, time.Hour, failure(t, err).RetryAfter)
		assert.Zero(t, time.Since(start))
	})
}

// go-retryablehttp closes the idle connections of the client that it was given
// after every failure: a healthy host would be dialled anew.
func TestTrap04_CallersPoolSurvives(t *testing.T) {
	t.Parallel()
	var dialled atomic.Int32
	healthy := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, good) }))
	healthy.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			dialled.Add(1)
		}
	}
	healthy.Start()
	defer healthy.Close()
	sick := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) }))
	defer sick.Close()

	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	policy := func(*http.Request, []*http.Request) error { return nil }
	hc := &http.Client{Transport: transport, Timeout: time.Minute, CheckRedirect: policy}
	get := func() {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, healthy.URL, nil)
		require.NoError(t, err)
		resp, err := hc.Do(req)
		require.NoError(t, err)
		_, _ = io.Copy(io.Discard, resp.Body)
		require.NoError(t, resp.Body.Close())
	}
	get()
	set, err := kernel.Apply([]kernel.Option{kernel.WithHTTPClient(hc), kernel.WithRetry(2, time.Millisecond)})
	require.NoError(t, err)
	for _, base := range []string{sick.URL, "http://127.0.0.1:1"} {
		client, err := kernel.New(vendor, base, set, wrap)
		require.NoError(t, err)
		require.Error(t, client.Do(t.Context(), call(kernel.Read)))
	}
	get()
	assert.EqualValues(t, 1, dialled.Load(), "the idle connection was still there")
	assert.Same(t, transport, hc.Transport, "the caller's client is not changed")
	assert.Equal(t, time.Minute, hc.Timeout)
	require.NoError(t, hc.CheckRedirect(nil, nil))
}

// The kernel's own connections are reused from call to call, too.
func TestConnectionsAreReused(t *testing.T) {
	t.Parallel()
	var dialled atomic.Int32
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/500" {
			w.WriteHeader(http.StatusInternalServerError)
		}
		_, _ = io.WriteString(w, good)
	}))
	srv.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			dialled.Add(1)
		}
	}
	srv.Start()
	defer srv.Close()
	set, err := kernel.Apply([]kernel.Option{kernel.WithRetry(2, time.Millisecond)})
	require.NoError(t, err)
	client, err := kernel.New(vendor, srv.URL, set, wrap)
	require.NoError(t, err)
	for range 3 {
		require.NoError(t, client.Do(t.Context(), call(kernel.Read)))
		bad := call(kernel.Read)
		bad.Op.Path = "/500"
		require.Error(t, client.Do(t.Context(), bad))
	}
	assert.EqualValues(t, 1, dialled.Load())
}

// An error inside HTTP 200 takes part in the retry decision.
func TestTrap05_EnvelopeErrorIsRetried(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		rt := &fake{answer: sequence(always(200, refusal("busy", "")), byToken(200, refusal("badtoken", ""), "new"))}
		require.NoError(t, newClient(t, rt).Do(t.Context(), withTokens(kernel.Read, tokens("old", "new"))))
		assert.Equal(t, 3, rt.sent())
	})
}

// Waits are waits of the standard library's timers, so a bubble needs no real
// time for them.
func TestTrap06_WaitsRunInABubble(t *testing.T) {
	t.Parallel()
	var bubble time.Duration
	start := time.Now()
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		rt := &fake{answer: sequence(always(429, "", "Retry-After", "15"), always(429, "", "Retry-After", "30"), always(200, good))}
		limit := kernel.WithLimiter(rate.NewLimiter(rate.Every(time.Minute), 1))
		require.NoError(t, newClient(t, rt, limit).Do(t.Context(), call(kernel.Once)))
		bubble = time.Since(start)
	})
	assert.Equal(t, 2*time.Minute, bubble)
	assert.Less(t, time.Since(start), 10*time.Second)
}

// What the root module requires directly, every user gets.
func TestTrap07_RootModuleStaysSmall(t *testing.T) {
	t.Parallel()
	allowed := map[string]bool{
		"github.com/hashicorp/go-retryablehttp": true, "golang.org/x/time": true, "go.etcd.io/bbolt": true,
		"golang.org/x/text": true, "golang.org/x/term": true, // rosters in GB18030, and terminals, of the program
		"github.com/jarcoal/httpmock": true, "github.com/stretchr/testify": true, "pgregory.net/rapid": true,
	}
	mod, err := os.ReadFile("../../go.mod")
	require.NoError(t, err)
	lines := regexp.MustCompile(`(?m)^(?:require)?\s+(\S+) v\S+( // indirect)?$`).FindAllStringSubmatch(string(mod), -1)
	require.NotEmpty(t, lines)
	for _, m := range lines {
		if m[2] == "" {
			assert.True(t, allowed[m[1]], "%s is a new direct dependency", m[1])
		}
	}
	assert.NotRegexp(t, `(?m)^(tool|toolchain|replace)\b`, string(mod))
}

// A call is not used up by being made: iterators make the same one again.
func TestTrap10_CallCanBeRepeated(t *testing.T) {
	t.Parallel()
	var seen []string
	rt := &fake{answer: func(_ int, r *http.Request) (*http.Response, error) {
		seen = append(seen, r.URL.String()+text(t, r.Body))
		return respond(r, 200, good), nil
	}}
	client := newClient(t, rt)
	c := withTokens(kernel.Read, token.Static("t"))
	c.Query = url.Values{"begin": {"0"}}
	require.NoError(t, client.Do(t.Context(), c))
	require.NoError(t, client.Do(t.Context(), c))
	assert.Equal(t, seen[0], seen[1])
	assert.Equal(t, url.Values{"begin": {"0"}}, c.Query)
}

// A credential that is added per request would follow a redirect to whatever
// host it names.
func TestTrap11_RedirectRefused(t *testing.T) {
	t.Parallel()
	var visited atomic.Int32
	elsewhere := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		visited.Add(1)
		_, _ = io.WriteString(w, good)
	}))
	defer elsewhere.Close()
	for _, status := range []int{301, 302, 303, 307, 308} {
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, elsewhere.URL+"/?"+r.URL.RawQuery, status)
		}))
		follow := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return nil }}
		set, err := kernel.Apply([]kernel.Option{kernel.WithHTTPClient(follow)})
		require.NoError(t, err)
		client, err := kernel.New(vendor, srv.URL, set, wrap)
		require.NoError(t, err)
		c := withTokens(kernel.Once, token.Static("t"))
		c.Authorize = func(_ context.Context, out *kernel.Outgoing, credential string) error {
			out.Header.Set("X-Token", credential)
			out.Query.Set("access_token", credential)
			return nil
		}
		err = client.Do(t.Context(), c)
		assert.Equal(t, status, failure(t, err).HTTPStatus)
		assert.NotContains(t, err.Error(), elsewhere.URL)
		srv.Close()
	}
	assert.Zero(t, visited.Load())
}

// TLS failures before a byte of the request was sent.
func TestTLSFailuresAreNotLostCalls(t *testing.T) {
	t.Parallel()
	untrusted := httptest.NewUnstartedServer(http.NotFoundHandler())
	untrusted.Config.ErrorLog = discard()
	untrusted.StartTLS()
	defer untrusted.Close()
	noTLS := httptest.NewServer(http.NotFoundHandler())
	defer noTLS.Close()
	for base, want := range map[string]string{
		untrusted.URL:                     "acme doit: TLS certificate not accepted",
		"https" + noTLS.URL[len("http"):]: "acme doit: the server does not speak TLS",
	} {
		set, err := kernel.Apply([]kernel.Option{kernel.WithHTTPClient(&http.Client{Transport: &http.Transport{}})})
		require.NoError(t, err)
		client, err := kernel.New(vendor, base, set, wrap)
		require.NoError(t, err)
		err = client.Do(t.Context(), call(kernel.Once))
		require.EqualError(t, err, want)
		assert.False(t, failure(t, err).OutcomeUnknown)
	}
}

// net/http sends a GET again by itself when a kept connection breaks before the
// answer. What the vendor then refuses may be what it has just carried out.
func TestTransportRepeatsGetUnasked(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		class   kernel.Class
		unknown bool
	}{{kernel.Read, false}, {kernel.Idempotent, true}, {kernel.Once, true}} {
		var n atomic.Int32
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			switch n.Add(1) {
			case 1: // from now on the connection is a kept one
				_, _ = io.WriteString(w, good)
			case 2:
				panic(http.ErrAbortHandler) // carried out, answer lost
			default:
				_, _ = io.WriteString(w, refusal("gone", ""))
			}
		}))
		t.Cleanup(srv.Close)
		set, err := kernel.Apply([]kernel.Option{kernel.WithHTTPClient(srv.Client()), kernel.WithRetry(1, time.Millisecond)})
		require.NoError(t, err)
		client, err := kernel.New(vendor, srv.URL, set, wrap)
		require.NoError(t, err)
		get := kernel.Call{Op: kernel.Op{Name: "doit", Method: http.MethodGet, Path: "/doit", Class: c.class}, Read: read(nil)}
		require.NoError(t, client.Do(t.Context(), get))

		err = client.Do(t.Context(), get)
		assert.Equal(t, "gone", failure(t, err).Code)
		assert.Equal(t, c.unknown, errors.Is(err, kernel.ErrOutcomeUnknown), "class %d", c.class)
		assert.EqualValues(t, 3, n.Load())
	}
}
