package yunzhijia

import (
	"context"

	"github.com/orgbridge/orgbridge/internal/kernel"
	"github.com/orgbridge/orgbridge/internal/redact"
)

// FetchToken is one getAccessToken call, without the cache in front of it.
func FetchToken(ctx context.Context, appID, secret string, options ...Option) (Token, error) {
	settings, err := kernel.Apply(options)
	if err != nil {
		return Token{}, err
	}
	k, err := kernel.New(vendor, defaultBaseURL, settings, wrap)
	if err != nil {
		return Token{}, err
	}
	i := issuer{kernel: k, gateway: defaultGatewayPath, settings: settings}
	return i.fetch(ctx, appID, redact.NewSecret(secret))
}

// Decode is what reads every answer.
func Decode[D any](body []byte) (*D, error) { return decode[D](body) }

// PersonRows is the data of the calls that answer a list of people.
type PersonRows = []wirePerson

// Persons converts them.
func Persons(rows PersonRows) []Person { return persons(rows) }
