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
)

// A plan is stopped, approved and carried out. Histories hold nothing of people.
// With FLEET_HISTORIES=DIR they are written there, for the replay tests.
func TestApprovalAndHistories(t *testing.T) {
	w := newWorld(t, 4, 60)
	w.worker(t)
	require.Equal(t, fleet.Done, w.run(t, fleet.Request{Tenant: "acme"}).Outcome)
	for i, p := range w.source.People() {
		if i%2 == 0 {
			w.source.Leave(p.OpenID)
		}
	}
	run := w.start(t, fleet.Request{Tenant: "acme"})
	var stopped fleet.Result
	require.NoError(t, run.Get(t.Context(), &stopped))
	require.Equal(t, fleet.Guarded, stopped.Outcome)
	waiting, err := fleet.Waiting(t.Context(), w.client, "acme")
	require.NoError(t, err)
	require.Equal(t, stopped.Digest, waiting.Digest)
	require.Error(t, fleet.Decide(t.Context(), w.client, "acme", fleet.Decision{Digest: strings.Repeat("0", 64), By: "li.lei"}, true))
	require.NoError(t, fleet.Decide(t.Context(), w.client, "acme", fleet.Decision{Digest: stopped.Digest, By: "li.lei"}, true))
	require.NoError(t, w.client.GetWorkflow(t.Context(), fleet.ApprovalID("acme"), "").Get(t.Context(), nil))
	assert.Len(t, w.target.Employees(), 30)

	for name, id := range map[string]string{"sync": run.GetID(), "approval": fleet.ApprovalID("acme"), "approved": "orgsync-approved/acme"} {
		history := w.history(t, id)
		text, err := protojson.MarshalOptions{Multiline: true}.Marshal(history)
		require.NoError(t, err)
		whole := history.String() + string(text)
		for _, p := range w.source.People() {
			assert.NotContains(t, whole, p.OpenID)
			if p.Name != "" {
				assert.NotContains(t, whole, p.Name)
			}
		}
		for _, secret := range []string{"simulator-app-secret", "138000", "Token="} {
			assert.NotContains(t, whole, secret)
		}
		if dir := os.Getenv("FLEET_HISTORIES"); dir != "" {
			require.NoError(t, os.WriteFile(filepath.Join(dir, name+".json"), text, 0o600))
		}
	}
}

func (w *world) history(t *testing.T, id string) *historypb.History {
	t.Helper()
	history := &historypb.History{}
	events := w.client.GetWorkflowHistory(t.Context(), id, "", false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for events.HasNext() {
		event, err := events.Next()
		require.NoError(t, err)
		history.Events = append(history.Events, event)
	}
	return history
}

// Schedules are made, changed, paused and removed as the plan says, and run.
func TestSchedules(t *testing.T) {
	w := newWorld(t, 2, 20)
	w.worker(t)
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
