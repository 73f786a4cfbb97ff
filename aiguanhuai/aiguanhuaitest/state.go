package aiguanhuaitest

import (
	"maps"
	"slices"
	"strconv"
	"sync"

	"github.com/orgbridge/orgbridge/aiguanhuai"
)

// Task is a full push as the server sees it.
type Task struct {
	ID          string
	Departments int // different ones added so far
	People      int
	Completed   bool
}

// state is what the vendor holds.
type state struct {
	mu    sync.Mutex
	now   organisation
	tasks []*task
}

type organisation struct {
	departments map[string]aiguanhuai.Department
	people      map[string]aiguanhuai.Person
}

type task struct {
	id        string
	given     organisation
	completed bool
}

func newOrganisation() organisation {
	return organisation{
		departments: make(map[string]aiguanhuai.Department),
		people:      make(map[string]aiguanhuai.Person),
	}
}

func newState() *state { return &state{now: newOrganisation()} }

// merge adds records or changes those with the same id.
func (o organisation) merge(d data) {
	for _, r := range d.departments {
		o.departments[r.DepartmentID.value] = r.onto(o.departments[r.DepartmentID.value])
	}
	for _, r := range d.people {
		o.people[r.UserID.value] = r.onto(o.people[r.UserID.value])
	}
}

func (s *state) prepare() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := &task{id: "task-" + strconv.Itoa(len(s.tasks)+1), given: newOrganisation()}
	s.tasks = append(s.tasks, t)
	return t.id
}

// open returns a task that is known and not completed, or nil.
func (s *state) open(id string) *task {
	for _, t := range s.tasks {
		if t.id == id && !t.completed {
			return t
		}
	}
	return nil
}

func (s *state) add(id string, d data) (known bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.open(id)
	if t == nil {
		return false
	}
	t.given.merge(d)
	return true
}

// complete puts what the task was given in the place of everything.
func (s *state) complete(id string) (known bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.open(id)
	if t == nil {
		return false
	}
	t.completed = true
	s.now = organisation{maps.Clone(t.given.departments), maps.Clone(t.given.people)}
	return true
}

func (s *state) update(d data) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now.merge(d)
}

func (s *state) departments() []aiguanhuai.Department {
	s.mu.Lock()
	defer s.mu.Unlock()
	return sorted(s.now.departments)
}

func (s *state) people() []aiguanhuai.Person {
	s.mu.Lock()
	defer s.mu.Unlock()
	people := sorted(s.now.people)
	for i, p := range people {
		if ids, ok := p.DepartmentID.Get(); ok {
			people[i].DepartmentID = aiguanhuai.Set(slices.Clone(ids)) // the caller's own
		}
	}
	return people
}

func sorted[T any](records map[string]T) []T {
	list := make([]T, 0, len(records))
	for _, id := range slices.Sorted(maps.Keys(records)) {
		list = append(list, records[id])
	}
	return list
}

func (s *state) list() []Task {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := make([]Task, len(s.tasks))
	for i, t := range s.tasks {
		list[i] = Task{
			ID: t.id, Departments: len(t.given.departments), People: len(t.given.people), Completed: t.completed,
		}
	}
	return list
}
