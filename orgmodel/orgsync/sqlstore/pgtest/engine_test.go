//go:build unix

package pgtest_test

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/aiguanhuai/aiguanhuaitest"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
	"github.com/orgbridge/orgbridge/tuzhan/tuzhantest"
	"github.com/orgbridge/orgbridge/yunzhijia/yunzhijiatest"
)

// Two engines, as two processes would be, keep one organisation in step with their
// state in one database: at any moment one of them works, and neither repeats what the
// other has done.
func TestTwoEngines(t *testing.T) {
	t.Parallel()
	_, dsn := newSchema(t)
	source := yunzhijiatest.NewInMemory(yunzhijiatest.Seed(20, 400), yunzhijiatest.WithContacts())
	a, tz := aiguanhuaitest.NewInMemory(), tuzhantest.NewInMemory()
	t.Cleanup(func() { source.Close(); a.Close(); tz.Close() })
	engine := func() *orgsync.Engine {
		reads := source.Client()
		cares := a.Client()
		rabbits := tz.Client()
		engine, err := orgsync.New(orgsync.Config{
			Tenant: "acme", Source: &orgsync.YunzhijiaSource{Client: reads}, Store: newStore(t, dsn),
			Targets: []orgsync.Target{&orgsync.AiguanhuaiTarget{Client: cares}, &orgsync.TuzhanTarget{Client: rabbits}},
		})
		require.NoError(t, err)
		return engine
	}
	engines := []*orgsync.Engine{engine(), engine()}

	for round := range 5 {
		source.Leave("person-0000" + string(rune('1'+round)))
		var wg sync.WaitGroup
		errs := make([]error, len(engines))
		for i, e := range engines {
			wg.Go(func() { _, errs[i] = e.Run(t.Context(), orgsync.RunOptions{}) })
		}
		wg.Wait()
		done := 0
		for _, err := range errs {
			if err == nil {
				done++
				continue
			}
			require.ErrorIs(t, err, orgsync.ErrLocked)
		}
		require.Positive(t, done)
		assert.Len(t, tz.Employees(), 400-round-1)
	}
	a.Reset()
	tz.Reset()
	for _, e := range engines {
		report, err := e.Run(t.Context(), orgsync.RunOptions{Full: true})
		require.NoError(t, err, report.Text())
	}
	assert.Zero(t, a.Count("")+tz.Count(tuzhantest.OpDepartments)+tz.Count(tuzhantest.OpEmployees))
}
