package optest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/internal/kernel"
)

// Suite is all operations of one vendor.
type Suite struct {
	Vendor string
	// Failure finds the vendor's own *Error in err.
	Failure func(err error) (*kernel.Failure, bool)
	// Refuse writes the vendor's refusal with that message, which is the inside of a
	// JSON string.
	Refuse func(message string) string
	// Token answers a request for a token; ok is false for any other request.
	Token func(r *http.Request) (body string, ok bool)
	// Behind lists the canaries that the token is got with: no call holds them, and no
	// text may show them.
	Behind []string
	Ops    []Op
}

// Op is one operation.
type Op struct {
	Name  string
	Class kernel.Class
	// Good is a documented success.
	Good string
	// Call makes a client with the options and runs the operation once, with a
	// canary wherever its input has room for one.
	Call func(ctx context.Context, options ...kernel.Option) (result any, err error)
	// Row, where records have outcomes of their own, is an answer in which the first
	// record fails with that message, the inside of a JSON string.
	Row func(message string) string
	// RefusedInside is set where a refusal of the whole call is told in
	// another way than by the vendor's *Error.
	RefusedInside bool
}

const maxBody = 1 << 14

// Run sweeps all operations.
func (s Suite) Run(t *testing.T) {
	for _, op := range s.Ops {
		t.Run(op.Name, func(t *testing.T) {
			t.Parallel()
			s.sweep(t, op)
		})
	}
}

func (s Suite) sweep(t *testing.T, op Op) {
	op.Good = strings.TrimSpace(op.Good) // its last byte is to be its end
	t.Run("success", func(t *testing.T) {
		t.Parallel()
		got := s.call(t.Context(), t, op, answer(http.StatusOK, op.Good))
		require.NoError(t, got.err)
		assert.Positive(t, got.requests)
	})
	t.Run("refused", func(t *testing.T) {
		t.Parallel()
		got := s.call(t.Context(), t, op, func(r *http.Request) (*http.Response, error) {
			return answer(http.StatusOK, s.Refuse(inJSON(echo(r))))(r)
		})
		require.Error(t, got.err)
		if !op.RefusedInside {
			f := s.failure(t, op, got)
			assert.Equal(t, http.StatusOK, f.HTTPStatus)
			assert.NotEmpty(t, f.Code)
		}
	})
	t.Run("folded", func(t *testing.T) {
		t.Parallel()
		s.sweepSpellings(t, op)
	})
	for status, want := range map[int]error{
		http.StatusUnauthorized:        kernel.ErrUnauthorized,
		http.StatusForbidden:           kernel.ErrUnauthorized,
		http.StatusNotFound:            kernel.ErrNotFound,
		http.StatusTooManyRequests:     kernel.ErrRateLimited,
		http.StatusInternalServerError: kernel.ErrUnavailable,
	} {
		t.Run(http.StatusText(status), func(t *testing.T) {
			t.Parallel()
			got := s.call(t.Context(), t, op, answer(status, page()))
			f := s.failure(t, op, got)
			require.ErrorIs(t, got.err, want)
			assert.Equal(t, status, f.HTTPStatus)
			switch status {
			case http.StatusTooManyRequests:
				assert.Equal(t, 2, got.requests, "a throttled call is repeated whatever its class")
			case http.StatusInternalServerError:
				s.checkLost(t, op, got, true)
			default:
				assert.Equal(t, 1, got.requests)
			}
		})
	}
	unreadable := map[string]struct {
		answer func(*http.Request) (*http.Response, error)
		repeat bool
	}{
		"HTML":      {answer(http.StatusOK, page()), false},
		"empty":     {answer(http.StatusOK, ""), true},
		"truncated": {answer(http.StatusOK, op.Good[:len(op.Good)-1]), true},
		"oversized": {answer(http.StatusOK, op.Good+strings.Repeat(" ", maxBody)), false},
		"cut":       {cut(op.Good), true},
		"reset":     {reset, true},
	}
	for name, c := range unreadable {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := s.call(t.Context(), t, op, c.answer)
			s.failure(t, op, got)
			s.checkLost(t, op, got, c.repeat)
			switch name {
			case "oversized":
				require.ErrorIs(t, got.err, kernel.ErrTooLarge)
			case "reset":
				require.ErrorIs(t, got.err, syscall.ECONNRESET)
			case "cut":
				require.ErrorIs(t, got.err, io.ErrUnexpectedEOF)
			default:
				require.ErrorIs(t, got.err, kernel.ErrMalformed)
			}
		})
	}
	t.Run("redirect", func(t *testing.T) {
		t.Parallel()
		got := s.call(t.Context(), t, op, func(r *http.Request) (*http.Response, error) {
			resp, err := answer(http.StatusTemporaryRedirect, page())(r)
			resp.Header.Set("Location", "http://elsewhere.test/?"+r.URL.RawQuery)
			return resp, err
		})
		assert.Equal(t, http.StatusTemporaryRedirect, s.failure(t, op, got).HTTPStatus)
		assert.Equal(t, 1, got.requests, "a credential follows no redirect")
	})
	t.Run("unreachable", func(t *testing.T) {
		t.Parallel()
		got := s.call(t.Context(), t, op, func(*http.Request) (*http.Response, error) {
			return nil, &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
		})
		s.failure(t, op, got)
		require.ErrorIs(t, got.err, syscall.ECONNREFUSED)
		require.ErrorIs(t, got.err, kernel.ErrUnavailable)
		require.NotErrorIs(t, got.err, kernel.ErrOutcomeUnknown)
		assert.Equal(t, 2, got.requests, "what never left is repeated whatever its class")
	})
	t.Run("cancelled before", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		got := s.call(ctx, t, op, answer(http.StatusOK, op.Good))
		require.ErrorIs(t, got.err, context.Canceled)
		require.NotErrorIs(t, got.err, kernel.ErrOutcomeUnknown)
		assert.Zero(t, got.requests)
	})
	t.Run("cancelled within", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		got := s.call(ctx, t, op, func(r *http.Request) (*http.Response, error) {
			cancel()
			<-r.Context().Done()
			return nil, r.Context().Err()
		})
		require.ErrorIs(t, got.err, context.Canceled)
		assert.Equal(t, op.Class != kernel.Read, errors.Is(got.err, kernel.ErrOutcomeUnknown))
		assert.Equal(t, 1, got.requests)
	})
}

