//go:build unix

package nightly_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/worker"

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
	envName      = "NIGHTLY_NAME"
	envSource    = "NIGHTLY_SOURCE"
	envTarget    = "NIGHTLY_TARGET"
	envShared    = "NIGHTLY_SHARED" // lease time and pool of a worker of many tenants, and the shared limiter
)

// Headers of calls to vendors, for what the simulators record.
const (
	headerWorker = "X-Nightly-Worker"
	headerTenant = "X-Nightly-Tenant"
	// headerPermits lists when calls were allowed of which the simulators were not told yet,
	// in nanoseconds since 1970.
	headerPermits = "X-Nightly-Permits"
)

const (
	leaseTime = 3 * time.Second

	callRate  = 60.0
	callBurst = 100
	// connections and activities of one process. A run does little but wait for the vendor's
	// rate, so that a pair of workers has all tenants under way at once, and serves them in turn.
	connections, activities = 30, 500
	// sharedLease is long, so that the renewals of runs that wait are not among the writes that
	// are counted.
	sharedLease = 5 * time.Minute
)

// registry is one of simulated companies, whose store is PostgreSQL. What it was told by
// the environment is the same for all of them.
type registry struct {
	worker         string
	source, target string // addresses
	store          orgsync.Store
	limiter        *noted // nil for none
	base           http.RoundTripper
}

// noted is a limiter that notes down when it allowed calls.
type noted struct {
	yunzhijia.Limiter

	mu      sync.Mutex
	permits []string
}

func (n *noted) Wait(ctx context.Context) error {
	err := n.Limiter.Wait(ctx)
	if err == nil {
		n.mu.Lock()
		n.permits = append(n.permits, strconv.FormatInt(time.Now().UnixNano(), 10))
		n.mu.Unlock()
	}
	return err
}

func (n *noted) drain() string {
	if n == nil {
		return ""
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	list := strings.Join(n.permits, ",")
	n.permits = nil
	return list
}

func newRegistry(store orgsync.Store, limiter *noted) *registry {
	base := http.DefaultTransport.(*http.Transport).Clone()
	base.MaxIdleConnsPerHost = activities
	return &registry{
		worker: os.Getenv(envName), source: os.Getenv(envSource), target: os.Getenv(envTarget),
		store: store, limiter: limiter, base: base,
	}
}

// marked adds headers to calls.
type marked struct {
	worker, tenant string
	limiter        *noted
	base           http.RoundTripper
}

func (m marked) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set(headerWorker, m.worker)
	r.Header.Set(headerTenant, m.tenant)
	r.Header.Set(headerPermits, m.limiter.drain())
	return m.base.RoundTrip(r)
}

func (r *registry) Engine(_ context.Context, tenant string, option orgsync.Option) (*orgsync.Engine, func(), error) {
	calls := &http.Client{Transport: marked{worker: r.worker, tenant: tenant, limiter: r.limiter, base: r.base}}
	options := []yunzhijia.Option{yunzhijia.WithHTTPClient(calls)}
	if r.limiter != nil {
		options = append(options, yunzhijia.WithLimiter(r.limiter))
	}
	reads, err1 := yunzhijia.New(yunzhijia.Config{
		BaseURL: r.source, EID: "10001", Credentials: yunzhijia.AppCredentials("500000001", "simulator-app-secret"),
	}, options...)
	pushes, err2 := tuzhan.New(tuzhan.Config{
		BaseURL: r.target, Credentials: tuzhan.AppCredentials(tuzhantest.InstanceAppID, tuzhantest.InstanceSecret),
	}, tuzhan.WithHTTPClient(calls))
	if err := errors.Join(err1, err2); err != nil {
		return nil, nil, err
	}
	engine, err := orgsync.New(orgsync.Config{
		Tenant: tenant, Source: &orgsync.YunzhijiaSource{Client: reads}, Store: r.store,
		Targets: []orgsync.Target{&orgsync.TuzhanTarget{Client: pushes, Company: tenant}},
	}, option)
	return engine, func() {}, err
}

func (*registry) Save(context.Context, string, *orgsync.Report) (string, error) {
	return "report/1", nil
}
func (*registry) Remind(context.Context, fleet.Reminder) error { return nil }

// runWorker is a worker process, until it is killed.
func runWorker() int {
	db, err := sql.Open("pgx", os.Getenv(envDSN))
	if err != nil {
		return fail(err)
	}
	var options worker.Options
	var limiter *noted
	lease := leaseTime
	if os.Getenv(envShared) != "" {
		db.SetMaxOpenConns(connections)
		db.SetMaxIdleConns(connections)
		lease, options.MaxConcurrentActivityExecutionSize = sharedLease, activities
		shared, err := sqlstore.NewLimiter(db, sqlstore.LimiterConfig{
			Vendor: "yunzhijia", App: "app", Rate: callRate, Burst: callBurst, Workers: 2,
		})
		if err != nil {
			return fail(err)
		}
		limiter = &noted{Limiter: shared}
	}
	store, err := sqlstore.New(db, sqlstore.WithLeaseTime(lease))
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
	w, err := fleet.NewWorker(fleet.WorkerConfig{Tenants: newRegistry(store, limiter), Propose: fleet.ClientProposer(c)})
	if err != nil {
		return fail(err)
	}
	temporal := worker.New(c, fleet.TaskQueue, options)
	w.Register(temporal)
	return fail(temporal.Run(make(chan any)))
}

func fail(err error) int {
	fmt.Fprintln(os.Stderr, "worker:", err)
	return 1
}
