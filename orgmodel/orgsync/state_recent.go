package orgsync

import (
	"slices"
	"time"
)

const guardWindow = 24 * time.Hour

func (t *targetState) since(kind Kind, now time.Time) int {
	n := 0
	for _, r := range t.Recent {
		if r.Kind == kind && r.counts(now) {
			n += r.Count
		}
	}
	return n
}

// counts reports whether a stamp lies within the window, which has two ends: one from
// a clock that was wrong counts for nothing.
func (r recent) counts(now time.Time) bool {
	age := now.Sub(r.At)
	return age >= 0 && age < guardWindow
}

// remember counts changes that no one approved, and forgets those of more than 24
// hours ago.
func (t *targetState) remember(kind Kind, department string, n int, now time.Time) {
	if n == 0 {
		return
	}
	t.Recent = slices.DeleteFunc(t.Recent, func(r recent) bool { return !r.counts(now) })
	for i := range t.Recent {
		if r := &t.Recent[i]; r.At.Equal(now) && r.Kind == kind && r.Department == department {
			r.Count += n
			return
		}
	}
	t.Recent = append(t.Recent, recent{At: now, Kind: kind, Department: department, Count: n})
}
