package orgsync

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"github.com/orgbridge/orgbridge/orgmodel"
)

// applier carries out the plan of one target.
type applier struct {
	*targetPlan
	*snapshot

	run    *run
	ts     *targetState
	maker  *maker
	report *TargetReport
	fresh  bool // the target was told nothing before
	anew   bool // indexes are made anew at the checkpoint

	unwritten    []Entry         // what chunks have come to
	unwrittenIDs map[string]bool // ids of their entries

	chunk  []sending
	rows   []intentRow // of the last intent, whose memory is used again
	near   map[string]place
	people *orgmodel.Lookup
	number uint64 // of intents
	done   int

	undone   map[string]bool // names of changes that are not acknowledged
	failed   map[string]bool // departments
	isChange map[string]bool // ids that the guard counts as changed
	effects  effects
	stop     error // why the target was given up
}

// sending is a change on its way.
type sending struct {
	*change

	detail             detail
	person             orgmodel.Person // as it is sent
	index              int             // of the person in the reading, -1 if it lacks them
	at                 place           // of the person, once it was looked up
	record             made
	before             entry // what the state says now, if held
	held               bool
	after              entry // what it is to say, if settled
	settled, forgotten bool
	passed             bool // its former key was taken over in the same Push
}

// sentKey is by which key the target is told of the person.
func (s *sending) sentKey() string { return cmp.Or(s.detail.key, s.record.Key) }

// effects are what indexes and counts have to learn at the checkpoint.
type effects struct {
	keys    []keyEffect
	counts  map[place]int   // people held by department, as changes
	removed []string        // ids of people who were removed
	done    map[string]bool // items of an approval that were acknowledged
	names   []string
	changed map[place]*counted // what was acknowledged, by department
}

type keyEffect struct{ id, key string }

// errNotReplaced is the outcome of people who can only go by a replacement.
var errNotReplaced = errors.New("cannot be disabled, and the replacement was rejected")

// errHeldBack is the outcome of people whose department could not be pushed.
var errHeldBack = errors.New("not sent: a department of theirs failed")

const maxIntent = 5000

// waits says why a change cannot be carried out now, nothing if it can.
func (a *applier) waits(c *change, d detail) said {
	switch {
	case len(a.dropped) > 0 && a.dropped[changeName(c)]:
		return said{text: reasonDropped}
	case d.unsettled:
		return say(RemarkUnconfirmed)
	case d.after != "" && (a.undone["+person/"+d.after] || a.undone["-person/"+d.after]):
		return say(RemarkWaitsFor, d.after)
	case d.also != "" && a.undone["+person/"+d.also]:
		return say(RemarkWaitsFor, d.also)
	case len(a.failed) > 0 && (c.step == stepNewDepartments || c.step == stepChangedDepartments) && a.failed[a.parentOf(c.id)]:
		return say(RemarkWaitsForParent)
	case c.step == stepRemoveDepartments && (a.occupied[c.id] || a.staying[a.places.place(c.id)]):
		return say(RemarkOccupied)
	}
	return said{}
}

func (a *applier) parentOf(id string) string {
	d, _ := a.org.Department(id)
	return d.ParentID
}

const reasonDropped = "held back"

// wait notes a change that is not carried out, so that what depends on it waits too.
func (a *applier) wait(c *change, d detail, why said) {
	a.undo(c, d)
	if why.text == reasonDropped {
		return // listed by holdBack
	}
	if !c.op.isDepartment() {
		a.owed[c.id] = true
	}
	a.report.Withheld = append(a.report.Withheld, why.note(Note{Entity: c.op.entity(), ID: c.id, Action: a.actionOf(c)}))
}

// undo remembers that a change was not acknowledged.
func (a *applier) undo(c *change, d detail) {
	a.undone[changeName(c)] = true
	if c.op.isDepartment() {
		a.failed[c.id] = true
		a.ts.DepartmentsOwed = true
	}
	a.occupied[d.parent], a.staying[d.place] = true, true
}

func (a *applier) notSent(c *change) {
	a.report.NotSent++
	a.undo(c, a.detailOf(c))
	if !c.op.isDepartment() {
		a.owed[c.id] = true
	}
}

func (a *applier) fail(ctx context.Context, s *sending, err error) {
	d := s.detail
	if s.held {
		d.place, d.parent = s.before.place, s.before.parent
	}
	a.undo(s.change, d)
	if !s.op.isDepartment() {
		a.owed[s.id] = true
	}
	reason := sayError(a.run.masked(ctx, err))
	a.report.Failed = append(a.report.Failed, reason.note(Note{Entity: s.op.entity(), ID: s.id, Action: a.actionOf(s.change)}))
}

