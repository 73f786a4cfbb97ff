package trigger

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"time"
)

// Cause says why a run starts.
type Cause string

// The causes. Of several, the first in this list is named.
const (
	Asked    Cause = "asked"    // [Trigger.Ask]
	Nightly  Cause = "nightly"  // the nightly reading
	Events   Cause = "events"   // events came in
	Schedule Cause = "schedule" // Every has passed
	AtStart  Cause = "start"    // Serve began
)

// Request is what a run is told.
type Request struct {
	Cause  Cause
	Full   bool // read everyone: the nightly reading, and what Ask wants
	Events int  // how many events came in since the last run started
}

// Status says what a [Trigger] does.
type Status struct {
	Running   *Request  // nil if no run is under way
	Since     time.Time // when the run under way started
	Waiting   int       // events that the next run is for
	Next      time.Time // when the next run starts, as things stand; zero if none is planned
	NextCause Cause
}

// Sentinels, for use with errors.Is.
var (
	// ErrStopped: Serve has ended, so no run will follow.
	ErrStopped = errors.New("trigger: stopped")
	// ErrServing: Serve was called before. A Trigger serves once.
	ErrServing = errors.New("trigger: served before")
)

// longestSleep is how long Serve waits before it looks at the clock again: one that was
// set, or a machine that slept, must not move the nightly reading.
const longestSleep = time.Minute

// Trigger starts runs. Make it with [New]. It is safe for concurrent use.
type Trigger struct {
	set  settings
	wake chan struct{}

	mu          sync.Mutex
	state       state
	running     *Request
	since       time.Time
	waiting     int       // events
	first, last time.Time // of these
	asked       bool
	askedFull   bool
	starting    bool      // the run of AtStart is due
	scheduled   time.Time // zero: none
	nightly     time.Time // zero: none
}

type state int

const (
	fresh state = iota
	serving
	stopped
)

// New returns a Trigger. The error joins a *[ConfigError] for everything that is wrong.
func New(config Config) (*Trigger, error) {
	set, err := config.settle()
	if err != nil {
		return nil, err
	}
	return &Trigger{set: set, wake: make(chan struct{}, 1)}, nil
}

// Event notes that something changed at the source. It never blocks and keeps nothing but
// a count. A run starts once no event has come for Quiet, or Longest after the first one.
// Events that come while a run is under way make another one follow. The error is
// [ErrStopped] after Serve has ended. Events before Serve count.
func (t *Trigger) Event() error {
	return t.change(func(now time.Time) {
		if t.waiting == 0 {
			t.first = now
		}
		t.waiting, t.last = t.waiting+1, now
	})
}

// Ask makes a run start at once, or right after the one under way. Asked for several
// times before it starts, it is still one run, and a full one if any of them is. The
// error is [ErrStopped] after Serve has ended.
func (t *Trigger) Ask(full bool) error {
	return t.change(func(time.Time) { t.asked, t.askedFull = true, t.askedFull || full })
}

func (t *Trigger) change(do func(now time.Time)) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.state == stopped {
		return ErrStopped
	}
	do(time.Now())
	select {
	case t.wake <- struct{}{}:
	default: // Serve has been woken and will see this too
	}
	return nil
}

// Status returns what is under way and what comes next.
func (t *Trigger) Status() Status {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := Status{Since: t.since, Waiting: t.waiting}
	if t.running != nil {
		r := *t.running
		s.Running = &r
	}
	if t.state == serving {
		first := t.next(time.Now())
		s.NextCause, s.Next = first.cause, first.at
		if now := time.Now(); t.running != nil && !first.at.IsZero() && first.at.Before(now) {
			s.Next = now // it waits for the run under way
		}
	}
	return s
}

// Serve starts runs until ctx ends. It returns after the run under way has ended, nil
// unless it was called before. Events that no run has followed yet need no care: the first
// run of the next process reads on from the last one that was accepted.
func (t *Trigger) Serve(ctx context.Context) error {
	t.mu.Lock()
	if t.state != fresh {
		t.mu.Unlock()
		return ErrServing
	}
	t.state, t.starting = serving, t.set.AtStart
	t.plan(time.Now())
	t.planNight(time.Now())
	t.mu.Unlock()
	defer func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		t.state = stopped
	}()
	for t.wait(ctx) {
		t.run(ctx)
	}
	return nil
}

// plan sets when the next scheduled run starts.
func (t *Trigger) plan(now time.Time) {
	if t.set.Every == 0 {
		return
	}
	jitter := 2*rand.Float64() - 1 //nolint:gosec // spreads load, keeps no secret
	t.scheduled = now.Add(t.set.Every + time.Duration(jitter*float64(t.set.Jitter)))
}

func (t *Trigger) planNight(now time.Time) {
	if t.set.nightly != nil {
		t.nightly = t.set.nightly.next(now, t.set.Location)
	}
}

// due is a reason for a run, and when it is one.
type due struct {
	cause Cause
	at    time.Time
}

// reasons lists them in the order of the causes.
func (t *Trigger) reasons(now time.Time) []due {
	var list []due
	if t.asked {
		list = append(list, due{Asked, now})
	}
	if !t.nightly.IsZero() {
		// By the wall clock, which may have been set meanwhile.
		list = append(list, due{Nightly, now.Add(t.nightly.Sub(now.Round(0)))})
	}
	if t.waiting > 0 {
		at := t.last.Add(t.set.Quiet)
		if most := t.first.Add(t.set.Longest); most.Before(at) {
			at = most
		}
		list = append(list, due{Events, at})
	}
	if !t.scheduled.IsZero() {
		list = append(list, due{Schedule, t.scheduled})
	}
	if t.starting {
		list = append(list, due{AtStart, now})
	}
	return list
}

// next returns the reason that is due first, zero if there is none.
func (t *Trigger) next(now time.Time) due {
	var first due
	for _, d := range t.reasons(now) {
		if first.at.IsZero() || d.at.Before(first.at) {
			first = d
		}
	}
	return first
}

// wait returns when a run is due; false if ctx ended.
func (t *Trigger) wait(ctx context.Context) bool {
	for ctx.Err() == nil {
		t.mu.Lock()
		now := time.Now()
		at := t.next(now).at
		t.mu.Unlock()
		sleep := longestSleep
		if !at.IsZero() {
			sleep = min(sleep, at.Sub(now))
		}
		if sleep <= 0 {
			return true
		}
		timer := time.NewTimer(sleep)
		select {
		case <-ctx.Done():
		case <-t.wake:
		case <-timer.C:
		}
		timer.Stop()
	}
	return false
}

// run does the run that is due. It stands for everything that was asked for until now.
func (t *Trigger) run(ctx context.Context) {
	t.mu.Lock()
	now := time.Now()
	r := Request{Events: t.waiting, Full: t.askedFull}
	for _, d := range t.reasons(now) {
		if d.at.After(now) {
			continue
		}
		if r.Cause == "" {
			r.Cause = d.cause
		}
		if d.cause == Nightly {
			r.Full = true
			t.planNight(now)
		}
	}
	t.running, t.since = &r, now
	t.waiting, t.asked, t.askedFull, t.starting, t.scheduled = 0, false, false, false, time.Time{}
	t.mu.Unlock()

	defer func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		t.running, t.since = nil, time.Time{}
		t.plan(time.Now())
	}()
	t.set.Run(ctx, r)
}
