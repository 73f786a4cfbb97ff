package yunjian

import (
	"fmt"
	"io"
	"log/slog"

	"github.com/orgbridge/orgbridge/internal/redact"
)

// Access is what a third party issues to 云简: an account, its secret, and the
// key that requests are signed with, which itself never travels. It prints as
// the account alone.
type Access struct {
	account         string
	secret, signKey redact.Secret
}

// NewAccess returns the access of account. None of the three may be empty.
// Make secret and signKey long and random; who has both can push users.
func NewAccess(account, secret, signKey string) Access {
	return Access{account: account, secret: redact.NewSecret(secret), signKey: redact.NewSecret(signKey)}
}

// String returns the account.
func (a Access) String() string { return "yunjian.Access{account=" + a.account + "}" }

// Format prints String whatever the verb.
func (a Access) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, a.String()) }

// LogValue returns the account.
func (a Access) LogValue() slog.Value { return slog.GroupValue(slog.String("account", a.account)) }

// MarshalText returns String.
func (a Access) MarshalText() ([]byte, error) { return []byte(a.String()), nil }

// check names what is missing.
func (a Access) check(field string) []error {
	var errs []error
	for _, part := range []struct {
		name  string
		empty bool
	}{
		{"account", a.account == ""},
		{"secret", a.secret.IsZero()},
		{"signKey", a.signKey.IsZero()},
	} {
		if part.empty {
			errs = append(errs, &FieldError{Field: field + "." + part.name, Reason: "is required"})
		}
	}
	for _, part := range []struct{ name, text string }{{"account", a.account}, {"secret", a.secret.Reveal()}} {
		if !signable(part.text) {
			errs = append(errs, &FieldError{
				Field: field + "." + part.name, Reason: `has a control character, or "=" after "&": the signature cannot tell it from two parameters`,
			})
		}
	}
	return errs
}
