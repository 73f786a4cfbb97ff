package orgsync

import (
	"slices"
	"strings"
	"time"
)

const (
	approvalLife = 7 * 24 * time.Hour
	// maxStoredSet is how many ids of a set are stored; of a larger one the digest has
	// to be equal.
	maxStoredSet = 10_000
	// maxStopped is how many stopped plans are remembered for an approval to name.
	maxStopped  = 8
	keyApproved = "approved"
)

// approval is a set of objections that was approved, or stopped a run and may yet be.
type approval struct {
	Digest  string              `json:"digest"`
	By      string              `json:"by,omitempty"`
	At      time.Time           `json:"at"`
	Sets    map[string][]string `json:"sets,omitempty"`
	Numbers map[string]int      `json:"numbers,omitempty"`
	TooMany []string            `json:"tooMany,omitempty"` // names of sets that are too large to be stored
}

func newApproval(digest string, objections []objection, now time.Time) *approval {
	a := &approval{Digest: digest, At: now, Sets: map[string][]string{}, Numbers: map[string]int{}}
	for i := range objections {
		o := &objections[i]
		switch {
		case o.set == nil:
			a.Numbers[o.name()] = o.number
		case len(o.set) > maxStoredSet:
			a.TooMany = append(a.TooMany, o.name())
		default:
			a.Sets[o.name()] = o.set
		}
	}
	return a
}

// covers reports whether all that is objected to was approved.
func (a *approval) covers(o *objection, whole string) bool { return a != nil && a.lacks(o, whole) == 0 }

// lacks counts what is objected to beyond the approval.
func (a *approval) lacks(o *objection, whole string) int {
	name := o.name()
	set, there := a.Sets[name]
	listed := func(item string) bool {
		_, found := slices.BinarySearch(set, item)
		return found
	}
	switch {
	case slices.Contains(a.TooMany, name): // these cannot be told apart
		if a.Digest == whole {
			return 0
		}
		return max(1, len(o.set))
	case o.set == nil:
		approved, there := a.Numbers[name]
		if !there {
			return max(1, o.number)
		}
		return max(0, o.number-approved)
	case o.Kind == KindPeople || o.Kind == KindSubtree:
		listed = func(item string) bool { return a.lists(KindPeople, o.Target, item) }
	case !there:
		return max(1, len(o.set))
	}
	n := 0
	for _, item := range o.set {
		if !listed(item) {
			n++
		}
	}
	return n
}

// approvals are those of a tenant.
type approvals struct {
	current *approval   // holds now, nil if none
	stopped []*approval // newest first
	isNew   bool        // current was brought by this run
	expired []string    // keys
}

// names reports whether an approval is about an item of a kind at a target.
func (a *approval) names(kind Kind, target, item string) bool {
	return a != nil && (a.lists(kind, target, item) ||
		slices.ContainsFunc(a.TooMany, func(name string) bool { k, t := setOf(name); return k == kind && t == target }))
}

// lists reports whether an approval has an item in a set. An approved removal is one,
// whichever limit it was that objected.
func (a *approval) lists(kind Kind, target, item string) bool {
	for name, set := range a.Sets {
		k, t := setOf(name)
		if t != target || k != kind && (kind != KindPeople || k != KindSubtree) {
			continue
		}
		if _, found := slices.BinarySearch(set, item); found {
			return true
		}
	}
	return false
}

// setOf returns what the name of a set says first: kind and target.
func setOf(name string) (Kind, string) {
	kind, rest, _ := strings.Cut(name, "\x00")
	target, _, _ := strings.Cut(rest, "\x00")
	return Kind(kind), target
}
