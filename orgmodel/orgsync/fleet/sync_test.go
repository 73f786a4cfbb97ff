package fleet_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"

	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync/fleet"
)

func activities(t *testing.T, w *world, change func(*fleet.WorkerConfig)) func(fleet.Request) (fleet.Result, error) {
	t.Helper()
	worker := w.worker(t, change)
	return func(r fleet.Request) (fleet.Result, error) {
		var suite testsuite.WorkflowTestSuite
		env := suite.NewTestActivityEnvironment()
		env.RegisterActivity(worker.Run)
		value, err := env.ExecuteActivity(worker.Run, r)
		if err != nil {
			return fleet.Result{}, err
		}
		var result fleet.Result
		require.NoError(t, value.Get(&result))
		text, err := json.Marshal(result)
		require.NoError(t, err)
		assert.Less(t, len(text), 2048)
		return result, nil
	}
}

func TestRun(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	run := activities(t, w, nil)
	result, err := run(fleet.Request{Tenant: tenant})
	require.NoError(t, err)
	assert.Equal(t, fleet.Done, result.Outcome)
	assert.Equal(t, "acme/1", result.ReportKey)
	assert.Len(t, w.target.Employees(), 60)

	w.leave()
	stopped, err := run(fleet.Request{Tenant: tenant})
	require.NoError(t, err)
	assert.Equal(t, fleet.Guarded, stopped.Outcome)
	require.Len(t, w.proposed, 1)
	assert.Equal(t, stopped.Digest, w.proposed[0].Digest)
	assert.Len(t, w.target.Employees(), 60)

	result, err = run(fleet.Request{Tenant: tenant, Digest: stopped.Digest, By: "li.lei"})
	require.NoError(t, err)
	assert.Equal(t, fleet.Done, result.Outcome)
	assert.Equal(t, 30, result.Counts.Removed)
	assert.Len(t, w.target.Employees(), 30)
}

// An approval of an earlier plan holds for one to which nothing was added, and the stop says
// so. What was added is counted.
func TestRunComparesStops(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	run := activities(t, w, nil)
	_, err := run(fleet.Request{Tenant: tenant})
	require.NoError(t, err)
	stop := func() fleet.Stopped {
		result, err := run(fleet.Request{Tenant: tenant})
		require.NoError(t, err)
		require.Equal(t, fleet.Guarded, result.Outcome)
		stopped := w.proposed[len(w.proposed)-1]
		require.Equal(t, result.Digest, stopped.Digest)
		return stopped
	}
	w.leave() // 30 of 60
	first := stop()
	assert.Empty(t, first.Covering)
	assert.Empty(t, first.Added)
	w.source.Leave("person-00002")
	w.source.Leave("person-00004")
	second := stop()
	assert.Empty(t, second.Covering)
	require.Len(t, second.Added, 1)
	assert.Equal(t, first.Digest, second.Added[0].Digest)
	assert.Equal(t, 2, second.Added[0].Kinds["people"])
	w.back("person-00001")
	third := stop()
	assert.Equal(t, []string{second.Digest}, third.Covering)
	assert.Equal(t, first.Digest, third.Added[0].Digest)
	w.back("person-00002")
	w.back("person-00004")
	fourth := stop()
	assert.Equal(t, []string{third.Digest, second.Digest, first.Digest}, fourth.Covering)
	assert.Empty(t, fourth.Added)
	result, err := run(fleet.Request{Tenant: tenant, Digest: first.Digest, By: "li.lei"})
	require.NoError(t, err)
	assert.Equal(t, fleet.Done, result.Outcome)
	assert.Equal(t, 29, result.Counts.Removed)
}

// Who finds a tenant held comes back a little after the hold ends, and within bounds.
func TestRunWaitsForTheLease(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		err         error
		least, most time.Duration
	}{
		"said":    {&orgsync.LockedError{Until: time.Now().Add(90 * time.Second)}, 80 * time.Second, 101 * time.Second},
		"unsaid":  {orgsync.ErrLocked, 30 * time.Second, 35 * time.Second},
		"no end":  {&orgsync.LockedError{Holder: "process 7"}, 30 * time.Second, 35 * time.Second},
		"over":    {&orgsync.LockedError{Until: time.Now().Add(-time.Hour)}, time.Second, 3 * time.Second},
		"an hour": {&orgsync.LockedError{Until: time.Now().Add(time.Hour)}, 5 * time.Minute, 6 * time.Minute},
	} {
		w := newWorld(t)
		w.engineErr = c.err
		_, err := activities(t, w, nil)(fleet.Request{Tenant: tenant})
		failed, ok := errors.AsType[*temporal.ApplicationError](err)
		require.True(t, ok, name)
		assert.GreaterOrEqual(t, failed.NextRetryDelay(), c.least, name)
		assert.LessOrEqual(t, failed.NextRetryDelay(), c.most, name)
	}
	w := newWorld(t)
	lease, err := w.store.Lock(t.Context(), tenant)
	require.NoError(t, err)
	run := activities(t, w, nil)
	_, err = run(fleet.Request{Tenant: tenant})
	failed, ok := errors.AsType[*temporal.ApplicationError](err)
	require.True(t, ok)
	assert.Equal(t, "locked", failed.Type())
	assert.Empty(t, w.reports, "a run that did not begin has no report")
	require.NoError(t, lease.Unlock(t.Context()))
}

