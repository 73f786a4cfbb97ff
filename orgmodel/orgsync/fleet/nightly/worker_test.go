//go:build unix

package nightly_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/worker"

	"log/slog"

	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync/fleet"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync/sqlstore"
	"github.com/orgbridge/orgbridge/tuzhan"
	"github.com/orgbridge/orgbridge/tuzhan/tuzhantest"
	"github.com/orgbridge/orgbridge/yunzhijia"
)

// What a worker process is told by its environment.
const (
	envServer    = "NIGHTLY_TEMPORAL"
	envNamespace = "NIGHTLY_NAMESPACE"
	envDSN       = "NIGHTLY_DSN"
	envSource    = "NIGHTLY_SOURCE"
	envEID       = "NIGHTLY_EID"
	envTarget    = "NIGHTLY_TARGET"
)

const leaseTime = 3 * time.Second

// registry is one of a single company, whose store is PostgreSQL.
type registry struct{ store orgsync.Store }

func (r registry) Engine(_ context.Context, tenant string, option orgsync.Option) (*orgsync.Engine, func(), error) {
	reads, err1 := yunzhijia.New(yunzhijia.Config{
		BaseURL: os.Getenv(envSource), EID: os.Getenv(envEID),
		Credentials: yunzhijia.AppCredentials("500000001", "simulator-app-secret"),
	})
	pushes, err2 := tuzhan.New(tuzhan.Config{
		BaseURL: os.Getenv(envTarget), Credentials: tuzhan.AppCredentials(tuzhantest.InstanceAppID, tuzhantest.InstanceSecret),
	})
	if err := errors.Join(err1, err2); err != nil {
		return nil, nil, err
	}
	engine, err := orgsync.New(orgsync.Config{
		Tenant: tenant, Source: &orgsync.YunzhijiaSource{Client: reads}, Store: r.store,
		Targets: []orgsync.Target{&orgsync.TuzhanTarget{Client: pushes}},
	}, option)
	return engine, func() {}, err
}

func (registry) Save(context.Context, string, *orgsync.Report) (string, error) {
	return "report/1", nil
}
func (registry) Remind(context.Context, fleet.Reminder) error { return nil }

// runWorker is a worker process, until it is killed.
func runWorker() int {
	db, err := sql.Open("pgx", os.Getenv(envDSN))
	if err != nil {
		return fail(err)
	}
	store, err := sqlstore.New(db, sqlstore.WithLeaseTime(leaseTime))
	if err != nil {
		return fail(err)
	}
	c, err := client.Dial(client.Options{
		HostPort: os.Getenv(envServer), Namespace: os.Getenv(envNamespace),
		Logger: log.NewStructuredLogger(slog.New(slog.DiscardHandler)),
	})
	if err != nil {
		return fail(err)
	}
	w, err := fleet.NewWorker(fleet.WorkerConfig{Tenants: registry{store}, Propose: fleet.ClientProposer(c)})
	if err != nil {
		return fail(err)
	}
	temporal := worker.New(c, fleet.TaskQueue, worker.Options{})
	w.Register(temporal)
	return fail(temporal.Run(make(chan any)))
}

func fail(err error) int {
	fmt.Fprintln(os.Stderr, "worker:", err)
	return 1
}
