package console

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"strings"
	"time"
)

// Config says what a page shows, and to whom.
type Config struct {
	// Host is required.
	Host Host
	// Feed is the progress of the host's engine. Optional: without it a page says that
	// something is under way, and not how far it has come.
	Feed *Feed

	// User and Password are those of HTTP Basic authentication. With them, the page may be
	// served to other machines; use TLS, because they travel with every request.
	User, Password string
	// Proxy trusts a reverse proxy that has authenticated the user. Optional.
	Proxy *Proxy

	// Title names the team or the company. The default is the tenant of the host.
	Title string
	// Names shows names of people. They come from the reading in memory, and are neither
	// kept nor logged.
	Names bool
	// Sandbox adds buttons that change the organisation. It is for simulators.
	Sandbox Sandbox
	// Decided is told of every decision before it is carried out. Optional; it must be safe
	// for concurrent use.
	Decided func(ctx context.Context, decision Decision)
	// Logger takes decisions and failures, without names of people. The default is
	// silence.
	Logger *slog.Logger
	// Now is the clock. The default is time.Now.
	Now func() time.Time
}

// Proxy is a reverse proxy that authenticates users and names them in a header.
type Proxy struct {
	// Header has the user's name, such as X-Forwarded-User. The proxy must remove it from
	// what it receives.
	Header string
	// From are the addresses of the proxy; requests from others are refused. The default
	// is the loopback addresses.
	From []netip.Prefix
}

// ConfigError says which field of a [Config] or [RunnerConfig] is wrong.
type ConfigError struct{ Field, Reason string }

// Error names field and reason.
func (e *ConfigError) Error() string { return "console: " + e.Field + " " + e.Reason }

// check reports everything that is wrong at once.
func (c *Config) check() error {
	var errs []error
	wrong := func(bad bool, field, reason string) {
		if bad {
			errs = append(errs, &ConfigError{Field: field, Reason: reason})
		}
	}
	wrong(c.Host == nil, "Host", "is missing")
	wrong(c.User != "" && c.Password == "", "Password", "is empty, and User is not")
	wrong(c.User == "" && c.Password != "", "User", "is empty, and Password is not")
	wrong(strings.Contains(c.User, ":"), "User", "contains a colon, which Basic authentication cannot carry")
	if p := c.Proxy; p != nil {
		wrong(!token(p.Header), "Proxy.Header", "is not the name of a header")
		wrong(c.User != "", "Proxy", "is set beside User: which one is meant?")
		for i, prefix := range p.From {
			wrong(!prefix.IsValid(), fmt.Sprintf("Proxy.From[%d]", i), "is not a range of addresses")
		}
	}
	return errors.Join(errs...)
}

// token reports whether a text can be the name of a header.
func token(name string) bool {
	return name != "" && http.CanonicalHeaderKey(name) != "Authorization" &&
		strings.Trim(strings.ToLower(name), "abcdefghijklmnopqrstuvwxyz0123456789-_") == ""
}

// Verdict is what someone decided about a plan.
type Verdict string

// The verdicts.
const (
	Apply   Verdict = "apply"   // carry it out: the guard objects to nothing
	Approve Verdict = "approve" // carry it out, with what the guard objects to
	Hold    Verdict = "hold"    // carry it out, except what the guard objects to
	Reject  Verdict = "reject"  // send nothing
)

// Decision is what someone decided about a plan.
type Decision struct {
	Verdict Verdict
	Digest  string // of what the guard objected to, "" if it did not
	By      string // who was authenticated, or said so; "" if neither
	At      time.Time
}

// Sandbox changes a simulated organisation.
type Sandbox interface {
	// Actions are the buttons, in order.
	Actions() []SandboxAction
	// Do carries out an action by its name.
	Do(ctx context.Context, name string) error
}

// SandboxAction is one button. Texts are by language: "en" and "zh".
type SandboxAction struct {
	Name  string            // of letters and dashes
	Label map[string]string // on the button
	Hint  map[string]string // what to expect
}
