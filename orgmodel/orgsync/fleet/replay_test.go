package fleet_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/worker"
)

// Histories that a real server wrote, by nightly's TestApprovalAndHistories, replay: a
// change of the workflows that would break those under way fails here.
func TestReplay(t *testing.T) {
	t.Parallel()
	w := newWorld(t).worker(t, nil)
	for _, name := range []string{"sync", "approval", "approved"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			replayer := worker.NewWorkflowReplayer()
			w.RegisterWorkflows(replayer)
			require.NoError(t, replayer.ReplayWorkflowHistoryFromJSONFile(nil, "testdata/"+name+".json"))
		})
	}
}
