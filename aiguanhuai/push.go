package aiguanhuai

import (
	"context"
	"fmt"
	"iter"
)

const opPushAll = "PushAll"

// PushSummary is what a [Client.PushAll] came to.
type PushSummary struct {
	// Progress is what the vendor acknowledged; zero when no task was prepared.
	Progress Progress
	// Completed says that the vendor now holds exactly what was pushed.
	Completed bool
}

// PushAll does a full push (全量推送, /v3/oms/add-prepare, add and add-complete): it prepares a task,
// adds all departments, then all people, and completes it, holding at most 2,000 of each at a
// time. What the vendor held before is replaced.
//
// An error of an iterator, which is returned as it is, a record that must not be
// sent (*[FieldError]), a failed call, no departments or no people
// ([ErrTaskEmpty]): after any of these it does not complete, so nothing changes
// at the vendor. Nothing is sent before there is a person to send, or more than
// 2,000 departments.
//
// After a failure the push can be begun anew, or continued with
// [Client.ResumeTask] and the summary's Progress.
func (c *Client) PushAll(ctx context.Context, departments iter.Seq2[Department, error], people iter.Seq2[Person, error]) (PushSummary, error) {
	if err := c.ready(ctx, opPushAll); err != nil {
		return PushSummary{}, err
	}
	switch {
	case departments == nil:
		return PushSummary{}, &FieldError{Op: opPushAll, Field: "departments", Reason: "is nil"}
	case people == nil:
		return PushSummary{}, &FieldError{Op: opPushAll, Field: "people", Reason: "is nil"}
	}
	p := &push{client: c}
	if err := p.addAll(ctx, departments, people); err != nil {
		progress := p.task.Progress()
		// The adds may all have succeeded, but there is more where they came from.
		progress.Incomplete = p.task != nil
		return PushSummary{Progress: progress}, err
	}
	err := p.task.Complete(ctx)
	return PushSummary{Progress: p.task.Progress(), Completed: err == nil}, err
}

// push buffers one chunk of each kind, so that the task is prepared late.
type push struct {
	client      *Client
	task        *Task
	departments []Department
	people      []Person
}

func (p *push) addAll(ctx context.Context, departments iter.Seq2[Department, error], people iter.Seq2[Person, error]) error {
	err := collect(departments, "departments", &p.departments, p.client.chunk, func() error { return p.flushDepartments(ctx) })
	if err != nil {
		return err
	}
	if len(p.departments) == 0 {
		return p.empty("no department")
	}
	err = collect(people, "people", &p.people, p.client.chunk, func() error { return p.flushPeople(ctx) })
	if err != nil {
		return err
	}
	if len(p.people) == 0 {
		return p.empty("no person")
	}
	return p.flushPeople(ctx)
}

func (p *push) empty(what string) error {
	return &TaskError{TaskID: p.task.ID(), Op: opPushAll, Err: fmt.Errorf("%w: there is %s", ErrTaskEmpty, what)}
}

// collect appends records to buffer and flushes it when size is exceeded, so
// that the last chunk is left to the caller.
func collect[T any, P record[T]](records iter.Seq2[T, error], list string, buffer *[]T, size int, flush func() error) error {
	n := 0
	for r, err := range records {
		if err != nil {
			return err
		}
		if err := checkOne(opPushAll, list, n, P(&r)); err != nil {
			return err
		}
		if len(*buffer) == size {
			if err := flush(); err != nil {
				return err
			}
		}
		*buffer = append(*buffer, r)
		n++
	}
	return nil
}

func (p *push) flushDepartments(ctx context.Context) error {
	if len(p.departments) == 0 {
		return nil
	}
	if p.task == nil {
		task, err := p.client.PrepareTask(ctx)
		if err != nil {
			return err
		}
		p.task = task
	}
	if err := p.task.AddDepartments(ctx, p.departments); err != nil {
		return err
	}
	p.departments = p.departments[:0]
	return nil
}

// flushPeople sends the departments that are still waiting first.
func (p *push) flushPeople(ctx context.Context) error {
	if err := p.flushDepartments(ctx); err != nil {
		return err
	}
	if err := p.task.AddPeople(ctx, p.people); err != nil {
		return err
	}
	p.people = p.people[:0]
	return nil
}
