//go:build unix

package nightly_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/worker"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protopath"
	"google.golang.org/protobuf/reflect/protorange"

	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync/fleet"
	"github.com/orgbridge/orgbridge/tuzhan"
	"github.com/orgbridge/orgbridge/tuzhan/tuzhantest"
	"github.com/orgbridge/orgbridge/yunzhijia"
	"github.com/orgbridge/orgbridge/yunzhijia/yunzhijiatest"
)

// observed is a worker in this process, of which everything that it tells is kept.
type observed struct {
	*world

	store  orgsync.Store
	calls  *http.Client
	logger *slog.Logger

	log     lockedBuffer
	metrics *prometheus.Registry
	spans   *tracetest.InMemoryExporter
}

// lockedBuffer is written to by many.
type lockedBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

func (o *observed) Engine(_ context.Context, tenant string, option orgsync.Option) (*orgsync.Engine, func(), error) {
	reads, err1 := yunzhijia.New(o.source.Config(), yunzhijia.WithHTTPClient(o.calls), yunzhijia.WithLogger(o.logger))
	pushes, err2 := tuzhan.New(o.target.Config(), tuzhan.WithHTTPClient(o.calls), tuzhan.WithLogger(o.logger))
	if err := errors.Join(err1, err2); err != nil {
		return nil, nil, err
	}
	engine, err := orgsync.New(orgsync.Config{
		Tenant: tenant, Source: &orgsync.YunzhijiaSource{Client: reads}, Store: o.store,
		Targets: []orgsync.Target{&orgsync.TuzhanTarget{Client: pushes}},
	}, option, orgsync.WithLogger(o.logger))
	return engine, func() {}, err
}

func (o *observed) Save(context.Context, string, *orgsync.Report) (string, error) {
	return "report/1", nil
}
func (o *observed) Remind(context.Context, fleet.Reminder) error { return nil }

