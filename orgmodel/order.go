package orgmodel

import "slices"

// none marks a department whose parent is no node of the forest.
const none = -1

// forest is the parent relation of a list of departments, by index. It
// tolerates every input: a parent may be missing, departments may be in a cycle.
type forest struct {
	parent   []int   // none for a root, and for a parent that is unknown or not in the list
	children [][]int // in the order of the list
	depth    []int   // none for a department in or below a cycle
}

func newForest(departments []Department, index map[string]int) forest {
	n := len(departments)
	f := forest{parent: make([]int, n), children: make([][]int, n), depth: make([]int, n)}
	queue := make([]int, 0, n)
	for i, d := range departments {
		parent, found := index[d.ParentID]
		if !found || !d.Known.Has(DepartmentParent) || d.IsRoot() {
			f.parent[i], f.depth[i] = none, 0
			queue = append(queue, i)
			continue
		}
		f.parent[i], f.depth[i] = parent, none
		f.children[parent] = append(f.children[parent], i)
	}
	// A department in a cycle is below no top, so the queue never reaches it.
	for len(queue) > 0 {
		i := queue[0]
		queue = queue[1:]
		for _, child := range f.children[i] {
			f.depth[child] = f.depth[i] + 1
			queue = append(queue, child)
		}
	}
	return f
}

// cycles returns each cycle once, every department followed by its parent.
func (f forest) cycles() [][]int {
	var found [][]int
	seen := make([]bool, len(f.parent))
	for start := range f.parent {
		if f.depth[start] != none {
			continue
		}
		var path []int
		at := start
		for !seen[at] {
			seen[at] = true
			path = append(path, at)
			at = f.parent[at]
		}
		// The way up ended on itself, or on what an earlier way has seen.
		if i := slices.Index(path, at); i >= 0 {
			found = append(found, path[i:])
		}
	}
	return found
}

// SortParentsFirst groups departments into levels such that every parent is in an
// earlier level than its children, which is the order to create them in; deleting
// goes through the levels backwards. A department whose parent is not in the list
// is in the first level: the parent is taken to exist already. Within a level the
// order of the list is kept. Departments in or below a cycle fit nowhere and are
// returned apart. It runs in O(n).
func SortParentsFirst(departments []Department) (levels [][]Department, cyclic []Department) {
	index := make(map[string]int, len(departments))
	for i, d := range departments {
		if _, taken := index[d.ID]; !taken {
			index[d.ID] = i
		}
	}
	return newForest(departments, index).levels(departments)
}

func (f forest) levels(departments []Department) (levels [][]Department, cyclic []Department) {
	for i, d := range departments {
		depth := f.depth[i]
		if depth == none {
			cyclic = append(cyclic, d.Clone())
			continue
		}
		for len(levels) <= depth {
			levels = append(levels, nil)
		}
		levels[depth] = append(levels[depth], d.Clone())
	}
	return levels, cyclic
}
