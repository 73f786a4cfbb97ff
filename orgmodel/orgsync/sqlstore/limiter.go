package sqlstore

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"math"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"
)

const (
	// blockTime is about how long the permits last that one statement reserves.
	blockTime = time.Second
	// crowded is a wait beyond which a process reserves less at a time, so that many
	// processes take turns of less than a second.
	crowded = 2 * time.Second
	// fresh is how old the last word of the database on pauses may be.
	fresh = time.Second
	// statementTime bounds one statement.
	statementTime = 5 * time.Second
	// retryTime is how long a database that failed is left alone.
	retryTime = time.Second
	// answerTime is what a statement usually takes at most.
	answerTime = 50 * time.Millisecond
	// maxPause bounds Pause, so that one absurd Retry-After does not stop every process.
	maxPause = time.Hour

	minRate, maxRate = 1.0 / 3600, 1e6
)

// LimiterConfig says what is limited.
type LimiterConfig struct {
	// Vendor and App name the row of the database, and so who shares the rate. App is
	// whatever the vendor counts by: an app id, an interface, an IP address. It is stored as
	// it is, so it must not be a secret. Both are required and at most 800 bytes long.
	Vendor, App string
	// Rate is how many calls a second all processes together may make, from one an hour
	// to a million a second. Required.
	Rate float64
	// Burst is how many calls may come at once, 2 or more. A call that the database
	// allowed for one moment may be made until Burst-1 calls later, and is given up after
	// that: with a small Burst and a slow database, permits are lost.
	Burst int
	// Workers is how many processes share the row, 1 or more. While the database is out of
	// reach each keeps to Rate/Workers. Required.
	Workers int
	// Logger is told once when the database is out of reach, and once when it is back. The
	// default is silence.
	Logger *slog.Logger
}

// Limiter is a rate that processes share through a row of the database. Within any
// span of time t, all of them together make at most Rate·t + Burst calls, by the clock
// of the database. It fits the WithLimiter option of the vendor clients and is safe for
// concurrent use. Nothing runs while no one waits, so there is nothing to close.
//
// A process reserves permits for about a second with one statement, and fewer as long as
// it needs fewer. It hands them out in the order in which they are asked for. While the
// database is out of reach, a local limiter with the process's part of the rate takes its
// place. Several limits on one call are a [Limiters].
type Limiter struct {
	db          *sql.DB
	config      LimiterConfig
	vendor, app []byte
	gap         time.Duration // between two permits
	slack       time.Duration // how late a permit may be used
	most        int           // permits of one statement
	local       *rate.Limiter
	logger      *slog.Logger

	turn    chan struct{} // held by the one who gets the next permit
	waiting atomic.Int64

	mu     sync.Mutex
	block  block
	wait   time.Duration // until the first permit of the last block
	took   time.Duration // by the last reservation
	paused time.Time     // until then no call is made
	word   time.Time     // when the database last told of pauses
	asking chan struct{} // closed when the statement under way has ended, nil if there is none
	away   bool
	retry  time.Time // the database is left alone until then
	failed error     // for the next call: the tables are missing
}

// block is a number of permits in a row.
type block struct {
	from, until time.Time // of the first: its moment by two readings of our clock, see reserve
	size, gone  int       // gone are taken, or too old
	taken       int
}

func (b *block) drop() { b.gone = b.size }

// NewLimiter returns the limiter of one row, which the first call creates. It does
// not touch the database yet. [Store.CreateSchema] creates the table; all processes must
// give a row the same Rate and Burst. The error joins a *[FieldError] for everything that
// is wrong.
func NewLimiter(db *sql.DB, config LimiterConfig) (*Limiter, error) {
	if err := config.check(db); err != nil {
		return nil, err
	}
	gap := time.Duration(math.Ceil(float64(time.Second) / config.Rate))
	workers := config.Workers
	return &Limiter{
		db: db, config: config, vendor: []byte(config.Vendor), app: []byte(config.App),
		gap: gap, slack: gap * time.Duration(config.Burst-1), most: max(1, int(blockTime/gap)),
		local:  rate.NewLimiter(rate.Limit(config.Rate/float64(workers)), max(1, config.Burst/workers)),
		logger: cmp.Or(config.Logger, slog.New(slog.DiscardHandler)),
		turn:   make(chan struct{}, 1),
	}, nil
}

