package tuzhan_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/tuzhan"
)

// moreAllocs is what a call of many records may allocate beyond one of a single
// record, whatever their number: longer lists, and memory that a garbage
// collection took from the pool.
const moreAllocs = 40

func TestRecordsCostNoAllocationEach(t *testing.T) { //nolint:paralleltest // AllocsPerRun forbids it
	c := discardingClient(t)
	employees, flat := benchEmployees(500), departments(500)
	update := func(employees []tuzhan.Employee) float64 {
		return testing.AllocsPerRun(10, func() {
			_, err := c.UpdateEmployees(t.Context(), employees)
			require.NoError(t, err)
		})
	}
	assert.LessOrEqual(t, update(employees), update(employees[:1])+moreAllocs)
	put := func(departments []tuzhan.Department) float64 {
		return testing.AllocsPerRun(10, func() {
			_, err := c.UpdateDepartments(t.Context(), departments)
			require.NoError(t, err)
		})
	}
	assert.LessOrEqual(t, put(flat), put(flat[:1])+moreAllocs)
	for i := range flat[1:] {
		flat[i+1].ThirdParentID = "D0"
	}
	assert.LessOrEqual(t, put(flat), put(flat[:2])+moreAllocs, "a tree, in the same number of calls")
}
