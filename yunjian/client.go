package yunjian

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/orgbridge/orgbridge/internal/batch"
	"github.com/orgbridge/orgbridge/internal/kernel"
	"github.com/orgbridge/orgbridge/internal/redact"
	"github.com/orgbridge/orgbridge/internal/token"
)

const (
	opUserSyn   = "userSyn"
	contentType = "application/json"
)

// The vendor's docs name no limit to the users of one call, so these are chosen here.
const (
	// MaxBatch is the most that Config.ChunkSize can be.
	MaxBatch = 1000
	// DefaultBatch is the most users of one call unless Config.ChunkSize says otherwise.
	DefaultBatch = 200
)

// Config says which endpoint a [Client] pushes to. All but ChunkSize and
// SendCards is required.
type Config struct {
	URL     string  // full address of the third party's sync endpoint
	Account string  // 公司账户, issued by the third party
	UserNo  string  // user number of the applicant (申请单申请人对接关键字) on whose behalf is pushed
	Session Session // SessionID(…) or Login(…)

	// ChunkSize is the most users sent in one request, 1 to [MaxBatch], default
	// [DefaultBatch]. The page names no limit.
	ChunkSize int
	// SendCards sends User.CardInfo, which is left out otherwise: the vendor's docs ask
	// not to send it, for the personal-information law's sake.
	SendCards bool
}

// LogValue lists what is safe to log. The URL is not: gateways like keys in it.
func (c Config) LogValue() slog.Value {
	return slog.GroupValue(slog.String("account", c.Account), slog.String("userNo", c.UserNo),
		slog.Int("chunkSize", c.ChunkSize), slog.Bool("sendCards", c.SendCards))
}

// Format prints what LogValue lists, whatever the verb.
func (c Config) Format(f fmt.State, _ rune) { redact.Format(f, "yunjian.Config", c.LogValue()) }

// MarshalJSON writes what LogValue lists.
func (c Config) MarshalJSON() ([]byte, error) {
	return json.Marshal(map[string]any{
		"account": c.Account, "userNo": c.UserNo, "chunkSize": c.ChunkSize, "sendCards": c.SendCards,
	})
}

// Client pushes users to a third party's endpoint, as 云简 does. It is safe for
// concurrent use.
type Client struct {
	kernel  *kernel.Client
	op      kernel.Op
	config  Config
	session *token.Cache
}

// New checks config and options as a whole and returns a client. It does no I/O.
func New(config Config, options ...Option) (*Client, error) {
	set, err := kernel.Apply(options)
	errs := []error{err}
	if _, err := kernel.ParseBase("URL", config.URL); err != nil {
		errs = append(errs, err)
	}
	for _, field := range []struct{ name, value string }{{"Account", config.Account}, {"UserNo", config.UserNo}} {
		if blank(field.value) {
			errs = append(errs, &FieldError{Field: field.name, Reason: "is required"})
		}
	}
	if config.ChunkSize == 0 {
		config.ChunkSize = DefaultBatch
	}
	if config.ChunkSize < 1 || config.ChunkSize > MaxBatch {
		errs = append(errs, &FieldError{Field: "ChunkSize", Reason: "is not within 1 to 1000"})
	}
	errs = append(errs, config.Session.check()...)
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}

	session, err := config.Session.source(config, set)
	if err != nil {
		return nil, err
	}
	base, path := endpoint(config.URL)
	k, err := kernel.New(vendor, base, set, wrap)
	if err != nil {
		return nil, err
	}
	config.URL = "" // it may hold a gateway's key, and is in k
	return &Client{
		kernel: k,
		// userNo is the key of the record, so the same push twice is one.
		op:      kernel.Op{Name: opUserSyn, Method: http.MethodPost, Path: path, Class: kernel.Idempotent},
		config:  config,
		session: session,
	}, nil
}

// Destination names where the client pushes to: host, port, account and a hash of
// the URL's path. Two clients with the same destination write the same users.
func (c *Client) Destination() string { return c.kernel.Site() + " account=" + c.config.Account }

// With returns a client that differs from c in what the options set: one without
// retries, or with another hook, for some of the calls. The two share
// connections, session, limiter and retry budget, unless an option sets another; headers are
// added. Session calls keep the settings of the original, and [WithClock] is refused.
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

// Format prints account and settings, whatever the verb.
func (c *Client) Format(f fmt.State, _ rune) { redact.Format(f, "yunjian.Client", c.LogValue()) }

// LogValue lists account and settings.
func (c *Client) LogValue() slog.Value { return c.config.LogValue() }

// endpoint splits a full address into a base and a path: as a base, an address
// would lose its last slash.
func endpoint(address string) (base, path string) {
	u, err := url.Parse(address)
	if err != nil {
		return address, ""
	}
	return address, u.Path[len(strings.TrimRight(u.Path, "/")):]
}

// ready says why no call can be made; see [kernel.Client.Ready].
func (c *Client) ready(ctx context.Context, op string) error {
	if c == nil {
		return kernel.Unmade(op)
	}
	return c.kernel.Ready(ctx, op)
}

// posted is what came of a chunk.
type posted struct {
	rows     []row
	attempts int // of 0 attempts nothing left this machine
	scrub    kernel.Scrubber
}

// post sends one chunk.
func (c *Client) post(ctx context.Context, chunk []batch.Record[User]) (p posted, err error) {
	b, err := c.newBody(chunk)
	if err != nil {
		return p, err
	}
	defer b.buffer.Release()
	err = c.kernel.Do(ctx, kernel.Call{
		Op:          c.op,
		ContentType: contentType,
		Body:        b.data(), // Authorize completes it
		Buffer:      b.buffer,
		Scrubber:    &p.scrub,
		Tokens:      c.session,
		Authorize: func(_ context.Context, out *kernel.Outgoing, session string) error {
			out.Body = b.with(session)
			p.attempts++
			return nil
		},
		Read: func(body []byte) (err error) {
			p.rows, err = readRows(body)
			return err
		},
		// No code is documented for a session that has ended: every refusal may
		// mean it.
		Rejected: func(status int, code string) bool { return code != "" || status == http.StatusUnauthorized },
	})
	if slices.ContainsFunc(p.rows, func(r row) bool { return r.description != "" }) {
		p.scrub.Collect() // while there is a body
	}
	return p, err
}
