package fleet_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.temporal.io/sdk/client"
	"go.yaml.in/yaml/v3"
	"golang.org/x/time/rate"

	"github.com/orgbridge/orgbridge/orgmodel/orgsync/fleet"
)

// Every metric that an alert names exists, with the labels it uses.
func TestAlertRules(t *testing.T) {
	t.Parallel()
	registry := prometheus.NewPedanticRegistry()
	metrics, err := fleet.NewMetrics(registry)
	require.NoError(t, err)
	w := newWorld(t)
	run := activities(t, w, func(c *fleet.WorkerConfig) { c.Metrics = metrics })
	_, err = run(fleet.Request{Tenant: tenant})
	require.NoError(t, err)
	w.leave()
	_, err = run(fleet.Request{Tenant: tenant})
	require.NoError(t, err)
	require.NoError(t, metrics.Timed("yunzhijia", rate.NewLimiter(1, 1)).Wait(t.Context()))
	families, err := registry.Gather()
	require.NoError(t, err)
	there := map[string]bool{}
	for _, f := range families {
		there[f.GetName()], there[f.GetName()+"_bucket"] = true, true
		for _, m := range f.GetMetric() {
			for _, label := range m.GetLabel() {
				there["label "+label.GetName()] = true
				assert.Contains(t, []string{"tenant", "outcome", "vendor"}, label.GetName())
			}
		}
	}
	var rules struct {
		Groups []struct {
			Rules []struct{ Alert, Expr string }
		}
	}
	require.NoError(t, yaml.Unmarshal([]byte(fleet.AlertRules), &rules))
	n := 0
	for _, group := range rules.Groups {
		for _, rule := range group.Rules {
			names := regexp.MustCompile(`orgsync_\w+`).FindAllString(rule.Expr, -1)
			require.NotEmpty(t, names, rule.Alert)
			for _, name := range names {
				n++
				assert.True(t, there[name], "%s: %s", rule.Alert, name)
			}
		}
	}
	assert.GreaterOrEqual(t, n, 5)
	for _, label := range []string{"tenant", "outcome", "vendor"} {
		assert.True(t, there["label "+label], label)
	}
}

func TestTracingHoldsNoToken(t *testing.T) {
	t.Parallel()
	spans := tracetest.NewSpanRecorder()
	tracing := fleet.NewTracing(sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(spans)))
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTooManyRequests) }))
	for _, url := range []string{server.URL + "/gateway/getperson?accessToken=canary", "http://127.0.0.1:1/x?accessToken=canary"} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader("mobile=canary"))
		require.NoError(t, err)
		request.Header.Set("X-Token", "canary")
		response, err := tracing.Transport(nil).RoundTrip(request)
		if err == nil {
			require.NoError(t, response.Body.Close())
		}
	}
	server.Close()
	require.Len(t, spans.Ended(), 2)
	for _, span := range spans.Ended() {
		text := fmt.Sprint(span.Name(), span.Attributes(), span.Events(), span.Status())
		assert.NotContains(t, text, "canary")
	}
	assert.Contains(t, fmt.Sprint(spans.Ended()[0].Attributes()), "getperson")
}

func TestSecure(t *testing.T) {
	t.Parallel()
	key := func(b byte) []byte { k := make([]byte, 32); k[0] = b; return k }
	var old, now client.Options
	require.Error(t, fleet.Secure(&old, []byte("short")))
	require.NoError(t, fleet.Secure(&old, key(1)))
	require.NoError(t, fleet.Secure(&now, key(2), key(1)))
	payload, err := old.DataConverter.ToPayload(fleet.Request{Tenant: "canary"})
	require.NoError(t, err)
	text, err := json.Marshal(payload)
	require.NoError(t, err)
	assert.NotContains(t, string(text)+string(payload.GetData()), "canary")
	var back fleet.Request
	require.NoError(t, now.DataConverter.FromPayload(payload, &back))
	assert.Equal(t, "canary", back.Tenant)
	newer, err := now.DataConverter.ToPayload("x")
	require.NoError(t, err)
	var s string
	require.Error(t, old.DataConverter.FromPayload(newer, &s))
	failure := now.FailureConverter.ErrorToFailure(assert.AnError)
	assert.NotContains(t, failure.String(), assert.AnError.Error())
}

func TestPlan(t *testing.T) {
	t.Parallel()
	have := []fleet.Scheduled{
		{Tenant: fleet.Tenant{Name: "a", Every: time.Hour}}, {Tenant: fleet.Tenant{Name: "b", Every: time.Hour}},
		{Tenant: fleet.Tenant{Name: "c", Every: time.Hour, Paused: true}}, {Tenant: fleet.Tenant{Name: "d", Every: time.Hour}},
		{Tenant: fleet.Tenant{Name: "same", Every: time.Hour, Hold: true}},
	}
	steps, err := fleet.Plan(have, []fleet.Tenant{
		{Name: "a", Every: time.Minute}, {Name: "b", Every: time.Hour, Paused: true}, {Name: "c", Every: time.Hour},
		{Name: "e", Every: 15 * time.Minute}, {Name: "same", Every: time.Hour, Hold: true},
	})
	require.NoError(t, err)
	var text []string
	for _, s := range steps {
		text = append(text, s.String())
	}
	assert.Equal(t, []string{
		"change orgsync/a every 1m0s", "pause orgsync/b", "resume orgsync/c", "remove orgsync/d", "create orgsync/e every 15m0s",
	}, text)
	_, err = fleet.Plan(nil, []fleet.Tenant{{Name: "x y"}, {Name: "a", Every: time.Hour}, {Name: "a", Every: time.Hour}})
	for _, field := range []string{"tenants[0].name", "tenants[0].every", "tenants[2].name"} {
		assert.ErrorContains(t, err, field)
	}
}
