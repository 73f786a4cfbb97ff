package console_test

import (
	"errors"
	"net/netip"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/orgmodel/orgsync/console"
)

func TestNew_namesFields(t *testing.T) {
	t.Parallel()
	host := &fakeHost{}
	for name, test := range map[string]struct {
		config console.Config
		fields []string
	}{
		"nothing":            {console.Config{}, []string{"Host"}},
		"no password":        {console.Config{Host: host, User: "ops"}, []string{"Password"}},
		"no user":            {console.Config{Host: host, Password: "x"}, []string{"User"}},
		"a colon":            {console.Config{Host: host, User: "a:b", Password: "x"}, []string{"User"}},
		"no header":          {console.Config{Host: host, Proxy: &console.Proxy{}}, []string{"Proxy.Header"}},
		"no name of one":     {console.Config{Host: host, Proxy: &console.Proxy{Header: "a b"}}, []string{"Proxy.Header"}},
		"the client's own":   {console.Config{Host: host, Proxy: &console.Proxy{Header: "authorization"}}, []string{"Proxy.Header"}},
		"two ways":           {console.Config{Host: host, User: "a", Password: "b", Proxy: &console.Proxy{Header: "X-User"}}, []string{"Proxy"}},
		"no range":           {console.Config{Host: host, Proxy: &console.Proxy{Header: "X-User", From: make([]netip.Prefix, 1)}}, []string{"Proxy.From[0]"}},
		"everything at once": {console.Config{User: "a:b"}, []string{"Host", "Password", "User"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := console.New(test.config)
			require.Equal(t, test.fields, fieldsOf(err))
			require.NotContains(t, err.Error(), "a:b")
		})
	}
	_, err := console.NewRunner(console.RunnerConfig{})
	require.Equal(t, []string{"RunnerConfig.Engine"}, fieldsOf(err))
}

func fieldsOf(err error) []string {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		var fields []string
		for _, each := range joined.Unwrap() {
			fields = append(fields, fieldsOf(each)...)
		}
		return fields
	}
	if wrong, ok := errors.AsType[*console.ConfigError](err); ok {
		return []string{wrong.Field}
	}
	return nil
}
