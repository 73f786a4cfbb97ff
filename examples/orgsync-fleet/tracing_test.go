package main

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/worker"

	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync/fleet"
	"github.com/orgbridge/orgbridge/tuzhan/tuzhantest"
	"github.com/orgbridge/orgbridge/yunzhijia/yunzhijiatest"
)

// traced is what a worker runs: the registry over simulators, with spans in memory and
// everything logged.
type traced struct {
	source *yunzhijiatest.Server
	target *tuzhantest.Server
	spans  *tracetest.InMemoryExporter
	log    bytes.Buffer

	tracing *fleet.Tracing
	worker  *fleet.Worker
}

func newTraced(t *testing.T) *traced {
	t.Helper()
	w := &traced{
		source: yunzhijiatest.NewServer(yunzhijiatest.Seed(3, 40), yunzhijiatest.WithContacts()), target: tuzhantest.NewServer(),
		spans: tracetest.NewInMemoryExporter(),
	}
	t.Cleanup(func() { w.source.Close(); w.target.Close() })
	dir := t.TempDir()
	settings := strings.Join([]string{
		"YUNZHIJIA_BASE_URL=" + w.source.URL(), "YUNZHIJIA_EID=" + w.source.EID(),
		"YUNZHIJIA_APP_ID=500000001", "YUNZHIJIA_APP_SECRET=simulator-app-secret",
		"TUZHAN_BASE_URL=" + w.target.URL(),
		"TUZHAN_APP_ID=" + tuzhantest.InstanceAppID, "TUZHAN_APP_SECRET=" + tuzhantest.InstanceSecret,
	}, "\n")
	require.NoError(t, os.WriteFile(filepath.Join(dir, "acme.env"), []byte(settings), 0o600))
	logger := slog.New(slog.NewJSONHandler(&w.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	db, err := sql.Open("pgx", "host="+dir) // no one is there: the limiter keeps to this process
	require.NoError(t, err)
	t.Cleanup(func() { _ = db.Close() })
	metrics, err := fleet.NewMetrics(prometheus.NewRegistry())
	require.NoError(t, err)
	w.tracing = fleet.NewTracing(sdktrace.NewTracerProvider(sdktrace.WithSyncer(w.spans)))
	tenants := newRegistry(dir, orgsync.NewMemoryStore(), logger, limiters(db, "", logger), metrics, w.tracing)
	w.worker, err = fleet.NewWorker(fleet.WorkerConfig{
		Tenants: tenants, Metrics: metrics, Tracing: w.tracing,
		Propose: func(context.Context, string, fleet.Stopped) error { return nil },
	})
	require.NoError(t, err)
	return w
}

// run is one run of the workflow, in the order of its events.
func (w *traced) run(t *testing.T) error {
	t.Helper()
	var suite testsuite.WorkflowTestSuite
	env := suite.NewTestWorkflowEnvironment()
	traced, err := w.tracing.Interceptor()
	require.NoError(t, err)
	env.SetWorkerOptions(worker.Options{Interceptors: []interceptor.WorkerInterceptor{traced}})
	w.worker.Register(env)
	env.ExecuteWorkflow("orgsync.Sync", fleet.Request{Tenant: "acme"})
	return env.GetWorkflowError()
}

// canaries are all that must not be in a span or log: everything about people, and
// whatever opens a vendor's door.
func (w *traced) canaries() []string {
	list := []string{"simulator-app-secret", tuzhantest.InstanceSecret, "金丝雀"}
	for _, p := range w.source.People() {
		list = append(list, p.OpenID, p.Name, p.Phone, p.Email)
	}
	for _, r := range w.source.Requests() {
		list = append(list, r.Query.Get("accessToken"))
	}
	for _, r := range w.target.Requests() {
		list = append(list, r.Header.Get("X-Token"), r.Header.Get("Authorization"))
	}
	return list
}

// Runs with real calls leave spans of every layer, in one trace, and nothing secret in them.
func TestSpansOfRunsHoldNoSecret(t *testing.T) {
	t.Parallel()
	w := newTraced(t)
	require.NoError(t, w.run(t))
	require.Len(t, w.target.Employees(), 40)
	w.source.Leave(w.source.People()[0].OpenID)
	w.target.RefuseRecord(w.source.People()[0].OpenID, "王金丝雀 13800001111 token=canary 金丝雀")
	require.NoError(t, w.run(t))
	for range 10 { // all attempts of a reading
		w.source.Inject(yunzhijiatest.Refuse(500, "王金丝雀 token=金丝雀"))
	}
	require.Error(t, w.run(t))

	spans := w.spans.GetSpans()
	names, traces := map[string]int{}, map[trace.TraceID]bool{}
	var text strings.Builder
	for _, s := range spans {
		names[s.Name]++
		traces[s.SpanContext.TraceID()] = true
		fmt.Fprintln(&text, s.Name, s.Attributes, s.Events, s.Links, s.Status, s.Resource)
	}
	for _, name := range []string{"RunWorkflow:orgsync.Sync", "RunActivity:orgsync.Run", "orgsync.run", "vendor.call"} {
		assert.Positive(t, names[name], "%s in %v", name, names)
	}
	assert.Contains(t, text.String(), "/gateway/", "calls are told apart by their paths")
	found := 0
	for _, canary := range w.canaries() {
		if canary == "" {
			continue
		}
		found++
		assert.NotContains(t, text.String(), canary)
		assert.NotContains(t, w.log.String(), canary)
	}
	assert.Greater(t, found, 100)
	assert.Len(t, traces, 3, "one for each run")
}

// Spans are sent to where the standard variables say, and nowhere otherwise.
func TestTracingBySettings(t *testing.T) {
	var got []string
	collector := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got = append(got, r.URL.Path+" "+string(body))
	}))
	defer collector.Close()
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.URL)
	t.Setenv("OTEL_EXPORTER_OTLP_COMPRESSION", "none")
	tracing, stop, err := newTracing(t.Context(), os.Getenv, nil)
	require.NoError(t, err)
	const url = "http://127.0.0.1:1/gateway/x?accessToken=canary"
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	require.NoError(t, err)
	_, err = tracing.Transport(nil).RoundTrip(request)
	require.Error(t, err)
	require.NoError(t, stop(t.Context()))
	require.Len(t, got, 1)
	assert.Contains(t, got[0], "/v1/traces")
	assert.Contains(t, got[0], "orgsync-fleet")
	assert.Contains(t, got[0], "vendor.call")
	assert.NotContains(t, got[0], "canary")

	for name, c := range map[string]struct {
		set   map[string]string
		off   bool
		wrong string
	}{
		"nothing set": {set: nil, off: true},
		"none": {
			set: map[string]string{"OTEL_TRACES_EXPORTER": "none", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1"}, off: true,
		},
		"disabled":       {set: map[string]string{"OTEL_SDK_DISABLED": "true", "OTEL_TRACES_EXPORTER": "console"}, off: true},
		"console":        {set: map[string]string{"OTEL_TRACES_EXPORTER": "console"}},
		"other exporter": {set: map[string]string{"OTEL_TRACES_EXPORTER": "jaeger"}, wrong: "OTEL_TRACES_EXPORTER"},
		"other protocol": {
			set:   map[string]string{"OTEL_TRACES_EXPORTER": "otlp", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"},
			wrong: "OTEL_EXPORTER_OTLP_PROTOCOL",
		},
	} {
		var out bytes.Buffer
		tracing, stop, err := newTracing(t.Context(), func(name string) string { return c.set[name] }, &out)
		if c.wrong != "" {
			require.ErrorContains(t, err, c.wrong, name)
			continue
		}
		require.NoError(t, err, name)
		assert.Equal(t, c.off, tracing == nil, name)
		_, err = tracing.Transport(nil).RoundTrip(request)
		require.Error(t, err)
		require.NoError(t, stop(t.Context()))
		assert.Equal(t, c.off, out.Len() == 0, name)
	}
}
