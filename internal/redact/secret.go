package redact

import (
	"fmt"
	"io"
	"log/slog"
)

// Placeholder stands wherever a secret would have been printed.
const Placeholder = "[redacted]"

// Secret is a string that no printer can show. The value sits in a closure,
// not in a field: fmt prints unexported fields by reflection without asking
// their methods, and deep printers follow pointers, but neither can look into
// a function.
type Secret struct {
	reveal func() string
}

// NewSecret wraps value.
func NewSecret(value string) Secret {
	if value == "" {
		return Secret{}
	}
	return Secret{reveal: func() string { return value }}
}

// Reveal returns the value; "" for the zero Secret.
func (s Secret) Reveal() string {
	if s.reveal == nil {
		return ""
	}
	return s.reveal()
}

// IsZero reports whether there is no value.
func (s Secret) IsZero() bool { return s.reveal == nil }

// String returns a placeholder.
func (s Secret) String() string { return Placeholder }

// GoString returns a placeholder.
func (s Secret) GoString() string { return Placeholder }

// Format prints a placeholder whatever the verb.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, Placeholder) }

// LogValue returns a placeholder.
func (s Secret) LogValue() slog.Value { return slog.StringValue(Placeholder) }

// MarshalJSON returns a placeholder.
func (s Secret) MarshalJSON() ([]byte, error) { return []byte(`"` + Placeholder + `"`), nil }

// MarshalText returns a placeholder, for encoders other than JSON.
func (s Secret) MarshalText() ([]byte, error) { return []byte(Placeholder), nil }
