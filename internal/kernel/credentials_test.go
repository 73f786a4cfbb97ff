package kernel_test

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/internal/kernel"
	"github.com/orgbridge/orgbridge/internal/redact"
	"github.com/orgbridge/orgbridge/internal/token"
)

func TestCredentialsCheck(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		credentials kernel.Credentials
		problems    []string
	}{
		"none":      {kernel.Credentials{}, []string{"is required"}},
		"app":       {kernel.AppCredentials("app", "s"), nil},
		"empty app": {kernel.AppCredentials("", ""), []string{"app id is empty", "app secret is empty"}},
		"blank app": {kernel.AppCredentials(" ", "\t"), []string{"app id is empty", "app secret is empty"}},
		"secret of a file": {
			kernel.AppCredentials("app\n", "s\r\n"),
			[]string{"app id holds a line break", "app secret holds a line break"},
		},
		"key of a file":   {kernel.KeyCredentials("level", "1", "k\n"), []string{"key holds a line break"}},
		"token of a file": {kernel.AccessToken("t\n"), []string{"token holds a line break"}},
		"token":           {kernel.AccessToken("t"), nil},
		"no token":        {kernel.AccessToken(""), []string{"token is empty"}},
		"func":            {kernel.TokenFunc(func(context.Context) (string, error) { return "t", nil }), nil},
		"no func":         {kernel.TokenFunc(nil), []string{"function is nil"}},
	} {
		err := c.credentials.Check()
		if c.problems == nil {
			require.NoError(t, err, name)
			continue
		}
		require.ErrorIs(t, err, kernel.ErrInvalid, name)
		for _, problem := range c.problems {
			assert.ErrorContains(t, err, problem, name)
		}
	}
}

func TestCredentialsOpen(t *testing.T) {
	t.Parallel()
	issue := func(appID string, secret redact.Secret) *token.Cache {
		return token.Static("issued to " + appID + " for " + secret.Reveal())
	}
	asked := 0
	fn := func(context.Context) (string, error) { asked++; return "own", nil }
	for want, c := range map[string]kernel.Credentials{
		"issued to app for s": kernel.AppCredentials("app", "s"),
		"given":               kernel.AccessToken("given"),
		"own":                 kernel.TokenFunc(fn),
	} {
		got, err := c.Open(issue).Token(t.Context())
		require.NoError(t, err)
		assert.Equal(t, want, got.Reveal())
	}
	assert.Equal(t, 1, asked)
}

func TestCredentialsPrintNothing(t *testing.T) {
	t.Parallel()
	type holder struct{ c kernel.Credentials }
	for _, c := range []kernel.Credentials{kernel.AppCredentials("app", "s3cret"), kernel.AccessToken("s3cret")} {
		js, err := json.Marshal(c)
		require.NoError(t, err)
		for _, text := range []string{
			fmt.Sprintf("%v %+v %#v %s %q %d %x", c, c, c, c, c, c, c), fmt.Sprintf("%+v %#v", holder{c}, holder{c}),
			c.String(), c.GoString(), c.LogValue().String(), string(js),
		} {
			assert.NotContains(t, text, "s3cret")
			assert.NotContains(t, text, fmt.Sprintf("%x", "s3cret"))
		}
	}
}
