package token

import (
	"fmt"
	"io"
	"log/slog"
	"time"
)

// redacted is all that a Token ever prints.
const redacted = "[redacted]"

// Token is an access token and the time at which it ends. It prints as
// "[redacted]" with every fmt verb, in slog and in JSON; only [Token.Reveal]
// gives the value away. Tokens cannot be compared with ==, see [Token.Same].
type Token struct {
	// A closure, because fmt does not call the methods of an unexported field:
	// it walks the struct by reflection, and finds a code address here.
	value   func() string
	expires time.Time
}

// New returns the token with that value, which ends at expires. A zero expires
// means that it never ends. An empty value gives the zero Token.
func New(value string, expires time.Time) Token {
	if value == "" {
		return Token{}
	}
	// The monotonic reading goes: it stands still while a machine is suspended,
	// and the vendor's clock does not.
	return Token{value: func() string { return value }, expires: expires.Round(0)}
}

// Reveal returns the value as it goes on the wire, "" for the zero Token.
func (t Token) Reveal() string {
	if t.value == nil {
		return ""
	}
	return t.value()
}

// Expires returns the time at which the token ends; zero means never.
func (t Token) Expires() time.Time { return t.expires }

// IsZero reports whether there is no token.
func (t Token) IsZero() bool { return t.value == nil }

// Same reports whether both tokens have the same value, whenever they end.
func (t Token) Same(other Token) bool { return t.Reveal() == other.Reveal() }

// String returns "[redacted]".
func (t Token) String() string { return redacted }

// GoString returns "[redacted]".
func (t Token) GoString() string { return redacted }

// Format writes "[redacted]" whatever the verb and its flags are.
func (t Token) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, redacted) }

// LogValue returns "[redacted]".
func (t Token) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalJSON returns "[redacted]" as a JSON string. There is no way back: a
// [Store] writes [Token.Reveal] and [Token.Expires].
func (t Token) MarshalJSON() ([]byte, error) { return []byte(`"` + redacted + `"`), nil }

// MarshalText returns "[redacted]".
func (t Token) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// endsAfter reports whether t lives longer than other.
func (t Token) endsAfter(other Token) bool {
	if t.expires.IsZero() || other.expires.IsZero() {
		return t.expires.IsZero()
	}
	return t.expires.After(other.expires)
}
