package orgsync

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// Kind is a kind of change that the guard counts.
type Kind string

// The kinds.
const (
	KindPeople           Kind = "people removed"             // disabled or deleted at a target
	KindDepartments      Kind = "departments removed"        // at a target
	KindSubtree          Kind = "people of one department"   // and of those below it, removed at a target
	KindFewerPeople      Kind = "fewer people at the source" // in service, against the last full reading
	KindFewerDepartments Kind = "fewer departments at the source"
	KindNothing          Kind = "nothing at the source"
	KindSettings         Kind = "settings changed" // of a target or of the scope
)

// Limit is how much of one kind may change within 24 hours without an approval.
type Limit struct {
	// Absolute is the most, however many there are: at 120,000 people a share alone
	// would let thousands through.
	Absolute int
	// Share is the most as a share of what there is, above 0 and at most 1.
	Share float64
	// Small is the limit where the share comes to less: of ten people one would
	// be too many otherwise.
	Small int
}

// Allowed returns how many of n may go: the smaller of Absolute and Share, where
// Share counts for no less than Small. More than half of them is always too many,
// unless there is one.
func (l Limit) Allowed(n int) int {
	return min(l.Absolute, max(l.Small, int(l.Share*float64(n))), max(1, n/2))
}

// Limits are those of one engine.
type Limits struct {
	People      Limit // removed at a target
	Departments Limit // removed at a target
	Subtree     Limit // people of one department and all below it, removed at a target
	Scope       Limit // by which the source may shrink between two readings
}

// DefaultLimits lets 5 % of the people go within 24 hours, or 10 if that is more,
// and never more than 100; of the people of one department and all below it half, or
// 10, and never more than 100; of the departments 10 %, or 5, and never more than 50.
// The source may shrink by 20 %, or 5, and never by more than 1,000.
func DefaultLimits() Limits {
	return Limits{
		People:      Limit{Absolute: 100, Share: 0.05, Small: 10},
		Departments: Limit{Absolute: 50, Share: 0.10, Small: 5},
		Subtree:     Limit{Absolute: 100, Share: 0.5, Small: 10},
		Scope:       Limit{Absolute: 1000, Share: 0.20, Small: 5},
	}
}

func (l Limits) invalid() string {
	for _, named := range []struct {
		name  string
		limit Limit
	}{{"People", l.People}, {"Departments", l.Departments}, {"Subtree", l.Subtree}, {"Scope", l.Scope}} {
		if n := named.limit; n.Absolute < 0 || n.Small < 0 || n.Share <= 0 || n.Share > 1 {
			return named.name
		}
	}
	return ""
}

// Violation is one limit that a plan exceeds.
type Violation struct {
	Kind       Kind   `json:"kind"`
	Target     string `json:"target,omitempty"`
	Department string `json:"department,omitempty"` // whose people they are
	Planned    int    `json:"planned"`              // what would go
	Recent     int    `json:"recent"`               // what went within the last 24 hours
	Of         int    `json:"of"`                   // of how many
	Allowed    int    `json:"allowed"`
}

// String says what would go, of how much, and what is allowed.
func (v Violation) String() string {
	switch v.Kind {
	case KindNothing:
		return string(v.Kind)
	case KindSettings:
		return fmt.Sprintf("%s: %s (%d changes)", v.Target, v.Kind, v.Planned)
	}
	text := fmt.Sprintf("%s: %d of %d, %d allowed", strings.TrimSpace(string(v.Kind)+" "+v.Department), v.Planned, v.Of, v.Allowed)
	if v.Target != "" {
		text = v.Target + ": " + text
	}
	if v.Recent > 0 {
		text += fmt.Sprintf(" and %d gone within 24 hours", v.Recent)
	}
	return text
}

// GuardError says that a run would have done more than is allowed without somebody
// looking at it. Nothing was sent and nothing stored.
type GuardError struct {
	Violations []Violation
	// Digest names the plan. After a look at it, run again with
	// RunOptions.Approve set to it: the same plan then passes, and no other. It is
	// "" where there is nothing to approve, because the source was empty.
	Digest string
}

