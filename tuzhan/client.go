package tuzhan

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/orgbridge/orgbridge/internal/kernel"
	"github.com/orgbridge/orgbridge/internal/redact"
	"github.com/orgbridge/orgbridge/internal/token"
)

// defaultBaseURL is the host of the token call, the only one that the vendor
// documents for X-Token.
const defaultBaseURL = "https://integrate.rabbitpre.com"

// Config is what a client needs to know of the company it writes to. It prints without
// its address and credentials.
type Config struct {
	// BaseURL is the vendor's address, default "https://integrate.rabbitpre.com".
	// That is a likely guess: it is where tokens come from, but the vendor's
	// page of the batch calls does not name a host.
	BaseURL string
	// Credentials supply the X-Token. Required.
	Credentials Credentials
	// Parallel is how many calls of one batch may be sent concurrently, default
	// 1. Levels of departments are still sent one after the other.
	Parallel int
}

// LogValue tells how many calls run concurrently. The address is left out: gateways like
// keys in it.
func (c Config) LogValue() slog.Value { return slog.GroupValue(slog.Int("parallel", c.Parallel)) }

// Format prints what LogValue lists, whatever the verb.
func (c Config) Format(f fmt.State, _ rune) { redact.Format(f, "tuzhan.Config", c.LogValue()) }

// MarshalJSON writes what LogValue lists.
func (c Config) MarshalJSON() ([]byte, error) {
	return json.Marshal(map[string]int{"parallel": c.Parallel})
}

// Client writes departments and employees. Make it with [New].
type Client struct {
	kernel   *kernel.Client
	tokens   *token.Cache
	now      func() time.Time
	parallel int
	app      string // instanceAppid, "" with a bare token
}

// New returns a client. It does no I/O; the error joins a *[FieldError] for
// everything that is wrong with config and options.
func New(config Config, options ...Option) (*Client, error) {
	base := cmp.Or(config.BaseURL, defaultBaseURL)
	_, baseErr := kernel.ParseBase("BaseURL", base)
	settings, optionErr := kernel.Apply(options)
	var parallelErr error
	if config.Parallel < 0 {
		parallelErr = &FieldError{Field: "Parallel", Reason: "is negative"}
	}
	if err := errors.Join(baseErr, config.Credentials.Check(), parallelErr, optionErr); err != nil {
		return nil, err
	}
	k, err := kernel.New(vendor, base, settings, wrap)
	if err != nil {
		return nil, err
	}
	c := &Client{kernel: k, now: settings.Now, parallel: config.Parallel}
	issue := issuer{kernel: k, site: k.Site(), settings: settings}
	c.tokens = config.Credentials.Open(func(appID string, secret redact.Secret) *token.Cache {
		c.app = appID
		return issue.cache(appID, secret)
	})
	return c, nil
}

// Destination names where the client pushes to: host and port, a hash of the base
// URL's path, and the instanceAppid if it is known: a bare token does not say whose
// organisation it is for.
func (c *Client) Destination() string { return c.kernel.Site() + " app=" + c.app }

// With returns a client that differs from c in what the options set: one without retries, or with
// another hook, for some of the calls. The two share connections, token, limiter and retry budget,
// unless an option sets another; headers are added. Token calls keep the settings of the original,
// and [WithClock] and [WithTokenStore] are refused.
func (c *Client) With(options ...Option) (*Client, error) {
	if c == nil {
		return nil, kernel.Unmade("With")
	}
	k, err := c.kernel.With(options)
	if err != nil {
		return nil, err
	}
	derived := *c
	derived.kernel = k
	return &derived, nil
}

// LogValue tells how many calls run concurrently.
func (c *Client) LogValue() slog.Value {
	return slog.GroupValue(slog.Int("parallel", max(c.parallel, 1)))
}

// Format prints [Client.LogValue] whatever the verb.
func (c *Client) Format(f fmt.State, _ rune) { redact.Format(f, "tuzhan.Client", c.LogValue()) }

// ready says why no call can be made; see [kernel.Client.Ready].
func (c *Client) ready(ctx context.Context, op string) error {
	if c == nil {
		return kernel.Unmade(op)
	}
	return c.kernel.Ready(ctx, op)
}

// post sends one batch call and returns the data of its answer, and how often
// the call was sent.
func (c *Client) post(ctx context.Context, op kernel.Op, body *kernel.Buffer) (a answer, attempts int, err error) {
	var scrub kernel.Scrubber
	err = c.kernel.Do(ctx, kernel.Call{
		Scrubber:    &scrub,
		Op:          op,
		ContentType: "application/json",
		Body:        body.Bytes,
		Buffer:      body,
		Tokens:      c.tokens,
		Authorize: func(_ context.Context, out *kernel.Outgoing, credential string) error {
			attempts++
			out.Header.Set("X-Token", credential)
			return nil
		},
		Read: func(body []byte) error {
			a = answer{}
			return decode(body, a.scan)
		},
		Rejected: func(status int, code string) bool {
			return status == http.StatusUnauthorized || code == codeToken
		},
	})
	a.scrub = scrub
	return a, attempts, err
}
