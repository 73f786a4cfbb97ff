//go:build unix

package nightly_test

import (
	"database/sql"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"
	"go.temporal.io/server/temporaltest"

	"github.com/orgbridge/orgbridge/orgmodel/orgsync/fleet"
	"github.com/orgbridge/orgbridge/yunzhijia"
)

const (
	tenants, staff = 1000, 200
	moved          = 2 // people of each tenant who change in the last round
	sampled        = 20
)

// thousand is a thousand tenants, and a pair of worker processes for them.
type thousand struct {
	*gateway

	db       *sql.DB
	temporal *temporaltest.TestServer
	workers  []int // process ids
}

// A thousand tenants are brought in step by a pair of worker processes: a first load, a
// round in which nothing has changed, and one in which two people of each have.
func TestThousandTenants(t *testing.T) { //nolint:paralleltest // one at a time: some measure
	db, dsn := database(t)
	w := &thousand{gateway: newGateway(t, tenants, staff), db: db, temporal: temporaltest.NewServer(temporaltest.WithT(t))}
	for _, name := range []string{"first", "second"} {
		c := startWorker(t, w.temporal,
			envName+"="+name, envDSN+"="+dsn, envSource+"="+w.source.URL, envTarget+"="+w.target.URL, envShared+"=1")
		w.workers = append(w.workers, c.Process.Pid)
	}
	w.round(t, "first load", staff)
	memory := w.memory()
	w.round(t, "nothing changed", 0)
	for _, s := range w.sources {
		for _, p := range s.People()[:moved] {
			s.UpdatePerson(p.OpenID, func(p *yunzhijia.Person) { p.Name += "新" })
		}
	}
	w.round(t, "two people changed", moved)
	for i, now := range w.memory() {
		assert.LessOrEqual(t, now, 1.5*memory[i], "MiB of a worker, %v after the first load", memory[i])
	}
	for _, s := range w.targets {
		require.Len(t, s.Employees(), staff)
	}
}

func (w *thousand) memory() (mib []float64) {
	for _, pid := range w.workers {
		mib = append(mib, memoryOf(pid))
	}
	return mib
}

// round starts a run of every tenant at once, and waits until all have ended.
func (w *thousand) round(t *testing.T, name string, people int) {
	t.Helper()
	for i := range tenants {
		w.targets[i].Reset() // forgets requests, not records
		w.sources[i].Reset()
	}
	before, began := measure(t, w.db, w.workers...), time.Now()
	c := w.temporal.GetDefaultClient()
	waits := make([]time.Duration, tenants)
	var group sync.WaitGroup
	for i := range tenants {
		run, err := c.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{
			ID: "run/" + strconv.Itoa(i) + "/" + name, TaskQueue: fleet.TaskQueue,
		}, "orgsync.Sync", fleet.Request{Tenant: "t" + strconv.Itoa(i)})
		require.NoError(t, err)
		group.Go(func() {
			var result fleet.Result
			if assert.NoError(t, run.Get(t.Context(), &result)) {
				assert.Equal(t, fleet.Done, result.Outcome)
				assert.GreaterOrEqual(t, result.Counts.Done, people)
			}
			waits[i] = time.Since(began)
		})
	}
	group.Wait()
	took := time.Since(began)
	slices.Sort(waits)
	median, longest := waits[tenants/2], waits[tenants-1]
	cost := measure(t, w.db, w.workers...).since(before)
	calls, worst := w.count(t)
	t.Logf("%s: all in step after %.1f s, median %.1f s, longest wait %.1f s", name, took.Seconds(), median.Seconds(), longest.Seconds())
	t.Logf("%s: %d calls to 云之家, the fullest window had %.1f %% of rate and burst; workers hold %.0f MiB", name, calls, 100*worst, w.memory())
	t.Logf("%s, a run: %.1f ms of CPU, %.1f transactions that write, %.1f KB of the database's log, %.2f calls to 云之家",
		name, float64(cost.cpu.Milliseconds())/tenants, float64(cost.writes)/tenants, float64(cost.log)/1000/tenants, float64(calls)/tenants)
	w.histories(t, name)
	assert.LessOrEqual(t, longest, 2*median+time.Second, "no tenant waits for more than twice the median")
}

// histories says how large those of a round are.
func (w *thousand) histories(t *testing.T, name string) {
	t.Helper()
	var events, bytes, attempts int64
	for i := range sampled {
		id := "run/" + strconv.Itoa(i*tenants/sampled) + "/" + name
		description, err := w.temporal.GetDefaultClient().DescribeWorkflowExecution(t.Context(), id, "")
		require.NoError(t, err)
		events += description.GetWorkflowExecutionInfo().GetHistoryLength()
		bytes += description.GetWorkflowExecutionInfo().GetHistorySizeBytes()
		for _, e := range historyOf(t, w.temporal.GetDefaultClient(), id).GetEvents() {
			attempts += int64(e.GetActivityTaskStartedEventAttributes().GetAttempt())
		}
	}
	t.Logf("%s, a history: %.1f events, %.0f bytes, %.2f attempts",
		name, float64(events)/sampled, float64(bytes)/sampled, float64(attempts)/sampled)
}
