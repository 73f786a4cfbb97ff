package yunzhijia

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/orgbridge/orgbridge/internal/kernel"
	"github.com/orgbridge/orgbridge/internal/redact"
	"github.com/orgbridge/orgbridge/internal/token"
	"github.com/orgbridge/orgbridge/internal/wire"
)

// Asking twice gives the same token, so the call may be repeated like a read.
var opGetAccessToken = kernel.Op{
	Name: "getAccessToken", Method: http.MethodPost, Path: "/oauth2/token/getAccessToken", Class: kernel.Read,
}

// The levels of tokens. A call of one is refused with a token of another.
const (
	scopeApp  = "app"            // all calls but those of openimport
	scopeSync = "resGroupSecret" // openimport
)

// maxTokenLife bounds what expireIn says (the vendor's pages: 6,400 or 7,200 s).
// To ask sooner than needed does no harm.
const maxTokenLife = 24 * time.Hour

// unknownTokenLife is that of a token that comes without one.
const unknownTokenLife = 5 * time.Minute

// issuer asks the vendor for tokens.
type issuer struct {
	kernel   *kernel.Client
	gateway  string
	site     string // see [kernel.Client.Site]: a store's key is no place for what gateways put into the path
	scope    string
	settings kernel.Settings
}

// cache keeps the tokens of an app or, at the level of openimport, of a team: id is
// that of the one or the other.
func (i issuer) cache(id string, secret redact.Secret) *token.Cache {
	return token.NewCache(token.Config{
		Secrets: func() []string { return []string{secret.Reveal()} },
		// A private cloud may know an app by the same id as the public one.
		Key:    token.Key(vendor, i.scope, id+"@"+i.site, secret.Reveal()),
		Fetch:  func(ctx context.Context) (token.Token, error) { return i.fetch(ctx, id, secret) },
		Store:  i.settings.TokenStore,
		Now:    i.settings.Now,
		Logger: i.settings.Logger,
	})
}

type tokenRequest struct {
	AppID     string `json:"appId,omitempty"`
	EID       string `json:"eid,omitempty"`
	Secret    string `json:"secret"`
	Timestamp int64  `json:"timestamp"` // milliseconds
	Scope     string `json:"scope"`
}

// fetch is one getAccessToken call. Unlike all others it has a JSON body.
func (i issuer) fetch(ctx context.Context, id string, secret redact.Secret) (token.Token, error) {
	var t token.Token
	var stamp time.Time
	op := opGetAccessToken
	op.Path = i.gateway + op.Path
	err := i.kernel.Do(ctx, kernel.Call{
		Op:          op,
		ContentType: "application/json",
		// The stamp is good for 3 minutes, so every attempt gets its own.
		Authorize: func(_ context.Context, out *kernel.Outgoing, _ string) (err error) {
			stamp = i.settings.Now()
			in := tokenRequest{AppID: id, Secret: secret.Reveal(), Timestamp: stamp.UnixMilli(), Scope: i.scope}
			if i.scope == scopeSync {
				in.AppID, in.EID = "", id
			}
			out.Body, err = wire.Encode(in)
			return err
		},
		Read: func(body []byte) (err error) {
			t, err = decode(body, false, func(s *wire.Scanner) token.Token { return readToken(s, stamp) })
			return err
		},
	})
	return t, err
}

// readToken reads the life from the answer, as the vendor's pages differ on it. 0 is
// a token about to end (the vendor hands out the same one until then): it
// serves the call that asked, and the next one asks again.
func readToken(s *wire.Scanner, stamp time.Time) token.Token {
	value := ""
	life := unknownTokenLife
	var seen wire.Seen
	for more := s.Object("data"); more; more = s.More('}') {
		switch string(s.Key()) {
		case "accessToken":
			seen.Once(s, 0, "data.accessToken")
			value = strings.Clone(s.Text("data.accessToken", wire.Strict))
		case "expireIn":
			seen.Once(s, 1, "data.expireIn")
			seconds, known := s.Int("data.expireIn")
			if seconds < 0 {
				s.Bad("data.expireIn", "is negative")
			}
			if known {
				life = time.Duration(min(seconds, int64(maxTokenLife/time.Second))) * time.Second
			}
		default:
			s.Skip()
		}
	}
	if value == "" {
		s.Bad("data.accessToken", problemMissing)
	}
	return token.New(value, stamp.Add(life))
}
