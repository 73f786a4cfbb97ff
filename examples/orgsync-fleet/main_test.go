package main

import (
	"bytes"
	"context"
	"errors"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/interceptor"

	"github.com/orgbridge/orgbridge/orgmodel/orgsync/fleet"
)

func TestUsage(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{nil, {"apply"}, {"approve", "acme", "digest"}, {"status", "a", "b"}, {"fly"}, {"worker", "x"}, {"run"}} {
		var out, problems bytes.Buffer
		assert.Equal(t, statusUsage, run(t.Context(), args, os.Getenv, nil, &out, &problems), args)
		assert.Contains(t, problems.String(), "usage")
	}
	var out bytes.Buffer
	away := func(context.Context, func(string) string, ...interceptor.ClientInterceptor) (client.Client, error) {
		return nil, errors.New("away")
	}
	assert.Equal(t, statusFailed, run(t.Context(), []string{"status"}, os.Getenv, away, &out, &out))
}

func TestReadTenants(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "tenants.yaml")
	require.NoError(t, os.WriteFile(path, []byte("tenants:\n  - {name: acme, every: 15m}\n  - {name: b, every: 1h, paused: true, low: true}\n"), 0o600))
	tenants, err := readTenants(path)
	require.NoError(t, err)
	assert.Equal(t, []fleet.Tenant{{Name: "acme", Every: 15 * time.Minute}, {Name: "b", Every: time.Hour, Paused: true, Low: true}}, tenants)
	require.NoError(t, os.WriteFile(path, []byte("tenants:\n  - {name: acme, evry: 15m}\n"), 0o600))
	_, err = readTenants(path)
	require.ErrorContains(t, err, "evry")
}

func TestHandler(t *testing.T) {
	t.Parallel()
	var down error
	h := handler(prometheus.NewRegistry(), func(context.Context) error { return down })
	get := func(path string) int {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), "GET", path, nil))
		return w.Code
	}
	assert.Equal(t, []int{200, 200, 200}, []int{get("/healthz"), get("/readyz"), get("/metrics")})
	down = errors.New("down")
	assert.Equal(t, []int{200, 503}, []int{get("/healthz"), get("/readyz")})
}
