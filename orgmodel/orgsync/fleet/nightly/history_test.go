//go:build unix

package nightly_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/sdk/client"
	"google.golang.org/protobuf/encoding/protojson"

	"github.com/orgbridge/orgbridge/orgmodel/orgsync/fleet"
	"github.com/orgbridge/orgbridge/tuzhan/tuzhantest"
	"github.com/orgbridge/orgbridge/yunzhijia"
)

// A plan is stopped, and stopped again with more and with less. The approval of the first
// one is refused while something was added to it, which is counted, and holds once that is
// taken back. With FLEET_HISTORIES=DIR the histories are written there, for the replay tests.
func TestApprovalAndHistories(t *testing.T) { //nolint:paralleltest // one at a time: some measure
	w := newWorld(t, 4, 60)
	w.worker(t, "only")
	require.Equal(t, fleet.Done, w.run(t, fleet.Request{Tenant: "acme"}).Outcome)
	staff := w.source.People()
	for i, p := range staff {
		if i%2 == 0 {
			w.source.Leave(p.OpenID)
		}
	}
	back := func(id string) {
		w.source.UpdatePerson(id, func(p *yunzhijia.Person) { p.Status = yunzhijia.StatusActive })
	}
	stop := func() (client.WorkflowRun, *fleet.Stopped) {
		run := w.start(t, fleet.Request{Tenant: "acme"})
		var stopped fleet.Result
		require.NoError(t, run.Get(t.Context(), &stopped))
		require.Equal(t, fleet.Guarded, stopped.Outcome)
		waiting, err := fleet.Waiting(t.Context(), w.client, "acme")
		require.NoError(t, err)
		require.Equal(t, stopped.Digest, waiting.Digest)
		return run, waiting
	}
	decide := func(digest string) error {
		return fleet.Decide(t.Context(), w.client, "acme", fleet.Decision{Digest: digest, By: "li.lei"}, true)
	}
	_, first := stop()
	require.ErrorContains(t, decide(strings.Repeat("0", 64)), "a newer plan waits")
	w.source.Leave(staff[1].OpenID)
	run, second := stop()
	require.ErrorContains(t, decide(first.Digest), "to which was added: people 1")
	require.Len(t, second.Added, 1)
	back(staff[1].OpenID)
	back(staff[0].OpenID)
	_, third := stop()
	require.Equal(t, []string{second.Digest, first.Digest}, third.Covering)
	require.NoError(t, decide(first.Digest))
	require.NoError(t, w.client.GetWorkflow(t.Context(), fleet.ApprovalID("acme"), "").Get(t.Context(), nil))
	assert.Len(t, w.target.Employees(), 31)

	for name, id := range map[string]string{
		"sync-added": run.GetID(), "approval-covered": fleet.ApprovalID("acme"), "approved-covered": "orgsync-approved/acme",
	} {
		text, err := protojson.MarshalOptions{Multiline: true}.Marshal(historyOf(t, w.client, id))
		require.NoError(t, err)
		if dir := os.Getenv("FLEET_HISTORIES"); dir != "" {
			require.NoError(t, os.WriteFile(filepath.Join(dir, name+".json"), text, 0o600))
		}
	}
}

func historyOf(t *testing.T, c client.Client, id string) *historypb.History {
	t.Helper()
	history := &historypb.History{}
	events := c.GetWorkflowHistory(t.Context(), id, "", false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for events.HasNext() {
		event, err := events.Next()
		require.NoError(t, err)
		history.Events = append(history.Events, event)
	}
	return history
}

// Schedules are made, changed, paused and removed as the plan says, and run.
func TestSchedules(t *testing.T) { //nolint:paralleltest // one at a time: some measure
	w := newWorld(t, 2, 20)
	w.worker(t, "only")
	apply := func(want ...fleet.Tenant) []fleet.Step {
		have, err := fleet.Schedules(t.Context(), w.client)
		require.NoError(t, err)
		steps, err := fleet.Plan(have, want)
		require.NoError(t, err)
		require.NoError(t, fleet.Apply(t.Context(), w.client, steps))
		return steps
	}
	settled := func(want ...fleet.Tenant) {
		require.Eventually(t, func() bool { return len(apply(want...)) == 0 }, 30*time.Second, 500*time.Millisecond, "nothing is left to do")
	}
	tenant := fleet.Tenant{Name: "acme", Every: time.Hour, Hold: true}
	require.Len(t, apply(tenant), 1)
	require.NoError(t, fleet.Trigger(t.Context(), w.client, "acme"))
	require.Eventually(t, func() bool { return len(w.target.Employees()) == 20 }, time.Minute, 100*time.Millisecond)
	waitListed(t, w.client, 1)
	settled(tenant)
	tenant.Every, tenant.Paused = 2*time.Hour, true
	settled(tenant)
	tenant.Paused = false
	settled(tenant)
	require.Len(t, apply(), 1)
	waitListed(t, w.client, 0)
}

func waitListed(t *testing.T, c client.Client, n int) {
	t.Helper()
	require.Eventually(t, func() bool {
		all, err := fleet.Schedules(t.Context(), c)
		return err == nil && len(all) == n
	}, 30*time.Second, 200*time.Millisecond)
}

// While a run is under way, its schedule starts no other.
func TestScheduleThatOverlaps(t *testing.T) { //nolint:paralleltest // one at a time: some measure
	w := newWorld(t, 2, 20)
	w.worker(t, "only")
	w.target.Inject(tuzhantest.Delay(5 * time.Second))
	steps, err := fleet.Plan(nil, []fleet.Tenant{{Name: "acme", Every: time.Hour}})
	require.NoError(t, err)
	require.NoError(t, fleet.Apply(t.Context(), w.client, steps))
	require.NoError(t, fleet.Trigger(t.Context(), w.client, "acme"))
	eventually := func(what func() bool) { t.Helper(); require.Eventually(t, what, time.Minute, 50*time.Millisecond) }
	eventually(func() bool { return len(w.target.Requests()) > 0 })
	for range 3 {
		require.NoError(t, fleet.Trigger(t.Context(), w.client, "acme"))
	}
	var info client.ScheduleInfo
	described := func() client.ScheduleInfo {
		description, err := w.client.ScheduleClient().GetHandle(t.Context(), "orgsync/acme").Describe(t.Context())
		require.NoError(t, err)
		return description.Info
	}
	eventually(func() bool { info = described(); return info.NumActionsSkippedOverlap > 0 })
	assert.Empty(t, w.target.Employees(), "the first one is still under way")
	eventually(func() bool { return len(w.target.Employees()) == 20 })
	eventually(func() bool { info = described(); return len(info.RunningWorkflows) == 0 })
	assert.Equal(t, 1, info.NumActions)
}
