//go:build unix

package pgtest_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/orgmodel"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync/sqlstore"
)

// smallSource is a company of one department and three people.
type smallSource struct{}

func (smallSource) Name() string { return "small" }

func (smallSource) Departments(context.Context) iter.Seq2[orgmodel.Department, error] {
	return func(yield func(orgmodel.Department, error) bool) {
		d := orgmodel.Department{ID: "root"}
		d.SetParentID("")
		d.SetName("总部")
		d.SetStatus(orgmodel.StatusActive)
		yield(d, nil)
	}
}

func (smallSource) People(
	context.Context, orgsync.Watermark,
) (iter.Seq2[orgmodel.Person, error], func() (orgsync.Watermark, error)) {
	people := func(yield func(orgmodel.Person, error) bool) {
		for i := range 3 {
			p := orgmodel.Person{ID: "p" + strconv.Itoa(i)}
			p.SetName("王一")
			p.SetStatus(orgmodel.StatusActive)
			p.SetDepartmentIDs("root")
			if !yield(p, nil) {
				return
			}
		}
	}
	return people, func() (orgsync.Watermark, error) {
		return orgsync.Watermark{Cursor: "1", Time: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)}, nil
	}
}

func (smallSource) Person(context.Context, string) (orgmodel.Person, error) {
	return orgmodel.Person{}, orgsync.ErrNotFound
}

func (smallSource) Department(context.Context, string) (orgmodel.Department, error) {
	return orgmodel.Department{}, orgsync.ErrNotFound
}

type smallRecord struct{ ID string }

// smallTarget takes everything.
type smallTarget struct{ place string }

func (smallTarget) Name() string           { return "small" }
func (t smallTarget) Destination() string  { return t.place }
func (smallTarget) Settings() string       { return "1" }
func (smallTarget) Traits() orgsync.Traits { return orgsync.Traits{Batch: 100, Upserts: true} }

func (smallTarget) Department(d orgmodel.Department) (orgsync.Record, error) {
	return orgsync.Record{Value: smallRecord{d.ID}}, nil
}

func (smallTarget) Person(p orgmodel.Person, _ *orgmodel.Directory, _ string) (orgsync.Record, error) {
	return orgsync.Record{Value: smallRecord{p.ID}}, nil
}

func (smallTarget) Push(_ context.Context, b orgsync.Batch) []orgsync.Outcome {
	return make([]orgsync.Outcome, len(b.Items))
}

// company is a tenant whose engine feeds a place.
func company(t *testing.T, store orgsync.Store, tenant, place string) *orgsync.Engine {
	t.Helper()
	engine, err := orgsync.New(orgsync.Config{
		Tenant: tenant, Source: smallSource{}, Store: store, Targets: []orgsync.Target{smallTarget{place: place}},
	})
	require.NoError(t, err)
	return engine
}

// A thousand tenants start at once, and each records its destination: none waits for
// others that do the same.
func TestDestinationsOfManyTenants(t *testing.T) {
	t.Parallel()
	const tenants, connections = 1000, 60
	_, dsn := newSchema(t)
	db := connect(t, dsn)
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	store, err := sqlstore.New(db)
	require.NoError(t, err)
	require.NoError(t, store.CreateSchema(t.Context()))
	for _, round := range []string{"first runs", "later ones"} {
		began, took := time.Now(), make([]time.Duration, tenants)
		var group sync.WaitGroup
		gate := make(chan struct{}, connections)
		for i := range tenants {
			engine := company(t, store, "t"+strconv.Itoa(i), fmt.Sprintf("company-%d.example:443", i))
			group.Go(func() {
				gate <- struct{}{}
				defer func() { <-gate }()
				start := time.Now()
				_, err := engine.Run(t.Context(), orgsync.RunOptions{})
				assert.NoError(t, err)
				took[i] = time.Since(start)
			})
		}
		group.Wait()
		slices.Sort(took)
		t.Logf("%s: %d tenants in %.1f s, a run %s (median), %s (longest)", round, tenants, time.Since(began).Seconds(),
			took[tenants/2].Round(time.Millisecond), took[tenants-1].Round(time.Millisecond))
	}
}

// Tenants that take one destination at once wait for each other, and one of them has it.
func TestOneDestinationOfManyTenants(t *testing.T) {
	t.Parallel()
	const tenants = 8
	_, dsn := newSchema(t)
	store := newStore(t, dsn)
	errs := make([]error, tenants)
	var group sync.WaitGroup
	for i := range tenants {
		engine := company(t, store, "t"+strconv.Itoa(i), "company.example:443")
		group.Go(func() { _, errs[i] = engine.Run(t.Context(), orgsync.RunOptions{}) })
	}
	group.Wait()
	done := 0
	for _, err := range errs {
		if err == nil {
			done++
			continue
		}
		_, ok := errors.AsType[*orgsync.DestinationError](err)
		assert.True(t, ok, "%v", err)
	}
	assert.Equal(t, 1, done)
}
