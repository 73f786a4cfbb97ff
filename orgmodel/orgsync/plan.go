package orgsync

import (
	"cmp"
	"slices"
	"strings"

	"github.com/orgbridge/orgbridge/orgmodel"
)

// Plan is what a run would do: a value that can be kept, shown and approved. It names
// records by the source's ids and by the keys of targets, and holds no names or mobiles.
type Plan struct {
	Tenant      string       `json:"tenant"`
	Source      string       `json:"source"`
	Reading     Reading      `json:"reading"`
	Targets     []TargetPlan `json:"targets"`
	Violations  []Violation  `json:"violations,omitempty"`
	GuardDigest string       `json:"guardDigest,omitempty"` // of what the guard objects to, see Approve
	Approved    bool         `json:"approved,omitempty"`    // an approval that was given covers all of it

	org        *orgmodel.Directory
	titles     map[string]string // that targets know departments by, where they differ
	objections []objection
}

// TargetPlan is what one target would get, in this order.
type TargetPlan struct {
	Name      string   `json:"name"`
	Replace   bool     `json:"replace,omitempty"` // everything at once: all else that is there goes
	Changes   []Change `json:"changes"`
	Unchanged int      `json:"unchanged"`
	Outside   int      `json:"outside,omitempty"`  // told once, out of scope now
	Skipped   []Note   `json:"skipped,omitempty"`  // no record can be made
	Withheld  []Note   `json:"withheld,omitempty"` // not believed, not confirmed, or waiting for others
	Failing   []Note   `json:"failing,omitempty"`  // who must go, and cannot be told to the target
}

// Change is one step of a plan.
type Change struct {
	Op         Op              `json:"op"`
	Action     Action          `json:"action"`
	Entity     orgmodel.Entity `json:"entity"`
	ID         string          `json:"id"`
	Key        string          `json:"key,omitempty"`        // by which the target knows the person
	Department string          `json:"department,omitempty"` // the main one, or the parent
	From       string          `json:"from,omitempty"`       // of a move: the department before
	Reason     Reason          `json:"reason"`
	After      string          `json:"after,omitempty"` // the person whose change has to be acknowledged first
}

// change is one step of a plan in memory. The record is made again when it is sent, so
// that a plan for 100,000 people holds none of them.
type change struct {
	id     string
	detail int32 // index of what few changes have, -1 for none
	op     Op
	step   step
	action uint8 // index in actionCodes
	reason uint8 // index in reasonCodes
}

// detail is what few changes have.
type detail struct {
	key       string // by which the record is sent, "" for the one that it has
	place     place  // in which the target holds a person
	parent    string // under which the target holds a department
	from      place  // of a person who moves: in which the target holds them
	above     string // of a department that moves: under which the target holds it
	was       string // the key that a released person had
	after     string // id of the person whose change has to be acknowledged first
	also      string // id of another such person
	wave      int32  // changes that wait for others in the same step come later
	ring      int32  // changes that exchange keys go in one Push; 0 is none
	withhold  bool   // cleared fields stay behind
	handover  bool   // the key is another person's by now: forget it, send nothing
	unsettled bool   // counts for the guard, is not carried out
	held      bool   // back, until it is approved
	tombstone bool   // about the key of a person who is gone already
	retired   bool   // about an earlier key of a person, which others may have by now
}

// step is a stage of a push. Whatever is added comes first, whatever is removed last,
// so that every prefix is a safe state; a leaver's key may be released before its heir.
type step uint8

const (
	stepReleaseKeys step = iota
	stepNewDepartments
	stepChangedDepartments
	stepChangedPeople
	stepNewPeople
	stepRemovePeople
	stepRemoveDepartments
	numSteps
)

func (s step) removes() bool { return s == stepRemovePeople || s == stepRemoveDepartments }

func actionCodes() []Action { return []Action{Create, Update, Move, Reactivate, Disable, Delete} }

func reasonCodes() []Reason {
	return []Reason{
		ReasonNew, ReasonChanged, ReasonUncertain, ReasonReturned, ReasonRekeyed, ReasonSuperseded, ReasonHandedOver,
		ReasonReleased, ReasonLeft, ReasonAbsent, ReasonOutside, ReasonReplaced,
	}
}

func code[T comparable](codes []T, value T) uint8 {
	return uint8(slices.Index(codes, value)) // #nosec G115 -- all values are listed
}

// targetPlan is the plan of one target in memory.
type targetPlan struct {
	name    string
	traits  Traits
	steps   [numSteps][]change
	details []detail
	replace bool

	skipped   []Note
	withheld  []Note
	failing   []Note
	unchanged int
	outside   int

	inScope     int      // people in service and in scope
	planned     int      // of these, who are or will be as they should be
	unplannable int      // who are held, should stay, and of whom no record can be made
	created     []string // ids, for the guard
	changed     []string
	colliding   []string
	unhashed    []string // whose entries lack the hash of a value that is known

	owed     map[string]bool   // people to be read again by the next run
	occupied map[string]bool   // departments at the target in which something stays
	staying  map[place]bool    // places at the target in which people stay
	titles   map[string]string // names by which the target knows departments that are renamed or go
	dropped  map[string]bool   // entity and id: held back, with what depends on it
	heldBack []Note
	whole    bool // the whole target is held back
}

