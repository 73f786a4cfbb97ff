package main

import (
	"context"
	"errors"
	"io"
	"strings"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/exporters/stdout/stdouttrace"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/orgbridge/orgbridge/orgmodel/orgsync/fleet"
)

// newTracing returns the tracing that OpenTelemetry's own variables ask for, nil if none
// does. The exporter reads the rest of them itself: headers, certificates, time limits.
// Call stop to send what is left.
func newTracing(
	ctx context.Context, environ func(string) string, stdout io.Writer,
) (t *fleet.Tracing, stop func(context.Context) error, err error) {
	none := func(context.Context) error { return nil }
	exporter, err := newExporter(ctx, environ, stdout)
	if exporter == nil || err != nil {
		return nil, none, err
	}
	name := attribute.String("service.name", "orgsync-fleet")
	about, err := resource.New(ctx, resource.WithAttributes(name), resource.WithTelemetrySDK(), resource.WithFromEnv())
	if err != nil {
		return nil, none, errors.New("OTEL_RESOURCE_ATTRIBUTES cannot be used")
	}
	provider := sdktrace.NewTracerProvider(sdktrace.WithBatcher(exporter), sdktrace.WithResource(about))
	return fleet.NewTracing(provider), provider.Shutdown, nil
}

func newExporter(ctx context.Context, environ func(string) string, stdout io.Writer) (sdktrace.SpanExporter, error) {
	kind := environ("OTEL_TRACES_EXPORTER")
	if kind == "" && environ("OTEL_EXPORTER_OTLP_ENDPOINT")+environ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT") != "" {
		kind = "otlp"
	}
	if strings.EqualFold(environ("OTEL_SDK_DISABLED"), "true") {
		kind = "none"
	}
	switch kind {
	case "", "none":
		return nil, nil
	case "console":
		return stdouttrace.New(stdouttrace.WithWriter(stdout))
	case "otlp":
		for _, name := range []string{"OTEL_EXPORTER_OTLP_PROTOCOL", "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL"} {
			if protocol := environ(name); protocol != "" && protocol != "http/protobuf" {
				return nil, errors.New(name + " is not http/protobuf")
			}
		}
		exporter, err := otlptracehttp.New(ctx)
		if err != nil {
			return nil, errors.New("OTEL_EXPORTER_OTLP_ENDPOINT cannot be used")
		}
		return exporter, nil
	}
	return nil, errors.New("OTEL_TRACES_EXPORTER is neither otlp nor console nor none")
}
