package yunzhijia

import (
	"context"
	"net/http"
	"time"

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
	i := issuer{kernel: k, gateway: defaultGatewayPath, scope: scopeApp, settings: settings}
	return i.fetch(ctx, appID, redact.NewSecret(secret))
}

// DecodePersons is what reads an answer whose data is a list of people.
func DecodePersons(body []byte) ([]Person, error) {
	r, err := decode(body, false, listed("getpersons", readPerson))
	return result(r, err)
}

// DecodeDirectoryPersons is what reads an answer whose data are people of openimport.
func DecodeDirectoryPersons(body []byte) ([]DirectoryPerson, error) {
	r, err := decode(body, false, syncRows(opListDirectoryPersons, readDirectoryPerson))
	return result(r, err)
}

// DirectoryClock reads the vendor's clock off a header.
func DirectoryClock(h http.Header) time.Time { return clock(h) }
