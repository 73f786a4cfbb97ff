package aiguanhuai

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/orgbridge/orgbridge/internal/kernel"
)

var (
	// A prepared task does nothing until it is completed, so one left
	// behind by a lost answer has no effect.
	opPrepare = kernel.Op{Name: "add-prepare", Method: http.MethodGet, Path: "/v3/oms/add-prepare", Class: kernel.Read}
	// Records are keyed by their id: the same chunk twice is the same set.
	opAdd = kernel.Op{Name: "add", Method: http.MethodPost, Path: "/v3/oms/add", Class: kernel.Idempotent}
	// Completing twice applies the same set of records. A repetition that the
	// vendor refuses with 200006, because the first try did reach it, comes out
	// as both ErrTaskNotFound and ErrOutcomeUnknown.
	opComplete = kernel.Op{Name: "add-complete", Method: http.MethodGet, Path: "/v3/oms/add-complete", Class: kernel.Idempotent}
)

// Progress is what the vendor has acknowledged of a [Task]. It holds no personal
// data, so that it can be stored (as JSON) after every add and handed to
// [Client.ResumeTask] after a crash.
type Progress struct {
	TaskID      string `json:"taskId"`
	Departments int    `json:"departments"` // acknowledged so far, in the order given
	People      int    `json:"people"`      // acknowledged so far, in the order given
	// Incomplete says that an add behind these counts did not succeed, so that
	// its records are missing: the task will not complete before they have been
	// added, nor a resumed one, which cannot know them, before another add has
	// succeeded. To leave them out, clear it and resume.
	Incomplete bool `json:"incomplete,omitzero"`
}

// Task is one full push (全量推送): prepared, given departments, then people, then completed.
// Completing REPLACES what the vendor holds by what the task was given: people and departments that
// are missing from it are removed. Tasks that are not completed have no effect, so giving up is
// always safe.
//
// Calls out of order are *[TaskError]s and send nothing. ID and Progress may be
// called at any time; the others one at a time.
type Task struct {
	client *Client

	mu        sync.Mutex
	progress  Progress
	busy      bool
	broken    bool // a chunk failed: no more adds, no Complete
	sealed    bool // Complete may have taken effect: no more adds
	completed bool
	missing   map[string]bool // good records of refused adds, until they are added
}

// PrepareTask begins a full push (1/3步：推送准备, GET /v3/oms/add-prepare).
func (c *Client) PrepareTask(ctx context.Context) (*Task, error) {
	if err := c.ready(ctx, opPrepare.Name); err != nil {
		return nil, err
	}
	a, err := c.do(ctx, opPrepare, "", nil)
	if err != nil {
		return nil, err
	}
	return &Task{client: c, progress: Progress{TaskID: a.taskID}}, nil
}

