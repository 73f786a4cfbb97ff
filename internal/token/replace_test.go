package token_test

import (
	"context"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/internal/token"
)

func TestReplaceFetchesAnother(t *testing.T) {
	t.Parallel()
	v := newVendor()
	c := cacheOf(v)
	rejected := value(t, c)
	assert.Equal(t, "value-2", replace(t, c, rejected))
	assert.Equal(t, "value-2", value(t, c))
	assert.Equal(t, 2, v.count())
}

func TestLateReplaceGetsTheCachedOne(t *testing.T) {
	t.Parallel()
	v := newVendor()
	c := cacheOf(v)
	old := value(t, c)
	replace(t, c, old)
	assert.Equal(t, "value-2", replace(t, c, old))
	assert.Equal(t, "value-2", replace(t, c, "of another process"))
	assert.Equal(t, 2, v.count(), "a fresh token is not thrown away")
}

func TestReplaceMayGetTheSameAgain(t *testing.T) {
	t.Parallel()
	v := newVendor()
	v.same = true
	c := cacheOf(v)
	rejected := value(t, c)
	assert.Equal(t, rejected, replace(t, c, rejected))
	assert.Equal(t, 2, v.count(), "asked once, no loop")
}

// Refused calls in a row do not each ask again for a token that is still the same.
func TestReplaceRemembersTheSameForAMinute(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := newVendor()
		v.same = true
		c := cacheOf(v)
		rejected := value(t, c)
		for range 50 {
			assert.Equal(t, rejected, replace(t, c, rejected))
		}
		assert.Equal(t, 2, v.count())
		<-time.After(time.Minute - time.Nanosecond)
		replace(t, c, rejected)
		assert.Equal(t, 2, v.count())
		<-time.After(time.Nanosecond)
		replace(t, c, rejected)
		assert.Equal(t, 3, v.count(), "a minute later it may be another")

		v.set(func(v *vendor) { v.same = false })
		<-time.After(time.Minute)
		next := replace(t, c, rejected)
		assert.NotEqual(t, rejected, next)
		assert.Equal(t, 4, v.count())
		assert.NotEqual(t, next, replace(t, c, next), "the memory is of one value")
		assert.Equal(t, 5, v.count())
	})
}

// A token that has ended is asked for, whatever was remembered of it, and so is any
// token when the clock was put back.
func TestReplaceForgetsWhatHasEnded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := newVendor()
		v.same, v.life = true, 30*time.Second
		offset := time.Duration(0)
		c := token.NewCache(token.Config{Fetch: v.fetch, Now: func() time.Time { return time.Now().Add(offset) }})
		rejected := value(t, c)
		replace(t, c, rejected)
		assert.Equal(t, 2, v.count())
		<-time.After(40 * time.Second)
		assert.NotEqual(t, rejected, replace(t, c, rejected))
		assert.Equal(t, 3, v.count())

		rejected = value(t, c)
		replace(t, c, rejected)
		offset = -time.Hour
		replace(t, c, rejected)
		assert.Equal(t, 5, v.count())
	})
}

func TestReplaceOnAColdCache(t *testing.T) {
	t.Parallel()
	v := newVendor()
	assert.Equal(t, "value-1", replace(t, cacheOf(v), "before the restart"))
	assert.Equal(t, 1, v.count())
}

func TestReplaceOfAnExpiredToken(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := newVendor()
		c := cacheOf(v)
		value(t, c)
		<-time.After(life)
		assert.Equal(t, "value-2", replace(t, c, "an older one"), "an expired token is no other token")
	})
}

func TestFailedReplaceKeepsTheToken(t *testing.T) {
	t.Parallel()
	v := newVendor()
	c := cacheOf(v)
	old, err := c.Token(t.Context())
	require.NoError(t, err)
	v.set(func(v *vendor) { v.err = errVendor })
	_, err = c.Replace(t.Context(), old)
	assert.ErrorIs(t, err, errVendor)
	assert.Equal(t, "value-1", value(t, c))
	assert.Equal(t, 2, v.count())
}

func TestReplaceKeepsTheOldTokenUntilTheNewOneIsIn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := newVendor()
		c := cacheOf(v)
		value(t, c)
		v.set(func(v *vendor) { v.delay = time.Second })
		replacing := async(func() (token.Token, error) { return c.Replace(t.Context(), token.New("value-1", time.Time{})) })
		synctest.Wait()
		start := time.Now()
		assert.Equal(t, "value-1", value(t, c))
		assert.Zero(t, time.Since(start))
		assertValue(t, "value-2", replacing)
	})
}

func TestConcurrentReplacesShareOneFetch(t *testing.T) {
	t.Parallel()
	for name, same := range map[string]bool{"another comes": false, "the same comes": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				v := newVendor()
				v.same = same
				c := cacheOf(v)
				value(t, c)
				v.set(func(v *vendor) { v.delay = time.Second })
				var wg sync.WaitGroup
				for range 100 {
					wg.Go(func() { assert.Equal(t, same, replace(t, c, "value-1") == "value-1") })
				}
				wg.Wait()
				assert.Equal(t, 2, v.count())
			})
		})
	}
}

func TestReplaceWaiterKeepsItsOwnDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := newVendor()
		c := cacheOf(v)
		old, err := c.Token(t.Context())
		require.NoError(t, err)
		v.set(func(v *vendor) { v.delay = 10 * time.Second })
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err = c.Replace(ctx, old)
		assert.ErrorIs(t, err, context.DeadlineExceeded)
		<-time.After(10 * time.Second)
		assert.Equal(t, "value-2", value(t, c), "the refresh went on without its first caller")
		assert.Equal(t, 2, v.count())
	})
}

