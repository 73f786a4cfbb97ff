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

// A source that fails is tried again for hours of the workflow's time, five times.
func TestSyncRetries(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		err   error
		tries int
	}{
		"source": {temporal.NewApplicationError("x", "source"), 5},
		"config": {temporal.NewNonRetryableApplicationError("x", "config", nil), 1},
		"locked": {temporal.NewApplicationErrorWithOptions("x", "locked", temporal.ApplicationErrorOptions{NextRetryDelay: time.Second}), 5},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var suite testsuite.WorkflowTestSuite
			env := suite.NewTestWorkflowEnvironment()
			worker := newWorld(t).worker(t, nil)
			worker.Register(env)
			tries := 0
			env.OnActivity("orgsync.Run", mock.Anything, mock.Anything).Return(func(context.Context, fleet.Request) (fleet.Result, error) {
				tries++
				return fleet.Result{}, c.err
			})
			began := env.Now()
			env.ExecuteWorkflow("orgsync.Sync", fleet.Request{Tenant: tenant})
			require.Error(t, env.GetWorkflowError())
			assert.Equal(t, c.tries, tries)
			if name == "source" {
				assert.InDelta(t, 1+3+9+27, env.Now().Sub(began).Minutes(), 1)
			}
		})
	}
	var suite testsuite.WorkflowTestSuite
	env := suite.NewTestWorkflowEnvironment()
	newWorld(t).worker(t, nil).Register(env)
	env.ExecuteWorkflow("orgsync.Sync", fleet.Request{Tenant: "no tenant"})
	require.Error(t, env.GetWorkflowError())
}