func (a *applier) failures() error {
	if len(a.report.Failed)+a.report.NotSent == 0 && a.stop == nil {
		return nil
	}
	return &TargetError{Target: a.name, Failed: len(a.report.Failed), NotSent: a.report.NotSent, Err: a.stop}
}

// make makes a record as it is sent.
func (a *applier) make(ctx context.Context, s *sending) (err error) {
	if s.op.isDepartment() {
		s.record, err = a.maker.department(a.departmentOf(s.change))
		return err
	}
	if !s.step.removes() && len(a.failed) > 0 {
		p, _ := a.org.Person(s.id)
		if slices.ContainsFunc(p.DepartmentIDs, func(id string) bool { return a.failed[id] }) {
			return errHeldBack
		}
	}
	s.person, s.index = a.personOf(s.change, s.detail)
	if a.reasonOf(s.change) == ReasonReplaced {
		return errNotReplaced
	}
	if a.needsHeld(s) {
		if err := a.look(ctx, s); err != nil {
			return err
		}
	}
	held := s.before.key
	if s.detail.key != "" {
		held = s.detail.key
	}
	s.record, err = a.maker.person(s.person, held)
	return err
}

// needsHeld reports whether the record depends on the key that the target knows.
func (a *applier) needsHeld(s *sending) bool {
	return a.traits.keyed() && a.actionOf(s.change) != Create && s.detail.key == ""
}

func (a *applier) look(ctx context.Context, s *sending) error {
	if a.isUnwritten(s.id) {
		if err := a.settle(ctx); err != nil {
			return err
		}
	}
	found, err := a.run.state.entriesOf(ctx, a.ts, orgmodel.EntityPerson, s.id)
	s.before, s.held = found[s.id], len(found) > 0
	return err
}

func (a *applier) departmentOf(c *change) orgmodel.Department {
	department, there := a.org.Department(c.id)
	if !there {
		department = a.run.dissolvedDepartment(a.name, c.id)
	}
	if a.actionOf(c) == Disable {
		department.SetStatus(orgmodel.StatusDisabled)
	}
	return department
}

// personOf returns a person as they are sent, and their index in the reading, -1 if that
// does not matter.
func (a *applier) personOf(c *change, d detail) (p orgmodel.Person, index int) {
	leaves := c.step.removes() || c.step == stepReleaseKeys
	p, there := a.departing[c.id]
	if index = -1; !there || !leaves {
		if p, there = a.people.Person(c.id); there {
			index = a.people.Index()
		} else {
			p = orgmodel.Person{ID: c.id}
			p.SetStatus(orgmodel.StatusLeft)
		}
	}
	if leaves {
		return a.leaving(p), -1
	}
	p, _ = a.area.person(p)
	if d.withhold {
		p = withoutCleared(p)
	}
	return p, index
}

// placeOf is the place of a department, of which a target meets few.
func (a *applier) placeOf(id string) place {
	at, known := a.near[id]
	if !known {
		at = a.places.place(id)
		a.near[id] = at
	}
	return at
}

func (r *run) dissolvedDepartment(target, id string) orgmodel.Department {
	for _, d := range r.dissolved {
		if d.id == id && d.target == target {
			return d.asDepartment(id)
		}
	}
	return orgmodel.Department{ID: id}
}

// whereTo says where a record is to be held.
func (a *applier) whereTo(s *sending) whereabouts {
	if s.op.isDepartment() {
		d, _ := a.org.Department(s.id)
		return whereabouts{parent: d.ParentID, title: d.Name}
	}
	if s.at == 0 {
		s.at = a.placeOf(s.person.PrimaryDepartmentID())
		if s.held && !s.person.Known.Has(orgmodel.PersonDepartments) { // they stay where they are
			s.at = s.before.place
		}
	}
	return whereabouts{place: s.at}
}

// settle writes what is known and not written yet, although the run may have been
// canceled meanwhile.
func (a *applier) settle(ctx context.Context) error {
	if len(a.unwritten) == 0 {
		return nil
	}
	entries := a.unwritten
	a.unwritten = nil
	clear(a.unwrittenIDs)
	return a.run.fence.writeSafely(ctx, entries...)
}

func (a *applier) isUnwritten(id string) bool { return a.unwrittenIDs[id] }

// counted is how much of a department was acknowledged.
type counted struct {
	id     string // if it is known
	itself Action
	people []int // by action, as in actionCodes
}
