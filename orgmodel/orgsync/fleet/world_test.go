package fleet_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync/fleet"
	"github.com/orgbridge/orgbridge/tuzhan"
	"github.com/orgbridge/orgbridge/tuzhan/tuzhantest"
	"github.com/orgbridge/orgbridge/yunzhijia"
	"github.com/orgbridge/orgbridge/yunzhijia/yunzhijiatest"
)

const tenant = "acme"

// world is a registry of one tenant, over simulators.
type world struct {
	source *yunzhijiatest.Server
	target *tuzhantest.Server
	store  orgsync.Store

	engineErr error // of the registry
	mu        sync.Mutex
	engines   int // asked for
	proposed  []fleet.Stopped
	reminded  []fleet.Reminder
	reports   []*orgsync.Report
}

func newWorld(t testing.TB) *world {
	w := &world{
		source: yunzhijiatest.NewInMemory(yunzhijiatest.Seed(4, 60), yunzhijiatest.WithContacts()),
		target: tuzhantest.NewInMemory(), store: orgsync.NewMemoryStore(),
	}
	t.Cleanup(func() { w.source.Close(); w.target.Close() })
	return w
}

func (w *world) Engine(_ context.Context, name string, option orgsync.Option) (*orgsync.Engine, func(), error) {
	w.mu.Lock()
	w.engines++
	w.mu.Unlock()
	if w.engineErr != nil {
		return nil, nil, w.engineErr
	}
	reads, err1 := yunzhijia.New(w.source.Config(), yunzhijia.WithHTTPClient(w.source.HTTPClient()), yunzhijia.WithRetry(1, 1))
	pushes, err2 := tuzhan.New(w.target.Config(), tuzhan.WithHTTPClient(w.target.HTTPClient()), tuzhan.WithRetry(1, 1))
	if err := errors.Join(err1, err2); err != nil {
		return nil, nil, err
	}
	engine, err := orgsync.New(orgsync.Config{
		Tenant: name, Source: &orgsync.YunzhijiaSource{Client: reads}, Store: w.store,
		Targets: []orgsync.Target{&orgsync.TuzhanTarget{Client: pushes}},
	}, option)
	return engine, func() {}, err
}

func (w *world) Save(_ context.Context, name string, report *orgsync.Report) (string, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.reports = append(w.reports, report)
	return fmt.Sprintf("%s/%d", name, len(w.reports)), nil
}

func (w *world) Remind(_ context.Context, r fleet.Reminder) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.reminded = append(w.reminded, r)
	return nil
}

func (w *world) propose(_ context.Context, _ string, s fleet.Stopped) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.proposed = append(w.proposed, s)
	return nil
}

func (w *world) worker(t testing.TB, change func(*fleet.WorkerConfig)) *fleet.Worker {
	t.Helper()
	config := fleet.WorkerConfig{Tenants: w, Propose: w.propose}
	if change != nil {
		change(&config)
	}
	worker, err := fleet.NewWorker(config)
	require.NoError(t, err)
	return worker
}

// leave makes more people leave than the guard lets go.
func (w *world) leave() {
	for i, p := range w.source.People() {
		if i%2 == 0 {
			w.source.Leave(p.OpenID)
		}
	}
}

// back makes someone who left return.
func (w *world) back(id string) {
	w.source.UpdatePerson(id, func(p *yunzhijia.Person) { p.Status = yunzhijia.StatusActive })
}
