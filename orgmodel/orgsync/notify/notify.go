package notify

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"sort"
	"strings"
	"time"

	"github.com/orgbridge/orgbridge/internal/kernel"
	"github.com/orgbridge/orgbridge/internal/redact"
)

const (
	timeout     = 10 * time.Second // of one attempt
	attempts    = 3
	maxWait     = 10 * time.Second // between two of them
	maxResponse = 64 << 10
)

// Option changes a default of a [Notifier] or a [Heartbeat].
type Option func(*settings)

type settings struct {
	client   *http.Client
	logger   *slog.Logger
	channel  Channel
	language Language
	prefix   string
	link     string
	now      func() time.Time
	// authorization is a closure, because printers walk unexported fields.
	authorization func() string

	wrong []error
}

func (s *settings) refuse(field, reason string) {
	s.wrong = append(s.wrong, &FieldError{Field: field, Reason: reason})
}

// WithHTTPClient sets the client whose transport is used. Redirects are refused whatever
// its policy, and an attempt ends after its time-out, at most 10 seconds.
func WithHTTPClient(c *http.Client) Option {
	return func(s *settings) {
		if s.client = c; c == nil {
			s.refuse("WithHTTPClient", "client is nil")
		}
	}
}

// WithLogger makes every attempt be logged with channel, status, code and duration. The
// default is silence.
func WithLogger(l *slog.Logger) Option {
	return func(s *settings) {
		if s.logger = l; l == nil {
			s.refuse("WithLogger", "logger is nil")
		}
	}
}

// WithChannel sets the channel instead of telling it by the address.
func WithChannel(c Channel) Option { return func(s *settings) { s.channel = c } }

// WithLanguage sets the language of the text that robots show, default [Chinese].
func WithLanguage(l Language) Option {
	return func(s *settings) {
		if s.language = l; l != Chinese && l != English {
			s.refuse("WithLanguage", "is not a language of this package")
		}
	}
}

// WithPrefix puts a text before each message that a robot shows: the keyword, if 钉钉 or
// 飞书 were told to take only messages with one.
func WithPrefix(text string) Option { return func(s *settings) { s.prefix = text } }

// WithLink puts an address into each message that a robot shows, such as that of the page where
// runs are looked at and plans are approved.
func WithLink(address string) Option { return func(s *settings) { s.link = address } }

// WithAuthorization sets the Authorization header of plain JSON messages.
func WithAuthorization(value string) Option {
	return func(s *settings) { s.authorization = func() string { return value } }
}

// WithClock sets the clock that stamps signatures, default time.Now. 钉钉 and 飞书 take a
// stamp for an hour.
func WithClock(now func() time.Time) Option {
	return func(s *settings) {
		if now == nil {
			s.refuse("WithClock", "clock is nil")
			return
		}
		s.now = now
	}
}

func settle(options []Option) (settings, error) {
	set := settings{now: time.Now, language: Chinese, authorization: func() string { return "" }}
	for _, option := range options {
		if option == nil {
			set.refuse("Option", "is nil")
			continue
		}
		option(&set)
	}
	return set, errors.Join(set.wrong...)
}

// open returns a client for an address, and what its calls add to the path.
func (s settings) open(name, address string) (*kernel.Client, string, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, "", &FieldError{Field: "URL", Reason: "is not a URL"}
	}
	if u.RawPath != "" {
		return nil, "", &FieldError{Field: "URL", Reason: "has an escape in its path that would be lost"}
	}
	path := ""
	if strings.HasSuffix(u.Path, "/") {
		path = "/" // which ParseBase takes away: without it, some servers answer with a redirect
	}
	options := []kernel.Option{
		kernel.WithRetry(attempts, maxWait), kernel.WithRetryBudget(0), // messages are few
		kernel.WithAttemptTimeout(timeout), kernel.WithMaxResponse(maxResponse), kernel.WithClock(s.now),
	}
	if s.client != nil {
		options = append(options, kernel.WithHTTPClient(s.client))
	}
	if s.logger != nil {
		options = append(options, kernel.WithLogger(s.logger))
	}
	set, err := kernel.Apply(options)
	if err != nil {
		return nil, "", err
	}
	k, err := kernel.New(name, address, set, wrap)
	return k, path, err
}

// Notifier sends messages to one receiver. Make it with [New]. It is safe for concurrent
// use.
type Notifier struct {
	channel Channel
	set     settings
	kernel  *kernel.Client
	path    string
	secret  redact.Secret
	hidden  func() []string // parts of the address that no message may repeat
}

