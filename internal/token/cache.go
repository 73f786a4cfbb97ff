package token

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"
)

var (
	errEmpty    = errors.New("the answer holds no token")
	errNoSource = errors.New("there is no function to ask")
)

// Config says where the token of a [Cache] comes from.
type Config struct {
	// Key is the key in the Store; see [Key]. Required with a Store.
	Key string
	// Fetch asks the vendor for a token and must end with ctx (30 seconds at
	// the most). Its errors reach the caller, so they must be free of secrets.
	Fetch func(ctx context.Context) (Token, error)
	// Secrets lists what Fetch authenticates with; nil means that it is not known.
	Secrets func() []string
	// Store shares the token with other processes; nil means that none does.
	Store Store
	// Now is the clock; nil means time.Now.
	Now func() time.Time
	// Logger hears of renewals and stores that fail; nil means silence.
	Logger *slog.Logger
}

// Cache holds the token of one account. It is safe for concurrent use.
type Cache struct {
	config Config
	direct func(ctx context.Context) (Token, error) // set: asked every time, nothing is cached

	mu        sync.Mutex
	current   entry
	flight    *flight   // the refresh under way, nil if there is none
	quietTill time.Time // no early renewal before
	confirmed Token     // came back when it was to be replaced,
	since     time.Time // at this time
}

// NewCache returns an empty cache. It does no I/O.
func NewCache(c Config) *Cache {
	if c.Fetch == nil {
		c.Fetch = func(context.Context) (Token, error) { return Token{}, errNoSource }
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return &Cache{config: c}
}

// Static returns a cache for a token that the caller was given. It is never
// fetched and never replaced: Replace returns the same one.
func Static(value string) *Cache {
	t := New(value, time.Time{})
	return &Cache{direct: func(context.Context) (Token, error) { return t, nil }}
}

// FromFunc returns a cache that caches nothing: fn, the caller's own source, is
// asked by every Token and every Replace, on their context.
func FromFunc(fn func(ctx context.Context) (string, error)) *Cache {
	return &Cache{direct: func(ctx context.Context) (Token, error) {
		if fn == nil {
			return Token{}, errNoSource
		}
		value, err := fn(ctx)
		return New(value, time.Time{}), err
	}}
}

// Secrets lists the credentials behind the tokens, which no text may show.
func (c *Cache) Secrets() []string {
	if c.config.Secrets == nil {
		return nil
	}
	return c.config.Secrets()
}

// Token returns a usable token: the cached one, or one that is fetched now. It
// fails with the error of Fetch, or with that of ctx if ctx ends first.
func (c *Cache) Token(ctx context.Context) (Token, error) {
	if err := ctx.Err(); err != nil {
		return Token{}, wrap(err)
	}
	if c.direct != nil {
		return ask(ctx, c.direct)
	}
	now := c.config.Now()
	c.mu.Lock()
	renew := c.current.aging(now) && c.flight == nil && !now.Before(c.quietTill)
	if c.current.usable(now) && !renew {
		defer c.mu.Unlock()
		return c.current.token, nil
	}
	f := c.join(ctx, Token{})
	c.mu.Unlock()
	return c.await(ctx, f, Token{})
}

// Replace is told that the vendor rejected a token, and returns the one to use
// now: the cached one if it already is another, else one freshly fetched. That
// may be the same token again (云之家 hands out one token while it lives), so the
// caller repeats its call only if the value differs. If the same token is
// rejected again within the next minute, it is returned without another fetch. If
// the fetch fails, the error is returned and the cached token stays.
func (c *Cache) Replace(ctx context.Context, rejected Token) (Token, error) {
	if err := ctx.Err(); err != nil {
		return Token{}, wrap(err)
	}
	if c.direct != nil {
		return ask(ctx, c.direct)
	}
	t, outdated, err := c.replace(ctx, rejected)
	if outdated {
		// Whatever is joined now set out after this call began: no third time.
		t, _, err = c.replace(ctx, rejected)
	}
	return t, err
}

// replace is one attempt of Replace. Its answer is outdated if it is the
// rejected token out of a refresh that set out before anyone knew of the
// rejection, and may have had its answer before it.
func (c *Cache) replace(ctx context.Context, rejected Token) (t Token, outdated bool, err error) {
	now := c.config.Now()
	c.mu.Lock()
	if t, ok := c.other(rejected, now); ok {
		c.mu.Unlock()
		return t, false, nil
	}
	if t := c.current.token; t.Same(rejected) && c.current.usable(now) && c.isConfirmed(now) {
		c.mu.Unlock()
		return t, false, nil
	}
	f := c.join(ctx, rejected)
	c.mu.Unlock()
	t, err = c.await(ctx, f, rejected)
	return t, err == nil && t.Same(rejected) && !f.rejected.Same(rejected), err
}

// other returns the cached token if it is usable and not the rejected one, nor,
// for a caller that has had one rejected, itself being replaced as rejected.
// Others are not kept waiting by such a suspicion: 云之家 has no code for a
// rejected token, so any refused call raises it. The caller holds the lock.
func (c *Cache) other(rejected Token, now time.Time) (Token, bool) {
	t := c.current.token
	suspect := !rejected.IsZero() && c.flight != nil && c.flight.rejected.Same(t)
	return t, c.current.usable(now) && !suspect && !t.Same(rejected)
}

// isConfirmed reports whether the vendor has just given the cached token out again
// in place of itself. The caller holds the lock.
func (c *Cache) isConfirmed(now time.Time) bool {
	age := now.Sub(c.since) // below 0 if the clock was put back
	return c.confirmed.Same(c.current.token) && age >= 0 && age < confirmedFor
}

// ask gets a token from fn and turns an empty one into an error.
func ask(ctx context.Context, fn func(context.Context) (Token, error)) (Token, error) {
	t, err := fn(ctx)
	if err == nil && t.IsZero() {
		err = errEmpty
	}
	if err != nil {
		return Token{}, wrap(err)
	}
	return t, nil
}

func wrap(err error) error { return fmt.Errorf("get access token: %w", err) }
