package yunzhijia

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"path"
	"strings"
	"time"

	"golang.org/x/time/rate"

	"github.com/orgbridge/orgbridge/internal/kernel"
	"github.com/orgbridge/orgbridge/internal/redact"
	"github.com/orgbridge/orgbridge/internal/token"
)

const (
	defaultBaseURL     = "https://www.yunzhijia.com"
	defaultGatewayPath = "/gateway"
)

// Quota of an app: 3,500 calls a minute per interface, and 200,000 an hour per
// IP. One bucket keeps both whatever the mix of calls, in the worst minute
// (100 + 55·60 = 3,400) and the worst hour (100 + 55·3,600 = 198,100).
const (
	callsPerSecond = 55
	burst          = 100
)

// Quota of the calls of openimport: 1,500 a minute per interface. In the worst minute
// these make 60 + 24·60 = 1,500, in the worst hour 86,460.
const (
	syncCallsPerSecond = 24
	syncBurst          = 60
)

// Config is what a client needs to know of the team it reads. It prints as the team
// alone.
type Config struct {
	// BaseURL is the vendor's address without GatewayPath, default
	// "https://www.yunzhijia.com". A private cloud has its own.
	BaseURL string
	// GatewayPath precedes every path, default "/gateway". "/" means none, for
	// a gateway of your own that serves the paths without it.
	GatewayPath string
	// EID is the team (工作圈) to read. Required, except with [SyncCredentials], which
	// name it. An app must belong to it, or every call is refused with 企业未授权.
	EID string
	// Credentials supply the access token. Required.
	Credentials Credentials
}

// LogValue names the team. The address is left out: gateways like keys in it.
func (c Config) LogValue() slog.Value { return slog.GroupValue(slog.String("eid", c.EID)) }

// Format prints what LogValue lists, whatever the verb.
func (c Config) Format(f fmt.State, _ rune) { redact.Format(f, "yunzhijia.Config", c.LogValue()) }

// MarshalJSON writes what LogValue lists.
func (c Config) MarshalJSON() ([]byte, error) { return json.Marshal(map[string]string{"eid": c.EID}) }

// Client reads one team. Make it with [New].
type Client struct {
	kernel  *kernel.Client
	sync    *kernel.Client // for openimport, which has a quota of its own
	level   string         // of the credentials, "" if that is not known
	tokens  *token.Cache
	gateway string
	eid     string
	now     func() time.Time
}

// New returns a client. It does no I/O; the error joins a *[FieldError] for
// everything that is wrong with config and options.
func New(config Config, options ...Option) (*Client, error) {
	base := cmp.Or(config.BaseURL, defaultBaseURL)
	_, baseErr := kernel.ParseBase("BaseURL", base)
	gateway, gatewayErr := gatewayPath(config.GatewayPath)
	settings, optionErr := kernel.Apply(options)
	config.EID = cmp.Or(config.EID, config.Credentials.Owner())
	err := errors.Join(baseErr, gatewayErr, checkEID("", config.EID), config.Credentials.Check(), checkOwner(config), optionErr)
	if err != nil {
		return nil, err
	}
	syncLimiter := settings.Limiter
	if settings.Limiter == nil {
		settings.Limiter = rate.NewLimiter(callsPerSecond, burst)
		syncLimiter = rate.NewLimiter(syncCallsPerSecond, syncBurst)
	}
	k, err := kernel.New(vendor, base, settings, wrap)
	if err != nil {
		return nil, err
	}
	c := &Client{
		kernel: k, sync: k.Limited(syncLimiter), level: levelOf(config.Credentials), gateway: gateway, eid: config.EID,
		now: settings.Now,
	}
	c.tokens = config.Credentials.Open(issuer{
		kernel: k, gateway: gateway, site: k.Site(), settings: settings,
		scope: cmp.Or(c.level, scopeApp),
	}.cache)
	return c, nil
}

// Team returns a client for another team of the same app. The two share
// connections, limiter and token. An openId is good within one team only. A client
// with [SyncCredentials] has no other team: each has a key of its own.
func (c *Client) Team(eid string) (*Client, error) {
	if c == nil || c.kernel == nil {
		return nil, kernel.Unmade("Team")
	}
	if err := checkEID("Team", eid); err != nil {
		return nil, err
	}
	if c.level == scopeSync && eid != c.eid {
		return nil, &FieldError{Op: "Team", Field: "EID", Reason: "is not the team of the key: make a client with its own"}
	}
	other := *c
	other.eid = eid
	return &other, nil
}

// EID returns the team that the client reads.
func (c *Client) EID() string { return c.eid }

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
	limited, err := c.sync.With(options) // knows which limiter openimport waits for now
	if err != nil {
		return nil, err
	}
	derived := *c
	derived.kernel, derived.sync = k, k.LimitedLike(limited)
	return &derived, nil
}

// LogValue names the team.
func (c *Client) LogValue() slog.Value { return slog.GroupValue(slog.String("eid", c.eid)) }

// Format prints [Client.LogValue] whatever the verb.
func (c *Client) Format(f fmt.State, _ rune) { redact.Format(f, "yunzhijia.Client", c.LogValue()) }

func checkEID(op, eid string) error {
	if flaw := kernel.Flaw(eid); flaw != "" {
		return &FieldError{Op: op, Field: "EID", Reason: flaw}
	}
	return nil
}

// checkOwner refuses the key of another team.
func checkOwner(config Config) error {
	if owner := config.Credentials.Owner(); owner != "" && owner != config.EID {
		return &FieldError{Field: "EID", Reason: "is not the team of SyncCredentials"}
	}
	return nil
}

// gatewayPath returns the prefix of all paths, "" or "/…" without a slash at
// its end.
func gatewayPath(p string) (string, error) {
	p = cmp.Or(p, defaultGatewayPath)
	trimmed := strings.TrimRight(p, "/")
	switch {
	case p[0] != '/':
		return "", &FieldError{Field: "GatewayPath", Reason: "does not begin with /"}
	case trimmed != "" && path.Clean(trimmed) != trimmed || strings.ContainsAny(p, "?#%"):
		return "", &FieldError{Field: "GatewayPath", Reason: "is not a plain path"}
	}
	return trimmed, nil
}