func newObserved(t *testing.T) *observed {
	t.Helper()
	o := &observed{
		world: newWorld(t, 4, 60), store: orgsync.NewMemoryStore(),
		metrics: prometheus.NewRegistry(), spans: tracetest.NewInMemoryExporter(),
	}
	o.logger = slog.New(slog.NewJSONHandler(&o.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	metrics, err := fleet.NewMetrics(o.metrics)
	require.NoError(t, err)
	tracing := fleet.NewTracing(sdktrace.NewTracerProvider(sdktrace.WithSyncer(o.spans)))
	traced, err := tracing.Interceptor()
	require.NoError(t, err)
	o.calls = &http.Client{Transport: tracing.Transport(nil)}
	o.client = o.temporal.NewClientWithOptions(client.Options{
		Interceptors: []interceptor.ClientInterceptor{traced}, Logger: log.NewStructuredLogger(o.logger),
	})
	w, err := fleet.NewWorker(fleet.WorkerConfig{
		Tenants: o, Propose: fleet.ClientProposer(o.client), Metrics: metrics, Tracing: tracing,
	})
	require.NoError(t, err)
	temporal := worker.New(o.client, fleet.TaskQueue, worker.Options{})
	w.Register(temporal)
	require.NoError(t, temporal.Start())
	t.Cleanup(temporal.Stop)
	return o
}

const (
	canary  = "0123456789canary"
	refusal = "不可用" // in the words of a vendor
)

// canaries are the ids, names, mobiles and addresses of people, and what opens the
// vendors' doors.
func (o *observed) canaries() []string {
	list := []string{"simulator-app-secret", tuzhantest.InstanceSecret, canary, "accessToken=", "138000"}
	for _, p := range o.source.People() {
		list = append(list, p.OpenID, p.Name, p.Phone, p.Email)
	}
	for _, r := range o.source.Requests() {
		list = append(list, r.Query.Get("accessToken"))
	}
	for _, r := range o.target.Requests() {
		list = append(list, r.Header.Get("X-Token"), r.Header.Get("Authorization"))
	}
	return list
}

// A fleet goes through all that befalls a tenant, with vendors that name people in their
// refusals. Nothing of people and no token is in any history, memo, search attribute,
// metric label, span or log.
func TestCanaries(t *testing.T) { //nolint:paralleltest // one at a time: some measure
	o := newObserved(t)
	require.Equal(t, fleet.Done, o.run(t, fleet.Request{Tenant: "acme", Low: true}).Outcome)
	staff := o.source.People()
	refused := staff[1].OpenID
	hostile := staff[1].Name + " " + staff[3].Phone + " " + refusal + " token=" + canary
	o.target.RefuseRecord(refused, hostile)
	o.source.UpdatePerson(refused, func(p *yunzhijia.Person) { p.Name += "新" })
	require.Equal(t, fleet.Failed, o.run(t, fleet.Request{Tenant: "acme"}).Outcome)
	for i, p := range staff {
		if i%2 == 0 {
			o.source.Leave(p.OpenID)
		}
	}
	stopped := o.run(t, fleet.Request{Tenant: "acme"})
	require.Equal(t, fleet.Guarded, stopped.Outcome)
	require.NoError(t, fleet.Decide(t.Context(), o.client, "acme", fleet.Decision{Digest: stopped.Digest, By: "li.lei"}, true))
	require.NoError(t, o.client.GetWorkflow(t.Context(), fleet.ApprovalID("acme"), "").Get(t.Context(), nil))
	require.Len(t, o.target.Employees(), 30)

	steps, err := fleet.Plan(nil, []fleet.Tenant{{Name: "acme", Every: time.Hour}})
	require.NoError(t, err)
	require.NoError(t, fleet.Apply(t.Context(), o.client, steps))
	require.NoError(t, fleet.Trigger(t.Context(), o.client, "acme"))
	_, err = o.store.Lock(t.Context(), "held")
	require.NoError(t, err)
	held := o.start(t, fleet.Request{Tenant: "held"})
	o.waitForRuns(t, "locked")
	for range 20 { // all attempts of a reading
		o.source.Inject(yunzhijiatest.Refuse(500, hostile))
	}
	unread := o.start(t, fleet.Request{Tenant: "acme"})
	o.waitForRuns(t, "source")
	histories := o.histories(t) // of runs under way too, with their last failures
	for _, run := range []client.WorkflowRun{held, unread} {
		require.NoError(t, o.client.TerminateWorkflow(t.Context(), run.GetID(), "", "seen"))
	}

	told := map[string]string{"logs": o.log.String(), "histories": histories, "metrics": o.gathered(t), "spans": o.ended()}
	for where, part := range map[string]string{
		"logs": refusal, "histories": "the source could not be read", "metrics": `"acme"`, "spans": "getallpersons",
	} {
		assert.Contains(t, told[where], part, where)
		if where != "logs" { // these are the operators' own
			assert.NotContains(t, told[where], refusal, where)
		}
	}
	found := 0
	for _, canary := range o.canaries() {
		if canary == "" { // no one has an address here
			continue
		}
		found++
		for where, text := range told {
			if strings.Contains(text, canary) {
				at := strings.Index(text, canary)
				assert.Fail(t, "a canary in "+where, "%s: …%s", canary, text[max(0, at-100):min(len(text), at+100)])
			}
		}
	}
	assert.Greater(t, found, 200)
}

// waitForRuns waits until a run has ended with a type of error.
func (o *observed) waitForRuns(t *testing.T, outcome string) {
	t.Helper()
	ended := func() bool { return strings.Contains(o.gathered(t), `"`+outcome+`"`) }
	require.Eventually(t, ended, time.Minute, 50*time.Millisecond, outcome)
}

func (o *observed) gathered(t *testing.T) string {
	t.Helper()
	families, err := o.metrics.Gather()
	require.NoError(t, err)
	return fmt.Sprint(families)
}

func (o *observed) ended() string {
	var text strings.Builder
	for _, s := range o.spans.GetSpans() {
		fmt.Fprintln(&text, s.Name, s.Attributes, s.Events, s.Links, s.Status)
	}
	return text.String()
}

// plain writes all texts of a message, and payloads as they are.
func plain(to *strings.Builder, m proto.Message) error {
	return protorange.Range(m.ProtoReflect(), func(values protopath.Values) error {
		switch v := values.Index(-1).Value.Interface().(type) {
		case string:
			fmt.Fprintln(to, v)
		case []byte:
			fmt.Fprintln(to, string(v))
		}
		return nil
	})
}

// histories are those of all workflows, the server's own for schedules too, with what is
// beside them: memos, search attributes, and what visibility and the schedule say.
func (o *observed) histories(t *testing.T) string {
	t.Helper()
	var text strings.Builder
	kinds := map[string]bool{}
	require.Eventually(t, func() bool { // visibility follows a little later
		text.Reset()
		list, err := o.client.ListWorkflow(t.Context(), &workflowservice.ListWorkflowExecutionsRequest{PageSize: 1000})
		require.NoError(t, err)
		for _, e := range list.GetExecutions() {
			kinds[e.GetType().GetName()] = true
			id := e.GetExecution().GetWorkflowId()
			description, err := o.client.DescribeWorkflowExecution(t.Context(), id, e.GetExecution().GetRunId())
			require.NoError(t, err)
			for _, m := range []proto.Message{e, description, historyOf(t, o.client, id)} {
				require.NoError(t, plain(&text, m))
			}
		}
		return kinds["orgsync.Sync"] && kinds["orgsync.Approval"] && len(list.GetExecutions()) >= 8
	}, 30*time.Second, 200*time.Millisecond, "%v", kinds)
	schedule, err := o.client.ScheduleClient().GetHandle(t.Context(), "orgsync/acme").Describe(t.Context())
	require.NoError(t, err)
	fmt.Fprintf(&text, "orgsync/acme %+v %+v %+v\n", schedule.Memo, schedule.SearchAttributes, schedule.Schedule)
	return text.String()
}
