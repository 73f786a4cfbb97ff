//go:build !race

package aiguanhuai_test

import (
	"runtime/debug"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A call of 2,000 people allocates no more than this in all, the request and the answer
// of net/http included. The race detector makes sync.Pool drop some of what it is given,
// and a garbage collection empties it, so neither is about.
func TestAllocationsOfAWholeCall(t *testing.T) { //nolint:paralleltest // AllocsPerRun forbids it
	const most = 60
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	c, people := discardingClient(t), benchPeople(2000)
	assert.LessOrEqual(t, testing.AllocsPerRun(10, func() {
		_, err := c.UpdatePeople(t.Context(), people)
		require.NoError(t, err)
	}), float64(most))
}
