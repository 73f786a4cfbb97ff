package orgsync

// branches is a tree of departments, with those that the source has dissolved where
// the target was told that they are.
type branches map[string]string // parent by id

// sums adds the numbers of departments to all above them, children before parents.
func (b branches) sums(numbers map[string]int) map[string]int {
	sums, waiting := map[string]int{}, map[string]int{}
	for id, parent := range b {
		waiting[id] += 0
		if parent != "" && parent != id {
			waiting[parent]++
		}
	}
	ready := make([]string, 0, len(b))
	for id, n := range waiting {
		if n == 0 {
			ready = append(ready, id)
		}
	}
	for len(ready) > 0 {
		id := ready[len(ready)-1]
		ready = ready[:len(ready)-1]
		if id != "" {
			sums[id] += numbers[id]
		}
		parent := b[id]
		if parent == "" || parent == id {
			continue
		}
		sums[parent] += sums[id]
		if waiting[parent]--; waiting[parent] == 0 {
			ready = append(ready, parent)
		}
	}
	for id, n := range sums { // an id of no number is of no interest
		if n == 0 {
			delete(sums, id)
		}
	}
	return sums
}

// anyAbove reports whether one of the departments above id is meant; a cycle ends.
func (b branches) anyAbove(id string, is func(string) bool) bool {
	for n := 0; n <= len(b); n++ {
		parent := b[id]
		if parent == "" || parent == id {
			return false
		}
		if is(parent) {
			return true
		}
		id = parent
	}
	return false
}