// checkLost checks what an attempt of unknown effect leads to.
func (s Suite) checkLost(t *testing.T, op Op, got *outcome, repeatable bool) {
	t.Helper()
	want := 1
	if repeatable && op.Class != kernel.Once {
		want = 2
	}
	assert.Equal(t, want, got.requests)
	assert.Equal(t, op.Class != kernel.Read, errors.Is(got.err, kernel.ErrOutcomeUnknown), "outcome unknown")
}

func (s Suite) failure(t *testing.T, op Op, got *outcome) *kernel.Failure {
	t.Helper()
	require.Error(t, got.err)
	f, ok := s.Failure(got.err)
	require.True(t, ok, "the vendor's *Error is in the chain, not only %T", got.err)
	assert.Equal(t, s.Vendor, f.Vendor)
	assert.Equal(t, op.Name, f.Op)
	return f
}

// outcome is what came of a call, and what was said about it.
type outcome struct {
	result   any
	err      error
	requests int

	text, js bytes.Buffer // logs
	attempts []kernel.Attempt
}

// call runs op against one answer and searches whatever was said for canaries.
func (s Suite) call(ctx context.Context, t *testing.T, op Op, respond func(*http.Request) (*http.Response, error)) *outcome {
	t.Helper()
	got := s.run(ctx, op, respond)
	SilentError(t, "error", got.err)
	Silent(t, "result", got.result)
	NoCanary(t, "text log", got.text.String())
	NoCanary(t, "JSON log", got.js.String())
	for _, a := range got.attempts {
		Silent(t, "hook event", a)
	}
	return got
}

func (s Suite) run(ctx context.Context, op Op, respond func(*http.Request) (*http.Response, error)) *outcome {
	var (
		mu        sync.Mutex
		got       outcome
		transport = roundTripper(func(r *http.Request) (*http.Response, error) {
			if s.Token != nil {
				if body, ok := s.Token(r); ok {
					return answer(http.StatusOK, body)(r)
				}
			}
			mu.Lock()
			got.requests++
			mu.Unlock()
			return respond(r)
		})
		logs = slog.New(slog.NewMultiHandler(
			slog.NewTextHandler(&got.text, &slog.HandlerOptions{Level: slog.LevelDebug}),
			slog.NewJSONHandler(&got.js, &slog.HandlerOptions{Level: slog.LevelDebug}),
		))
	)
	got.result, got.err = op.Call(ctx,
		kernel.WithHTTPClient(&http.Client{Transport: transport}),
		kernel.WithRetry(2, time.Millisecond),
		kernel.WithMaxResponse(maxBody),
		kernel.WithLogger(logs),
		kernel.WithHook(func(_ context.Context, a kernel.Attempt) {
			mu.Lock()
			defer mu.Unlock()
			got.attempts = append(got.attempts, a)
		}),
	)
	return &got
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	return f(r)
}

func answer(status int, body string) func(*http.Request) (*http.Response, error) {
	return func(r *http.Request) (*http.Response, error) {
		return &http.Response{
			StatusCode: status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: r,
			Header: http.Header{"Content-Type": {"application/json"}}, ContentLength: int64(len(body)),
			Body: io.NopCloser(strings.NewReader(body)),
		}, nil
	}
}

func cut(body string) func(*http.Request) (*http.Response, error) {
	return func(r *http.Request) (*http.Response, error) {
		resp, err := answer(http.StatusOK, body)(r)
		resp.Body = io.NopCloser(io.MultiReader(strings.NewReader(body[:len(body)/2]), failingReader{}))
		return resp, err
	}
}

type failingReader struct{}

func (failingReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// reset fails as a transport might: with the URL, token included, in its text.
func reset(r *http.Request) (*http.Response, error) {
	return nil, &url.Error{Op: r.Method, URL: r.URL.String(), Err: &chatty{r.URL.String() + strings.Join([]string{Token, Mobile, Name}, " ")}}
}

type chatty struct{ text string }

func (c *chatty) Error() string { return c.text }
func (c *chatty) Unwrap() error { return syscall.ECONNRESET }

// echo quotes the whole request, as a careless vendor might.
func echo(r *http.Request) string {
	var body []byte
	if r.Body != nil {
		body, _ = io.ReadAll(r.Body)
	}
	text, err := url.QueryUnescape(r.URL.RawQuery + " " + string(body))
	if err != nil {
		text = string(body)
	}
	return text + " " + r.Header.Get("X-Token")
}

func page() string {
	return "<html><body>" + strings.Join([]string{Token, Secret, SignKey, Mobile, Name, Card, Email}, " ") + "</body></html>"
}
