package kernel_test

import (
	"context"
	"io"
	"math"
	"net/http"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/internal/kernel"
)

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		value string
		wait  time.Duration // -1: full jitter, -2: given up
		told  time.Duration
	}{
		"seconds":             {"7", 7 * time.Second, 7 * time.Second},
		"seconds with spaces": {" 7 ", 7 * time.Second, 7 * time.Second},
		"at the cap":          {"30", 30 * time.Second, 30 * time.Second},
		"beyond the cap":      {"31", -2, 31 * time.Second},
		"an hour":             {"3600", -2, time.Hour},
		"32 bits":             {"3000000000", -2, 3000000000 * time.Second},
		"64 bits":             {"9223372036854775807", -2, math.MaxInt64 / time.Second * time.Second},
		"more":                {"99999999999999999999999", -2, math.MaxInt64 / time.Second * time.Second},
		"negative":            {"-5", -1, 0},
		"zero":                {"0", -1, 0},
		"no number":           {"soon", -1, 0},
		"fraction":            {"1.5", 2 * time.Second, 2 * time.Second},
		"fraction beyond":     {"120.7", -2, 121 * time.Second},
		"fraction of zero":    {"0.0", -1, 0},
		"part of a second":    {"0.2", time.Second, time.Second},
		"negative fraction":   {"-1.5", -1, 0},
		"no fraction":         {"1.x", -1, 0},
		"date with a zone":    {"Sat, 01 Jan 2000 08:00:12 +0800", 12 * time.Second, 12 * time.Second},
		"date":                {"Sat, 01 Jan 2000 00:00:12 GMT", 12 * time.Second, 12 * time.Second},
		"date beyond":         {"Sat, 01 Jan 2000 01:00:00 GMT", -2, time.Hour},
		"date far beyond":     {"Fri, 31 Dec 9999 23:59:59 GMT", -2, math.MaxInt64},
		"past":                {"Fri, 31 Dec 1999 23:59:59 GMT", -1, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { // it starts at midnight UTC 2000-01-01
				rt := &fake{answer: always(503, "", "Retry-After", c.value)}
				start := time.Now()
				err := newClient(t, rt, kernel.WithRetry(2, 30*time.Second)).Do(t.Context(), call(kernel.Read))
				e := failure(t, err)
				elapsed := time.Since(start)
				switch c.wait {
				case -1:
					assert.Equal(t, 2, rt.sent())
					assert.Less(t, elapsed, 250*time.Millisecond)
				case -2:
					assert.Equal(t, 1, rt.sent())
					assert.Zero(t, elapsed, "returns at once")
					assert.Equal(t, c.told, e.RetryAfter)
				default:
					assert.Equal(t, 2, rt.sent())
					assert.Equal(t, c.wait, elapsed)
				}
			})
		})
	}
}

// A date is of the vendor's clock, and so is the header Date: ours may be an hour off.
func TestRetryAfterByTheClockOfTheAnswer(t *testing.T) {
	t.Parallel()
	for date, want := range map[string]time.Duration{
		"Sat, 01 Jan 2000 01:00:00 GMT": 20 * time.Second,
		"":                              time.Hour + 20*time.Second, // ours is all there is
		"yesterday":                     time.Hour + 20*time.Second,
		"Sat, 01 Jan 2000 02:00:00 GMT": 0,
	} {
		synctest.Test(t, func(t *testing.T) { // it starts at midnight UTC 2000-01-01
			rt := &fake{answer: always(503, "", "Retry-After", "Sat, 01 Jan 2000 01:00:20 GMT", "Date", date)}
			err := newClient(t, rt, kernel.WithRetry(1, 30*time.Second)).Do(t.Context(), call(kernel.Read))
			assert.Equal(t, want, failure(t, err).RetryAfter, date)
		})
	}
}

func TestRetryAfterBeyondTheDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		rt := &fake{answer: always(429, "", "Retry-After", "20")}
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		start := time.Now()
		err := newClient(t, rt).Do(ctx, call(kernel.Once))
		e := failure(t, err)
		assert.Zero(t, time.Since(start))
		assert.Equal(t, 1, rt.sent())
		assert.Equal(t, 20*time.Second, e.RetryAfter)
		require.ErrorIs(t, err, kernel.ErrRateLimited)
		require.NotErrorIs(t, err, context.DeadlineExceeded)
	})
}

// A clock that was injected also reads the vendor's dates.
func TestRetryAfterByTheInjectedClock(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		rt := &fake{answer: sequence(always(429, "", "Retry-After", "Thu, 01 Jan 2026 00:00:05 GMT"), always(200, good))}
		clock := kernel.WithClock(func() time.Time { return time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC) })
		start := time.Now()
		require.NoError(t, newClient(t, rt, clock).Do(t.Context(), call(kernel.Read)))
		assert.Equal(t, 5*time.Second, time.Since(start))
	})
}

