package orgsync

import (
	"context"
	"sync"
	"time"
)

// fence guards what a run does with the lease that allows it: writes of the state,
// which the store refuses without one, and calls to vendors, which no store sees.
type fence struct {
	lease  Lease
	margin time.Duration               // the last tenth of a lease is not used
	begin  func(context.Context) error // makes the first write of the run
	once   sync.Once
	err    error
}

func newFence(lease Lease, begin func(context.Context) error) *fence {
	f := &fence{lease: lease, begin: begin}
	if until := lease.Until(); !until.IsZero() {
		f.margin = time.Until(until) / 10
	}
	return f
}

// ends returns the instant up to which a call may run, false if there is none, and
// whether that is in the future by the wall clock and by the monotonic one.
func (f *fence) ends() (until time.Time, limited, held bool) {
	until = f.lease.Until()
	if until.IsZero() {
		return until, false, true
	}
	now := time.Now()
	left := min(until.Sub(now), until.Round(0).Sub(now.Round(0))) - f.margin
	return now.Add(left), true, left > 0
}

// attempt returns a context for calls to a vendor, which ends when the lease is no
// longer known to be held; each renewal moves that instant on. It fails at once if
// it is past already.
func (f *fence) attempt(ctx context.Context) (context.Context, context.CancelFunc, error) {
	until, limited, held := f.ends()
	if !held {
		return nil, nil, ErrLeaseLost
	}
	ctx, cancel := context.WithCancelCause(ctx)
	if !limited {
		return ctx, func() { cancel(nil) }, nil
	}
	go func() {
		timer := time.NewTimer(time.Until(until))
		defer timer.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-timer.C:
			}
			next, _, held := f.ends()
			if !held || !next.After(until) {
				cancel(ErrLeaseLost)
				return
			}
			until = next
			timer.Reset(time.Until(until))
		}
	}()
	return ctx, func() { cancel(nil) }, nil
}

// open writes the note that a run is under way, once.
func (f *fence) open(ctx context.Context) error {
	f.once.Do(func() { f.err = f.begin(ctx) })
	return f.err
}

// write writes the state, that note first of all.
func (f *fence) write(ctx context.Context, entries ...Entry) error {
	if err := f.open(ctx); err != nil {
		return err
	}
	return f.lease.Write(ctx, entries...)
}

// stateTimeout bounds a write of the state that must not be cut short: what a
// target has acknowledged is noted down even when the run has been cancelled.
const stateTimeout = 30 * time.Second

// writeSafely writes although the run may have been cancelled meanwhile.
func (f *fence) writeSafely(ctx context.Context, entries ...Entry) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stateTimeout)
	defer cancel()
	return f.write(ctx, entries...)
}
