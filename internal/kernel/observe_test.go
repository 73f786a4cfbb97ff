package kernel_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/internal/kernel"
	"github.com/orgbridge/orgbridge/internal/token"
)

// slowly answers after a second, like a vendor.
func slowly(answer responder) responder {
	return func(n int, r *http.Request) (*http.Response, error) {
		<-time.After(time.Second)
		return answer(n, r)
	}
}

// Canceling logs no warning of its own, but can still be seen in the log.
func TestLogOfACanceledCall(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		answer responder
		level  string
	}{
		"canceled":             {failing(context.Canceled), "DEBUG"},
		"canceled after a 503": {always(503, ""), "WARN"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var b bytes.Buffer
			ctx, cancel := context.WithCancel(t.Context())
			rt := &fake{answer: func(n int, r *http.Request) (*http.Response, error) {
				cancel()
				return c.answer(n, r)
			}}
			h := slog.NewTextHandler(&b, &slog.HandlerOptions{Level: slog.LevelDebug})
			require.ErrorIs(t, newClient(t, rt, kernel.WithLogger(slog.New(h))).Do(ctx, call(kernel.Read)), context.Canceled)
			assert.Contains(t, b.String(), "level="+c.level)
			assert.Equal(t, 1, bytes.Count(b.Bytes(), []byte("level=")))
		})
	}
}

// All that is ever said about a call: these attributes, in this order.
func TestLogAttributes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var b bytes.Buffer
		h := slog.NewJSONHandler(&b, &slog.HandlerOptions{Level: slog.LevelDebug})
		rt := &fake{answer: slowly(sequence(always(503, "", "Retry-After", "2"), failing(syscall.ECONNRESET), byToken(401, "", "new")))}
		slow := token.FromFunc(func() func(context.Context) (string, error) {
			n := 0
			return func(context.Context) (string, error) {
				<-time.After(10 * time.Second) // no part of any attempt
				n++
				return []string{"old", "old", "old", "new"}[n-1], nil
			}
		}())
		require.NoError(t, newClient(t, rt, kernel.WithLogger(slog.New(h))).Do(t.Context(), withTokens(kernel.Read, slow)))
		require.Error(t, newClient(t, &fake{answer: slowly(always(200, refusal("100", "张三")))}, kernel.WithLogger(slog.New(h))).Do(t.Context(), call(kernel.Once)))

		var got []map[string]any
		for line := range bytes.Lines(b.Bytes()) {
			var record map[string]any
			require.NoError(t, json.Unmarshal(line, &record))
			got = append(got, record)
		}
		want := []struct {
			level   string
			attempt float64
			status  float64
			code    string
			more    []string
		}{
			{"WARN", 1, 503, "", []string{"wait"}},
			{"WARN", 2, 0, "", []string{"cause", "wait"}},
			{"WARN", 3, 401, "", []string{"wait"}},
			{"DEBUG", 4, 200, "", nil},
			{"WARN", 1, 200, "100", nil},
		}
		require.Len(t, got, len(want))
		for i, w := range want {
			keys := slices.Sorted(maps.Keys(got[i]))
			allowed := append([]string{"time", "level", "msg", "vendor", "op", "attempt", "status", "code", "duration"}, w.more...)
			slices.Sort(allowed)
			assert.Equal(t, allowed, keys)
			assert.Equal(t, "vendor call", got[i]["msg"])
			assert.Equal(t, vendor, got[i]["vendor"])
			assert.Equal(t, "doit", got[i]["op"])
			assert.Equal(t, w.level, got[i]["level"])
			assert.Equal(t, w.attempt, got[i]["attempt"])
			assert.Equal(t, w.status, got[i]["status"])
			assert.Equal(t, w.code, got[i]["code"])
			assert.InDelta(t, float64(time.Second), got[i]["duration"], 0, "waits for limiter, token and back-off are not part of it")
		}
		assert.Equal(t, "connection reset by peer", got[1]["cause"])
		assert.InDelta(t, float64(2*time.Second), got[0]["wait"], 0)
		assert.InDelta(t, 0, got[2]["wait"], 0, "the replay follows at once")
	})
}

