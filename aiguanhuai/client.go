package aiguanhuai

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/orgbridge/orgbridge/internal/kernel"
	"github.com/orgbridge/orgbridge/internal/redact"
)

const (
	paramCorp = "corpId"
	paramTask = "taskId"
)

// Config says where the vendor is and whose organisation is pushed. It prints
// without the values of Query.
type Config struct {
	// BaseURL is the http or https address below which /v3/oms/… lies. It is
	// required: the vendor publishes none, you are told yours.
	BaseURL string
	// CorpID is the corpId (企业id) that the vendor gave the company. Required.
	CorpID string
	// Query holds further common parameters (公用参数), such as partnerId, that
	// go with every call. It is copied. corpId and taskId are the client's own
	// and may not be in it.
	Query url.Values
	// Signer, when set, signs every attempt.
	Signer Signer
}

func (c Config) check() error {
	var errs []error
	if strings.TrimSpace(c.CorpID) == "" {
		errs = append(errs, &FieldError{Field: "CorpID", Reason: "is required"})
	}
	for _, name := range []string{paramCorp, paramTask} {
		if c.Query.Has(name) {
			errs = append(errs, &FieldError{Field: "Query", Reason: "holds " + name + ", which the client sets itself"})
		}
	}
	if c.Signer != nil && kernel.IsNil(c.Signer) {
		errs = append(errs, &FieldError{Field: "Signer", Reason: fmt.Sprintf("is a nil %T", c.Signer)})
	}
	return errors.Join(errs...)
}

// LogValue lists what is safe to log: of Query, the names.
func (c Config) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String(paramCorp, c.CorpID),
		slog.Any("query", slices.Sorted(maps.Keys(c.Query))),
		slog.Bool("signer", c.Signer != nil),
	)
}

// Format prints what LogValue lists, whatever the verb.
func (c Config) Format(f fmt.State, _ rune) { redact.Format(f, "aiguanhuai.Config", c.LogValue()) }

// MarshalJSON writes what LogValue lists.
func (c Config) MarshalJSON() ([]byte, error) {
	return json.Marshal(map[string]any{
		paramCorp: c.CorpID,
		"query":   slices.Sorted(maps.Keys(c.Query)),
		"signer":  c.Signer != nil,
	})
}

// Client pushes one company's organisation to 爱关怀. It is safe for concurrent
// use; make it with [New].
type Client struct {
	kernel *kernel.Client
	corpID string
	chunk  int // records a call
	// In closures, because no printer can look into them.
	query  func() url.Values
	signer func() Signer
}

// New returns a client. It sends nothing, and reports everything that is wrong
// with config and options at once, as *[FieldError]s.
func New(config Config, options ...Option) (*Client, error) {
	set, optionErr := kernel.Apply(options)
	k, baseErr := kernel.New(vendor, config.BaseURL, set, wrap)
	if err := errors.Join(baseErr, config.check(), optionErr); err != nil {
		return nil, err
	}
	query := cloneQuery(config.Query)
	query.Set(paramCorp, config.CorpID)
	return &Client{
		kernel: k,
		corpID: config.CorpID,
		chunk:  MaxBatch,
		query:  func() url.Values { return maps.Clone(query) },
		signer: func() Signer { return config.Signer },
	}, nil
}

// Destination names where the client pushes to: host, port, corpId and a hash of
// the base URL's path. Two clients with the same destination write the same
// records.
func (c *Client) Destination() string { return c.kernel.Site() + " corpId=" + c.corpID }

// With returns a client that differs from c in what the options set: one without
// retries, or with another hook, for some of the calls. The two share
// connections, limiter and retry budget, unless an option sets another; headers are
// added. [WithClock] is refused.
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

// LogValue names the company.
func (c *Client) LogValue() slog.Value { return slog.GroupValue(slog.String(paramCorp, c.corpID)) }

// Format prints [Client.LogValue] whatever the verb.
func (c *Client) Format(f fmt.State, _ rune) { redact.Format(f, "aiguanhuai.Client", c.LogValue()) }

// ready says why no call can be made; see [kernel.Client.Ready].
func (c *Client) ready(ctx context.Context, op string) error {
	if c == nil {
		return kernel.Unmade(op)
	}
	return c.kernel.Ready(ctx, op)
}

// cloneQuery copies the values too: a signer may append to them.
func cloneQuery(q url.Values) url.Values {
	c := make(url.Values, len(q)+2)
	for name, values := range q {
		c[name] = slices.Clone(values)
	}
	return c
}

// do runs one call: with a body, which is JSON, or without (nil).
func (c *Client) do(ctx context.Context, op kernel.Op, taskID string, body *kernel.Buffer) (a answer, err error) {
	query := c.query()
	if taskID != "" {
		// The table's name. The sentence above it says task_id; the answer of
		// add-prepare and the other two tables say taskId.
		query.Set(paramTask, taskID)
	}
	call := kernel.Call{Op: op, Query: query}
	if body != nil {
		call.Body, call.Buffer = body.Bytes, body
		call.ContentType = "application/json"
	}
	if signer := c.signer(); signer != nil {
		call.Authorize = (&signing{signer: signer, op: op.Name}).authorize
	}
	call.Read = func(body []byte) (err error) {
		a, err = readAnswer(body, op.Name == opPrepare.Name)
		return err
	}
	err = c.kernel.Do(ctx, call)
	return a, err
}
