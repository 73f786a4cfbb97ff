package fleet_test

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/worker"
)

// Histories that a real server wrote, by nightly's TestApprovalAndHistories, replay: a
// change of the workflows that would break those under way fails here.
func TestReplay(t *testing.T) {
	t.Parallel()
	w := newWorld(t).worker(t, nil)
	histories, err := filepath.Glob("testdata/*.json")
	require.NoError(t, err)
	require.Len(t, histories, 6)
	for _, path := range histories {
		t.Run(filepath.Base(path), func(t *testing.T) {
			t.Parallel()
			replayer := worker.NewWorkflowReplayer()
			w.RegisterWorkflows(replayer)
			require.NoError(t, replayer.ReplayWorkflowHistoryFromJSONFile(nil, path))
		})
	}
}
