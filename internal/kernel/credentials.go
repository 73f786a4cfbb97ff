package kernel

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"

	"github.com/orgbridge/orgbridge/internal/redact"
	"github.com/orgbridge/orgbridge/internal/token"
)

// Credentials supply the access token of a client. They print as "[redacted]".
type Credentials struct {
	// Closures, because no printer can look into one.
	open    func(issue Issue) *token.Cache
	problem func() error
}

// Issue makes the cache of the tokens that a vendor issues to an app.
type Issue func(appID string, secret redact.Secret) *token.Cache

// AppCredentials are an app's id and secret, for which the vendor issues tokens.
func AppCredentials(appID, appSecret string) Credentials {
	secret := redact.NewSecret(appSecret)
	return Credentials{
		open: func(issue Issue) *token.Cache { return issue(appID, secret) },
		problem: func() error {
			var errs []error
			if appID == "" {
				errs = append(errs, credentialsError("app id is empty"))
			}
			if appSecret == "" {
				errs = append(errs, credentialsError("app secret is empty"))
			}
			return errors.Join(errs...)
		},
	}
}

// AccessToken is a token that someone else obtained. It is never renewed.
func AccessToken(value string) Credentials {
	return Credentials{
		open: func(Issue) *token.Cache { return token.Static(value) },
		problem: func() error {
			if value == "" {
				return credentialsError("token is empty")
			}
			return nil
		},
	}
}

// TokenFunc asks fn for the token of every attempt, and again after a rejection.
func TokenFunc(fn func(ctx context.Context) (string, error)) Credentials {
	return Credentials{
		open: func(Issue) *token.Cache { return token.FromFunc(fn) },
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

// Check returns a *[FieldError] for each thing that is missing.
func (c Credentials) Check() error {
	if c.problem == nil {
		return &FieldError{Field: "Credentials", Reason: "is required"}
	}
	return c.problem()
}

// Open returns the tokens. The credentials must have passed Check.
func (c Credentials) Open(issue Issue) *token.Cache { return c.open(issue) }

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
