package sqlstore

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func limiterConfig() LimiterConfig {
	return LimiterConfig{Vendor: "yunzhijia", App: "app", Rate: 50, Burst: 100, Workers: 5}
}

func newLimiter(t testing.TB, f *fakeDB, config LimiterConfig) *Limiter {
	t.Helper()
	l, err := NewLimiter(f.open(t), config)
	require.NoError(t, err)
	return l
}

// calls are the moments at which calls were made.
type calls struct {
	mu sync.Mutex
	at []time.Time
}

func (c *calls) add() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = append(c.at, time.Now())
}

// run makes calls for a time, from several goroutines.
func (c *calls) run(t *testing.T, d time.Duration, goroutines int, limiters ...interface{ Wait(context.Context) error }) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	defer cancel()
	var group sync.WaitGroup
	for _, l := range limiters {
		for range goroutines {
			group.Go(func() {
				for l.Wait(ctx) == nil {
					c.add()
				}
			})
		}
	}
	group.Wait()
}

// assertRate looks at all windows that begin with a call.
func (c *calls) assertRate(t *testing.T, rate float64, burst int) {
	t.Helper()
	for i := range c.at {
		for j := i; j < len(c.at); j++ {
			window := c.at[j].Sub(c.at[i])
			allowed := rate*window.Seconds() + float64(burst) + 1e-6
			if float64(j-i+1) > allowed {
				t.Fatalf("%d calls in %s, %.1f are allowed", j-i+1, window, allowed)
			}
		}
	}
}

func TestLimiterConfig(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", maxName+1)
	for field, spoil := range map[string]func(*LimiterConfig){
		"Vendor":  func(c *LimiterConfig) { c.Vendor = " " },
		"App":     func(c *LimiterConfig) { c.App = long },
		"Rate":    func(c *LimiterConfig) { c.Rate = 0 },
		"Burst":   func(c *LimiterConfig) { c.Burst = 1 },
		"Workers": func(c *LimiterConfig) { c.Workers = 0 },
	} {
		config := limiterConfig()
		spoil(&config)
		_, err := NewLimiter(newFakeDB().open(t), config)
		wrong, ok := errors.AsType[*FieldError](err)
		require.True(t, ok, field)
		assert.Equal(t, field, wrong.Field)
		assert.NotContains(t, err.Error(), long)
	}
	_, err := NewLimiter(nil, LimiterConfig{Burst: 1 << 40})
	for _, field := range []string{"db is", "Vendor is", "App is", "Rate is", "Burst is", "Workers is"} {
		assert.ErrorContains(t, err, field)
	}
}

// Clocks that differ and answers that take their time do not matter.
func TestLimiterKeepsTheRate(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		way, skew time.Duration
		burst     int
	}{
		"at once":           {0, 0, 100},
		"slow":              {40 * time.Millisecond, time.Hour, 100},
		"slow, small burst": {30 * time.Millisecond, -time.Hour, 10},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				config := limiterConfig()
				config.Burst = c.burst
				var dbs []interface{ Wait(context.Context) error }
				f := newFakeDB()
				f.rates.skew = c.skew
				f.rates.way = func() { sleep(t.Context(), c.way) }
				for range 3 {
					dbs = append(dbs, newLimiter(t, f, config))
				}
				var made calls
				made.run(t, 20*time.Second, 8, dbs...)
				made.assertRate(t, config.Rate, config.Burst)
				assert.GreaterOrEqual(t, float64(len(made.at)), 0.95*config.Rate*20)
				assert.LessOrEqual(t, f.seen[reserve], 20*3*3, "statements")
			})
		})
	}
}

// A process that needs little leaves the rest to others.
func TestLimiterReservesWhatIsNeeded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f, most := newFakeDB(), time.Duration(0)
		f.rates.granted = func(from, to time.Time) { most = max(most, to.Sub(from)) }
		l := newLimiter(t, f, limiterConfig())
		for range 20 {
			require.NoError(t, l.Wait(t.Context()))
			sleep(t.Context(), 10*time.Second)
		}
		assert.LessOrEqual(t, most, 2*l.gap)
		began := time.Now()
		for range 200 {
			require.NoError(t, l.Wait(t.Context()))
		}
		assert.Less(t, most, blockTime+l.gap)
		assert.InDelta(t, 2, time.Since(began).Seconds(), 0.1, "100 at once, and 100 at 50 a second")
	})
}

// Permits that no one used do not add up.
func TestLimiterForgetsPermits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		config := limiterConfig()
		config.Burst = 10
		l := newLimiter(t, newFakeDB(), config)
		var made calls
		for range 10 {
			made.run(t, 1100*time.Millisecond, 8, l)
			sleep(t.Context(), 900*time.Millisecond)
		}
		made.assertRate(t, config.Rate, config.Burst)
	})
}

func TestLimiterContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		config := limiterConfig()
		config.Rate, config.Burst = 1, 2
		l := newLimiter(t, newFakeDB(), config)
		why := errors.New("enough")
		ctx, cancel := context.WithCancelCause(t.Context())
		cancel(why)
		require.ErrorIs(t, l.Wait(ctx), why)
		for range 3 {
			ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
			_ = l.Wait(ctx)
			cancel()
		}
		ctx, cancel2 := context.WithTimeout(t.Context(), 20*time.Millisecond)
		defer cancel2()
		require.ErrorIs(t, l.Wait(ctx), context.DeadlineExceeded)
		began := time.Now()
		require.NoError(t, l.Wait(t.Context()), "the permit that was given up is for the next one")
		assert.LessOrEqual(t, time.Since(began), time.Second)
	})
}

