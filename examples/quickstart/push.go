package main

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/orgbridge/orgbridge/aiguanhuai"
	"github.com/orgbridge/orgbridge/orgmodel"
	"github.com/orgbridge/orgbridge/tuzhan"
	"github.com/orgbridge/orgbridge/yunjian"
)

// target is where an organisation is pushed to.
type target interface {
	name() string
	// push brings the target up to date and says in words what it did.
	push(ctx context.Context, org *orgmodel.Directory, c orgmodel.Changes) (done string, err error)
}

// convert turns records into a vendor's. Records that cannot be converted are
// reported and do not keep the others back.
func convert[V, T any](records []T, fn func(T) (V, error)) ([]V, error) {
	var converted []V
	var errs []error
	for _, r := range records {
		v, err := fn(r)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		converted = append(converted, v)
	}
	return converted, errors.Join(errs...)
}

// after lists the changed records as they are now.
func after[T orgmodel.Person | orgmodel.Department, F orgmodel.Field](changed []orgmodel.Change[T, F]) []T {
	var records []T
	for _, c := range changed {
		records = append(records, c.After)
	}
	return records
}

// toAiguanhuai starts with a full push, which replaces whatever 爱关怀 holds, and
// goes on with updates.
type toAiguanhuai struct {
	client  *aiguanhuai.Client
	started bool
}

func (*toAiguanhuai) name() string { return "爱关怀" }

func (t *toAiguanhuai) push(ctx context.Context, _ *orgmodel.Directory, c orgmodel.Changes) (string, error) {
	adapter := orgmodel.Aiguanhuai{}
	departments, err1 := convert(slices.Concat(c.CreatedDepartments, after(c.ChangedDepartments)), adapter.FromDepartment)
	people, err2 := convert(slices.Concat(c.CreatedPeople, after(c.ChangedPeople)), adapter.FromPerson)
	if err := errors.Join(err1, err2); err != nil {
		return "nothing sent", err
	}

	if !t.started {
		// Task refuses to complete a push of which any part failed: completing
		// it would remove the people who are missing.
		task, err := t.client.PrepareTask(ctx)
		if err != nil {
			return "no task", err
		}
		if err := task.AddDepartments(ctx, departments); err != nil {
			return "not completed", err
		}
		if err := task.AddPeople(ctx, people); err != nil {
			return "not completed", err
		}
		if err := task.Complete(ctx); err != nil {
			return "not completed", err
		}
		t.started = true
		return fmt.Sprintf("full push of %d departments and %d people completed", len(departments), len(people)), nil
	}

	if len(departments) > 0 {
		if _, err := t.client.UpdateDepartments(ctx, departments); err != nil {
			return "departments not updated", err
		}
	}
	if len(people) == 0 {
		return "nothing to do", nil
	}
	result, err := t.client.UpdatePeople(ctx, people)
	return fmt.Sprintf("%d of %d people updated", len(result.Succeeded), len(people)), err
}

// toTuzhan adds, updates and deletes: 兔展 has no "add or update", and no status
// for somebody who left.
type toTuzhan struct{ client *tuzhan.Client }

func (*toTuzhan) name() string { return "兔展" }

func (t *toTuzhan) push(ctx context.Context, _ *orgmodel.Directory, c orgmodel.Changes) (string, error) {
	adapter := orgmodel.Tuzhan{}
	var stay, gone []orgmodel.Person
	for _, p := range after(c.ChangedPeople) {
		if p.Status == orgmodel.StatusActive {
			stay = append(stay, p)
		} else {
			gone = append(gone, p)
		}
	}
	departments, err1 := convert(c.CreatedDepartments, adapter.FromDepartment)
	added, err2 := convert(c.CreatedPeople, adapter.FromPerson)
	updated, err3 := convert(stay, adapter.FromPerson)
	var deleted []tuzhan.Employee
	for _, p := range gone {
		deleted = append(deleted, adapter.PersonRef(p.ID))
	}
	if err := errors.Join(err1, err2, err3); err != nil {
		return "nothing sent", err
	}

	// Whatever is removed goes last. The client cuts everything into calls of
	// 500 and sends parents before their children.
	d, err1 := t.client.AddDepartments(ctx, departments)
	a, err2 := t.client.AddEmployees(ctx, added)
	u, err3 := t.client.UpdateEmployees(ctx, updated)
	r, err4 := t.client.DeleteEmployees(ctx, deleted)
	return fmt.Sprintf("%d departments added, %d employees added, %d updated, %d deleted",
		len(d.Succeeded), len(a.Succeeded), len(u.Succeeded), len(r.Succeeded)), errors.Join(err1, err2, err3, err4)
}

// toYunjian pushes people with the name of their department; leavers go with
// isLeave.
type toYunjian struct{ client *yunjian.Client }

func (*toYunjian) name() string { return "云简" }

func (t *toYunjian) push(ctx context.Context, org *orgmodel.Directory, c orgmodel.Changes) (string, error) {
	adapter := orgmodel.Yunjian{Lookup: org.Department}
	users, err := convert(slices.Concat(c.CreatedPeople, after(c.ChangedPeople)), adapter.FromPerson)
	if err != nil {
		return "nothing sent", err
	}
	result, err := t.client.SyncUsers(ctx, users)
	return fmt.Sprintf("%d of %d users synced", len(result.Succeeded), len(users)), err
}
