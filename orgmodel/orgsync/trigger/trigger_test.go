package trigger_test

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/orgmodel/orgsync/trigger"
)

// started is a run: what it was told, and when it started, counted from the beginning.
type started struct {
	trigger.Request

	at time.Duration
}

// bench serves a trigger within a bubble and records its runs.
type bench struct {
	*trigger.Trigger

	begin   time.Time
	mu      sync.Mutex
	runs    []started
	takes   time.Duration // how long a run takes
	stop    context.CancelFunc
	stopped chan error
}

// serve must be called within a bubble. The trigger ends with it.
func serve(t *testing.T, config trigger.Config, takes time.Duration) *bench {
	t.Helper()
	b := &bench{begin: time.Now(), takes: takes, stopped: make(chan error, 1)}
	if config.Run == nil {
		config.Run = b.run
	}
	var err error
	b.Trigger, err = trigger.New(config)
	require.NoError(t, err)
	var ctx context.Context
	ctx, b.stop = context.WithCancel(t.Context())
	go func() { b.stopped <- b.Serve(ctx) }()
	synctest.Wait()
	t.Cleanup(b.stop)
	return b
}

func (b *bench) run(ctx context.Context, r trigger.Request) {
	b.mu.Lock()
	b.runs = append(b.runs, started{r, time.Since(b.begin)})
	b.mu.Unlock()
	wait(ctx, b.takes)
}

// list returns the runs until now.
func (b *bench) list() []started {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.runs)
}

func wait(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}

// until waits for a time, counted from the beginning.
func (b *bench) until(t *testing.T, at time.Duration) {
	t.Helper()
	wait(t.Context(), at-time.Since(b.begin))
	synctest.Wait()
}

func (b *bench) eventAt(t *testing.T, at time.Duration) {
	t.Helper()
	b.until(t, at)
	require.NoError(t, b.Event())
}

func TestEventsAreDebounced(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := serve(t, trigger.Config{}, 0)
		for _, at := range []time.Duration{0, 2 * time.Second, 6 * time.Second} {
			b.eventAt(t, at)
		}
		status := b.Status()
		assert.Equal(t, 3, status.Waiting)
		assert.Equal(t, trigger.Events, status.NextCause)
		assert.Equal(t, 11*time.Second, status.Next.Sub(b.begin))
		b.until(t, time.Hour)
		assert.Equal(t, []started{{trigger.Request{Cause: trigger.Events, Events: 3}, 11 * time.Second}}, b.list())
	})
}

func TestEventsThatNeverPauseStartARunAfterAMinute(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := serve(t, trigger.Config{}, 0)
		for at := time.Duration(0); at < 130*time.Second; at += 4 * time.Second {
			b.eventAt(t, at)
		}
		b.until(t, time.Hour)
		var at []time.Duration
		total := 0
		for _, r := range b.list() {
			at, total = append(at, r.at), total+r.Events
		}
		assert.Equal(t, []time.Duration{60 * time.Second, 120 * time.Second, 133 * time.Second}, at)
		assert.Equal(t, 33, total)
	})
}

func TestEventsDuringARunMakeAnotherOneFollow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := serve(t, trigger.Config{}, 3*time.Minute)
		b.eventAt(t, 0)
		b.eventAt(t, 10*time.Second) // the run has been under way for 5 seconds
		status := b.Status()
		assert.Equal(t, &trigger.Request{Cause: trigger.Events, Events: 1}, status.Running)
		assert.Equal(t, 5*time.Second, status.Since.Sub(b.begin))
		assert.Equal(t, 1, status.Waiting)
		b.until(t, time.Hour)
		assert.Equal(t, []started{
			{trigger.Request{Cause: trigger.Events, Events: 1}, 5 * time.Second},
			{trigger.Request{Cause: trigger.Events, Events: 1}, 5*time.Second + 3*time.Minute},
		}, b.list())
		assert.Nil(t, b.Status().Running)
	})
}

func TestScheduleWithJitter(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := serve(t, trigger.Config{AtStart: true, Every: 10 * time.Minute}, 2*time.Minute)
		b.until(t, 24*time.Hour)
		runs := b.list()
		require.Greater(t, len(runs), 100)
		assert.Equal(t, started{trigger.Request{Cause: trigger.AtStart}, 0}, runs[0])
		gaps := map[time.Duration]bool{}
		for i, r := range runs[1:] {
			assert.Equal(t, trigger.Request{Cause: trigger.Schedule}, r.Request)
			gap := r.at - runs[i].at - b.takes
			assert.InDelta(t, 10*time.Minute, gap, float64(time.Minute))
			gaps[gap] = true
		}
		assert.Greater(t, len(gaps), 50, "the gaps are not random")
	})
}

