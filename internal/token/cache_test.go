package token_test

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/internal/token"
)

func TestTokenIsCachedUntilItAges(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := newVendor()
		c := cacheOf(v)
		assert.Zero(t, v.count(), "construction does no I/O")
		assert.Equal(t, "value-1", value(t, c))
		<-time.After(life - 5*time.Minute - time.Nanosecond)
		assert.Equal(t, "value-1", value(t, c), "one nanosecond before the early window")
		<-time.After(time.Nanosecond)
		assert.Equal(t, "value-2", value(t, c), "5 minutes before the end")
		assert.Equal(t, 2, v.count())
	})
}

func TestShortLivedTokenHasShortWindows(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := newVendor()
		v.life = 100 * time.Second
		c := cacheOf(v)
		value(t, c)
		<-time.After(90*time.Second - time.Nanosecond)
		assert.Equal(t, "value-1", value(t, c))
		<-time.After(time.Nanosecond)
		assert.Equal(t, "value-2", value(t, c), "a tenth of the life before the end")
	})
}

func TestTokenWithoutEndIsNeverRenewed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		calls := 0
		c := token.NewCache(token.Config{Fetch: func(context.Context) (token.Token, error) {
			calls++
			return token.New("forever", time.Time{}), nil
		}})
		value(t, c)
		<-time.After(100 * 365 * 24 * time.Hour)
		assert.Equal(t, "forever", value(t, c))
		assert.Equal(t, 1, calls)
	})
}

func TestExpiredTokenMakesEveryoneWait(t *testing.T) {
	t.Parallel()
	for name, idle := range map[string]time.Duration{
		"expired":              life + time.Hour,
		"about to end":         life - 10*time.Second,
		"first use of a cache": 0,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				v := newVendor()
				c := cacheOf(v)
				want := "value-1"
				if idle > 0 {
					value(t, c)
					want = "value-2"
				}
				<-time.After(idle)
				before := v.count()
				v.set(func(v *vendor) { v.delay = time.Second })
				start := time.Now()
				var wg sync.WaitGroup
				for range 100 {
					wg.Go(func() { assert.Equal(t, want, value(t, c)) })
				}
				wg.Wait()
				assert.Equal(t, time.Second, time.Since(start))
				assert.Equal(t, 1, v.count()-before, "one refresh for all")
			})
		})
	}
}

func TestEarlyRenewalHoldsUpOneCaller(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := newVendor()
		c := cacheOf(v)
		value(t, c)
		<-time.After(life - 4*time.Minute)
		v.set(func(v *vendor) { v.delay = time.Second })

		first := async(func() (token.Token, error) { return c.Token(t.Context()) })
		synctest.Wait()
		start := time.Now()
		for range 100 {
			assert.Equal(t, "value-1", value(t, c))
		}
		assert.Zero(t, time.Since(start), "the others do not wait")
		assertValue(t, "value-2", first)
		assert.Equal(t, "value-2", value(t, c))
		assert.Equal(t, 2, v.count())
	})
}

func TestFailedEarlyRenewalKeepsTheToken(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := newVendor()
		logger, log := logged()
		c := token.NewCache(token.Config{Fetch: v.fetch, Logger: logger})
		value(t, c)
		<-time.After(life - 5*time.Minute)
		v.set(func(v *vendor) { v.err = errors.New("the vendor said value-1 " + canary) })

		assert.Equal(t, "value-1", value(t, c))
		assert.Equal(t, 2, v.count())
		assert.Contains(t, log(), `"level":"WARN"`)
		assert.Contains(t, log(), "errors.errorString")
		assert.NotContains(t, log(), canary)
		assert.NotContains(t, log(), "value-1")

		<-time.After(30*time.Second - time.Nanosecond)
		assert.Equal(t, "value-1", value(t, c))
		assert.Equal(t, 2, v.count(), "not again within 30 seconds")
		<-time.After(time.Nanosecond)
		assert.Equal(t, "value-1", value(t, c))
		assert.Equal(t, 3, v.count())

		v.set(func(v *vendor) { v.err = nil })
		<-time.After(30 * time.Second)
		assert.Equal(t, "value-4", value(t, c))
	})
}

func TestFailedEarlyRenewalThatOutlastsTheTokenFails(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := newVendor()
		c := cacheOf(v)
		value(t, c)
		<-time.After(life - 15*time.Second)
		v.set(func(v *vendor) { v.delay, v.err = 20*time.Second, errVendor })
		_, err := c.Token(t.Context())
		assert.ErrorIs(t, err, errVendor)
	})
}

// A vendor that hands out the same token until it ends is asked a handful of
// times near the end, however many calls there are.
func TestSameTokenAgainIsNotFetchedPerCall(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := newVendor()
		v.same = true
		c := cacheOf(v)
		value(t, c)
		<-time.After(life - 6*time.Minute)
		for v.count() == 1 || value(t, c) == "value-1" {
			got, err := c.Token(t.Context())
			require.NoError(t, err)
			require.True(t, time.Now().Before(got.Expires()), "a dead token is never handed out")
			<-time.After(100 * time.Millisecond)
		}
		assert.LessOrEqual(t, v.count(), 7)
		assert.Equal(t, "value-"+string(rune('0'+v.count())), value(t, c))
	})
}

func TestFailedRefreshIsSharedAndNotRemembered(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := newVendor()
		v.delay, v.err = time.Second, errVendor
		c := cacheOf(v)
		var wg sync.WaitGroup
		for range 100 {
			wg.Go(func() {
				got, err := c.Token(t.Context())
				assert.ErrorIs(t, err, errVendor)
				assert.True(t, got.IsZero())
			})
		}
		wg.Wait()
		assert.Equal(t, 1, v.count())
		v.set(func(v *vendor) { v.err = nil })
		assert.Equal(t, "value-2", value(t, c), "the next call asks at once")
	})
}