func TestSilenceBelowTheLevel(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	l := slog.New(slog.NewTextHandler(&b, &slog.HandlerOptions{Level: slog.LevelInfo}))
	require.NoError(t, newClient(t, &fake{answer: always(200, good)}, kernel.WithLogger(l)).Do(t.Context(), call(kernel.Read)))
	assert.Empty(t, b.String())
}

func TestHook(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		type key struct{}
		ctx := context.WithValue(t.Context(), key{}, "caller's")
		var got []kernel.Attempt
		hook := kernel.WithHook(func(ctx context.Context, a kernel.Attempt) {
			assert.Equal(t, "caller's", ctx.Value(key{}))
			got = append(got, a)
		})
		rt := &fake{answer: slowly(sequence(always(429, "", "Retry-After", "2"), failing(syscall.ECONNRESET), always(200, refusal("100", "no"))))}
		err := newClient(t, rt, hook).Do(ctx, call(kernel.Idempotent))
		require.Error(t, err)
		require.Len(t, got, 3)

		for i, a := range got {
			assert.Equal(t, vendor, a.Vendor)
			assert.Equal(t, "doit", a.Op)
			assert.Equal(t, i+1, a.Number)
			assert.Equal(t, time.Second, a.Duration)
			assert.Equal(t, i < 2, a.Retry)
			assert.Equal(t, i+1, failure(t, a.Err).Attempts)
		}
		assert.Equal(t, 429, got[0].Status)
		assert.Equal(t, 2*time.Second, got[0].Wait)
		require.ErrorIs(t, got[0].Err, kernel.ErrRateLimited)
		require.NotErrorIs(t, got[0].Err, kernel.ErrOutcomeUnknown)

		assert.Zero(t, got[1].Status)
		require.ErrorIs(t, got[1].Err, syscall.ECONNRESET)
		require.ErrorIs(t, got[1].Err, kernel.ErrOutcomeUnknown)

		assert.Equal(t, 200, got[2].Status)
		assert.Equal(t, "100", got[2].Code)
		assert.Zero(t, got[2].Wait)
		assert.Equal(t, err, got[2].Err)

		got = nil
		require.NoError(t, newClient(t, &fake{answer: always(200, good)}, hook).Do(ctx, call(kernel.Once)))
		assert.Equal(t, []kernel.Attempt{{Vendor: vendor, Op: "doit", Number: 1, Status: 200}}, got)
	})
}

// Before anything is sent there is no attempt to tell of.
func TestNoAttemptNoEvent(t *testing.T) {
	t.Parallel()
	hook := kernel.WithHook(func(context.Context, kernel.Attempt) { t.Error("told of no attempt") })
	c := call(kernel.Read)
	c.Authorize = func(context.Context, *kernel.Outgoing, string) error { return errors.New("no") }
	require.Error(t, newClient(t, &fake{answer: always(200, good)}, hook).Do(t.Context(), c))
}

func TestFailureLogValue(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	err := newClient(t, &fake{answer: always(429, refusal("7", "message"), "Retry-After", "3600")}).Do(t.Context(), call(kernel.Once))
	slog.New(slog.NewTextHandler(&b, nil)).Error("failed", slog.Any("err", err))
	assert.Contains(t, b.String(), "err.vendor=acme err.op=doit err.status=429 err.code=7 err.attempts=1 err.retryAfter=1h0m0s err.outcomeUnknown=false err.message=message\n")

	b.Reset()
	err = newClient(t, &fake{answer: always(200, "<html>")}).Do(t.Context(), call(kernel.Read))
	slog.New(slog.NewTextHandler(&b, nil)).Error("failed", slog.Any("err", err))
	assert.Contains(t, b.String(), `err.cause="answer: is HTML, not JSON"`)

	b.Reset()
	foreign := &kernel.Failure{Vendor: vendor, Err: errors.New("a caller's own words")}
	slog.New(slog.NewTextHandler(&b, nil)).Error("failed", slog.Any("err", foreign))
	assert.NotContains(t, b.String(), "words")
}