func (c LimiterConfig) check(db *sql.DB) error {
	var errs []error
	wrong := func(bad bool, field, reason string) {
		if bad {
			errs = append(errs, &FieldError{Field: field, Reason: reason})
		}
	}
	wrong(db == nil, "db", "is required")
	for _, name := range []struct{ field, value string }{{"Vendor", c.Vendor}, {"App", c.App}} {
		wrong(strings.TrimSpace(name.value) == "", name.field, "is required")
		if len(name.value) > maxName {
			errs = append(errs, tooLong(name.field))
		}
	}
	wrong(math.IsNaN(c.Rate) || c.Rate < minRate || c.Rate > maxRate, "Rate", "is not within 1 an hour to 1,000,000 a second")
	wrong(c.Burst < 2, "Burst", "is less than 2")
	wrong(float64(c.Burst) > c.Rate*float64(24*time.Hour/time.Second)+2, "Burst", "is more than the calls of a day")
	wrong(c.Workers < 1, "Workers", "is less than 1")
	return errors.Join(errs...)
}

// Wait returns when the next call may be made. It fails with the cause of ctx when that
// ends first, and with [ErrNoSchema] if the table is missing. A database that cannot be
// reached is no error, see [LimiterConfig].Workers.
func (l *Limiter) Wait(ctx context.Context) error {
	_, err := l.take(ctx)
	return err
}

// take waits for the next permit, and returns until when it may be used.
func (l *Limiter) take(ctx context.Context) (until time.Time, err error) {
	l.waiting.Add(1)
	defer l.waiting.Add(-1)
	select {
	case l.turn <- struct{}{}:
		defer func() { <-l.turn }()
	case <-ctx.Done():
		return time.Time{}, context.Cause(ctx)
	}
	for ctx.Err() == nil {
		s := l.next(ctx, time.Now())
		switch {
		case s.err != nil:
			return time.Time{}, s.err
		case s.local:
			if until, ok := l.takeLocal(ctx); ok {
				return until, nil
			}
		case s.asking != nil:
			select {
			case <-s.asking:
			case <-ctx.Done():
			}
		case s.wait > 0:
			sleep(ctx, s.wait)
		default:
			return s.until, nil
		}
	}
	return time.Time{}, context.Cause(ctx)
}

// step is what the one whose turn it is does next.
type step struct {
	err    error
	until  time.Time     // the permit that was taken ends then
	wait   time.Duration // look again after that
	asking <-chan struct{}
	local  bool
}

func (l *Limiter) next(ctx context.Context, now time.Time) step {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.failed; err != nil {
		l.failed = nil
		return step{err: err}
	}
	if wait := l.paused.Sub(now); wait > 0 {
		return step{wait: min(wait, fresh)} // the end may be moved on meanwhile
	}
	if l.away && now.Before(l.retry) {
		return step{local: true}
	}
	if l.away { // with the local limiter, while the database is tried again
		l.ask(ctx, l.reserve)
		return step{local: true}
	}
	at, until, there := l.block.next(now, l.gap)
	switch {
	case !there:
		return step{asking: l.ask(ctx, l.reserve)}
	case at.After(now):
		return step{wait: at.Sub(now)}
	case now.Sub(l.word) > fresh:
		return step{asking: l.ask(ctx, l.look)}
	}
	l.block.gone++
	l.block.taken++
	return step{until: until}
}

// next drops permits that are too old, and returns the next one.
func (b *block) next(now time.Time, gap time.Duration) (at, until time.Time, there bool) {
	for ; b.gone < b.size; b.gone++ {
		after := time.Duration(b.gone) * gap
		if until = b.until.Add(after); !now.After(until) {
			return b.from.Add(after), until, true
		}
	}
	return time.Time{}, time.Time{}, false
}

// takeLocal waits for the local limiter, as long as the database is left alone.
func (l *Limiter) takeLocal(ctx context.Context) (until time.Time, ok bool) {
	now := time.Now()
	permit := l.local.ReserveN(now, 1)
	wait := permit.DelayFrom(now)
	if wait > retryTime {
		permit.CancelAt(now)
		sleep(ctx, retryTime)
		return time.Time{}, false
	}
	sleep(ctx, wait)
	if ctx.Err() != nil {
		permit.Cancel()
		return time.Time{}, false
	}
	return now.Add(wait + max(l.slack, retryTime)), true
}

func sleep(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
