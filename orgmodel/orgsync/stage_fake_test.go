package orgsync_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/orgbridge/orgbridge/orgmodel"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
)

// stageSource is a source in memory, which knows what it holds.
type stageSource struct {
	mu          sync.Mutex
	departments []orgmodel.Department
	people      map[string]orgmodel.Person
	changed     map[string]int
	tick        int
	hidden      map[string]bool // left out of readings, there when asked for
	broken      error           // of the reading of people
	raw         []orgmodel.Person
}

func newStageSource(departments ...orgmodel.Department) *stageSource {
	return &stageSource{departments: departments, people: map[string]orgmodel.Person{}, changed: map[string]int{}, hidden: map[string]bool{}}
}

// put adds or changes people.
func (s *stageSource) put(people ...orgmodel.Person) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tick++
	for _, p := range people {
		s.people[p.ID], s.changed[p.ID] = p, s.tick
	}
}

func (s *stageSource) change(id string, f func(*orgmodel.Person)) {
	p := s.people[id].Clone()
	f(&p)
	s.put(p)
}

func (s *stageSource) leave(ids ...string) {
	for _, id := range ids {
		s.change(id, func(p *orgmodel.Person) { p.SetStatus(orgmodel.StatusLeft) })
	}
}

func (s *stageSource) back(ids ...string) {
	for _, id := range ids {
		s.change(id, func(p *orgmodel.Person) { p.SetStatus(orgmodel.StatusActive) })
	}
}

// vanish removes people without a trace.
func (s *stageSource) vanish(ids ...string) {
	for _, id := range ids {
		delete(s.people, id)
	}
}

func (*stageSource) Name() string { return "stage" }

func (s *stageSource) Departments(context.Context) iter.Seq2[orgmodel.Department, error] {
	return func(yield func(orgmodel.Department, error) bool) {
		for _, d := range s.departments {
			if !yield(d, nil) {
				return
			}
		}
	}
}

func (s *stageSource) People(_ context.Context, since orgsync.Watermark) (iter.Seq2[orgmodel.Person, error], func() (orgsync.Watermark, error)) {
	from, _ := strconv.Atoi(since.Cursor)
	at := orgsync.Watermark{Cursor: strconv.Itoa(s.tick), Time: time.Date(2026, 3, 1, 0, 0, s.tick, 0, time.UTC)}
	people := func(yield func(orgmodel.Person, error) bool) {
		for _, id := range slices.Sorted(maps.Keys(s.people)) {
			if s.hidden[id] || !since.IsZero() && s.changed[id] <= from {
				continue
			}
			if !yield(s.people[id], nil) {
				return
			}
		}
		for _, p := range s.raw {
			if !yield(p, nil) {
				return
			}
		}
		if s.broken != nil {
			yield(orgmodel.Person{}, s.broken)
		}
	}
	return people, func() (orgsync.Watermark, error) { return at, nil }
}

func (s *stageSource) Person(_ context.Context, id string) (orgmodel.Person, error) {
	if p, there := s.people[id]; there {
		return p, nil
	}
	for _, p := range s.raw {
		if p.ID == id {
			return p, nil
		}
	}
	return orgmodel.Person{}, orgsync.ErrNotFound
}

func (s *stageSource) Department(_ context.Context, id string) (orgmodel.Department, error) {
	for _, d := range s.departments {
		if d.ID == id {
			return d, nil
		}
	}
	return orgmodel.Department{}, orgsync.ErrNotFound
}

// stageRecord is what a stageTarget is sent.
type stageRecord struct {
	ID, Name, Mobile, Department string
	Left                         bool
}

// stageTarget holds what it is sent, by key.
type stageTarget struct {
	name, place, settings string
	traits                orgsync.Traits
	demands               bool                                                   // a name and a mobile
	push                  func(context.Context, orgsync.Batch) []orgsync.Outcome // instead
	down                  bool
	reject                map[string]string // ids -> text

	mu          sync.Mutex
	people      map[string]stageRecord
	departments map[string]string
	calls       []orgsync.Batch
}

func newStageTarget(name string) *stageTarget {
	return &stageTarget{
		name: name, settings: "1", traits: orgsync.Traits{Batch: 100, Upserts: true}, reject: map[string]string{},
		people: map[string]stageRecord{}, departments: map[string]string{},
	}
}