// An early renewal asks while the token still lives and is given the same one;
// then the token is rejected. Its answer is too old to tell.
func TestReplaceDoesNotTrustARenewalFromBeforeTheRejection(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := newVendor()
		v.same = true
		c := cacheOf(v)
		value(t, c)
		<-time.After(life - 4*time.Minute)
		v.set(func(v *vendor) { v.delay = time.Second })
		early := async(func() (token.Token, error) { return c.Token(t.Context()) })
		synctest.Wait()
		v.set(func(v *vendor) { v.same = false }) // revoked: the next answer is another

		var wg sync.WaitGroup
		for range 100 {
			wg.Go(func() { assert.Equal(t, "value-3", replace(t, c, "value-1")) })
		}
		wg.Wait()
		assertValue(t, "value-1", early)
		assert.Equal(t, 3, v.count(), "one more fetch, shared")
	})
}

func TestReplaceAsksOnlyOnceMore(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := newVendor()
		v.same = true
		c := cacheOf(v)
		value(t, c)
		<-time.After(life - 4*time.Minute)
		v.set(func(v *vendor) { v.delay = time.Second })
		early := async(func() (token.Token, error) { return c.Token(t.Context()) })
		synctest.Wait()
		assert.Equal(t, "value-1", replace(t, c, "value-1"))
		assertValue(t, "value-1", early)
		assert.Equal(t, 3, v.count())
	})
}

func TestReplaceJoinsARenewalThatBringsAnother(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := newVendor()
		c := cacheOf(v)
		value(t, c)
		<-time.After(life - 4*time.Minute)
		v.set(func(v *vendor) { v.delay = time.Second })
		early := async(func() (token.Token, error) { return c.Token(t.Context()) })
		synctest.Wait()
		assert.Equal(t, "value-2", replace(t, c, "value-1"))
		assertValue(t, "value-2", early)
		assert.Equal(t, 2, v.count())
	})
}

func TestReplaceSharesTheErrorOfARenewal(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := newVendor()
		c := cacheOf(v)
		old, err := c.Token(t.Context())
		require.NoError(t, err)
		<-time.After(life - 4*time.Minute)
		v.set(func(v *vendor) { v.delay, v.err = time.Second, errVendor })
		early := async(func() (token.Token, error) { return c.Token(t.Context()) })
		synctest.Wait()
		_, err = c.Replace(t.Context(), old)
		assert.ErrorIs(t, err, errVendor)
		assertValue(t, "value-1", early)
		assert.Equal(t, 2, v.count())
	})
}

// Two generations are rejected at the same time: the older caller is not sent
// off with the token that the newer one is just replacing.
func TestLateReplaceWaitsForTheReplacementUnderWay(t *testing.T) {
	t.Parallel()
	for name, fails := range map[string]bool{"it comes": false, "it fails": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				v := newVendor()
				c := cacheOf(v)
				replace(t, c, value(t, c))
				v.set(func(v *vendor) {
					v.delay = time.Second
					if fails {
						v.err = errVendor
					}
				})
				newer := async(func() (token.Token, error) { return c.Replace(t.Context(), token.New("value-2", time.Time{})) })
				synctest.Wait()
				older := async(func() (token.Token, error) { return c.Replace(t.Context(), token.New("value-1", time.Time{})) })
				if fails {
					assert.ErrorIs(t, (<-newer).err, errVendor)
					assertValue(t, "value-2", older) // the best there is, and not known to be bad
				} else {
					assertValue(t, "value-3", newer)
					assertValue(t, "value-3", older)
				}
				assert.Equal(t, 3, v.count())
			})
		})
	}
}

// A replacement that is expired on arrival still is better than the rejected
// token: the next call asks again, and is not sent off with the rejected one.
func TestReplacementExpiredOnArrivalOustsTheRejectedToken(t *testing.T) {
	t.Parallel()
	v := newVendor()
	c := cacheOf(v)
	value(t, c)
	v.set(func(v *vendor) { v.life = -time.Second })
	assert.Equal(t, "value-2", replace(t, c, "value-1"))
	v.set(func(v *vendor) { v.life = life })
	assert.Equal(t, "value-3", value(t, c))
	assert.Equal(t, 3, v.count())
}

type hookHandler struct {
	slog.Handler
	hook func()
}

func (h hookHandler) Enabled(context.Context, slog.Level) bool { return true }

func (h hookHandler) Handle(context.Context, slog.Record) error {
	h.hook()
	return nil
}

// The caller of a failed early renewal keeps the token even if by then somebody
// else has had it rejected: every other call goes on with it as well.
func TestFailedRenewalKeepsASuspectedToken(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := newVendor()
		var c *token.Cache
		var replacing <-chan result
		logger := slog.New(hookHandler{slog.DiscardHandler, func() {
			// The renewal has landed, its waiters do not know yet.
			v.set(func(v *vendor) { v.delay, v.err = time.Second, nil })
			replacing = async(func() (token.Token, error) { return c.Replace(t.Context(), token.New("value-1", time.Time{})) })
			<-time.After(time.Millisecond)
		}})
		c = token.NewCache(token.Config{Fetch: v.fetch, Logger: logger})
		value(t, c)
		<-time.After(life - 4*time.Minute)
		v.set(func(v *vendor) { v.err = errVendor })
		assert.Equal(t, "value-1", value(t, c))
		assertValue(t, "value-3", replacing)
	})
}

func TestTokenJoinsAReplacementWhenItMustWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := newVendor()
		v.delay = time.Second
		c := cacheOf(v)
		replacing := async(func() (token.Token, error) { return c.Replace(t.Context(), token.New("old", time.Time{})) })
		synctest.Wait()
		assert.Equal(t, "value-1", value(t, c))
		assertValue(t, "value-1", replacing)
		assert.Equal(t, 1, v.count())
	})
}