func TestRunErrors(t *testing.T) {
	t.Parallel()
	const canary = "王金丝雀 13800001111 token=canary"
	for want, c := range map[string]struct {
		retry bool
		err   error
	}{
		"locked": {true, orgsync.ErrLocked},
		"source": {true, &orgsync.SourceError{Source: "s", Err: errors.New(canary)}},
		"state":  {true, errors.New(canary)},
		"config": {false, errors.Join(errors.New(canary), orgsync.ErrCorrupt)},
	} {
		w := newWorld(t)
		w.engineErr = c.err
		_, err := activities(t, w, nil)(fleet.Request{Tenant: tenant})
		failed, ok := errors.AsType[*temporal.ApplicationError](err)
		require.True(t, ok, want)
		assert.Equal(t, want, failed.Type())
		assert.Equal(t, c.retry, !failed.NonRetryable(), want)
		assert.NotContains(t, err.Error(), "canary")
		assert.NotContains(t, err.Error(), "金丝雀")
	}
	for _, request := range []fleet.Request{{}, {Tenant: "王/金丝雀"}, {Tenant: tenant, Digest: "x"}, {Tenant: tenant, Digest: strings.Repeat("0", 64), By: "王金丝雀"}} {
		_, err := activities(t, newWorld(t), nil)(request)
		failed, ok := errors.AsType[*temporal.ApplicationError](err)
		require.True(t, ok)
		assert.True(t, failed.NonRetryable())
		assert.NotContains(t, err.Error(), "金丝雀")
	}
}

// A source that fails is tried again after 1, 3, 9 and 27 minutes of the workflow's time,
// a worker that is gone at once, and a setting never.
func TestSyncRetries(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		err  error
		wait time.Duration
	}{
		"source": {&orgsync.SourceError{Source: "s", Err: errors.New("x")}, (1 + 3 + 9 + 27) * time.Minute},
		"config": {fleet.ErrUnknownTenant, 0},
		"locked": {orgsync.ErrLocked, 4 * 32 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var suite testsuite.WorkflowTestSuite
			env := suite.NewTestWorkflowEnvironment()
			w := newWorld(t)
			w.engineErr = c.err
			w.worker(t, nil).Register(env)
			began := env.Now()
			env.ExecuteWorkflow("orgsync.Sync", fleet.Request{Tenant: tenant})
			require.Error(t, env.GetWorkflowError())
			assert.InDelta(t, c.wait.Seconds(), env.Now().Sub(began).Seconds(), 0.1*c.wait.Seconds()+1)
			tries := 5
			if name == "config" {
				tries = 1
			}
			assert.Equal(t, tries, w.engines)
		})
	}
	var suite testsuite.WorkflowTestSuite
	env := suite.NewTestWorkflowEnvironment()
	newWorld(t).worker(t, nil).Register(env)
	env.ExecuteWorkflow("orgsync.Sync", fleet.Request{Tenant: "no tenant"})
	require.Error(t, env.GetWorkflowError())
}

// A worker that died is replaced as soon as its heartbeat is missed.
func TestSyncAfterALostWorker(t *testing.T) {
	t.Parallel()
	var suite testsuite.WorkflowTestSuite
	env := suite.NewTestWorkflowEnvironment()
	newWorld(t).worker(t, nil).Register(env)
	tries := 0
	run := func(_ context.Context, r fleet.Request) (fleet.Result, error) {
		if tries++; tries == 1 {
			return fleet.Result{}, temporal.NewHeartbeatTimeoutError()
		}
		return fleet.Result{Tenant: r.Tenant, Outcome: fleet.Done}, nil
	}
	env.OnActivity("orgsync.Run", mock.Anything, mock.Anything).Return(run)
	began := env.Now()
	env.ExecuteWorkflow("orgsync.Sync", fleet.Request{Tenant: tenant})
	require.NoError(t, env.GetWorkflowError())
	assert.Equal(t, 2, tries)
	assert.LessOrEqual(t, env.Now().Sub(began), 2*time.Second)
}
