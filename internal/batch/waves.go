package batch

import "slices"

// Levels of a record that has no wave (yet). A level above 0 is the number of its wave, plus one.
const (
	unknown = 0
	onPath  = -1
	cycling = -2
)

// Waves orders records so that parents come before children: wave 0 holds the records whose parent is not among the records,
// wave n+1 the children of wave n, each in the order given. Records in a cycle, a record that is its own parent among them,
// and those below one have no such order and are returned apart.
//
// keys names a record in every way by which another may call it its parent, and parent is the name of a record's parent,
// "" for none. Names from different id spaces must differ, by a prefix for example. "" as a key is passed over. When
// several records have the same key the first is the parent; the others keep their own place, as every record does.
//
// It takes linear time, and no recursion however deep the tree.
func Waves[T any](records []Record[T], keys func(T) []string, parent func(T) string) (waves [][]Record[T], cyclic []Record[T]) {
	for i, level := range levels(parents(records, keys, parent)) {
		if level == cycling {
			cyclic = append(cyclic, records[i])
			continue
		}
		for len(waves) < level {
			waves = append(waves, nil)
		}
		waves[level-1] = append(waves[level-1], records[i])
	}
	return waves, cyclic
}

// parents returns the position of each record's parent, -1 for none.
func parents[T any](records []Record[T], keys func(T) []string, parent func(T) string) []int {
	owner := make(map[string]int, len(records))
	for i, r := range records {
		for _, key := range keys(r.Value) {
			if _, taken := owner[key]; !taken {
				owner[key] = i
			}
		}
	}
	delete(owner, "")
	up := make([]int, len(records))
	for i, r := range records {
		up[i] = -1
		if at, ok := owner[parent(r.Value)]; ok {
			up[i] = at
		}
	}
	return up
}

// levels returns 1 for a record without a parent, one more than its parent's for any other, and cycling where there is none.
func levels(up []int) []int {
	level := make([]int, len(up))
	var path []int
	for at := range up {
		path = path[:0]
		for at >= 0 && level[at] == unknown {
			level[at] = onPath
			path = append(path, at)
			at = up[at]
		}
		above := 0
		if at >= 0 {
			above = level[at]
		}
		for _, below := range slices.Backward(path) {
			if above < 0 {
				above = cycling
			} else {
				above++
			}
			level[below] = above
		}
	}
	return level
}
