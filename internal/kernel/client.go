package kernel

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

const (
	// A vendor that cannot be reached is given up within a minute: attempts
	// are not repeated after unreachableAfter, and the last one started before
	// that ends after defaultAttemptTime.
	unreachableAfter = 25 * time.Second
	dialTimeout      = 10 * time.Second

	// net/http keeps 2 idle connections per host and would dial anew for the
	// third of a handful of parallel pages.
	idlePerHost = 32

	maxRequest = 64 << 20
)

// Client sends calls to one vendor. It is safe for concurrent use.
type Client struct {
	vendor   string
	wrap     func(*Failure) error
	set      Settings // without Header and HTTPClient
	readable bool     // on its way: what is sent is not encrypted

	// Functions, because base URL and header may hold a gateway's credential, and the
	// buffers of a transport's idle connections hold what was last sent and received;
	// and printers walk unexported fields.
	base   func() url.URL
	header func() http.Header
	http   func() *http.Client // shielded
	given  func() *http.Client // as it was set
}

// New returns a client for the vendor at base. wrap dresses a failure as the
// vendor's own error type. New does no I/O.
func New(vendor, base string, set Settings, wrap func(*Failure) error) (*Client, error) {
	u, err := ParseBase("BaseURL", base)
	if err != nil {
		return nil, err
	}
	if set.HTTPClient == nil {
		set.HTTPClient = &http.Client{Transport: newTransport()}
	}
	c := &Client{vendor: vendor, wrap: wrap, base: func() url.URL { return *u }}
	c.readable = u.Scheme == "http" && !staysHere(u.Hostname())
	c.apply(set)
	return c, nil
}

func (c *Client) apply(set Settings) {
	header, given, own := set.Header, set.HTTPClient, shielded(set)
	set.Header, set.HTTPClient = nil, nil
	c.set = set
	c.header = func() http.Header { return header }
	c.given = func() *http.Client { return given }
	c.http = func() *http.Client { return own }
}

// With returns a client with the same settings except those that the options set. The
// two share connections, limiter and retry budget, unless an option sets another.
func (c *Client) With(options []Option) (*Client, error) {
	if c == nil {
		return nil, Unmade("With")
	}
	set := c.set
	set.Header, set.HTTPClient, set.Now, set.TokenStore = c.header(), c.given(), nil, nil
	set, err := set.with(options)
	fixed := func(field string) error {
		return &FieldError{Field: field, Reason: "cannot be changed by With: the clients share their tokens"}
	}
	if set.Now != nil {
		err = errors.Join(err, fixed("WithClock"))
	}
	if set.TokenStore != nil {
		err = errors.Join(err, fixed("WithTokenStore"))
	}
	if err != nil {
		return nil, err
	}
	set.Now, set.TokenStore = c.set.Now, c.set.TokenStore
	derived := *c
	derived.apply(set)
	return &derived, nil
}

// warn says once that what the client sends can be read on its way.
func (c *Client) warn(ctx context.Context) {
	if !c.readable || c.set.Logger == nil {
		return
	}
	c.set.warning.Do(func() {
		c.set.Logger.LogAttrs(ctx, slog.LevelWarn,
			"the base URL is http: credentials and personal data travel unencrypted, use https", slog.String("vendor", c.vendor))
	})
}

// staysHere reports whether nothing that is sent to host leaves this machine: it is
// loopback, or a name that exists nowhere, such as that of a simulator without a socket.
func staysHere(host string) bool {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if ip := net.ParseIP(host); ip != nil {
		return ip.IsLoopback()
	}
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || strings.HasSuffix(host, ".invalid")
}

// Limited returns a client that waits for another limiter and shares everything else, for
// calls with a quota of their own.
func (c *Client) Limited(l Limiter) *Client {
	other := *c
	other.set.Limiter = l
	return &other
}

// LimitedLike is Limited with the limiter of another client.
func (c *Client) LimitedLike(other *Client) *Client { return c.Limited(other.set.Limiter) }

// ParseBase checks an http(s) address. The error names field, not the address,
// which may carry a credential.
func ParseBase(field, base string) (*url.URL, error) {
	if base == "" {
		return nil, &FieldError{Field: field, Reason: "is empty"}
	}
	u, err := url.Parse(base)
	switch {
	case err != nil:
		return nil, &FieldError{Field: field, Reason: "is not a URL"}
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, &FieldError{Field: field, Reason: "is not an http or https URL"}
	case u.Host == "" || u.Hostname() == "":
		return nil, &FieldError{Field: field, Reason: "has no host"}
	case u.User != nil:
		return nil, &FieldError{Field: field, Reason: "holds a user name or password"}
	case u.Fragment != "":
		return nil, &FieldError{Field: field, Reason: "has a fragment"}
	}
	u.Path = strings.TrimRight(u.Path, "/")
	u.RawPath = ""
	return u, nil
}

// shielded copies the caller's client. The copy refuses redirects, so that no
// credential follows one, and sees its transport through a shield, which keeps the
// shorter of the two time limits.
func shielded(set Settings) *http.Client {
	c := *set.HTTPClient
	if c.Transport == nil {
		c.Transport = http.DefaultTransport
	}
	limit := set.AttemptTime
	if c.Timeout > 0 {
		limit = min(limit, c.Timeout)
	}
	c.Transport = &shield{c.Transport, limit}
	c.Timeout = 0
	c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &c
}

func newTransport() http.RoundTripper {
	std, ok := http.DefaultTransport.(*http.Transport)
	if !ok {
		// Someone replaced it on purpose (tracing, tests): respect that.
		return http.DefaultTransport
	}
	t := std.Clone()
	t.MaxIdleConnsPerHost = idlePerHost
	t.DialContext = (&net.Dialer{Timeout: dialTimeout, KeepAlive: 30 * time.Second}).DialContext
	return t
}

// Site names where the client sends to: the host, the port unless it is the scheme's
// default, and a hash of the path, where some gateways put keys.
func (c *Client) Site() string {
	if c == nil {
		return ""
	}
	u := c.base()
	host := strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")
	if port := u.Port(); port != "" && (u.Scheme != "https" || port != "443") && (u.Scheme != "http" || port != "80") {
		host = net.JoinHostPort(host, port)
	}
	if path := strings.TrimRight(u.Path, "/"); path != "" {
		sum := sha256.Sum256([]byte(path))
		host += "/" + hex.EncodeToString(sum[:8])
	}
	return host
}