func TestAnEventPutsTheScheduleOff(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := serve(t, trigger.Config{Every: time.Minute, Jitter: -1}, time.Second)
		b.eventAt(t, 50*time.Second)
		b.until(t, 55*time.Second)
		assert.True(t, b.Status().Next.IsZero(), "nothing is planned until the run has ended")
		b.until(t, 2*time.Minute)
		assert.Equal(t, []started{
			{trigger.Request{Cause: trigger.Events, Events: 1}, 55 * time.Second},
			{trigger.Request{Cause: trigger.Schedule}, 116 * time.Second},
		}, b.list())
	})
}

func TestNightlyReading(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) { // a bubble begins at midnight, UTC
		b := serve(t, trigger.Config{Nightly: "02:40", Location: time.FixedZone("UTC+8", 8*3600)}, time.Hour)
		b.until(t, 18*time.Hour+39*time.Minute)
		assert.Empty(t, b.list())
		assert.Equal(t, trigger.Nightly, b.Status().NextCause)
		assert.Equal(t, 18*time.Hour+40*time.Minute, b.Status().Next.Sub(b.begin))
		require.NoError(t, b.Event()) // would be due in the nightly run's first seconds
		b.until(t, 19*time.Hour)
		assert.Equal(t, trigger.Nightly, b.Status().NextCause)
		assert.Equal(t, 19*time.Hour, b.Status().Next.Sub(b.begin), "it is due, and waits for the run under way")
		b.until(t, 20*time.Hour)
		assert.Equal(t, 42*time.Hour+40*time.Minute, b.Status().Next.Sub(b.begin))
		b.until(t, 72*time.Hour)
		full := trigger.Request{Cause: trigger.Nightly, Full: true}
		assert.Equal(t, []started{
			{trigger.Request{Cause: trigger.Events, Events: 1}, 18*time.Hour + 39*time.Minute + 5*time.Second},
			{full, 19*time.Hour + 39*time.Minute + 5*time.Second}, // was due meanwhile
			{full, 42*time.Hour + 40*time.Minute},
			{full, 66*time.Hour + 40*time.Minute},
		}, b.list())
	})
}

func TestAskedForRuns(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := serve(t, trigger.Config{}, time.Minute)
		require.NoError(t, b.Ask(false))
		synctest.Wait()
		require.NoError(t, b.Ask(true))
		require.NoError(t, b.Ask(false))
		require.NoError(t, b.Event())
		b.until(t, time.Hour)
		assert.Equal(t, []started{
			{trigger.Request{Cause: trigger.Asked}, 0},
			{trigger.Request{Cause: trigger.Asked, Full: true, Events: 1}, time.Minute},
		}, b.list())
	})
}

func TestServeEndsAfterTheRunUnderWay(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var ended atomic.Bool
		b := serve(t, trigger.Config{AtStart: true, Every: time.Minute, Run: func(ctx context.Context, _ trigger.Request) {
			<-ctx.Done()
			wait(context.WithoutCancel(ctx), 3*time.Second) // tidies up
			ended.Store(true)
		}}, 0)
		require.NoError(t, b.Event())
		b.stop()
		synctest.Wait()
		assert.False(t, ended.Load())
		require.NoError(t, <-b.stopped)
		assert.True(t, ended.Load())
		require.ErrorIs(t, b.Event(), trigger.ErrStopped)
		require.ErrorIs(t, b.Ask(true), trigger.ErrStopped)
		require.ErrorIs(t, b.Serve(t.Context()), trigger.ErrServing)
		assert.True(t, b.Status().Next.IsZero())
	})
}

func TestEventsBeforeServeCount(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		runs := make(chan trigger.Request, 1)
		tr, err := trigger.New(trigger.Config{Run: func(_ context.Context, r trigger.Request) { runs <- r }})
		require.NoError(t, err)
		require.NoError(t, tr.Event())
		assert.True(t, tr.Status().Next.IsZero())
		ctx, stop := context.WithCancel(t.Context())
		stopped := make(chan error)
		go func() { stopped <- tr.Serve(ctx) }()
		assert.Equal(t, trigger.Request{Cause: trigger.Events, Events: 1}, <-runs)
		stop()
		require.NoError(t, <-stopped)
	})
}
