package orgsync

import (
	"fmt"
	"strings"
)

// Kind is a kind of change that the guard counts.
type Kind string

// The kinds.
const (
	KindPeople           Kind = "people"            // people removed: disabled or deleted at a target
	KindDepartments      Kind = "departments"       // departments removed at a target
	KindSubtree          Kind = "subtree"           // people of one department and of those below it, removed at a target
	KindCreated          Kind = "created"           // people created at a target that was filled before
	KindChanged          Kind = "changed"           // people whose name, mobile or key changes at a target
	KindColliding        Kind = "colliding"         // people whose key at a target belongs to others too
	KindSettings         Kind = "settings"          // the settings of a target, or the scope, changed
	KindReplace          Kind = "replace"           // a target is to be given everything at once
	KindFewerPeople      Kind = "fewer-people"      // in service at the source, against the last full reading
	KindFewerDepartments Kind = "fewer-departments" // at the source
	KindCounted          Kind = "counted"           // the source counts more people than it lists
	KindNothing          Kind = "nothing"           // at the source
)

// text says in words what a violation counts.
func (k Kind) text() string {
	switch k {
	case KindPeople:
		return "people removed"
	case KindDepartments:
		return "departments removed"
	case KindSubtree:
		return "people removed below department"
	case KindCreated:
		return "people created"
	case KindChanged:
		return "people with another name, mobile or key"
	case KindColliding:
		return "people whose key belongs to others too"
	case KindSettings:
		return "settings changed"
	case KindReplace:
		return "everything there is replaced, what others put there goes too"
	case KindFewerPeople:
		return "fewer people at the source"
	case KindFewerDepartments:
		return "fewer departments at the source"
	case KindCounted:
		return "people counted by the source but not listed"
	default:
		return "nothing at the source"
	}
}

// ofSource reports whether the kind is about the reading: nothing is sent then, not
// even what is not objected to.
func (k Kind) ofSource() bool {
	return k == KindFewerPeople || k == KindFewerDepartments || k == KindCounted || k == KindNothing
}

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

// Allowed returns how many of n may change: the smaller of Absolute and Share, where
// Share counts for no less than Small. Removing more than half is always too much,
// unless there is only one: see [Limits].
func (l Limit) Allowed(n int) int {
	return min(l.Absolute, max(l.Small, int(l.Share*float64(n))))
}

// Limits are those of one engine. Of People, Departments, Subtree and Scope, never
// more than half may go, unless there is only one.
type Limits struct {
	People      Limit // removed at a target
	Departments Limit // removed at a target
	Subtree     Limit // people of one department and all below it, removed at a target
	Scope       Limit // by which the source may shrink between two readings, and its count differ from its list
	Created     Limit // people created at a target after the first push
	Changed     Limit // people whose name, mobile or key changes at a target
	Colliding   Limit // people whose key belongs to others too
	Unplannable Limit // people held by a target who cannot be planned any more: beyond it a [*CoverageError]
}

// DefaultLimits lets 5 % of the people go within 24 hours, or 10 if that is more,
// and never more than 100; of the people of one department and all below it half, or
// 10, and never more than 100; of the departments 10 %, or 5, and never more than 50.
// The source may shrink by 20 %, or 5, and never by more than 1,000. 20 % of the
// people, or 50, and never more than 1,000 may be created, and as many changed; 5 %, or
// 10, and never more than 100 may collide.
func DefaultLimits() Limits {
	people := Limit{Absolute: 100, Share: 0.05, Small: 10}
	return Limits{
		People:      people,
		Departments: Limit{Absolute: 50, Share: 0.10, Small: 5},
		Subtree:     Limit{Absolute: 100, Share: 0.5, Small: 10},
		Scope:       Limit{Absolute: 1000, Share: 0.20, Small: 5},
		Created:     Limit{Absolute: 1000, Share: 0.20, Small: 50},
		Changed:     Limit{Absolute: 1000, Share: 0.20, Small: 50},
		Colliding:   people,
		Unplannable: people,
	}
}

