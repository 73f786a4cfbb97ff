package batch_test

import (
	"fmt"
	"slices"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/orgbridge/orgbridge/internal/batch"
)

type dept struct {
	ids    []string
	parent string
}

func deptIDs(d *dept, name func(string)) {
	for _, id := range d.ids {
		name(id)
	}
}

func deptParent(d *dept) string { return d.parent }

func wavesOf(depts ...dept) (waves [][]int, cyclic []int) {
	ordered, apart := batch.Waves(batch.Index(depts), deptIDs, deptParent)
	index := func(records []batch.Record[dept]) (out []int) {
		for _, record := range records {
			out = append(out, record.Index)
		}
		return out
	}
	for _, wave := range ordered {
		waves = append(waves, index(wave))
	}
	return waves, index(apart)
}

func TestWaves(t *testing.T) {
	t.Parallel()
	one := func(id, parent string) dept { return dept{ids: []string{id}, parent: parent} }
	for name, c := range map[string]struct {
		depts  []dept
		waves  [][]int
		cyclic []int
	}{
		"nothing":                        {},
		"children before parents":        {[]dept{one("c", "b"), one("b", "a"), one("a", "")}, [][]int{{2}, {1}, {0}}, nil},
		"parent elsewhere":               {[]dept{one("b", "far"), one("c", "b")}, [][]int{{0}, {1}}, nil},
		"caller order, not parent order": {[]dept{one("r", ""), one("s", ""), one("1", "s"), one("2", "r"), one("3", "s")}, [][]int{{0, 1}, {2, 3, 4}}, nil},
		"by any name": {[]dept{
			{ids: []string{"wx:1", "third:A", "dept:9"}},
			{ids: []string{"third:B"}, parent: "dept:9"},
			{ids: []string{"wx:2"}, parent: "third:A"},
			{ids: []string{"wx:3"}, parent: "third:B"},
		}, [][]int{{0}, {1, 2}, {3}}, nil},
		"no name is nobody's parent": {[]dept{one("", ""), one("", ""), one("a", "")}, [][]int{{0, 1, 2}}, nil},
		"first of duplicates is the parent": {[]dept{
			one("r", ""), one("a", ""), one("a", "r"), one("b", "a"),
		}, [][]int{{0, 1}, {2, 3}}, nil},
		"duplicate below its namesake": {[]dept{one("a", ""), one("a", "a")}, [][]int{{0}, {1}}, nil},
		"own parent":                   {[]dept{one("a", "a"), one("b", "a"), one("c", "")}, [][]int{{2}}, []int{0, 1}},
		"cycle and below it": {[]dept{
			one("under", "x"), one("x", "y"), one("y", "z"), one("z", "x"), one("free", ""), one("deeper", "under"),
		}, [][]int{{4}}, []int{0, 1, 2, 3, 5}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			waves, cyclic := wavesOf(c.depts...)
			assert.Equal(t, c.waves, waves)
			assert.Equal(t, c.cyclic, cyclic)
		})
	}
}

func TestWavesDeepChain(t *testing.T) {
	t.Parallel()
	const depth = 100_000
	depts := make([]dept, depth)
	for i := range depts { // the deepest first, so that the first record's path is the whole chain
		depts[i] = dept{ids: []string{strconv.Itoa(i)}, parent: strconv.Itoa(i + 1)}
	}
	waves, cyclic := wavesOf(depts...)
	assert.Empty(t, cyclic)
	require.Len(t, waves, depth)
	assert.Equal(t, []int{depth - 1}, waves[0])
	assert.Equal(t, []int{0}, waves[depth-1])
}

func TestWavesProperties(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		n := rapid.IntRange(0, 30).Draw(rt, "n")
		name := rapid.IntRange(0, 25)
		depts := make([]dept, n)
		for i := range depts {
			for _, id := range rapid.SliceOfN(name, 0, 3).Draw(rt, "ids") {
				depts[i].ids = append(depts[i].ids, fmt.Sprint("d", id))
			}
			if rapid.Bool().Draw(rt, "child") {
				depts[i].parent = fmt.Sprint("d", name.Draw(rt, "parent"))
			}
		}
		waves, cyclic := wavesOf(depts...)

		parent := func(i int) int {
			return slices.IndexFunc(depts, func(d dept) bool { return slices.Contains(d.ids, depts[i].parent) })
		}
		level := map[int]int{}
		for w, wave := range waves {
			require.NotEmpty(rt, wave)
			require.True(rt, slices.IsSorted(wave), "the caller's order")
			for _, i := range wave {
				level[i] = w
			}
		}
		require.True(rt, slices.IsSorted(cyclic))
		every := slices.Concat(append(waves, cyclic)...)
		slices.Sort(every)
		require.Len(rt, every, n)
		require.Len(rt, slices.Compact(every), n, "every record exactly once")
		for i, w := range level {
			if up := parent(i); up < 0 {
				require.Zero(rt, w)
			} else {
				above, ok := level[up]
				require.True(rt, ok, "an ordered record's parent is ordered")
				require.Equal(rt, above+1, w)
			}
		}
		for _, i := range cyclic {
			at := i
			for range n {
				at = parent(at)
				require.GreaterOrEqual(rt, at, 0, "a record with an end to its chain is not cyclic")
			}
		}
	})
}
