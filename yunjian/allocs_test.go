package yunjian_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/yunjian"
)

// moreAllocs is what a call of many records may allocate beyond one of a single
// record, whatever their number: longer lists, and memory that a garbage
// collection took from the pool.
const moreAllocs = 30

func TestUsersCostNoAllocationEach(t *testing.T) { //nolint:paralleltest // AllocsPerRun forbids it
	users := benchUsers(200)
	allocs := func(users []yunjian.User, answer string) float64 {
		c := discardingClient(t, answer)
		return testing.AllocsPerRun(10, func() {
			result, err := c.SyncUsers(t.Context(), users)
			require.NoError(t, err)
			require.Len(t, result.Succeeded, len(users))
		})
	}
	least := allocs(users[:1], allDone)
	assert.LessOrEqual(t, allocs(users, allDone), least+moreAllocs)
	assert.LessOrEqual(t, allocs(users, listing(users)), least+moreAllocs, "successes that are listed")
}
