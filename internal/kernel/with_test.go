package kernel_test

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/internal/kernel"
)

// hanging never answers.
func hanging(_ int, r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}

// Whatever client the caller brings, an attempt ends.
func TestAttemptTimeout(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		client  time.Duration // the caller's own
		options []kernel.Option
		want    time.Duration
	}{
		"default":                      {0, nil, 30 * time.Second},
		"client's is shorter":          {3 * time.Second, nil, 3 * time.Second},
		"client's is longer":           {time.Hour, nil, 30 * time.Second},
		"set":                          {0, []kernel.Option{kernel.WithAttemptTimeout(90 * time.Second)}, 90 * time.Second},
		"set twice":                    {0, []kernel.Option{kernel.WithAttemptTimeout(1), kernel.WithAttemptTimeout(time.Second)}, time.Second},
		"set, client's is shorter":     {time.Second, []kernel.Option{kernel.WithAttemptTimeout(time.Minute)}, time.Second},
		"set, and both are the longer": {time.Hour, []kernel.Option{kernel.WithAttemptTimeout(2 * time.Minute)}, 2 * time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				hc := &http.Client{Transport: &fake{answer: hanging}, Timeout: c.client}
				options := append([]kernel.Option{kernel.WithRetry(1, time.Second)}, c.options...)
				client := newClient(t, nil, append(options, kernel.WithHTTPClient(hc))...)
				start := time.Now()
				err := client.Do(t.Context(), call(kernel.Read))
				require.ErrorIs(t, err, kernel.ErrUnavailable)
				assert.Contains(t, err.Error(), "timeout")
				assert.Equal(t, c.want, time.Since(start))
				assert.Equal(t, c.client, hc.Timeout, "the caller's client is left alone")
			})
		})
	}
	for _, d := range []time.Duration{0, -1} {
		_, err := kernel.Apply([]kernel.Option{kernel.WithAttemptTimeout(d)})
		require.ErrorIs(t, err, kernel.ErrInvalid)
		assert.Contains(t, err.Error(), "WithAttemptTimeout is not positive")
	}
}

func TestWith(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var sent []http.Header
		rt := &fake{answer: func(_ int, r *http.Request) (*http.Response, error) {
			sent = append(sent, r.Header)
			return respond(r, 503, ""), nil
		}}
		original := newClient(t, rt, kernel.WithRetryBudget(2), kernel.WithHeader(http.Header{"X-One": {"1"}}))
		told := 0
		derived, err := original.With([]kernel.Option{
			kernel.WithRetry(1, time.Second), kernel.WithHeader(http.Header{"X-One": {"2"}}),
			kernel.WithHook(func(context.Context, kernel.Attempt) { told++ }), kernel.WithAttemptTimeout(time.Hour),
		})
		require.NoError(t, err)

		assert.Equal(t, 1, failure(t, derived.Do(t.Context(), call(kernel.Read))).Attempts)
		assert.Equal(t, 1, told)
		assert.Equal(t, []string{"1", "2"}, sent[0]["X-One"])
		assert.Equal(t, 3, failure(t, original.Do(t.Context(), call(kernel.Read))).Attempts)
		assert.Equal(t, 1, told, "the original has no hook")
		assert.Equal(t, []string{"1"}, sent[1]["X-One"])

		again, err := original.With([]kernel.Option{kernel.WithRetry(9, time.Second)})
		require.NoError(t, err)
		assert.Equal(t, 1, failure(t, again.Do(t.Context(), call(kernel.Read))).Attempts, "the budget is shared")
		own, err := original.With([]kernel.Option{kernel.WithRetryBudget(1)})
		require.NoError(t, err)
		assert.Equal(t, 2, failure(t, own.Do(t.Context(), call(kernel.Read))).Attempts)

		same, err := original.With(nil)
		require.NoError(t, err)
		require.Error(t, same.Do(t.Context(), call(kernel.Read)))
	})
}

func TestWithTakesWhatIsNotShared(t *testing.T) {
	t.Parallel()
	client := newClient(t, &fake{answer: always(200, good)})
	_, err := client.With([]kernel.Option{kernel.WithClock(time.Now), kernel.WithTokenStore(nowhere{}), nil, kernel.WithRetry(0, 0)})
	require.ErrorIs(t, err, kernel.ErrInvalid)
	for _, want := range []string{
		"WithClock cannot be changed by With", "WithTokenStore cannot be changed by With", "Option is nil",
		"maxAttempts is below 1", "maxWait is not positive",
	} {
		assert.Contains(t, err.Error(), want)
	}
	other := &fake{answer: always(200, good)}
	moved, err := client.With([]kernel.Option{kernel.WithHTTPClient(&http.Client{Transport: other})})
	require.NoError(t, err)
	require.NoError(t, moved.Do(t.Context(), call(kernel.Read)))
	assert.Equal(t, 1, other.sent())
}

// Without encryption everyone on the way can read along: once is enough to say so.
func TestPlainHTTPWarns(t *testing.T) {
	t.Parallel()
	for base, want := range map[string]int{
		"http://vendor.test/key-77?k=secret77": 1, "HTTP://10.0.0.7:8080": 1, "http://[2001:db8::1]": 1, "http://localhost.vendor.test": 1,
		"https://vendor.test": 0, "http://localhost:8080": 0, "http://LOCALHOST.": 0, "http://app.localhost": 0, "http://127.0.0.1:1": 0,
		"http://127.9.9.9": 0, "http://simulator.invalid": 0, "http://[::1]:9": 0,
	} {
		t.Run(base, func(t *testing.T) {
			t.Parallel()
			var b bytes.Buffer
			set, err := kernel.Apply([]kernel.Option{
				kernel.WithHTTPClient(&http.Client{Transport: &fake{answer: always(200, good)}}),
				kernel.WithLogger(slog.New(slog.NewTextHandler(&b, nil))),
			})
			require.NoError(t, err)
			client, err := kernel.New(vendor, base, set, wrap)
			require.NoError(t, err)
			assert.Empty(t, b.String(), "New does no I/O")
			derived, err := client.With(nil)
			require.NoError(t, err)
			for _, c := range []*kernel.Client{client, derived, client} {
				require.NoError(t, c.Do(t.Context(), call(kernel.Read)))
			}
			assert.Equal(t, want, strings.Count(b.String(), "unencrypted"), b.String())
			assert.NotContains(t, b.String(), "key-77")
			assert.NotContains(t, b.String(), "secret77")
		})
	}
}
