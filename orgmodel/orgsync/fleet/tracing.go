package fleet

import (
	"context"
	"net/http"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
	"go.temporal.io/sdk/contrib/opentelemetry"
	"go.temporal.io/sdk/interceptor"
)

// Tracing makes OpenTelemetry spans of runs and of calls to vendors. They hold tenants,
// methods, hosts, paths and statuses, and no query, header, body or error text: 云之家 has its
// token in the query. A nil Tracing makes none.
type Tracing struct{ tracer trace.Tracer }

// NewTracing returns the tracing of a provider.
func NewTracing(provider trace.TracerProvider) *Tracing {
	return &Tracing{tracer: provider.Tracer("github.com/orgbridge/orgbridge/orgmodel/orgsync/fleet")}
}

// Interceptor makes spans of workflows, activities and updates too, in one trace with the
// runs and calls, for the Interceptors of a client. They hold the ids of workflows and
// the fixed texts of this package's errors. The ids of trace and span, and no baggage, go
// into histories. It is nil if t is.
func (t *Tracing) Interceptor() (interceptor.Interceptor, error) {
	if t == nil {
		return nil, nil
	}
	return opentelemetry.NewTracingInterceptor(opentelemetry.TracerOptions{
		Tracer: t.tracer, TextMapPropagator: propagation.TraceContext{}, DisableBaggage: true, AllowInvalidParentSpans: true,
	})
}

func (t *Tracing) run(ctx context.Context, tenant string) (context.Context, func(error)) {
	if t == nil {
		return ctx, func(error) {}
	}
	ctx, span := t.tracer.Start(ctx, "orgsync.run", trace.WithAttributes(attribute.String("orgsync.tenant", tenant)))
	return ctx, func(err error) {
		if err != nil {
			span.SetStatus(codes.Error, "failed")
		}
		span.End()
	}
}

// Transport makes a span of each request that goes through base, for the http.Client of a
// vendor client. The default base is [http.DefaultTransport].
func (t *Tracing) Transport(base http.RoundTripper) http.RoundTripper {
	if base == nil {
		base = http.DefaultTransport
	}
	if t == nil {
		return base
	}
	return transport{tracing: t, base: base}
}

type transport struct {
	tracing *Tracing
	base    http.RoundTripper
}

func (t transport) RoundTrip(request *http.Request) (*http.Response, error) {
	ctx, span := t.tracing.tracer.Start(request.Context(), "vendor.call", trace.WithSpanKind(trace.SpanKindClient),
		trace.WithAttributes(
			attribute.String("http.request.method", request.Method),
			attribute.String("server.address", request.URL.Hostname()),
			attribute.String("url.path", request.URL.Path),
		))
	defer span.End()
	response, err := t.base.RoundTrip(request.WithContext(ctx))
	if err != nil {
		span.SetStatus(codes.Error, "no answer")
		return nil, err
	}
	span.SetAttributes(attribute.Int("http.response.status_code", response.StatusCode))
	return response, nil
}
