package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync/fleet"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync/sqlstore"
	"github.com/orgbridge/orgbridge/tuzhan"
	"github.com/orgbridge/orgbridge/yunzhijia"
)

// registry reads a tenant's settings, which hold secrets, from DIR/NAME.env when a run
// begins. Lines are NAME=VALUE:
//
//	YUNZHIJIA_BASE_URL YUNZHIJIA_EID YUNZHIJIA_APP_ID YUNZHIJIA_APP_SECRET
//	TUZHAN_BASE_URL TUZHAN_APP_ID TUZHAN_APP_SECRET
//
// Reports go to DIR/reports/NAME/TIME.json.
type registry struct {
	dir     string
	store   orgsync.Store
	logger  *slog.Logger
	client  *http.Client
	limiter func(app string) (*sqlstore.Limiter, error)
	timed   func(vendor string, limiter fleet.Limiter) fleet.Limiter
}

func newRegistry(dir string, store orgsync.Store, logger *slog.Logger, limiter func(app string) (*sqlstore.Limiter, error),
	metrics *fleet.Metrics, tracing *fleet.Tracing,
) *registry {
	return &registry{
		dir: dir, store: store, logger: logger, limiter: limiter, timed: metrics.Timed,
		client: &http.Client{Timeout: time.Minute, Transport: tracing.Transport(nil)},
	}
}

func (r *registry) Engine(_ context.Context, tenant string, option orgsync.Option) (*orgsync.Engine, func(), error) {
	set, err := readEnv(filepath.Join(r.dir, tenant+".env"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, fleet.ErrUnknownTenant
	}
	if err != nil {
		return nil, nil, err
	}
	limiter, err := r.limiter(set["YUNZHIJIA_APP_ID"])
	if err != nil {
		return nil, nil, err
	}
	reads, err1 := yunzhijia.New(yunzhijia.Config{
		BaseURL: set["YUNZHIJIA_BASE_URL"], EID: set["YUNZHIJIA_EID"],
		Credentials: yunzhijia.AppCredentials(set["YUNZHIJIA_APP_ID"], set["YUNZHIJIA_APP_SECRET"]),
	}, yunzhijia.WithHTTPClient(r.client), yunzhijia.WithLimiter(r.timed("yunzhijia", limiter)),
		yunzhijia.WithHook(func(_ context.Context, a yunzhijia.Attempt) {
			if a.Status == http.StatusTooManyRequests {
				limiter.Pause(max(a.Wait, 10*time.Second)) //nolint:contextcheck // for all workers, whatever becomes of this call
			}
		}))
	pushes, err2 := tuzhan.New(tuzhan.Config{
		BaseURL: set["TUZHAN_BASE_URL"], Credentials: tuzhan.AppCredentials(set["TUZHAN_APP_ID"], set["TUZHAN_APP_SECRET"]),
	}, tuzhan.WithHTTPClient(r.client))
	if errors.Join(err1, err2) != nil {
		return nil, nil, &orgsync.ConfigError{Field: tenant + ".env", Reason: "is not complete"}
	}
	engine, err := orgsync.New(orgsync.Config{
		Tenant: tenant, Store: r.store, Source: &orgsync.YunzhijiaSource{Client: reads},
		Targets: []orgsync.Target{&orgsync.TuzhanTarget{Client: pushes, Company: tenant}},
	}, option)
	return engine, func() {}, err
}

func (r *registry) Save(_ context.Context, tenant string, report *orgsync.Report) (string, error) {
	key := filepath.Join("reports", tenant, report.Started.UTC().Format("20060102T150405")+".json")
	text, err := json.Marshal(report)
	if err != nil {
		return "", err
	}
	path := filepath.Join(r.dir, key)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return "", err
	}
	return key, os.WriteFile(path, text, 0o600)
}

func (r *registry) Remind(ctx context.Context, reminder fleet.Reminder) error {
	r.logger.LogAttrs(ctx, slog.LevelWarn, "a plan waits for a decision", slog.String("tenant", reminder.Tenant),
		slog.String("digest", reminder.Stopped.Digest), slog.Bool("expired", reminder.Expired))
	return nil
}

func readEnv(path string) (map[string]string, error) {
	file, err := os.Open(path) //nolint:gosec // the name of a tenant has no separator
	if err != nil {
		return nil, err
	}
	defer file.Close()
	set := map[string]string{}
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		if name, value, ok := strings.Cut(lines.Text(), "="); ok {
			set[strings.TrimSpace(name)] = strings.TrimSpace(value)
		}
	}
	return set, lines.Err()
}
