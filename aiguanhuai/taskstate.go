package aiguanhuai

import (
	"context"
	"errors"

	"github.com/orgbridge/orgbridge/internal/kernel"
)

// Sentinels of a [Task] used in the wrong order, for use with errors.Is. The
// error is a *[TaskError], and nothing was sent.
var (
	// ErrTaskUnprepared: the Task comes neither from PrepareTask nor from
	// ResumeTask.
	ErrTaskUnprepared = errors.New("task was not prepared")
	// ErrTaskBusy: another call of the same Task is under way.
	ErrTaskBusy = errors.New("task is in use by another call")
	// ErrTaskCompleted: the task is completed; or, for an add, Complete was sent
	// and its outcome is unknown. Prepare another one.
	ErrTaskCompleted = errors.New("task is completed")
	// ErrTaskBroken: an add did not succeed, so completing would remove real
	// people. If it was refused, add its records, corrected or without those that
	// were wrong; if its call failed, ResumeTask with the task's Progress and add
	// the records behind its counts. Then complete.
	ErrTaskBroken = errors.New("task misses records")
	// ErrTaskEmpty: no department or no person was added, and completing would
	// remove all that the vendor holds.
	ErrTaskEmpty = errors.New("task has nothing to replace what the vendor holds")
	// ErrTaskOrder: departments were added after people.
	ErrTaskOrder = errors.New("departments come before people")
)

// TaskError is a call that the state of the task forbids. Nothing was sent.
type TaskError struct {
	TaskID string // "" where there is no task yet
	Op     string // "add", "add-complete", or "PushAll"
	Err    error  // matches one of the ErrTask sentinels
}

// Error names the call and what forbids it.
func (e *TaskError) Error() string { return vendor + " " + e.Op + ": " + e.Err.Error() }

// Unwrap returns Err.
func (e *TaskError) Unwrap() error { return e.Err }

// misuse is called by the owner of a begun call.
func (t *Task) misuse(op kernel.Op, err error) error {
	return &TaskError{TaskID: t.ID(), Op: op.Name, Err: err}
}

// begin makes the caller the only one to change the task, until end.
func (t *Task) begin(ctx context.Context, op kernel.Op, adds bool) error {
	if t == nil || t.client == nil {
		return &TaskError{Op: op.Name, Err: ErrTaskUnprepared}
	}
	if err := t.client.ready(ctx, op.Name); err != nil {
		return err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	var err error
	switch {
	case t.busy:
		err = ErrTaskBusy
	case t.completed, t.sealed && adds:
		err = ErrTaskCompleted
	case t.broken:
		err = ErrTaskBroken
	default:
		t.busy = true
		return nil
	}
	return &TaskError{TaskID: t.progress.TaskID, Op: op.Name, Err: err}
}

// miss notes the good records of an add that was refused. The bad ones were
// named to the caller, who may well go on without them.
func miss[T any, P record[T]](t *Task, records []T) {
	t.set(func() {
		t.progress.Incomplete = t.progress.Incomplete || len(records) > 0
		if t.missing == nil {
			t.missing = make(map[string]bool)
		}
		for i := range records {
			r := P(&records[i])
			if field, _ := r.check(); field == "" {
				t.missing[missingKey(r)] = true
			}
		}
	})
}

func missingKey[T any, P record[T]](r P) string { return r.kind() + " " + r.id() }

func (t *Task) end() { t.set(func() { t.busy = false }) }

func (t *Task) set(change func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	change()
}
