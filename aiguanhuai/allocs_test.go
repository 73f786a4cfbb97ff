package aiguanhuai_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/aiguanhuai"
)

// moreAllocs is what a call of many records may allocate beyond one of a single
// record, whatever their number: a longer list here, memory that a garbage
// collection took from the pool there.
const moreAllocs = 20

func TestPeopleCostNoAllocationEach(t *testing.T) { //nolint:paralleltest // AllocsPerRun forbids it
	c := discardingClient(t)
	people := benchPeople(2000)
	update := func(people []aiguanhuai.Person) float64 {
		return testing.AllocsPerRun(10, func() {
			_, err := c.UpdatePeople(t.Context(), people)
			require.NoError(t, err)
		})
	}
	assert.LessOrEqual(t, update(people), update(people[:1])+moreAllocs)

	task, err := c.ResumeTask(aiguanhuai.Progress{TaskID: "t1", Departments: 1})
	require.NoError(t, err)
	add := func(people []aiguanhuai.Person) float64 {
		return testing.AllocsPerRun(10, func() { require.NoError(t, task.AddPeople(t.Context(), people)) })
	}
	assert.LessOrEqual(t, add(people), add(people[:1])+moreAllocs)
}
