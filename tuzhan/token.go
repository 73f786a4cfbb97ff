package tuzhan

import (
	"context"
	"net/http"
	"net/url"
	"time"

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
	site     string // host and path of the base URL
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

type wireToken struct {
	OrgAccessToken wire.Text `json:"orgAccessToken"`
	Expire         wire.Int  `json:"expire"` // seconds
}

func (w *wireToken) missing() string {
	if w.OrgAccessToken == "" {
		return "orgAccessToken"
	}
	return ""
}

func (w *wireToken) life() time.Duration {
	if w.Expire <= 0 {
		return tokenLife
	}
	return time.Duration(min(int64(w.Expire), int64(maxTokenLife/time.Second))) * time.Second
}

// fetch is one getOrgAccessToken call. The page lists the two parameters
// without saying where they go, and a GET has but its query. The spelling
// instanceSecrect is the vendor's.
func (i issuer) fetch(ctx context.Context, appID string, secret redact.Secret) (token.Token, error) {
	var data wireToken
	var asked time.Time
	err := i.kernel.Do(ctx, kernel.Call{
		Op:    opGetOrgAccessToken,
		Query: url.Values{"instanceAppid": {appID}, "instanceSecrect": {secret.Reveal()}},
		Authorize: func(context.Context, *kernel.Outgoing, string) error {
			asked = i.settings.Now()
			return nil
		},
		Read: func(body []byte) error {
			data = wireToken{}
			return decode(body, &data)
		},
	})
	if err != nil {
		return token.Token{}, err
	}
	return token.New(string(data.OrgAccessToken), asked.Add(data.life())), nil
}
