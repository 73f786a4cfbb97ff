package yunzhijia_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/yunzhijia"
	"github.com/orgbridge/orgbridge/yunzhijia/yunzhijiatest"
)

func TestWithSharesTheToken(t *testing.T) {
	t.Parallel()
	srv, client := simulate(t, yunzhijiatest.Seed(3, 10))
	derived, err := client.With(yunzhijia.WithRetry(1, time.Second), yunzhijia.WithAttemptTimeout(time.Second))
	require.NoError(t, err)
	for _, c := range []*yunzhijia.Client{derived, client, derived} {
		_, err := c.GetCompany(t.Context())
		require.NoError(t, err)
		assert.Equal(t, client.EID(), c.EID())
	}
	assert.Equal(t, 1, srv.Count(yunzhijiatest.OpToken))

	_, err = client.With(yunzhijia.WithAttemptTimeout(0), yunzhijia.WithTokenStore(nil), yunzhijia.WithHook(nil))
	require.ErrorIs(t, err, yunzhijia.ErrInvalid)
	for _, want := range []string{"WithAttemptTimeout is not positive", "WithTokenStore store is nil", "WithHook hook is nil"} {
		assert.Contains(t, err.Error(), want)
	}
}

// The calls of openimport have a limiter of their own, and all other settings of the client.
func TestWithIsForTheDirectoryInterfaceToo(t *testing.T) {
	t.Parallel()
	srv := yunzhijiatest.NewInMemory(yunzhijiatest.Seed(3, 10))
	defer srv.Close()
	var waits [2]atomic.Int32
	limited := func(i int) yunzhijia.Option {
		return yunzhijia.WithLimiter(limiter(func(context.Context) error { waits[i].Add(1); return nil }))
	}
	client := srv.SyncClient(limited(0))
	once, err := client.With(yunzhijia.WithRetry(1, time.Second))
	require.NoError(t, err)
	srv.Inject(yunzhijiatest.Status(http.StatusServiceUnavailable).On(yunzhijiatest.OpListDirectoryOrgs))
	_, err = once.ListDirectoryOrgs(t.Context())
	require.ErrorIs(t, err, yunzhijia.ErrUnavailable)
	assert.Equal(t, 1, srv.Count(yunzhijiatest.OpListDirectoryOrgs))
	assert.Equal(t, int32(2), waits[0].Load(), "the token call and one attempt")

	other, err := client.With(limited(1))
	require.NoError(t, err)
	_, err = other.ListDirectoryOrgs(t.Context())
	require.NoError(t, err)
	assert.Equal(t, [2]int32{2, 1}, [2]int32{waits[0].Load(), waits[1].Load()})
}

type limiter func(context.Context) error

func (f limiter) Wait(ctx context.Context) error { return f(ctx) }

// Leaving a loop cancels the pages that were fetched ahead. Nothing is wrong, so nothing
// is warned of.
func TestPagesFetchedAheadAreNoWarning(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var b bytes.Buffer
		srv := yunzhijiatest.NewInMemory(yunzhijiatest.Seed(40, 10))
		defer srv.Close()
		simulated := srv.HTTPClient().Transport
		var canceled atomic.Int32
		transport := roundTrip(func(r *http.Request) (*http.Response, error) {
			body, err := io.ReadAll(r.Body)
			if err != nil {
				return nil, err
			}
			if strings.HasSuffix(r.URL.Path, "/getallorgs") && !strings.Contains(string(body), "begin=0") {
				<-r.Context().Done()
				canceled.Add(1)
				return nil, r.Context().Err()
			}
			r = r.Clone(r.Context())
			r.Body = io.NopCloser(bytes.NewReader(body))
			return simulated.RoundTrip(r)
		})
		client := newClient(t, srv.Config(), yunzhijia.WithHTTPClient(&http.Client{Transport: transport}),
			yunzhijia.WithLogger(slog.New(slog.NewTextHandler(&b, nil))))
		for _, err := range client.AllOrgs(t.Context(), yunzhijia.PageOptions{Count: 2, Prefetch: 2}) {
			require.NoError(t, err)
			synctest.Wait() // the pages ahead are under way
			break
		}
		assert.Positive(t, canceled.Load())
		assert.Empty(t, b.String())
	})
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