func TestBackOffIsFullJitter(t *testing.T) {
	t.Parallel()
	ceilings := []time.Duration{250, 500, 1000, 2000, 3000, 3000, 3000}
	lowest := make([]time.Duration, len(ceilings))
	highest := make([]time.Duration, len(ceilings))
	for i := range lowest {
		lowest[i] = time.Hour
	}
	synctest.Test(t, func(t *testing.T) {
		for range 200 {
			var last time.Time
			rt := &fake{answer: func(n int, r *http.Request) (*http.Response, error) {
				if now := time.Now(); n > 1 {
					lowest[n-2], highest[n-2] = min(lowest[n-2], now.Sub(last)), max(highest[n-2], now.Sub(last))
				}
				last = time.Now()
				return respond(r, 500, ""), nil
			}}
			require.Error(t, newClient(t, rt, kernel.WithRetry(len(ceilings)+1, 3*time.Second)).Do(t.Context(), call(kernel.Read)))
			require.Equal(t, len(ceilings)+1, rt.sent())
		}
	})
	for i, ceiling := range ceilings {
		ceiling *= time.Millisecond
		assert.Less(t, highest[i], ceiling)
		assert.Greater(t, highest[i], ceiling*3/4, "wait %d reaches for its ceiling", i+1)
		assert.Less(t, lowest[i], ceiling/4, "wait %d starts at zero", i+1)
	}
}

// However many attempts there are, the doubling never overflows.
func TestBackOffAfterManyAttempts(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		rt := &fake{answer: always(500, "")}
		require.Error(t, newClient(t, rt, kernel.WithRetry(100, time.Nanosecond)).Do(t.Context(), call(kernel.Read)))
		assert.Equal(t, 100, rt.sent())
		// Months each: years of them all together would be more than a clock can count.
		rt = &fake{answer: always(500, "")}
		require.Error(t, newClient(t, rt, kernel.WithRetry(80, math.MaxInt64/1000)).Do(t.Context(), call(kernel.Read)))
		assert.Equal(t, 80, rt.sent())
	})
}

func TestOneAttempt(t *testing.T) {
	t.Parallel()
	for _, answer := range []responder{always(429, ""), always(500, ""), failing(syscall.ECONNRESET), always(200, "")} {
		rt := &fake{answer: answer}
		e := failure(t, newClient(t, rt, kernel.WithRetry(1, time.Second)).Do(t.Context(), call(kernel.Read)))
		assert.Equal(t, 1, rt.sent())
		assert.Equal(t, 1, e.Attempts)
		assert.NotContains(t, e.Error(), "attempts")
	}
}

// A vendor that cannot be reached is given up within a minute; one that
// answers, however badly, is not "unreachable".
func TestUnreachable(t *testing.T) {
	t.Parallel()
	hang := func(d time.Duration, err error) responder {
		return func(_ int, r *http.Request) (*http.Response, error) {
			select {
			case <-time.After(d):
				return nil, err
			case <-r.Context().Done():
				return nil, r.Context().Err()
			}
		}
	}
	t.Run("dial", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			rt := &fake{answer: hang(10*time.Second, opError("dial", timeoutError{}))}
			start := time.Now()
			err := newClient(t, rt, kernel.WithRetry(50, time.Second)).Do(t.Context(), call(kernel.Read))
			require.ErrorIs(t, err, kernel.ErrUnavailable)
			assert.Equal(t, 3, rt.sent())
			assert.Less(t, time.Since(start), time.Minute)
		})
	})
	t.Run("an answer that never ends", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			rt := &fake{answer: func(_ int, r *http.Request) (*http.Response, error) {
				resp := respond(r, 200, "")
				resp.Body, resp.ContentLength = io.NopCloser(stalled{r.Context()}), -1
				return resp, nil
			}}
			start := time.Now()
			hc := &http.Client{Transport: rt, Timeout: 30 * time.Second}
			err := newClient(t, rt, kernel.WithRetry(50, time.Second), kernel.WithHTTPClient(hc)).Do(t.Context(), call(kernel.Read))
			require.Error(t, err)
			assert.Equal(t, 1, rt.sent())
			assert.Less(t, time.Since(start), time.Minute)
		})
	})
	t.Run("asking to wait again and again", func(t *testing.T) {
		t.Parallel()
		for asked, attempts := range map[string]int{"1": 6, "10": 5, "15": 4, "20": 3, "25": 2, "30": 2, "31": 1} {
			synctest.Test(t, func(t *testing.T) {
				rt := &fake{answer: always(503, "", "Retry-After", asked)}
				start := time.Now()
				require.Error(t, newClient(t, rt).Do(t.Context(), call(kernel.Read)))
				assert.Equal(t, attempts, rt.sent(), asked)
				assert.Less(t, time.Since(start), time.Minute)
			})
		}
	})
	t.Run("after answers", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			busy := always(503, "", "Retry-After", "30")
			rt := &fake{answer: sequence(busy, failing(syscall.ECONNRESET), busy, failing(syscall.ECONNRESET), always(200, good))}
			require.NoError(t, newClient(t, rt, kernel.WithRetry(5, time.Minute)).Do(t.Context(), call(kernel.Read)))
		})
	})
	t.Run("after a long wait for the limiter", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			rt := &fake{answer: sequence(failing(syscall.ECONNRESET), always(200, good))}
			slow := limiter(func(ctx context.Context) error {
				if rt.sent() == 0 {
					<-time.After(time.Minute)
				}
				return ctx.Err()
			})
			require.NoError(t, newClient(t, rt, kernel.WithLimiter(slow)).Do(t.Context(), call(kernel.Read)))
		})
	})
}

// stalled is a body of which nothing more comes.
type stalled struct{ ctx context.Context }

func (s stalled) Read([]byte) (int, error) {
	<-s.ctx.Done()
	return 0, s.ctx.Err()
}

type limiter func(ctx context.Context) error

func (l limiter) Wait(ctx context.Context) error { return l(ctx) }