// New returns a notifier for an address: that of a robot of 云之家, 企业微信, 钉钉 or 飞书,
// which is told by its path, or any other, which gets plain JSON. secret signs messages
// where the channel has signatures (钉钉, 飞书, plain JSON); "" for none. New does no I/O; the
// error joins a *[FieldError] for everything that is wrong.
func New(address, secret string, options ...Option) (*Notifier, error) {
	set, err := settle(options)
	u, parseErr := kernel.ParseBase("URL", address)
	if parseErr != nil {
		return nil, errors.Join(err, parseErr)
	}
	channel := cmp.Or(set.channel, channelOf(u))
	errs := []error{err}
	bad := func(field, reason string) { errs = append(errs, &FieldError{Field: field, Reason: reason}) }
	if channel.dialect() == nil {
		bad("WithChannel", "is not a channel of this package")
	} else {
		channel.dialect().check(u, secret, bad)
	}
	if set.authorization() != "" && channel != Webhook {
		bad("WithAuthorization", "is for plain JSON alone")
	}
	k, path, err := set.open(string(channel), address)
	if err := errors.Join(append(errs, err)...); err != nil {
		return nil, err
	}
	return &Notifier{
		channel: channel, set: set, kernel: k, path: path, secret: redact.NewSecret(secret), hidden: hidden(u, secret),
	}, nil
}

// hidden lists what of an address and a secret a receiver's text might repeat; what is in
// the query is hidden in any case. Short parts of a path are words.
func hidden(u *url.URL, secret string) func() []string {
	const least = 8
	parts := []string{secret, u.String()}
	for part := range strings.SplitSeq(u.Path, "/") {
		if len(part) >= least && part != "open-apis" {
			parts = append(parts, part)
		}
	}
	return func() []string { return parts }
}

// Channel returns the kind of receiver.
func (n *Notifier) Channel() Channel { return n.channel }

// String returns the channel.
func (n *Notifier) String() string { return "notify.Notifier{" + string(n.channel) + "}" }

// Format prints String whatever the verb.
func (n *Notifier) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, n.String()) }

// LogValue returns the channel.
func (n *Notifier) LogValue() slog.Value {
	return slog.GroupValue(slog.String("channel", string(n.channel)))
}

// Send delivers one message. An error says that it was not delivered, or that this is not
// known: it is an *[Error], and no reason to end a run.
//
// What may pass is tried again, for at most about a minute: no answer, HTTP 5xx, "busy".
// Where the receiver says "too often", Send waits for a minute and tries once more, unless
// ctx ends before that, or the receiver is 钉钉, which then is silent for 10 minutes.
func (n *Notifier) Send(ctx context.Context, m Message) error {
	id := "msg_" + rand.Text()
	err := n.send(ctx, m, id)
	window := n.channel.dialect().window()
	if window == 0 || !errors.Is(err, ErrRateLimited) {
		return err
	}
	if failed, ok := errors.AsType[*Error](err); ok && failed.RetryAfter > window {
		return err
	}
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) < window {
		return err
	}
	timer := time.NewTimer(window)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return err
	case <-timer.C:
		return n.send(ctx, m, id)
	}
}

func (n *Notifier) send(ctx context.Context, m Message, id string) error {
	d := n.channel.dialect()
	text := cut(n.set.prefix+m.text(n.set.language, n.set.link), n.set.language, d.fits)
	return n.kernel.Do(ctx, kernel.Call{
		Op: sendOp(n.path), ContentType: jsonType, Sensitive: n.hidden,
		Authorize: func(_ context.Context, out *kernel.Outgoing, _ string) error {
			if value := n.set.authorization(); value != "" {
				out.Header.Set("Authorization", value)
			}
			return d.write(delivery{
				out: out, text: text, data: &m, id: id, secret: n.secret.Reveal(), now: n.set.now(),
			})
		},
		Read: d.read,
	})
}

// cut shortens a text until it fits: by lines, or within the first one, never within a
// character. What is left says that it was cut.
func cut(text string, l Language, fits func(string) bool) string {
	if fits(text) {
		return text
	}
	end := "\n" + l.pick("…（已截断）", "… (cut)")
	var lines, runes []int // where lines end, and where the characters of the first begin
	for i, r := range text {
		if r == '\n' {
			lines = append(lines, i)
		} else if len(lines) == 0 {
			runes = append(runes, i)
		}
	}
	longest := func(ends []int) int {
		return sort.Search(len(ends), func(i int) bool { return !fits(text[:ends[i]] + end) })
	}
	if n := longest(lines); n > 0 {
		return text[:lines[n-1]] + end
	}
	if n := longest(runes); n > 0 {
		return text[:runes[n-1]] + end
	}
	return end
}
