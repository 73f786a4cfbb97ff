package yunjian

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"github.com/orgbridge/orgbridge/internal/kernel"
	"github.com/orgbridge/orgbridge/internal/redact"
	"github.com/orgbridge/orgbridge/internal/token"
	"github.com/orgbridge/orgbridge/internal/wire"
)

const opGetSession = "getSession"

// defaultSource is the name in the vendor's own documents, 商旅平台 (TMC).
const defaultSource = "tmc"

// shortLife is how long a session is kept whose end the endpoint does not
// name. It only saves logins: a session that ends sooner is renewed when it is
// refused.
const shortLife = 10 * time.Minute

// Session says where a [Client] has its sessionId from: [SessionID] or
// [Login]. It prints as a placeholder.
type Session struct {
	static redact.Secret
	login  func() LoginConfig // a closure, so that no printer finds the secrets
}

// SessionID is a session that the caller was given. It cannot be renewed.
func SessionID(id string) Session { return Session{static: redact.NewSecret(id)} }

// Login gets sessions from the third party's session endpoint: one at a time,
// kept until the end it names (timeLimit), and renewed when the sync endpoint
// refuses a call.
func Login(config LoginConfig) Session {
	return Session{login: func() LoginConfig { return config }}
}

// String returns a placeholder.
func (s Session) String() string { return redact.Placeholder }

// Format prints a placeholder whatever the verb.
func (s Session) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redact.Placeholder) }

// LogValue returns a placeholder.
func (s Session) LogValue() slog.Value { return slog.StringValue(redact.Placeholder) }

// MarshalText returns a placeholder; encoding/json uses it too.
func (s Session) MarshalText() ([]byte, error) { return []byte(redact.Placeholder), nil }

// LoginConfig is what the session endpoint wants. It prints as a placeholder.
type LoginConfig struct {
	URL     string // full address of the session endpoint, required
	Secret  string // issued together with the account, required
	SignKey string // the key that signs the request; required, never sent
	// Source names the sender, default "tmc". It is sent as "source" and, for
	// endpoints of the older document, as "platform"; neither is optional there.
	Source string
}

// Format prints a placeholder whatever the verb.
func (c LoginConfig) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redact.Placeholder) }

// LogValue returns a placeholder.
func (c LoginConfig) LogValue() slog.Value { return slog.StringValue(redact.Placeholder) }

// MarshalText returns a placeholder; encoding/json uses it too.
func (c LoginConfig) MarshalText() ([]byte, error) { return []byte(redact.Placeholder), nil }

func (s Session) check() []error {
	if s.login == nil {
		if s.static.IsZero() {
			return []error{&FieldError{Field: "Session", Reason: "is required"}}
		}
		if flaw := kernel.SecretFlaw(s.static.Reveal()); flaw != "" {
			return []error{&FieldError{Field: "Session", Reason: flaw}}
		}
		return nil
	}
	var errs []error
	c := s.login()
	if _, err := kernel.ParseBase("Session.URL", c.URL); err != nil {
		errs = append(errs, err)
	}
	for _, part := range [...]struct{ field, text string }{{"Session.Secret", c.Secret}, {"Session.SignKey", c.SignKey}} {
		flaw := kernel.SecretFlaw(part.text)
		if part.text == "" {
			flaw = isRequired
		}
		if flaw != "" {
			errs = append(errs, &FieldError{Field: part.field, Reason: flaw})
		}
	}
	return errs
}

// source returns where the client's sessions come from.
func (s Session) source(config Config, set kernel.Settings) (*token.Cache, error) {
	if s.login == nil {
		return token.Static(s.static.Reveal()), nil
	}
	base, path := endpoint(s.login().URL)
	k, err := kernel.New(vendor, base, set, wrap)
	if err != nil {
		return nil, err
	}
	l := &login{
		kernel:  k,
		op:      kernel.Op{Name: opGetSession, Method: http.MethodPost, Path: path, Class: kernel.Read},
		account: config.Account, userNo: config.UserNo, config: s.login, now: set.Now,
	}
	return token.NewCache(token.Config{Fetch: l.fetch, Secrets: l.secrets, Now: set.Now, Logger: set.Logger}), nil
}

// login asks a session endpoint
// (https://tmc-doc.cloudpense.com/base/getSessionId.html).
type login struct {
	kernel  *kernel.Client
	op      kernel.Op
	account string
	userNo  string
	config  func() LoginConfig
	now     func() time.Time
}

type sessionRequest struct {
	Account   string `json:"account"`
	Secret    string `json:"secret"`
	Timestamp int64  `json:"timestamp"`
	Platform  string `json:"platform"`
	Source    string `json:"source"`
	UserNo    string `json:"userNo"`
	Sign      string `json:"sign"`
}

func (l *login) fetch(ctx context.Context) (token.Token, error) {
	var t token.Token
	err := l.kernel.Do(ctx, kernel.Call{
		Op:          l.op,
		ContentType: contentType,
		// Every attempt is stamped and signed anew: a retry must not come late.
		Authorize: func(_ context.Context, out *kernel.Outgoing, _ string) (err error) {
			out.Body, err = wire.Encode(l.request())
			return err
		},
		Read: func(body []byte) (err error) {
			t, err = readSession(body, l.now())
			return err
		},
		Sensitive: l.secrets,
	})
	return t, err
}

func (l *login) secrets() []string {
	c := l.config()
	return []string{c.Secret, c.SignKey}
}

func (l *login) request() sessionRequest {
	c := l.config()
	source := cmp.Or(c.Source, defaultSource)
	r := sessionRequest{
		Account: l.account, Secret: c.Secret, Timestamp: l.now().UnixMilli(),
		Platform: source, Source: source, UserNo: l.userNo,
	}
	r.Sign = Sign(c.SignKey, map[string]string{
		"account": r.Account, "secret": r.Secret, "timestamp": strconv.FormatInt(r.Timestamp, 10),
		"platform": r.Platform, "source": r.Source, "userNo": r.UserNo,
	})
	return r
}

func readSession(body []byte, now time.Time) (token.Token, error) {
	a, err := readReply(body)
	if err != nil {
		return token.Token{}, err
	}
	if a.session == "" {
		return token.Token{}, missing("sessionId")
	}
	ends := now.Add(shortLife)
	if a.until != 0 {
		ends = time.UnixMilli(a.until)
	}
	return token.New(a.session, ends), nil
}