func (t *stageTarget) Name() string           { return t.name }
func (t *stageTarget) Destination() string    { return t.place }
func (t *stageTarget) Settings() string       { return t.settings }
func (t *stageTarget) Traits() orgsync.Traits { return t.traits }

func (*stageTarget) Department(d orgmodel.Department) (orgsync.Record, error) {
	return orgsync.Record{Value: stageRecord{ID: d.ID, Name: d.Name, Department: d.ParentID, Left: d.Status != orgmodel.StatusActive}}, nil
}

func (t *stageTarget) Person(p orgmodel.Person, _ *orgmodel.Directory, held string) (orgsync.Record, error) {
	if t.demands && (p.Name == "" || p.Mobile == "") {
		return orgsync.Record{}, errors.New("name and mobile are required")
	}
	r := orgsync.Record{Value: stageRecord{ID: p.ID, Name: p.Name, Mobile: p.Mobile, Department: p.PrimaryDepartmentID(), Left: p.Status != orgmodel.StatusActive}}
	if t.traits.IdentifiesByKey || t.traits.UniqueKeys {
		r.Key = cmp.Or(p.EmployeeNo, held, p.ID)
		r.Provisional = p.EmployeeNo == "" && held == ""
	}
	return r, nil
}

func (t *stageTarget) Push(ctx context.Context, b orgsync.Batch) []orgsync.Outcome {
	t.mu.Lock()
	t.calls = append(t.calls, orgsync.Batch{Op: b.Op, Items: slices.Clone(b.Items)})
	t.mu.Unlock()
	if t.push != nil {
		return t.push(ctx, b)
	}
	return t.take(b)
}

// take carries a batch out.
func (t *stageTarget) take(b orgsync.Batch) []orgsync.Outcome {
	if t.down {
		return orgsync.FailAll(len(b.Items), orgsync.Outcome{Err: errors.New("is down"), Down: true})
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	outcomes := make([]orgsync.Outcome, len(b.Items))
	for i, item := range b.Items {
		if text := t.reject[item.ID]; text != "" {
			outcomes[i].Err = orgsync.Rejected(errors.New(text))
			continue
		}
		r := item.Value.(stageRecord)
		key := item.ID
		if t.traits.IdentifiesByKey {
			key = cmp.Or(item.Key, key)
		}
		switch {
		case b.Op == orgsync.OpRemoveDepartments:
			delete(t.departments, item.ID)
		case b.Op < orgsync.OpAddPeople:
			t.departments[item.ID] = r.Name
		case b.Op == orgsync.OpRemovePeople && t.traits.DeletesLeavers:
			delete(t.people, key)
		default:
			t.people[key] = r
		}
	}
	return outcomes
}

// sent counts the records of all calls so far, and forgets them.
func (t *stageTarget) sent() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	n := 0
	for _, b := range t.calls {
		n += len(b.Items)
	}
	t.calls = nil
	return n
}

// active returns how many people are in service there.
func (t *stageTarget) active() int {
	n := 0
	for _, r := range t.people {
		if !r.Left {
			n++
		}
	}
	return n
}

func stageDepartment(id, parent, name string) orgmodel.Department {
	d := orgmodel.Department{ID: id}
	d.SetParentID(parent)
	d.SetName(name)
	d.SetStatus(orgmodel.StatusActive)
	return d
}

// play is a stage with a source in memory: a root, and departments d1 to d8 with people
// in turn.
type play struct {
	*stage

	src *stageSource
}

func newPlay(tb testing.TB, people int, targets ...*stageTarget) *play {
	tb.Helper()
	departments := []orgmodel.Department{stageDepartment("root", "", "总部")}
	for i := range 8 {
		departments = append(departments, stageDepartment(fmt.Sprint("d", i+1), "root", fmt.Sprint("部门", i+1)))
	}
	p := &play{stage: newBareStage(tb), src: newStageSource(departments...)}
	p.source = p.src
	for _, t := range targets {
		p.targets = append(p.targets, t)
	}
	list := make([]orgmodel.Person, people)
	for i := range list {
		list[i] = player(i+1, fmt.Sprint("d", i%8+1))
	}
	p.src.put(list...)
	return p
}

// players returns the ids of people from one number to another.
func players(from, to int) []string {
	var list []string
	for n := from; n <= to; n++ {
		list = append(list, playerID(n))
	}
	return list
}