// ResumeTask returns the task that p is about, to be given the records behind
// p's counts and completed. It sends nothing: whether the vendor still knows
// the task shows in the next call ([ErrTaskNotFound] if not).
//
// The counts are what Complete goes by, so p must come from [Task.Progress] and
// the records be in the same order as before.
func (c *Client) ResumeTask(p Progress) (*Task, error) {
	if c == nil || c.kernel == nil {
		return nil, kernel.Unmade("ResumeTask")
	}
	var errs []error
	if strings.TrimSpace(p.TaskID) == "" {
		errs = append(errs, &FieldError{Op: "ResumeTask", Field: "TaskID", Reason: "is empty"})
	}
	if p.Departments < 0 {
		errs = append(errs, &FieldError{Op: "ResumeTask", Field: "Departments", Reason: "is negative"})
	}
	if p.People < 0 {
		errs = append(errs, &FieldError{Op: "ResumeTask", Field: "People", Reason: "is negative"})
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return &Task{client: c, progress: p}, nil
}

// ID returns the taskId, "" for the zero Task.
func (t *Task) ID() string { return t.Progress().TaskID }

// Progress returns what the vendor has acknowledged so far.
func (t *Task) Progress() Progress {
	if t == nil {
		return Progress{}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.progress
}

// AddDepartments gives the task departments (2/3步：推送数据, POST /v3/oms/add), 2,000
// a call, in the order given. All departments come before the first person.
//
// All records are checked before the first is sent. If one is refused nothing is
// sent, the error is a *[PartialError] of *[FieldError]s, and the task can go on
// with corrected records. If a call fails the task is broken ([ErrTaskBroken]):
// [Client.ResumeTask] with its Progress gives one that goes on from there.
func (t *Task) AddDepartments(ctx context.Context, departments []Department) error {
	return add(ctx, t, departments, func(p *Progress) *int { return &p.Departments })
}

// AddPeople gives the task people (POST /v3/oms/add), like [Task.AddDepartments].
func (t *Task) AddPeople(ctx context.Context, people []Person) error {
	return add(ctx, t, people, func(p *Progress) *int { return &p.People })
}

func add[T any, P record[T]](ctx context.Context, t *Task, records []T, count func(*Progress) *int) error {
	if err := t.begin(ctx, opAdd, true); err != nil {
		if errors.Is(err, ErrTaskBusy) || errors.Is(err, ErrInvalid) {
			miss[T, P](t, records)
		}
		return err
	}
	defer t.end()
	if len(records) > 0 {
		t.set(func() { t.progress.Incomplete = true })
	}
	p := t.Progress()
	if count(&p) == &p.Departments && p.People > 0 {
		miss[T, P](t, records)
		return t.misuse(opAdd, ErrTaskOrder)
	}
	if err := checkAll[T, P](opAdd.Name, records); err != nil {
		miss[T, P](t, records)
		return err
	}
	for chunk := range slices.Chunk(records, t.client.chunk) {
		// Broken until proved otherwise: a panic in a hook leaves it so.
		t.set(func() { t.broken = true })
		if err := send(ctx, t.client, opAdd, p.TaskID, len(chunk), func(i int) P { return &chunk[i] }); err != nil {
			return err
		}
		t.set(func() {
			t.broken = false
			*count(&t.progress) += len(chunk)
			found[T, P](t, chunk)
		})
	}
	t.set(func() { t.progress.Incomplete = len(t.missing) > 0 })
	return nil
}

// found takes records that were added off the list of missing ones.
func found[T any, P record[T]](t *Task, records []T) {
	for i := range records {
		if len(t.missing) == 0 {
			return
		}
		delete(t.missing, missingKey(P(&records[i])))
	}
}

// Complete makes what the task was given the vendor's whole organisation
// (3/3步：推送完成, GET /v3/oms/add-complete).
//
// It sends nothing once an add has failed. After an add that was refused, it sends
// nothing until the records of it that may be sent have been added
// ([ErrTaskBroken]): an error that was only logged removes no one. At least one
// department and one person must have been acknowledged, before
// [Client.ResumeTask] or since: a push without either would remove all there are
// ([ErrTaskEmpty]), and there is no way to ask for that here.
//
// After [ErrOutcomeUnknown], Complete can be called again; nothing can be added.
// A repetition may then find the task gone ([ErrTaskNotFound], together with
// ErrOutcomeUnknown), which is what success of the first looks like.
func (t *Task) Complete(ctx context.Context) error {
	if err := t.begin(ctx, opComplete, false); err != nil {
		return err
	}
	defer t.end()
	p := t.Progress()
	switch {
	case p.Incomplete:
		return t.misuse(opComplete, fmt.Errorf("%w: an add did not succeed", ErrTaskBroken))
	case p.Departments == 0:
		return t.misuse(opComplete, fmt.Errorf("%w: no department was added", ErrTaskEmpty))
	case p.People == 0:
		return t.misuse(opComplete, fmt.Errorf("%w: no person was added", ErrTaskEmpty))
	}
	_, err := t.client.do(ctx, opComplete, p.TaskID, nil)
	t.mu.Lock()
	defer t.mu.Unlock()
	if err == nil {
		t.sealed, t.completed = true, true
		return nil
	}
	if e, ok := errors.AsType[*Error](err); ok {
		// What an earlier Complete may have done, this one's refusal does not undo.
		t.sealed = t.sealed || e.OutcomeUnknown
		e.OutcomeUnknown = t.sealed
	}
	return err
}
