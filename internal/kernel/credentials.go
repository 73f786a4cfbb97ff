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

	// level and owner are no secrets: see KeyCredentials.
	level, owner string
}

// Issue makes the cache of the tokens that a vendor issues to an app.
type Issue func(appID string, secret redact.Secret) *token.Cache

// AppCredentials are an app's id and secret, for which the vendor issues tokens.
func AppCredentials(appID, appSecret string) Credentials {
	return issued(appID, appSecret, "app id", "app secret")
}

// KeyCredentials are a key that a customer of the vendor, the owner, was given for one
// kind of call, for which the vendor issues tokens of that level.
func KeyCredentials(level, owner, secret string) Credentials {
	c := issued(owner, secret, "eid", "key").At(level)
	c.owner = owner
	return c
}

// At returns the same credentials, whose tokens are known to be of that level.
func (c Credentials) At(level string) Credentials {
	c.level = level
	return c
}

func issued(id, secretText, idName, secretName string) Credentials {
	secret := redact.NewSecret(secretText)
	return Credentials{
		open: func(issue Issue) *token.Cache { return issue(id, secret) },
		problem: func() error {
			var errs []error
			for _, part := range [...]struct{ name, text string }{{idName, id}, {secretName, secret.Reveal()}} {
				if flaw := SecretFlaw(part.text); flaw != "" {
					errs = append(errs, credentialsError(part.name+" "+flaw))
				}
			}
			return errors.Join(errs...)
		},
	}
}

// Level returns the level of the tokens, "" if it is not known.
func (c Credentials) Level() string { return c.level }

// Owner returns whose key it is, "" for other credentials than [KeyCredentials].
func (c Credentials) Owner() string { return c.owner }

// AccessToken is a token that someone else obtained. It is never renewed.
func AccessToken(value string) Credentials {
	return Credentials{
		open: func(Issue) *token.Cache { return token.Static(value) },
		problem: func() error {
			if flaw := SecretFlaw(value); flaw != "" {
				return credentialsError("token " + flaw)
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
