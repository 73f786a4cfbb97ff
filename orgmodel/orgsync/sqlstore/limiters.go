package sqlstore

import (
	"context"
	"slices"
	"time"
)

// Limiters are several limits on one call, such as 云之家's: 3,500 calls a minute of an app
// and interface (1,500 with the key of a resource group), and 200,000 an hour of an IP address.
type Limiters []*Limiter

// Wait returns when all of them allow the next call. It fails as [Limiter.Wait] does.
func (ls Limiters) Wait(ctx context.Context) error {
	ls = slices.Clone(ls)
	// The one whose permits may be used latest comes first, so that its permit is still
	// good after the wait for the others.
	slices.SortStableFunc(ls, func(a, b *Limiter) int { return int(min(1, max(-1, b.slack-a.slack))) })
	ends := make([]time.Time, len(ls))
	for {
		// A permit that has ended meanwhile is given up, and replaced.
		missing := slices.IndexFunc(ends, func(end time.Time) bool { return time.Now().After(end) })
		if missing < 0 {
			return nil
		}
		until, err := ls[missing].take(ctx)
		if err != nil {
			return err
		}
		ends[missing] = until
	}
}

// Pause pauses all of them, as [Limiter.Pause] does.
func (ls Limiters) Pause(d time.Duration) {
	for _, l := range ls {
		l.Pause(d)
	}
}
