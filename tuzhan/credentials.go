package tuzhan

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"

	"github.com/orgbridge/orgbridge/internal/redact"
	"github.com/orgbridge/orgbridge/internal/token"
)

// Credentials supply the X-Token of a client. Make them with
// [AppCredentials], [AccessToken] or [TokenFunc]. They print as "[redacted]".
type Credentials struct {
	// Closures, because no printer can look into one.
	open    func(issuer) *token.Cache
	problem func() error
}

// AppCredentials are those of a self-built app (工作台-配置-数据集成-自建应用).
// The client asks for a token (getOrgAccessToken) when it first needs one,
// keeps it, renews it before its end (7,200 seconds), and asks again when a
// call is answered with code 100200 or HTTP 401: the call is then repeated,
// once, if another token comes back.
func AppCredentials(instanceAppID, instanceSecret string) Credentials {
	secret := redact.NewSecret(instanceSecret)
	return Credentials{
		open: func(i issuer) *token.Cache { return i.cache(instanceAppID, secret) },
		problem: func() error {
			var errs []error
			if instanceAppID == "" {
				errs = append(errs, credentialsError("app id is empty"))
			}
			if instanceSecret == "" {
				errs = append(errs, credentialsError("app secret is empty"))
			}
			return errors.Join(errs...)
		},
	}
}

// AccessToken is a token that someone else obtained. It is never renewed: when
// it ends, calls are refused with [ErrToken].
func AccessToken(value string) Credentials {
	return Credentials{
		open: func(issuer) *token.Cache { return token.Static(value) },
		problem: func() error {
			if value == "" {
				return credentialsError("token is empty")
			}
			return nil
		},
	}
}

// TokenFunc asks fn for the token of every attempt, and again after a
// rejection: if it then returns another token, the call is repeated once. fn
// does its own caching, must be safe for concurrent use, and its errors, which
// reach the caller as they are, must be free of secrets.
func TokenFunc(fn func(ctx context.Context) (string, error)) Credentials {
	return Credentials{
		open: func(issuer) *token.Cache { return token.FromFunc(fn) },
		problem: func() error {
			if fn == nil {
				return credentialsError("function is nil")
			}
			return nil
		},
	}
}

func credentialsError(reason string) error {
	return &FieldError{Field: "Credentials", Reason: "are not usable: " + reason}
}

func (c Credentials) check() error {
	if c.open == nil {
		return &FieldError{Field: "Credentials", Reason: "is required"}
	}
	return c.problem()
}

// String returns "[redacted]".
func (c Credentials) String() string { return redact.Placeholder }

// GoString returns "[redacted]".
func (c Credentials) GoString() string { return redact.Placeholder }

// Format prints "[redacted]" whatever the verb.
func (c Credentials) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redact.Placeholder) }

// LogValue returns "[redacted]".
func (c Credentials) LogValue() slog.Value { return slog.StringValue(redact.Placeholder) }

// MarshalText returns "[redacted]"; encoding/json uses it too.
func (c Credentials) MarshalText() ([]byte, error) { return []byte(redact.Placeholder), nil }
