package tuzhan

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode"

	"github.com/orgbridge/orgbridge/internal/kernel"
	"github.com/orgbridge/orgbridge/internal/redact"
	"github.com/orgbridge/orgbridge/internal/token"
	"github.com/orgbridge/orgbridge/internal/wire"
)

// opGetOrgAccessToken is docs.tuzhanai.com pageId=986242.
var opGetOrgAccessToken = kernel.Op{
	Name: "app/getOrgAccessToken", Method: http.MethodGet, Path: "/api/open/app/getOrgAccessToken", Class: kernel.Read,
}

const (
	// tokenLife is what the page says in words; its sample has an expire of 0,
	// which cannot be meant.
	tokenLife = 7200 * time.Second
	// maxTokenLife bounds what expire says. To ask sooner than needed does no
	// harm.
	maxTokenLife = 24 * time.Hour
)

// issuer asks the vendor for tokens.
type issuer struct {
	kernel   *kernel.Client
	site     string // see [kernel.Client.Site]: a store's key is no place for what gateways put into the path
	settings kernel.Settings
}

func (i issuer) cache(appID string, secret redact.Secret) *token.Cache {
	return token.NewCache(token.Config{
		Secrets: func() []string { return []string{secret.Reveal()} },
		Key:     token.Key(vendor, "app", appID+"@"+i.site, secret.Reveal()),
		Fetch:   func(ctx context.Context) (token.Token, error) { return i.fetch(ctx, appID, secret) },
		Store:   i.settings.TokenStore,
		Now:     i.settings.Now,
		Logger:  i.settings.Logger,
	})
}

// issued is the data of a token call's answer.
type issued struct {
	token   string
	seconds int64 // of its life; 0: it does not say
}

func (i *issued) scan(s *wire.Scanner) {
	var seen wire.Seen
	for more := s.Object("data"); more; more = s.More('}') {
		switch string(s.Key()) {
		case "orgAccessToken":
			seen.Once(s, 0, "data.orgAccessToken")
			i.token = s.Verbatim("data.orgAccessToken")
		case "expire":
			seen.Once(s, 1, "data.expire")
			i.seconds, _ = s.Int("data.expire")
		default:
			s.Skip()
		}
	}
	if strings.ContainsFunc(i.token, unicode.IsControl) { // which no header takes
		s.Bad("data.orgAccessToken", "holds a control character")
	}
	if s.Sound() && i.token == "" {
		s.Bad("data.orgAccessToken", "is missing")
	}
}

func (i *issued) life() time.Duration {
	if i.seconds <= 0 {
		return tokenLife
	}
	return time.Duration(min(i.seconds, int64(maxTokenLife/time.Second))) * time.Second
}

// fetch is one getOrgAccessToken call. The page lists the two parameters
// without saying where they go, and a GET has but its query. The spelling
// instanceSecrect is the vendor's.
func (i issuer) fetch(ctx context.Context, appID string, secret redact.Secret) (token.Token, error) {
	var data issued
	var asked time.Time
	err := i.kernel.Do(ctx, kernel.Call{
		Op:    opGetOrgAccessToken,
		Query: url.Values{"instanceAppid": {appID}, "instanceSecrect": {secret.Reveal()}},
		Authorize: func(context.Context, *kernel.Outgoing, string) error {
			asked = i.settings.Now()
			return nil
		},
		Read: func(body []byte) error {
			data = issued{}
			return decode(body, data.scan)
		},
	})
	if err != nil {
		return token.Token{}, err
	}
	return token.New(data.token, asked.Add(data.life())), nil
}