// add appends a change, with its detail if that is not empty.
func (t *targetPlan) add(s step, id string, op Op, action Action, reason Reason, d detail) {
	t.steps[s] = append(t.steps[s], t.change(s, id, op, action, reason, d))
}

func (t *targetPlan) change(s step, id string, op Op, action Action, reason Reason, d detail) change {
	c := change{id: id, detail: -1, op: op, step: s, action: code(actionCodes(), action), reason: code(reasonCodes(), reason)}
	if d != (detail{}) {
		c.detail = int32(len(t.details)) // #nosec G115 -- far below
		t.details = append(t.details, d)
	}
	return c
}

// detailFor returns the detail of a change to be set; it is good until the next one.
func (t *targetPlan) detailFor(c *change) *detail {
	if c.detail < 0 {
		c.detail = int32(len(t.details)) // #nosec G115 -- far below
		t.details = append(t.details, detail{})
	}
	return &t.details[c.detail]
}

func (t *targetPlan) detailOf(c *change) detail {
	if c.detail < 0 {
		return detail{}
	}
	return t.details[c.detail]
}

func (t *targetPlan) actionOf(c *change) Action { return actionCodes()[c.action] }
func (t *targetPlan) reasonOf(c *change) Reason { return reasonCodes()[c.reason] }

// all yields the changes in the order in which they are sent.
func (t *targetPlan) all(yield func(*change) bool) {
	for s := range t.steps {
		for i := range t.steps[s] {
			if !yield(&t.steps[s][i]) {
				return
			}
		}
	}
}

func (t *targetPlan) size() int {
	n := 0
	for s := range t.steps {
		n += len(t.steps[s])
	}
	return n
}

func (t *targetPlan) skip(entity orgmodel.Entity, id string, reason said) {
	t.skipped = append(t.skipped, reason.note(Note{Entity: entity, ID: id}))
}

func (t *targetPlan) withhold(entity orgmodel.Entity, id string, action Action, reason said) {
	t.withheld = append(t.withheld, reason.note(Note{Entity: entity, ID: id, Action: action}))
}

func (t *targetPlan) cannotRemove(entity orgmodel.Entity, id string, reason said) {
	t.failing = append(t.failing, reason.note(Note{Entity: entity, ID: id, Action: Disable}))
}

// order sorts the people of each step by id, those who wait for others behind them, so
// that the state is written in the order of its keys. Departments are in the order of
// the tree.
func (t *targetPlan) order() {
	for _, s := range []step{stepReleaseKeys, stepChangedPeople, stepNewPeople, stepRemovePeople} {
		changes := t.steps[s]
		inOrder := func(a, b change) int {
			da, db := t.detailOf(&a), t.detailOf(&b)
			switch {
			case da.wave != db.wave:
				return int(da.wave - db.wave)
			case da.ring != db.ring:
				return int(da.ring - db.ring)
			}
			return strings.Compare(a.id, b.id)
		}
		if !slices.IsSortedFunc(changes, inOrder) {
			slices.SortStableFunc(changes, inOrder)
		}
	}
	for _, notes := range [][]Note{t.skipped, t.withheld, t.failing} {
		sortNotes(notes)
	}
}

// adding returns the operation that adds, which is updating where that is the same.
func (t *targetPlan) adding(op Op) Op {
	if t.traits.Upserts {
		return op + 1
	}
	return op
}

func (t *targetPlan) removing() Action {
	if t.traits.DeletesLeavers {
		return Delete
	}
	return Disable
}

// changeName names a change among those of one target: a person may have one that
// adds or updates, and others that remove.
func changeName(c *change) string {
	if c.step.removes() || c.step == stepReleaseKeys {
		return "-" + entityKey(c.op.entity(), c.id)
	}
	return "+" + entityKey(c.op.entity(), c.id)
}

func removalName(t *targetPlan, c *change) string {
	d := t.detailOf(c)
	return entityKey(c.op.entity(), c.id) + "\x00" + cmp.Or(d.was, d.key)
}

// removedPeople yields the changes that take a person away: not the retirement of an
// earlier key, nor that of a tombstone.
func (t *targetPlan) removedPeople(yield func(*change) bool) {
	for _, s := range []step{stepReleaseKeys, stepRemovePeople} {
		for i := range t.steps[s] {
			c := &t.steps[s][i]
			d := t.detailOf(c)
			if d.retired || d.tombstone {
				continue
			}
			if !yield(c) {
				return
			}
		}
	}
}
