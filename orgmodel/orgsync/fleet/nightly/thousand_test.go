//go:build unix

package nightly_test

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/server/temporaltest"

	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync/fleet"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync/sqlstore"
	"github.com/orgbridge/orgbridge/tuzhan"
	"github.com/orgbridge/orgbridge/tuzhan/tuzhantest"
	"github.com/orgbridge/orgbridge/yunzhijia"
	"github.com/orgbridge/orgbridge/yunzhijia/yunzhijiatest"
)

const (
	tenants, staff = 1000, 200
	callRate       = 200.0
	callBurst      = 100
)

// companies is a registry of simulated ones, whose calls to 云之家 share a rate.
type companies struct {
	store   orgsync.Store
	limiter *sqlstore.Limiter
	sources []*yunzhijiatest.Server
	targets []*tuzhantest.Server

	mu    sync.Mutex
	calls []time.Time
	ended map[string]time.Time
}

// Wait is the shared limiter's, noted down.
func (c *companies) Wait(ctx context.Context) error {
	err := c.limiter.Wait(ctx)
	if err == nil {
		c.mu.Lock()
		c.calls = append(c.calls, time.Now())
		c.mu.Unlock()
	}
	return err
}

func (c *companies) Engine(_ context.Context, tenant string, option orgsync.Option) (*orgsync.Engine, func(), error) {
	i, err := strconv.Atoi(tenant[1:])
	if err != nil {
		return nil, nil, fleet.ErrUnknownTenant
	}
	source, target := c.sources[i], c.targets[i]
	reads, err1 := yunzhijia.New(source.Config(), yunzhijia.WithHTTPClient(source.HTTPClient()), yunzhijia.WithLimiter(c))
	pushes, err2 := tuzhan.New(target.Config(), tuzhan.WithHTTPClient(target.HTTPClient()))
	if err := errors.Join(err1, err2); err != nil {
		return nil, nil, err
	}
	engine, err := orgsync.New(orgsync.Config{
		Tenant: tenant, Source: &orgsync.YunzhijiaSource{Client: reads}, Store: c.store,
		Targets: []orgsync.Target{&orgsync.TuzhanTarget{Client: pushes, Company: tenant}},
	}, option)
	return engine, func() {}, err
}

func (c *companies) Save(_ context.Context, tenant string, _ *orgsync.Report) (string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ended[tenant] = time.Now()
	return "", nil
}

func (*companies) Remind(context.Context, fleet.Reminder) error { return nil }

// A thousand tenants are brought in step by a pair of workers, twice.
func TestThousandTenants(t *testing.T) {
	db, _ := database(t)
	db.SetMaxOpenConns(60)
	store, err := sqlstore.New(db)
	require.NoError(t, err)
	limiter, err := sqlstore.NewLimiter(db, sqlstore.LimiterConfig{Vendor: "yunzhijia", App: "app", Rate: callRate, Burst: callBurst, Workers: 2})
	require.NoError(t, err)
	c := &companies{store: store, limiter: limiter, ended: map[string]time.Time{}}
	for range tenants {
		s, tz := yunzhijiatest.NewInMemory(yunzhijiatest.Seed(5, staff), yunzhijiatest.WithContacts()), tuzhantest.NewInMemory()
		c.sources, c.targets = append(c.sources, s), append(c.targets, tz)
		t.Cleanup(func() { s.Close(); tz.Close() })
	}
	server := temporaltest.NewServer(temporaltest.WithT(t))
	for range 2 {
		w, err := fleet.NewWorker(fleet.WorkerConfig{Tenants: c, Propose: fleet.ClientProposer(server.GetDefaultClient())})
		require.NoError(t, err)
		server.NewWorkerWithOptions(fleet.TaskQueue, func(r worker.Registry) { w.Register(r) }, worker.Options{MaxConcurrentActivityExecutionSize: 20})
	}
	for round := range 2 {
		for i := range tenants {
			c.targets[i].Reset() // forgets requests, not records
		}
		began := time.Now()
		c.round(t, server.GetDefaultClient(), round)
		var waits []time.Duration
		for _, at := range c.ended {
			waits = append(waits, at.Sub(began))
		}
		slices.Sort(waits)
		require.Len(t, waits, tenants)
		median, longest := waits[tenants/2], waits[tenants-1]
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		t.Logf("round %d: all in step after %.1f s, median %.1f s, longest wait %.1f s; heap %d MiB with server and simulators",
			round, time.Since(began).Seconds(), median.Seconds(), longest.Seconds(), m.HeapAlloc>>20)
		assert.LessOrEqual(t, longest, 2*median+time.Second)
	}
	for i := range tenants {
		require.Len(t, c.targets[i].Employees(), staff)
	}
	c.assertRate(t)
}

func (c *companies) round(t *testing.T, temporal client.Client, round int) {
	var group sync.WaitGroup
	for i := range tenants {
		name := "t" + strconv.Itoa(i)
		run, err := temporal.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{
			ID: "run/" + name + "/" + strconv.Itoa(round), TaskQueue: fleet.TaskQueue,
		}, "orgsync.Sync", fleet.Request{Tenant: name})
		require.NoError(t, err)
		group.Go(func() {
			var result fleet.Result
			if assert.NoError(t, run.Get(t.Context(), &result)) {
				assert.Equal(t, fleet.Done, result.Outcome)
			}
		})
	}
	group.Wait()
}

func (c *companies) assertRate(t *testing.T) {
	slices.SortFunc(c.calls, time.Time.Compare)
	worst := 0.0
	for i := range c.calls {
		for j := i; j < len(c.calls) && c.calls[j].Sub(c.calls[i]) < 20*time.Second; j++ {
			window := c.calls[j].Sub(c.calls[i]) + 100*time.Millisecond // between a permit and the look at the clock
			worst = max(worst, float64(j-i+1)/(callRate*window.Seconds()+callBurst))
		}
	}
	t.Logf("%d calls to 云之家; the fullest window had %.1f %% of what is allowed", len(c.calls), 100*worst)
	assert.LessOrEqual(t, worst, 1.0)
}