type ctxKey struct{}

func TestFirstCallersCancellationIsItsOwn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := newVendor()
		v.delay = time.Second
		var carried any
		c := token.NewCache(token.Config{Fetch: func(ctx context.Context) (token.Token, error) {
			carried = ctx.Value(ctxKey{})
			return v.fetch(ctx)
		}})
		ctx, cancel := context.WithCancel(context.WithValue(t.Context(), ctxKey{}, "trace"))
		first := async(func() (token.Token, error) { return c.Token(ctx) })
		synctest.Wait()
		second := async(func() (token.Token, error) { return c.Token(t.Context()) })
		synctest.Wait()
		cancel()
		got := <-first
		assert.ErrorIs(t, got.err, context.Canceled)
		assert.True(t, got.token.IsZero())
		assertValue(t, "value-1", second)
		assert.Equal(t, 1, v.count())
		assert.Equal(t, "trace", carried, "values of the first caller reach Fetch")
	})
}

func TestWaiterKeepsItsOwnDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := newVendor()
		v.delay = 10 * time.Second
		c := cacheOf(v)
		start := time.Now()
		first := async(func() (token.Token, error) { return c.Token(t.Context()) })
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := c.Token(ctx)
		assert.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Equal(t, time.Second, time.Since(start))
		assertValue(t, "value-1", first)
	})
}

func TestEndedContextAsksNobody(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	v := newVendor()
	c := cacheOf(v)
	_, err := c.Token(ctx)
	assert.ErrorIs(t, err, context.Canceled)
	_, err = c.Replace(ctx, token.Token{})
	assert.ErrorIs(t, err, context.Canceled)
	assert.Zero(t, v.count())
}

func TestFetchHasItsOwnDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := newVendor()
		v.delay = time.Hour
		start := time.Now()
		_, err := cacheOf(v).Token(t.Context())
		assert.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Equal(t, 30*time.Second, time.Since(start))
	})
}

func TestEmptyTokenIsAnError(t *testing.T) {
	t.Parallel()
	c := token.NewCache(token.Config{Fetch: func(context.Context) (token.Token, error) {
		return token.New("", time.Now().Add(life)), nil
	}})
	_, err := c.Token(t.Context())
	assert.ErrorContains(t, err, "holds no token")
}

func TestTokenBesideAnErrorIsNotUsed(t *testing.T) {
	t.Parallel()
	c := token.NewCache(token.Config{Fetch: func(context.Context) (token.Token, error) {
		return token.New("half", time.Now().Add(life)), errVendor
	}})
	got, err := c.Token(t.Context())
	assert.ErrorIs(t, err, errVendor)
	assert.True(t, got.IsZero())
}

func TestTokenExpiredOnArrivalIsUsedOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for name, left := range map[string]time.Duration{"in the past": -time.Hour, "now": 0} {
			v := newVendor()
			v.life, v.delay = left, time.Second
			store := newMemory()
			c := token.NewCache(token.Config{Key: "k", Fetch: v.fetch, Store: store})
			var wg sync.WaitGroup
			for range 10 {
				wg.Go(func() { assert.Equal(t, "value-1", value(t, c), name) })
			}
			wg.Wait()
			assert.Equal(t, 1, v.count(), name)
			assert.Equal(t, "value-2", value(t, c), name)
			assert.Equal(t, 2, v.count(), name)
			assert.Zero(t, store.saves, "nobody else gets it")
		}
	})
}

func TestTokenExpiredOnArrivalDoesNotOustALiveOne(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := newVendor()
		logger, log := logged()
		c := token.NewCache(token.Config{Fetch: v.fetch, Logger: logger})
		value(t, c)
		<-time.After(life - time.Minute)
		v.set(func(v *vendor) { v.life = -time.Hour })
		assert.Equal(t, "value-1", value(t, c))
		assert.Equal(t, "value-1", value(t, c))
		assert.Equal(t, 2, v.count())
		assert.Contains(t, log(), "not renewed")
	})
}

func TestAbortedFetchReleasesItsWaiters(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := token.NewCache(token.Config{Fetch: func(context.Context) (token.Token, error) {
			runtime.Goexit()
			return token.Token{}, nil
		}})
		_, err := c.Token(t.Context())
		assert.ErrorContains(t, err, "aborted")
	})
}

// The refresh runs in a goroutine of its own, where no caller could recover a panic: each of
// those who wait for it gets it, and the next one asks anew.
func TestPanicOfAFetch(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		fetches := 0
		c := token.NewCache(token.Config{Fetch: func(context.Context) (token.Token, error) {
			if fetches++; fetches == 1 {
				<-time.After(time.Second)
				panic("hook")
			}
			return token.New("v", time.Time{}), nil
		}})
		var waiters sync.WaitGroup
		for range 3 {
			waiters.Go(func() { assert.PanicsWithValue(t, "hook", func() { _, _ = c.Token(t.Context()) }) })
		}
		waiters.Wait()
		assert.Equal(t, "v", value(t, c))
	})
}

func TestClockIsTheCallers(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	calls := 0
	c := token.NewCache(token.Config{
		Now: func() time.Time { return now },
		Fetch: func(context.Context) (token.Token, error) {
			calls++
			return token.New("v", now.Add(life)), nil
		},
	})
	value(t, c)
	now = now.Add(life - 5*time.Minute - 1)
	value(t, c)
	assert.Equal(t, 1, calls)
	now = now.Add(1)
	value(t, c)
	assert.Equal(t, 2, calls)
}
