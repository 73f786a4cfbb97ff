package main

import (
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/worker"

	"github.com/orgbridge/orgbridge/orgmodel/orgsync/fleet"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync/sqlstore"
)

func dial(
	ctx context.Context, environ func(string) string, interceptors ...interceptor.ClientInterceptor,
) (client.Client, error) {
	options := client.Options{
		Interceptors: interceptors,
		HostPort:     environ("TEMPORAL_ADDRESS"), Namespace: environ("TEMPORAL_NAMESPACE"),
		Logger: log.NewStructuredLogger(slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))),
	}
	if err := secure(&options, environ); err != nil {
		return nil, err
	}
	return client.DialContext(ctx, options)
}

// secure makes a client encrypt what Temporal stores, if there is a key.
func secure(options *client.Options, environ func(string) string) error {
	var keys [][]byte
	for _, name := range []string{"ORGSYNC_PAYLOAD_KEY", "ORGSYNC_PAYLOAD_KEYS_FORMER"} {
		for text := range strings.SplitSeq(environ(name), ",") {
			key, err := hex.DecodeString(strings.TrimSpace(text))
			if err != nil {
				return errors.New(name + " is not hexadecimal")
			}
			if len(key) > 0 {
				keys = append(keys, key)
			}
		}
	}
	switch {
	case len(keys) == 0:
		return nil
	case environ("ORGSYNC_PAYLOAD_KEY") == "":
		return errors.New("ORGSYNC_PAYLOAD_KEY is missing: former keys only decrypt")
	}
	return fleet.Secure(options, keys[0], keys[1:]...)
}

// serve works until ctx ends. Runs under way are then stopped cleanly, and go on elsewhere.
func serve(ctx context.Context, environ func(string) string, dial dialer, out io.Writer) error {
	logger := slog.New(slog.NewJSONHandler(os.Stderr, nil))
	db, err := sql.Open("pgx", environ("ORGSYNC_DSN"))
	if err != nil {
		return errors.New("ORGSYNC_DSN cannot be used")
	}
	defer db.Close()
	store, err := sqlstore.New(db)
	if err != nil {
		return err
	}
	if err := store.CreateSchema(ctx); err != nil {
		return err
	}
	prom := prometheus.NewRegistry()
	metrics, err := fleet.NewMetrics(prom)
	if err != nil {
		return err
	}
	tracing, stop, err := newTracing(ctx, environ, out)
	if err != nil {
		return err
	}
	defer func() { _ = stopWithin(context.WithoutCancel(ctx), 5*time.Second, stop) }() // spans are not worth a failure
	c, err := dialTraced(ctx, environ, dial, tracing)
	if err != nil {
		return err
	}
	defer c.Close()
	limiter := limiters(db, environ("ORGSYNC_WORKERS"), logger)
	w, err := fleet.NewWorker(fleet.WorkerConfig{
		Tenants: newRegistry(environ("ORGSYNC_TENANTS"), store, logger, limiter, metrics, tracing),
		Propose: fleet.ClientProposer(c), Metrics: metrics, Tracing: tracing,
	})
	if err != nil {
		return err
	}
	temporal := worker.New(c, fleet.TaskQueue, worker.Options{MaxConcurrentActivityExecutionSize: 50, WorkerStopTimeout: 20 * time.Second})
	w.Register(temporal)
	if err := temporal.Start(); err != nil {
		return err
	}
	defer temporal.Stop()
	listen := environ("ORGSYNC_LISTEN")
	if listen == "" {
		listen = "127.0.0.1:9090"
	}
	return serveHTTP(ctx, listen, handler(prom, func(ctx context.Context) error {
		_, err := c.CheckHealth(ctx, nil)
		return errors.Join(err, db.PingContext(ctx))
	}))
}

func dialTraced(
	ctx context.Context, environ func(string) string, dial dialer, tracing *fleet.Tracing,
) (client.Client, error) {
	if tracing == nil {
		return dial(ctx, environ)
	}
	traced, err := tracing.Interceptor()
	if err != nil {
		return nil, err
	}
	return dial(ctx, environ, traced)
}

func stopWithin(ctx context.Context, d time.Duration, stop func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	return stop(ctx)
}

// limiters returns the shared limiter of an app of 云之家: one object for all tenants
// that use it.
func limiters(db *sql.DB, workers string, logger *slog.Logger) func(app string) (*sqlstore.Limiter, error) {
	n, err := strconv.Atoi(workers)
	if err != nil {
		n = 2
	}
	var mu sync.Mutex
	made := map[string]*sqlstore.Limiter{}
	return func(app string) (*sqlstore.Limiter, error) {
		mu.Lock()
		defer mu.Unlock()
		if made[app] == nil {
			l, err := sqlstore.NewLimiter(db, sqlstore.LimiterConfig{
				Vendor: "yunzhijia", App: app, Rate: 55, Burst: 100, Workers: n, Logger: logger,
			})
			if err != nil {
				return nil, err
			}
			made[app] = l
		}
		return made[app], nil
	}
}

// handler answers /healthz while the process lives, /readyz if Temporal and PostgreSQL
// answer, and /metrics.
func handler(prom prometheus.Gatherer, ready func(context.Context) error) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), 3*time.Second)
		defer cancel()
		if ready(ctx) != nil {
			http.Error(w, "not ready", http.StatusServiceUnavailable)
		}
	})
	mux.Handle("GET /metrics", promhttp.HandlerFor(prom, promhttp.HandlerOpts{}))
	return mux
}

func serveHTTP(ctx context.Context, address string, h http.Handler) error {
	server := &http.Server{Addr: address, Handler: h, ReadHeaderTimeout: 5 * time.Second, BaseContext: func(net.Listener) context.Context { return ctx }}
	stop := context.AfterFunc(ctx, func() { _ = server.Close() })
	defer stop()
	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
