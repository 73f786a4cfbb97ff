package notify

import (
	"context"
	"errors"
	"sync"
	"time"
)

// AlarmsConfig says who is told. Everything is optional.
type AlarmsConfig struct {
	Notifier  *Notifier  // nil: no one
	Heartbeat *Heartbeat // nil: none
	Policy    Policy
	State     State // of the process before
	// Save, if set, is called with the state after each run and each look.
	Save func(State) error
	Now  func() time.Time // default time.Now
}

// Alarms sends the messages and heartbeats that runs call for. Make it with [NewAlarms]. It
// is safe for concurrent use.
type Alarms struct {
	config AlarmsConfig

	turn  sync.Mutex // held while one message is made and sent
	mu    sync.Mutex
	state State
}

// NewAlarms returns the alarms of one tenant.
func NewAlarms(config AlarmsConfig) *Alarms {
	if config.Now == nil {
		config.Now = time.Now
	}
	return &Alarms{config: config, state: config.State}
}

// After sends what a run that has ended calls for: a message, if [State.Next] says so, and
// a heartbeat if the run was good. It can take more than a minute, see [Notifier.Send]. The
// error says what was not delivered or not saved; the run's outcome stays what it is. A
// message that was not delivered is made again after the next run.
func (a *Alarms) After(ctx context.Context, r Run) error {
	var errs []error
	dry := r.Report != nil && r.Report.DryRun
	if a.config.Heartbeat != nil && r.Exit == ExitDone && !dry {
		errs = append(errs, a.config.Heartbeat.Ping(ctx))
	}
	errs = append(errs, a.step(ctx, func(s State, now time.Time) (State, *Message) {
		return s.Next(r, a.config.Policy, now)
	}))
	return errors.Join(errs...)
}

// Look sends a message if there was no good run for too long. Call it every few minutes in
// a program that keeps running.
func (a *Alarms) Look(ctx context.Context) error {
	return a.step(ctx, func(s State, now time.Time) (State, *Message) { return s.Look(a.config.Policy, now) })
}

func (a *Alarms) step(ctx context.Context, next func(State, time.Time) (State, *Message)) error {
	a.turn.Lock()
	defer a.turn.Unlock()
	before := a.State()
	after, m := next(before, a.config.Now())
	var errs []error
	if m != nil && a.config.Notifier != nil {
		if err := a.config.Notifier.Send(ctx, *m); err != nil {
			errs = append(errs, err)
			after = before.undelivered(after, m)
		}
	}
	a.mu.Lock()
	a.state = after
	a.mu.Unlock()
	if a.config.Save != nil {
		errs = append(errs, a.config.Save(after))
	}
	return errors.Join(errs...)
}

// State returns what has to be remembered, see [AlarmsConfig].
func (a *Alarms) State() State {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.state
}
