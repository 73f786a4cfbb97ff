package token

import "time"

const (
	earlyShare = 10               // a token is renewed in the last tenth of its life,
	earlyMost  = 5 * time.Minute  // but not sooner than this before its end
	dueShare   = 20               // it is not handed out in the last twentieth,
	dueMost    = 10 * time.Second // but no longer than this before its end
)

// entry is a token and what to do with it when. The zero entry holds none.
type entry struct {
	token Token
	early time.Time // from here on it is worth renewing; zero: never
	due   time.Time // from here on it is not handed out; zero: never
}

// newEntry places the windows by the life that is left now. The full life is
// known neither for a token from a store nor for one the vendor gives out a
// second time, and windows that shrink with the rest of a life are what keeps
// such a token from being fetched on every call.
func newEntry(t Token, now time.Time) entry {
	if t.expires.IsZero() {
		return entry{token: t}
	}
	left := max(0, t.expires.Sub(now))
	return entry{
		token: t,
		early: t.expires.Add(-min(earlyMost, left/earlyShare)),
		due:   t.expires.Add(-min(dueMost, left/dueShare)),
	}
}

// usable reports whether the token may be handed out.
func (e entry) usable(now time.Time) bool {
	return !e.token.IsZero() && (e.due.IsZero() || now.Before(e.due))
}

// aging reports whether the token should be renewed while it is still usable.
func (e entry) aging(now time.Time) bool {
	return !e.early.IsZero() && !now.Before(e.early)
}
