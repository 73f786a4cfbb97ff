package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"time"
)

// ask runs a statement in the background unless one is under way, and returns what is
// closed at its end. It outlives the caller: what was reserved is for the
// next one. l.mu is held.
func (l *Limiter) ask(ctx context.Context, statement func(context.Context) error) <-chan struct{} {
	if l.asking == nil {
		done := make(chan struct{})
		l.asking = done
		go func() {
			ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), statementTime)
			defer cancel()
			err := statement(ctx)
			l.mu.Lock()
			l.asking = nil
			changed := l.judge(err)
			l.mu.Unlock()
			close(done)
			l.say(ctx, changed, err)
		}()
	}
	return l.asking
}

// judge notes whether the database is there, and reports whether that has changed.
func (l *Limiter) judge(err error) (changed bool) {
	if hasState(err, undefinedTable) {
		l.failed, err = ErrNoSchema, nil
	}
	changed = l.away != (err != nil)
	l.away = err != nil
	if l.away {
		l.retry, l.block = time.Now().Add(retryTime), block{}
	}
	return changed
}

func (l *Limiter) say(ctx context.Context, changed bool, err error) {
	if !changed {
		return
	}
	row := []slog.Attr{slog.String("vendor", l.config.Vendor), slog.String("app", l.config.App)}
	if err != nil {
		l.logger.LogAttrs(ctx, slog.LevelWarn, "the shared limiter's database is out of reach: keeping to this process's part of the rate",
			append(row, slog.Int("workers", l.config.Workers))...)
		return
	}
	l.logger.LogAttrs(ctx, slog.LevelInfo, "the shared limiter's database is back", row...)
}

// reserve takes as many permits as are likely to be used within a second.
//
// A permit is for a moment on the clock of the database. It may be used from then on, and
// no later than slack after it: this is what keeps the rate in every window, whichever
// process uses it. The two ends are counted from the end and the beginning of the statement, so
// that both are right whatever the statement took.
func (l *Limiter) reserve(ctx context.Context) error {
	n, late := l.size()
	asked := time.Now()
	after, paused, err := l.update(ctx, n, late)
	if err != nil {
		return err
	}
	answered := time.Now()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.took = answered.Sub(asked)
	l.wait = after
	l.block = block{from: answered.Add(after), until: asked.Add(after + l.slack), size: n}
	l.heard(asked, answered, paused)
	return nil
}

// size is how many permits to reserve: as many as were used of the last block, and one
// for each who waits. The first may be late already, but not so much that it ends before
// the answer is here.
func (l *Limiter) size() (n int, late time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	n = min(l.most, l.block.taken+int(l.waiting.Load()))
	if l.wait > crowded {
		n = min(n, l.block.size/2)
	}
	return max(1, n), l.slack - min(l.slack/2, max(answerTime, 2*l.took))
}

// heard notes what the database said of pauses. l.mu is held.
func (l *Limiter) heard(asked, answered time.Time, paused time.Duration) {
	l.word = asked
	if until := answered.Add(paused); paused > 0 && until.After(l.paused) {
		l.paused = until
	}
}

// update reserves n permits: the first is due after that time, and calls are paused for
// the other one.
func (l *Limiter) update(ctx context.Context, n int, late time.Duration) (after, paused time.Duration, err error) {
	span := (time.Duration(n)*l.gap + time.Microsecond - 1).Microseconds()
	err = l.onRow(ctx, func() error {
		var due, pause int64
		err := l.db.QueryRowContext(ctx, reserve, l.vendor, l.app, late.Microseconds(), span).Scan(&due, &pause)
		after, paused = microseconds(due), microseconds(pause)
		return err
	})
	return after, paused, err
}

// look asks whether calls are paused.
func (l *Limiter) look(ctx context.Context) error {
	asked := time.Now()
	var pause int64
	err := l.onRow(ctx, func() error {
		return l.db.QueryRowContext(ctx, selectPause, l.vendor, l.app).Scan(&pause)
	})
	if err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.heard(asked, time.Now(), microseconds(pause))
	if pause > 0 {
		l.block.drop() // it was reserved before the pause
	}
	return nil
}

// Pause stops the calls of all processes for d, at most an hour: this one's at once, those
// of the others within about a second. Call it when the vendor answers that there were too
// many calls. It does not block, so that a client's hook may call it, and does nothing
// if d is not positive or a pause that lasts as long is known already. If the database is
// out of reach, the pause is this process's alone.
func (l *Limiter) Pause(d time.Duration) {
	d = min(d, maxPause)
	l.mu.Lock()
	defer l.mu.Unlock()
	until := time.Now().Add(d)
	if d <= 0 || !until.After(l.paused) {
		return
	}
	l.paused = until
	l.block.drop()
	go l.tell(d)
}

// tell stores a pause.
func (l *Limiter) tell(d time.Duration) {
	ctx, cancel := context.WithTimeout(context.Background(), statementTime)
	defer cancel()
	err := l.onRow(ctx, func() error {
		result, err := l.db.ExecContext(ctx, pause, l.vendor, l.app, d.Microseconds())
		if err != nil {
			return err
		}
		if n, err := result.RowsAffected(); err != nil || n > 0 {
			return err
		}
		return sql.ErrNoRows
	})
	if err != nil {
		l.mu.Lock()
		changed := l.judge(err)
		l.mu.Unlock()
		l.say(ctx, changed, err)
	}
}

// onRow runs a statement on the row, which it creates if need be. Where the default
// isolation is stricter than read committed, two statements on one row may be a conflict,
// and the second is tried again.
func (l *Limiter) onRow(ctx context.Context, statement func() error) error {
	const tries = 20
	var err error
	for range tries {
		err = statement()
		switch {
		case errors.Is(err, sql.ErrNoRows):
			if _, err = l.db.ExecContext(ctx, createRate, l.vendor, l.app); err != nil && !hasState(err, serializationFailure) {
				return err
			}
		case !hasState(err, serializationFailure):
			return err
		}
	}
	return err
}

func microseconds(n int64) time.Duration { return time.Duration(n) * time.Microsecond }
