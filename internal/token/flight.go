package token

import (
	"context"
	"errors"
	"log/slog"
	"time"
)

const (
	fetchTimeout = 30 * time.Second // for Fetch; no caller's deadline applies to it
	quiet        = 30 * time.Second // least time from any refresh to an early renewal
	confirmedFor = time.Minute      // a token that replaced itself is not asked for again
)

var errAborted = errors.New("the refresh was aborted")

// flight is one refresh, shared by everyone who needs its outcome.
type flight struct {
	rejected Token         // the token it replaces as rejected, zero for a renewal
	done     chan struct{} // closed once token and err are set
	token    Token
	err      error
	panicked any // with what fetch or store did, nil for none
}

// join returns the refresh under way, or starts one. The caller holds the lock.
func (c *Cache) join(ctx context.Context, rejected Token) *flight {
	if c.flight == nil {
		c.flight = &flight{rejected: rejected, done: make(chan struct{})}
		go c.fly(context.WithoutCancel(ctx), c.flight, c.current.token)
	}
	return c.flight
}

// await waits for a refresh, at most until ctx ends. A refresh that failed does
// not take away a token that can still be used.
func (c *Cache) await(ctx context.Context, f *flight, rejected Token) (Token, error) {
	select {
	case <-f.done:
	case <-ctx.Done():
		return Token{}, wrap(ctx.Err())
	}
	if f.panicked != nil {
		// Here the caller can recover it.
		panic(f.panicked)
	}
	if f.err == nil {
		return f.token, nil
	}
	now := c.config.Now()
	c.mu.Lock()
	defer c.mu.Unlock()
	if t, ok := c.other(rejected, now); ok {
		return t, nil
	}
	return Token{}, f.err
}

// fly carries a refresh out. It lands even if Fetch or the store panics or ends the
// goroutine, so that no waiter is left behind.
func (c *Cache) fly(ctx context.Context, f *flight, cached Token) {
	t, err := Token{}, wrap(errAborted)
	defer func() {
		f.panicked = recover()
		c.land(ctx, f, t, err)
	}()
	t, err = c.obtain(ctx, f.rejected, cached)
}

// obtain gets a token from the store, if there is a new one, or else from the
// vendor.
func (c *Cache) obtain(ctx context.Context, rejected, cached Token) (Token, error) {
	store, key := c.config.Store, c.config.Key
	if store != nil {
		if !rejected.IsZero() {
			c.inStore(ctx, "delete", func(ctx context.Context) error { return store.Delete(ctx, key, rejected) })
		}
		if t, ok := c.stored(ctx, rejected, cached); ok {
			return t, nil
		}
	}
	bounded, cancel := context.WithTimeout(ctx, fetchTimeout)
	defer cancel()
	t, err := ask(bounded, c.config.Fetch)
	if err != nil {
		return Token{}, err
	}
	if now := c.config.Now(); store != nil && newEntry(t, now).usable(now) {
		c.inStore(ctx, "save", func(ctx context.Context) error { return store.Save(ctx, key, t) })
	}
	return t, nil
}

// land ends a refresh and puts its token in the place of the cached one. Only
// here does the cached token change, and one flight at a time is under way: no
// answer can overwrite a newer one.
func (c *Cache) land(ctx context.Context, f *flight, t Token, err error) {
	now := c.config.Now()
	c.mu.Lock()
	kept := c.current.usable(now) && !c.current.token.Same(f.rejected)
	next := newEntry(t, now)
	switch {
	case err != nil:
	case kept && !next.usable(now): // expired on arrival: no improvement
		t = c.current.token
	default:
		c.current, kept = next, false
		if t.Same(f.rejected) {
			c.confirmed, c.since = t, now
		}
	}
	c.quietTill = now.Add(quiet)
	c.flight = nil
	expires := c.current.token.expires
	c.mu.Unlock()

	if kept {
		attrs := []slog.Attr{slog.Time("expires", expires)}
		if err != nil {
			attrs = append(attrs, errorAttr(err))
		}
		c.config.Logger.LogAttrs(ctx, slog.LevelWarn, "access token not renewed, the current one stays in use", attrs...)
	}
	f.token, f.err = t, err
	close(f.done)
}
