package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/mocks"

	"github.com/orgbridge/orgbridge/orgmodel/orgsync/fleet"
)

func dialed(c client.Client) dialer {
	return func(context.Context, func(string) string, ...interceptor.ClientInterceptor) (client.Client, error) {
		return c, nil
	}
}

// Apply says what it would do, and does it only when told to.
func TestApplyShowsFirst(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "tenants.yaml")
	require.NoError(t, os.WriteFile(path, []byte("tenants:\n  - {name: acme, every: 15m}\n"), 0o600))
	for _, c := range []struct {
		args   []string
		status int
		made   int
	}{
		{[]string{"apply", path}, statusToDo, 0},
		{[]string{"apply", "-yes", path}, statusDone, 1},
	} {
		// What was not set up fails, so that nothing else is done.
		list, schedules, temporal := &mocks.ScheduleListIterator{}, &mocks.ScheduleClient{}, &mocks.Client{}
		left := true
		list.On("HasNext").Return(func() bool { return left })
		list.On("Next").Return(func() (*client.ScheduleListEntry, error) {
			left = false
			return &client.ScheduleListEntry{ID: "another's"}, nil
		})
		made := 0
		schedules.On("List", mock.Anything, mock.Anything).Return(list, nil)
		schedules.On("GetHandle", mock.Anything, "orgsync/acme").Return(&mocks.ScheduleHandle{}).Maybe()
		if c.made > 0 {
			schedules.On("Create", mock.Anything, mock.Anything).Run(func(args mock.Arguments) {
				made++
				assert.Equal(t, "orgsync/acme", args.Get(1).(client.ScheduleOptions).ID)
			}).Return(&mocks.ScheduleHandle{}, nil)
		}
		temporal.On("ScheduleClient").Return(schedules)
		temporal.On("Close").Return()
		var out, problems bytes.Buffer
		ended := run(t.Context(), c.args, os.Getenv, dialed(temporal), &out, &problems)
		assert.Equal(t, c.status, ended, problems.String())
		assert.Equal(t, "create orgsync/acme every 15m0s\n", out.String())
		assert.Equal(t, c.made, made)
	}
}

// Status says which earlier digests may be approved, and what was added to the others.
func TestStatusOfWhatWaits(t *testing.T) {
	t.Parallel()
	digest := func(c string) string { return strings.Repeat(c, 64) }
	waiting := &fleet.Stopped{
		Digest: digest("a"), Covering: []string{digest("b")}, Since: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC),
		Added: []fleet.Added{{Digest: digest("c"), Kinds: map[string]int{"people": 2}}},
	}
	value, temporal := &mocks.Value{}, &mocks.Client{}
	value.On("Get", mock.Anything).Run(func(args mock.Arguments) { *args.Get(0).(**fleet.Stopped) = waiting }).Return(nil)
	temporal.On("QueryWorkflow", mock.Anything, "orgsync-approval/acme", "", "waiting").Return(value, nil)
	temporal.On("Close").Return()
	var out, problems bytes.Buffer
	ended := run(t.Context(), []string{"status", "acme"}, os.Getenv, dialed(temporal), &out, &problems)
	assert.Equal(t, statusDone, ended, problems.String())
	assert.Contains(t, out.String(), "waits since 2026-03-02 09:00")
	assert.Contains(t, out.String(), "an approval of "+digest("b")+" covers it too")
	assert.Contains(t, out.String(), "added since "+digest("c")+": people 2")
}

// Run starts one run besides the schedule, and says how it ended.
func TestRunOnce(t *testing.T) {
	t.Parallel()
	for outcome, status := range map[fleet.Outcome]int{fleet.Done: statusDone, fleet.Guarded: statusFailed} {
		started, temporal := &mocks.WorkflowRun{}, &mocks.Client{}
		started.On("Get", mock.Anything, mock.Anything).Run(func(args mock.Arguments) {
			*args.Get(1).(*fleet.Result) = fleet.Result{Outcome: outcome, Counts: fleet.Counts{Done: 7}}
		}).Return(nil)
		temporal.On("ExecuteWorkflow", mock.Anything, mock.Anything, "orgsync.Sync", fleet.Request{Tenant: "acme", Full: true}).Return(started, nil)
		temporal.On("Close").Return()
		var out, problems bytes.Buffer
		assert.Equal(t, status, run(t.Context(), []string{"run", "-full", "acme"}, os.Getenv, dialed(temporal), &out, &problems))
		assert.Contains(t, out.String(), string(outcome)+": 7 done")
	}
	var out bytes.Buffer
	temporal := &mocks.Client{}
	temporal.On("Close").Return()
	assert.Equal(t, statusFailed, run(t.Context(), []string{"run", "no tenant"}, os.Getenv, dialed(temporal), &out, &out))
}

// A new key encrypts while the former one still decrypts.
func TestPayloadKeys(t *testing.T) {
	t.Parallel()
	one, two := strings.Repeat("01", 32), strings.Repeat("02", 32)
	secured := func(key, former string) (client.Options, error) {
		var options client.Options
		err := secure(&options, func(name string) string {
			return map[string]string{"ORGSYNC_PAYLOAD_KEY": key, "ORGSYNC_PAYLOAD_KEYS_FORMER": former}[name]
		})
		return options, err
	}
	old, err := secured(one, "")
	require.NoError(t, err)
	next, err := secured(two, " "+one+",")
	require.NoError(t, err)
	payload, err := old.DataConverter.ToPayload("text")
	require.NoError(t, err)
	var text string
	require.NoError(t, next.DataConverter.FromPayload(payload, &text))
	assert.Equal(t, "text", text)
	payload, err = next.DataConverter.ToPayload("text")
	require.NoError(t, err)
	require.Error(t, old.DataConverter.FromPayload(payload, &text))
	plain, err := secured("", "")
	require.NoError(t, err)
	assert.Nil(t, plain.DataConverter)
	for _, wrong := range [][2]string{{"xyz", ""}, {one, "xyz"}, {"01", ""}, {"", one}} {
		_, err := secured(wrong[0], wrong[1])
		require.Error(t, err)
		assert.NotContains(t, err.Error(), "xyz")
	}
}
