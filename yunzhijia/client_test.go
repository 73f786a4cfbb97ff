package yunzhijia_test

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/yunzhijia"
	"github.com/orgbridge/orgbridge/yunzhijia/yunzhijiatest"
)

// Reads are repeated after failures that pass.
func TestRetry(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]yunzhijiatest.Fault{
		"unavailable":      yunzhijiatest.Status(http.StatusServiceUnavailable),
		"throttled":        yunzhijiatest.RateLimited(3 * time.Second),
		"throttled until":  yunzhijiatest.RateLimitedUntil(time.Date(2000, 1, 1, 0, 0, 5, 0, time.UTC)), // synctest's epoch
		"connection reset": yunzhijiatest.ResetConnection(),
		"answer lost":      yunzhijiatest.LoseAnswer(),
		"answer cut":       yunzhijiatest.CutBody(),
		"answer truncated": yunzhijiatest.TruncateBody(),
		"answer empty":     yunzhijiatest.EmptyBody(),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				srv, client := simulate(t, yunzhijiatest.Seed(3, 9))
				srv.Inject(fault.On(yunzhijiatest.OpGetOrg).Times(2))
				org, err := client.GetOrg(t.Context(), "org-0002")
				require.NoError(t, err)
				assert.Equal(t, "org-0001", org.ParentID)
				assert.Equal(t, 3, srv.Count(yunzhijiatest.OpGetOrg))
				assert.Empty(t, srv.Pending())
			})
		})
	}
}

func TestNoRetry(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		fault yunzhijiatest.Fault
		want  error
	}{
		"login wall":   {yunzhijiatest.HTML(), yunzhijia.ErrMalformed},
		"forbidden":    {yunzhijiatest.Status(http.StatusForbidden), yunzhijia.ErrUnauthorized},
		"no such path": {yunzhijiatest.Status(http.StatusNotFound), yunzhijia.ErrNotFound},
		"long wait":    {yunzhijiatest.RateLimited(time.Hour), yunzhijia.ErrRateLimited},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv, client := simulate(t)
			srv.Inject(tt.fault.On(yunzhijiatest.OpGetCompany))
			_, err := client.GetCompany(t.Context())
			require.ErrorIs(t, err, tt.want)
			assert.Equal(t, 1, srv.Count(yunzhijiatest.OpGetCompany))
			if name == "long wait" {
				var e *yunzhijia.Error
				require.ErrorAs(t, err, &e)
				assert.Equal(t, time.Hour, e.RetryAfter)
				assert.Equal(t, "retryAfter", e.LogValue().Group()[5].Key)
			}
		})
	}
}

func TestOptions(t *testing.T) {
	t.Parallel()
	srv := yunzhijiatest.NewInMemory()
	t.Cleanup(srv.Close)
	var mu sync.Mutex
	var log bytes.Buffer
	var ops []string
	client := newClient(t, srv.Config(),
		yunzhijia.WithHTTPClient(srv.HTTPClient()),
		yunzhijia.WithHeader(http.Header{"X-Gateway-Key": {"k"}}),
		yunzhijia.WithLogger(slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))),
		yunzhijia.WithHook(func(_ context.Context, a yunzhijia.Attempt) {
			mu.Lock()
			defer mu.Unlock()
			ops = append(ops, a.Op)
		}))
	_, err := client.GetCompany(t.Context())
	require.NoError(t, err)
	assert.Equal(t, []string{"getAccessToken", "getcompany"}, ops)
	assert.Contains(t, log.String(), "op=getcompany")
	assert.NotContains(t, log.String(), "accessToken")
	for _, r := range srv.Requests() {
		assert.Equal(t, "k", r.Header.Get("X-Gateway-Key"))
	}
}

// Many goroutines may use one client.
func TestConcurrentUse(t *testing.T) {
	t.Parallel()
	srv, client := simulate(t, yunzhijiatest.Seed(5, 60))
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			if i == 3 {
				srv.ExpireTokens()
			}
			latest, _, err := client.PersonFeed("", yunzhijia.PageOptions{Count: 7, Prefetch: 3}).Latest(t.Context())
			assert.NoError(t, err)
			assert.Len(t, latest, 60)
		})
	}
	wg.Wait()
}
