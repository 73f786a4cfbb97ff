package batch

import "slices"

// Levels of a record that has no wave (yet). A level above 0 is the number of its wave, plus one.
const (
	unknown = 0
	onPath  = -1
	cycling = -2
)

// Waves orders records so that parents come before children: wave 0 holds the records whose parent
// is not among the records, wave n+1 the children of wave n, each in the order given. Records in a
// cycle (such as a record that is its own parent) and records below one have no such order and are
// returned separately.
//
// keys names a record in every way by which another may call it its parent, and parent is the name
// of a record's parent, the zero K for none. Names from different id spaces must differ. The zero K
// as a key is passed over. When several records have the same key the first is the parent; the
// others keep their own place, as every record does.
//
// It takes linear time, and no recursion however deep the tree.
func Waves[T any, K comparable](records []Record[T], keys func(r *T, name func(K)), parent func(*T) K) (waves [][]Record[T], cyclic []Record[T]) {
	return byLevel(records, levels(parents(records, keys, parent)))
}

// parents returns the position of each record's parent, -1 for none.
func parents[T any, K comparable](records []Record[T], keys func(*T, func(K)), parent func(*T) K) []int {
	owner := make(map[K]int, len(records))
	at := 0
	name := func(key K) {
		if _, taken := owner[key]; !taken {
			owner[key] = at
		}
	}
	for i, r := range records {
		at = i
		keys(r.Value, name)
	}
	var none K
	delete(owner, none)
	up := make([]int, len(records))
	for i, r := range records {
		up[i] = -1
		if at, ok := owner[parent(r.Value)]; ok {
			up[i] = at
		}
	}
	return up
}

// byLevel puts the records of each level into one wave.
func byLevel[T any](records []Record[T], level []int) (waves [][]Record[T], cyclic []Record[T]) {
	var sizes []int // by wave
	for i, n := range level {
		if n == cycling {
			cyclic = append(cyclic, records[i])
			continue
		}
		for len(sizes) < n {
			sizes = append(sizes, 0)
		}
		sizes[n-1]++
	}
	rest := make([]Record[T], len(records)-len(cyclic))
	waves = make([][]Record[T], len(sizes))
	for i, n := range sizes {
		waves[i], rest = rest[:0:n], rest[n:]
	}
	for i, n := range level {
		if n != cycling {
			waves[n-1] = append(waves[n-1], records[i])
		}
	}
	return waves, cyclic
}

// levels returns 1 for a record without a parent, one more than its parent's for any other, and
// cycling where there is none.
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