func TestLimiterPause(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFakeDB()
		f.rates.skew = 8 * time.Hour
		a, b := newLimiter(t, f, limiterConfig()), newLimiter(t, f, limiterConfig())
		var made calls
		began := time.Now()
		var group sync.WaitGroup
		group.Go(func() { made.run(t, 30*time.Second, 4, a, b) })
		sleep(t.Context(), 10*time.Second)
		for range 8 {
			a.Pause(5 * time.Second)
			a.Pause(-1)
			a.Pause(time.Second)
		}
		group.Wait()
		during, after := 0, 0
		for _, at := range made.at {
			switch since := at.Sub(began) - 10*time.Second; {
			case since > time.Second && since < 5*time.Second:
				during++
			case since >= 5*time.Second:
				after++
			}
		}
		assert.Zero(t, during, "calls of either process, a second after the pause began")
		assert.GreaterOrEqual(t, after, 14*50)
		assert.Equal(t, 1, f.seen[pause], "a pause is stored once")
		made.assertRate(t, 50, 100)
	})
}

func TestLimiterWithoutDatabase(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		f, down := newFakeDB(), false
		f.hook = func(string) error {
			if down {
				return errors.New("connection refused, password=canary")
			}
			return nil
		}
		config := limiterConfig()
		config.Logger = slog.New(slog.NewTextHandler(&log, nil))
		l := newLimiter(t, f, config)
		set := func(to bool) { f.mu.Lock(); down = to; f.mu.Unlock() }
		count := func(d time.Duration) int {
			var made calls
			made.run(t, d, 8, l)
			return len(made.at)
		}
		assert.InDelta(t, 50*10+100, count(10*time.Second), 5)
		set(true)
		l.Pause(time.Millisecond)
		assert.InDelta(t, 10*30+20, count(30*time.Second), 55, "a fifth of the rate, and a second until it is noticed")
		synctest.Wait() // until what changed was said
		assert.LessOrEqual(t, f.seen[reserve], 80)
		assert.Equal(t, 1, strings.Count(log.String(), "out of reach"), log.String())
		set(false)
		assert.InDelta(t, 50*10, count(10*time.Second), 100)
		synctest.Wait() // until what changed was said
		assert.Equal(t, 1, strings.Count(log.String(), "is back"), log.String())
		assert.NotContains(t, log.String(), "canary")
	})
}

func TestLimiterWithoutTable(t *testing.T) {
	t.Parallel()
	f := newFakeDB()
	f.hook = func(string) error { return codedError(undefinedTable) }
	l := newLimiter(t, f, limiterConfig())
	for range 3 {
		require.ErrorIs(t, l.Wait(t.Context()), ErrNoSchema)
	}
}

func TestLimiterTriesConflictsAgain(t *testing.T) {
	t.Parallel()
	f, conflicts := newFakeDB(), 3
	f.hook = func(string) error {
		if conflicts--; conflicts >= 0 {
			return codedError(serializationFailure)
		}
		return nil
	}
	l := newLimiter(t, f, limiterConfig())
	require.NoError(t, l.Wait(t.Context()))
	assert.Equal(t, map[string]int{reserve: 5, createRate: 1}, f.seen)
}

// Of two limits each holds, and the tighter one is used in full.
func TestLimiters(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFakeDB()
		app := func(name string) LimiterConfig {
			return LimiterConfig{Vendor: "yunzhijia", App: name, Rate: 40, Burst: 40, Workers: 2}
		}
		ip := LimiterConfig{Vendor: "yunzhijia", App: "192.0.2.1", Rate: 55, Burst: 1000, Workers: 2}
		slow := ip
		slow.Rate, slow.Burst = 30, 20
		one := Limiters{newLimiter(t, f, app("a")), newLimiter(t, f, ip)}
		two := Limiters{newLimiter(t, f, app("b")), newLimiter(t, f, ip)}
		var a, b, both calls
		counted := func(ls Limiters, c *calls) waiter {
			return func(ctx context.Context) error {
				err := ls.Wait(ctx)
				if err == nil {
					c.add()
				}
				return err
			}
		}
		both.run(t, 200*time.Second, 4, counted(one, &a), counted(two, &b))
		a.assertRate(t, 40, 40)
		b.assertRate(t, 40, 40)
		both.assertRate(t, 55, 1000)
		assert.GreaterOrEqual(t, float64(len(both.at)), 0.95*55*200, "80 a second are asked for")

		tight := Limiters{newLimiter(t, newFakeDB(), slow), newLimiter(t, f, app("c"))}
		var c calls
		c.run(t, 60*time.Second, 4, tight)
		c.assertRate(t, 30, 20)
		assert.GreaterOrEqual(t, float64(len(c.at)), 0.95*30*60)
		began := time.Now()
		tight.Pause(3 * time.Second)
		require.NoError(t, tight.Wait(t.Context()))
		assert.GreaterOrEqual(t, time.Since(began), 3*time.Second)
	})
}

type waiter func(context.Context) error

func (w waiter) Wait(ctx context.Context) error { return w(ctx) }