// of returns the limit on a kind, and whether more than half is always too much.
func (l Limits) of(kind Kind) (limit Limit, half bool) {
	switch kind {
	case KindPeople:
		return l.People, true
	case KindDepartments:
		return l.Departments, true
	case KindSubtree:
		return l.Subtree, true
	case KindCreated:
		return l.Created, false
	case KindChanged:
		return l.Changed, false
	case KindColliding:
		return l.Colliding, false
	default:
		return l.Scope, true
	}
}

func (l Limits) invalid() string {
	for _, named := range []struct {
		name  string
		limit Limit
	}{
		{"People", l.People}, {"Departments", l.Departments}, {"Subtree", l.Subtree}, {"Scope", l.Scope},
		{"Created", l.Created}, {"Changed", l.Changed}, {"Colliding", l.Colliding}, {"Unplannable", l.Unplannable},
	} {
		if n := named.limit; n.Absolute < 0 || n.Small < 0 || n.Share <= 0 || n.Share > 1 {
			return named.name
		}
	}
	return ""
}

// exceeded returns the figures of a violation if there is one. What is held no longer
// counts what went recently.
func (l Limits) exceeded(kind Kind, planned, recent, held int) (Violation, bool) {
	limit, half := l.of(kind)
	of := held
	if half {
		of += recent
	}
	v := Violation{Kind: kind, Planned: planned, Recent: recent, Of: of, Allowed: limit.Allowed(of)}
	if half {
		v.Allowed = min(v.Allowed, max(1, of/2))
	}
	return v, planned > 0 && planned+recent > v.Allowed
}

// Violation is one limit that a plan exceeds.
type Violation struct {
	Kind       Kind   `json:"kind"`
	Target     string `json:"target,omitempty"`
	Department string `json:"department,omitempty"` // whose people they are
	Planned    int    `json:"planned"`              // what would change
	Recent     int    `json:"recent"`               // what changed within the last 24 hours
	Of         int    `json:"of"`                   // of how many
	Allowed    int    `json:"allowed"`
}

// String says what would change, of how much, and what is allowed.
func (v Violation) String() string {
	text := v.Kind.text()
	if v.Department != "" {
		text += " " + printable(v.Department)
	}
	switch v.Kind {
	case KindNothing, KindReplace:
	case KindSettings:
		text += fmt.Sprintf(" (%d changes)", v.Planned)
	default:
		text += fmt.Sprintf(": %d of %d, %d allowed", v.Planned, v.Of, v.Allowed)
	}
	if v.Target != "" {
		text = printable(v.Target) + ": " + text
	}
	if v.Recent > 0 {
		text += fmt.Sprintf(", and %d within the last 24 hours", v.Recent)
	}
	return text
}

// GuardError says that a run would have done more than is allowed without a person
// looking at it. Nothing was sent or, with RunOptions.Hold, nothing of what the
// guard objects to.
type GuardError struct {
	Violations []Violation
	// Digest names what the guard objects to. After looking at the plan, run with it in
	// RunOptions.Approve: what it names then passes, in that run and in later ones, and
	// nothing else does. It is "" where there is nothing to approve, because the source
	// was empty.
	Digest string
	// Held says that everything else was sent.
	Held bool
	// Earlier compares this with what stopped earlier runs and may still be approved, the
	// latest first.
	Earlier []EarlierStop
}

// EarlierStop is what stopped an earlier run, seen from a later one.
type EarlierStop struct {
	Digest string
	// Added counts by kind what the guard objects to now and did not then, at all targets
	// together. If there is nothing, an approval of Digest lets the later plan pass too. Of a set of
	// more than 10,000, which is not kept, all counts.
	Added map[Kind]int
}

// Error lists the violations.
func (e *GuardError) Error() string {
	texts := make([]string, len(e.Violations))
	for i, v := range e.Violations {
		texts[i] = v.String()
	}
	what := "orgsync: stopped by the guard before anything was sent: "
	if e.Held {
		what = "orgsync: held back by the guard: "
	}
	return what + strings.Join(texts, "; ")
}
