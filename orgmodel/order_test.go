package orgmodel_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/orgbridge/orgbridge/orgmodel"
)

func TestWalkAndLevelsOfAnyForest(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		// Any parent at all: trees, cycles, orphans and unknown parents.
		n := rapid.IntRange(0, 12).Draw(t, "departments")
		var departments []orgmodel.Department
		for i := range n {
			d := department(fmt.Sprintf("d%d", i), "", "部门")
			switch parent := rapid.IntRange(-2, n).Draw(t, "parent"); parent {
			case -2:
				d.Forget(orgmodel.DepartmentParent)
			case -1:
			default:
				d.SetParentID(fmt.Sprintf("d%d", parent))
			}
			departments = append(departments, d)
		}
		dir := seal(t, departments, nil)
		seen := map[string]int{}
		for depth, d := range dir.Walk() {
			assert.NotContains(t, seen, d.ID)
			seen[d.ID] = depth
			if depth > 0 {
				assert.Equal(t, depth-1, seen[d.ParentID], "the parent came before")
			}
			assert.Len(t, dir.Ancestors(d.ID), depth)
		}
		levels, cyclic := orgmodel.SortParentsFirst(departments)
		for depth, level := range levels {
			assert.NotEmpty(t, level)
			for _, d := range level {
				assert.Equal(t, depth, seen[d.ID])
			}
		}
		assert.Len(t, departments, len(seen)+len(cyclic))
		assert.Equal(t, len(cyclic) > 0, errors.Is(dir.Validate(), orgmodel.ErrCycle))
	})
}

func TestLevelsPutParentsFirst(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		tree := drawTree(t, 30)
		position := map[string]int{}
		for i, d := range tree {
			position[d.ID] = i
		}
		levels, cyclic := orgmodel.SortParentsFirst(tree)
		assert.Empty(t, cyclic)
		level := map[string]int{}
		count := 0
		for depth, departments := range levels {
			assert.True(t, slices.IsSortedFunc(departments, func(a, b orgmodel.Department) int { return position[a.ID] - position[b.ID] }))
			for _, d := range departments {
				level[d.ID] = depth
				count++
				if d.ParentID != "" {
					assert.Equal(t, depth-1, level[d.ParentID])
				}
			}
		}
		assert.Len(t, tree, count)
		people := []orgmodel.Person{person("u1", "张三", "d0")}
		assert.NoError(t, seal(t, tree, people).Validate())
	})
}

func TestSortParentsFirstOfOddLists(t *testing.T) {
	t.Parallel()
	levels, cyclic := orgmodel.SortParentsFirst([]orgmodel.Department{
		department("a", "known elsewhere", "甲"), department("a", "a", "甲"), department("b", "a", "乙"),
	})
	assert.Empty(t, cyclic)
	require.Len(t, levels, 2)
	assert.Len(t, levels[0], 1)
	assert.Len(t, levels[1], 2)
	unknown := department("a", "b", "甲")
	unknown.Known = unknown.Known.Without(orgmodel.DepartmentParent)
	levels, _ = orgmodel.SortParentsFirst([]orgmodel.Department{unknown, department("b", "", "乙")})
	assert.Len(t, levels, 1, "a parent that is not known has no effect")
	levels, cyclic = orgmodel.SortParentsFirst(nil)
	assert.Empty(t, levels)
	assert.Empty(t, cyclic)
}
