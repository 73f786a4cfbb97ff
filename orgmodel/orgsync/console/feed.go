package console

import (
	"slices"
	"sync"

	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
)

// Feed passes the progress of an engine on to people who look at the page. The zero value
// is ready to use; it must not be copied. It is safe for concurrent use.
type Feed struct {
	mu      sync.Mutex
	now     Activity
	changed chan struct{}
}

// Activity is how far a run has come.
type Activity struct {
	Phase orgsync.Phase // "" before the first run, PhaseDone between runs
	Done  int
	Total int // 0 while it is not known
	// Targets are those that are pushed to, in the order in which they began.
	Targets []TargetActivity
}

// TargetActivity is how far the push to one target has come.
type TargetActivity struct {
	Name        string
	Done, Total int
}

// Report takes a step of a run: give it to [orgsync.WithProgress].
func (f *Feed) Report(p orgsync.Progress) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if p.Phase != orgsync.PhasePush {
		f.now = Activity{Phase: p.Phase, Done: p.Done, Total: p.Total}
	} else {
		targets := slices.Clone(f.now.Targets) // what was handed out does not change
		i := slices.IndexFunc(targets, func(t TargetActivity) bool { return t.Name == p.Target })
		if i < 0 {
			i, targets = len(targets), append(targets, TargetActivity{Name: p.Target})
		}
		targets[i].Done, targets[i].Total = p.Done, p.Total
		f.now = Activity{Phase: p.Phase, Targets: targets}
	}
	if f.changed != nil {
		close(f.changed)
		f.changed = nil
	}
}

// Now returns how far a run has come, and a channel that is closed when that changes.
func (f *Feed) Now() (Activity, <-chan struct{}) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.changed == nil {
		f.changed = make(chan struct{})
	}
	return f.now, f.changed
}
