package token

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"
	"unicode"
)

// storeTimeout bounds each step of a store, so that one which hangs is a miss.
const storeTimeout = 5 * time.Second

// Store lets several processes share one token. The key names vendor, scope and
// account, and holds the secret only as a hash; see [Key]. An error is logged
// and counts as a miss; it never fails a call. A Store is used by many
// goroutines and must end its work when ctx does.
type Store interface {
	// Load returns the stored token, the zero Token if there is none.
	Load(ctx context.Context, key string) (Token, error)
	// Save stores t in place of whatever is there.
	Save(ctx context.Context, key string, t Token) error
	// Delete removes the stored token only if it still has the value of
	// rejected, in one atomic step: another process may have put a new one there.
	Delete(ctx context.Context, key string, rejected Token) error
}

// errDamaged: no header takes such a token, so no vendor could reject it and no one would
// ever ask for another.
var errDamaged = errors.New("the stored token holds a control character")

// Key builds the key of a [Store]: vendor, scope and account in the clear, then a
// hash over these and the secret, so that a changed secret never meets a token
// of the old one, and parts that contain the separator cannot meet each other.
func Key(vendor, scope, account, secret string) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %q %q %q", vendor, scope, account, secret))
	return strings.Join([]string{vendor, scope, account, hex.EncodeToString(sum[:16])}, ":")
}

// stored returns the token of the store, if it may stand in for a fetch: it is
// not the rejected one, has more left than the time in which it could not be
// handed out, and is an advance on the cached one.
func (c *Cache) stored(ctx context.Context, rejected, cached Token) (Token, bool) {
	var t Token
	c.inStore(ctx, "load", func(ctx context.Context) (err error) {
		t, err = c.config.Store.Load(ctx, c.config.Key)
		if err == nil && strings.ContainsFunc(t.Reveal(), unicode.IsControl) {
			err = errDamaged
		}
		if err != nil {
			t = Token{}
		}
		return err
	})
	switch {
	case t.IsZero(), t.Same(rejected), t.Same(cached):
		return Token{}, false
	case !t.expires.IsZero() && t.expires.Sub(c.config.Now()) <= dueMost:
		return Token{}, false
	}
	return t, cached.IsZero() || cached.Same(rejected) || t.endsAfter(cached)
}

// inStore runs one step of the store.
func (c *Cache) inStore(ctx context.Context, step string, do func(context.Context) error) {
	bounded, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	if err := do(bounded); err != nil {
		c.config.Logger.LogAttrs(ctx, slog.LevelWarn, "token store failed", slog.String("step", step), errorAttr(err))
	}
}

// errorAttr describes an error by what was made for logs, or else by its types
// alone: the text of a foreign error (a connection string, a command with its
// arguments) may hold the token or a password.
func errorAttr(err error) slog.Attr {
	if v, ok := errors.AsType[interface {
		error
		slog.LogValuer
	}](err); ok {
		return slog.Any("error", v)
	}
	var types []string
	for ; err != nil; err = errors.Unwrap(err) {
		types = append(types, fmt.Sprintf("%T", err))
	}
	return slog.String("error", strings.Join(types, ": "))
}