// Error lists the violations.
func (e *GuardError) Error() string {
	texts := make([]string, len(e.Violations))
	for i, v := range e.Violations {
		texts[i] = v.String()
	}
	return "orgsync: stopped by the guard before anything was sent: " + strings.Join(texts, "; ")
}

// checkSource compares a reading with the last one that was accepted. Everybody in
// service is known from a full reading alone.
func (l Limits) checkSource(s *state, r *reading) []Violation {
	if r.org.NumDepartments() == 0 || r.full() && r.org.NumPeople() == 0 {
		return []Violation{{Kind: KindNothing}}
	}
	var found []Violation
	shrunk := func(kind Kind, before, now int) {
		if lost, allowed := before-now, l.Scope.Allowed(before); lost > allowed {
			found = append(found, Violation{Kind: kind, Planned: lost, Of: before, Allowed: allowed})
		}
	}
	shrunk(KindFewerDepartments, s.Departments, r.org.NumDepartments())
	if r.full() {
		// Those of whom the feed has told since, and who were removed, are not missed again.
		left := 0
		for _, t := range s.targets {
			left = max(left, t.Left)
		}
		shrunk(KindFewerPeople, s.InService-left, r.inService)
	}
	return found
}

// checkTarget counts what a plan removes, together with what went within the last
// 24 hours.
func (l Limits) checkTarget(t *targetPlan, now time.Time) []Violation {
	var found []Violation
	exceeds := func(kind Kind, limit Limit, planned, recent, held int) {
		if v, bad := limit.exceeded(planned, recent, held); bad {
			v.Kind, v.Target = kind, t.name
			found = append(found, v)
		}
	}
	people, departments := len(t.removals.people), len(t.removals.departments)
	exceeds(KindPeople, l.People, people, t.state.removedSince(KindPeople, now), alive(t.state.people))
	exceeds(KindDepartments, l.Departments, departments, t.state.removedSince(KindDepartments, now), alive(t.state.departments))
	found = append(found, l.checkSubtrees(t, now)...)
	if t.state.Fingerprint != "" && t.state.Fingerprint != t.fingerprint && t.size() > 0 {
		found = append(found, Violation{Kind: KindSettings, Target: t.name, Planned: t.size()})
	}
	return found
}

// exceeded returns the figures of a violation if there is one. What is held no
// longer counts what went recently.
func (l Limit) exceeded(planned, recent, held int) (Violation, bool) {
	of := held + recent
	v := Violation{Planned: planned, Recent: recent, Of: of, Allowed: l.Allowed(of)}
	return v, planned > 0 && planned+recent > v.Allowed
}

const guardWindow = 24 * time.Hour

func (t *targetState) removedSince(kind Kind, now time.Time) int {
	n := 0
	for _, r := range t.Removed {
		if r.Kind == kind && now.Sub(r.At) < guardWindow {
			n += r.Count
		}
	}
	return n
}

// count remembers removals and forgets those of more than 24 hours ago. Those that
// somebody approved are not held against later ones.
func (t *targetState) count(kind Kind, items []*item, approved bool, now time.Time) {
	for _, it := range items {
		if kind == KindPeople && !it.retire && !it.outside {
			t.Left++
		}
	}
	if approved {
		return
	}
	t.Removed = slices.DeleteFunc(slices.Clone(t.Removed), func(r removed) bool { return now.Sub(r.At) >= guardWindow })
	of := map[string]int{}
	for _, it := range items {
		department := it.next.Parent
		if kind == KindDepartments {
			department = ""
		}
		of[department]++
	}
	for _, department := range slices.Sorted(maps.Keys(of)) {
		t.Removed = append(t.Removed, removed{At: now, Kind: kind, Department: department, Count: of[department]})
	}
}
