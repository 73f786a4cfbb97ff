package kernel_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/time/rate"

	"github.com/orgbridge/orgbridge/internal/kernel"
	"github.com/orgbridge/orgbridge/internal/token"
)

type nilStore struct{ token.Store }

// A constructor failed, and its error was not looked at: the nil in the interface is named
// here, and not by a panic in the first call.
func TestNilBehindAnInterface(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		want   string
		option kernel.Option
	}{
		{"WithLimiter limiter is nil", kernel.WithLimiter((*rate.Limiter)(nil))},
		{"WithTokenStore store is nil", kernel.WithTokenStore((*nilStore)(nil))},
		{"WithHTTPClient transport is a nil pointer", kernel.WithHTTPClient(&http.Client{Transport: (*http.Transport)(nil)})},
		{"WithHTTPClient cookie jar is a nil pointer", kernel.WithHTTPClient(&http.Client{Jar: (*cookiejar.Jar)(nil)})},
		{"WithLogger logger has no handler: make it with slog.New", kernel.WithLogger(new(slog.Logger))},
		{"WithLogger logger has no handler: make it with slog.New", kernel.WithLogger(slog.New((*slog.TextHandler)(nil)))},
	} {
		_, err := kernel.Apply([]kernel.Option{c.option})
		require.ErrorIs(t, err, kernel.ErrInvalid)
		require.EqualError(t, err, c.want)
	}
	_, err := kernel.Apply([]kernel.Option{kernel.WithHTTPClient(&http.Client{}), kernel.WithLimiter(waiting{})})
	require.NoError(t, err)
}

type waiting struct{}

func (waiting) Wait(context.Context) error { return nil }
