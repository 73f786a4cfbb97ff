package orgsync_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
)

// A run that dies at any write of the state, before it or after it, leaves a state
// from which the next one goes on: it sends everything that is missing, nothing that
// was acknowledged, and nobody who is in service was without a record in between.
func TestCrashAtEveryWrite(t *testing.T) {
	t.Parallel()
	for stage, prepare := range stages() {
		for _, late := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s late=%t", stage, late), func(t *testing.T) {
				t.Parallel()
				writes := 0
				for crashAt(t, prepare, late, writes) {
					writes++
				}
				assert.Greater(t, writes, 10, "few writes to die at")
			})
		}
	}
}

// crashAt reports whether the run came to the write at which it was to die.
func crashAt(t *testing.T, prepare func(*world), late bool, write int) bool {
	t.Helper()
	w := newWorld(t, 6, 14)
	prepare(w)
	crash := &failingStore{Store: w.store, err: errors.New("killed"), late: late, after: write}
	w.wrap = func(orgsync.Store) orgsync.Store { return crash }
	_, err := w.watched(orgsync.RunOptions{Full: true})
	w.wrap = nil
	if crash.count <= write {
		require.NoError(t, err)
		return false
	}
	require.ErrorContains(t, err, "killed")

	before := w.acknowledged()
	report, err := w.watched(orgsync.RunOptions{Full: true})
	require.NoError(t, err, report.Text())
	after := w.acknowledged()
	for target, sent := range w.sent() {
		if target == "aiguanhuai" && w.a.Count("add-complete") > 0 {
			continue // a full push has everybody, or it would remove them
		}
		for id := range sent {
			known, there := before[target][id]
			assert.False(t, there && known == after[target][id], "%s: %s was acknowledged before write %d, and is sent again", target, id, write)
		}
	}
	w.settle()
	w.requireInStepWithout(map[string]bool{person(10): true})
	return true
}
