package trigger

import (
	"cmp"
	"context"
	"errors"
	"time"
)

// Config says when runs start. Run is required.
type Config struct {
	// Run does one run. It is called for one run after the other, never concurrently.
	// ctx is that of [Trigger.Serve]: when it ends, Run should end too.
	Run func(ctx context.Context, r Request)

	AtStart bool // run when Serve begins

	// Every is the time from the end of a run, whatever its cause, to the next scheduled
	// one; 0 for no schedule. At least a second.
	Every time.Duration
	// Jitter is how much earlier or later, at random, a scheduled run starts, so that
	// many programs do not call a vendor in the same second. The default is a tenth of
	// Every, which it must not exceed; negative for none.
	Jitter time.Duration

	// Nightly is the time of day, as "15:04", at which a full reading starts; "" for
	// none. One that is due while a run is under way starts after it.
	Nightly  string
	Location *time.Location // of Nightly, default time.Local

	// Quiet is how long no further event may come before the run starts that events ask
	// for, default 5 seconds. Longest is how long it waits in any case, counted from the
	// first of them, default 60 seconds; not below Quiet.
	Quiet, Longest time.Duration
}

const (
	defaultQuiet   = 5 * time.Second
	defaultLongest = 60 * time.Second
	minEvery       = time.Second
)

// ConfigError says what is wrong with a [Config].
type ConfigError struct{ Field, Reason string }

// Error names field and reason.
func (e *ConfigError) Error() string { return "trigger: " + e.Field + " " + e.Reason }

// timeOfDay is an hour and a minute.
type timeOfDay struct{ hour, minute int }

// next returns the first such time after now. Where the clocks change over it, it is the
// time by the old clock or by the new one.
func (d timeOfDay) next(now time.Time, in *time.Location) time.Time {
	year, month, day := now.In(in).Date()
	for ; ; day++ {
		if at := time.Date(year, month, day, d.hour, d.minute, 0, 0, in); at.After(now) {
			return at
		}
	}
}

// settings are a Config with its defaults.
type settings struct {
	Config

	nightly *timeOfDay
}

func (c Config) settle() (settings, error) {
	s := settings{Config: c}
	s.Quiet = cmp.Or(c.Quiet, defaultQuiet)
	s.Longest = cmp.Or(c.Longest, max(defaultLongest, s.Quiet))
	s.Jitter = max(cmp.Or(c.Jitter, c.Every/10), 0)
	s.Location = cmp.Or(c.Location, time.Local)
	var errs []error
	bad := func(wrong bool, field, reason string) {
		if wrong {
			errs = append(errs, &ConfigError{Field: field, Reason: reason})
		}
	}
	bad(c.Run == nil, "Run", "is required")
	bad(c.Every < 0, "Every", "is negative")
	bad(c.Every > 0 && c.Every < minEvery, "Every", "is below a second")
	bad(c.Every >= 0 && s.Jitter > c.Every, "Jitter", "exceeds Every")
	bad(c.Quiet < 0, "Quiet", "is negative")
	bad(c.Longest < 0, "Longest", "is negative")
	bad(c.Longest > 0 && s.Longest < s.Quiet, "Longest", "is below Quiet")
	if c.Nightly != "" {
		at, err := time.Parse("15:04", c.Nightly)
		bad(err != nil, "Nightly", "is not a time of day such as 02:40")
		s.nightly = &timeOfDay{at.Hour(), at.Minute()}
	}
	return s, errors.Join(errs...)
}
