package main

import (
	"cmp"
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

// convert turns records into a vendor's. Those that cannot be converted are in
// the error, which does not keep the others from being sent.
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
	refused := errors.Join(err1, err2)

	if !t.started {
		// A full push without somebody removes them: here it is all or nothing.
		if refused != nil {
			return "nothing sent", refused
		}
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

	var d aiguanhuai.Result[aiguanhuai.Department]
	var p aiguanhuai.Result[aiguanhuai.Person]
	if len(departments) > 0 {
		d, err1 = t.client.UpdateDepartments(ctx, departments)
	}
	if len(people) > 0 {
		p, err2 = t.client.UpdatePeople(ctx, people)
	}
	return fmt.Sprintf("%d departments and %d people updated", len(d.Succeeded), len(p.Succeeded)), errors.Join(refused, err1, err2)
}

// toTuzhan adds, updates and deletes: 兔展 has no "add or update", and no status
// for somebody who left.
type toTuzhan struct{ client *tuzhan.Client }

func (*toTuzhan) name() string { return "兔展" }

func (t *toTuzhan) push(ctx context.Context, _ *orgmodel.Directory, c orgmodel.Changes) (string, error) {
	adapter := orgmodel.Tuzhan{}
	var add, update []orgmodel.Person
	var gone []tuzhan.Employee
	for _, p := range c.CreatedPeople {
		if p.Status == orgmodel.StatusActive { // who had left before we came was never there
			add = append(add, p)
		}
	}
	for _, change := range c.ChangedPeople {
		was, is := change.Before.Status == orgmodel.StatusActive, change.After.Status == orgmodel.StatusActive
		switch {
		case is && was:
			update = append(update, change.After)
		case is:
			add = append(add, change.After) // somebody came back
		case was:
			gone = append(gone, adapter.PersonRef(change.After))
		}
	}
	newDepartments, err1 := convert(c.CreatedDepartments, adapter.FromDepartment)
	departments, err2 := convert(after(c.ChangedDepartments), adapter.FromDepartment)
	added, err3 := convert(add, adapter.FromPerson)
	updated, err4 := convert(update, adapter.FromPerson)
	refused := errors.Join(err1, err2, err3, err4)

	// Whatever is removed goes last. The client cuts everything into calls of
	// 500 and sends parents before their children.
	d, err1 := t.client.AddDepartments(ctx, newDepartments)
	_, err2 = t.client.UpdateDepartments(ctx, departments)
	a, err3 := t.client.AddEmployees(ctx, added)
	u, err4 := t.client.UpdateEmployees(ctx, updated)
	g, err5 := t.client.DeleteEmployees(ctx, gone)
	return fmt.Sprintf("%d departments added, %d employees added, %d updated, %d deleted",
		len(d.Succeeded), len(a.Succeeded), len(u.Succeeded), len(g.Succeeded)), errors.Join(refused, err1, err2, err3, err4, err5)
}

// toYunjian pushes people with the name of their department; leavers go with
// isLeave.
type toYunjian struct{ client *yunjian.Client }

func (*toYunjian) name() string { return "云简" }

func (t *toYunjian) push(ctx context.Context, org *orgmodel.Directory, c orgmodel.Changes) (string, error) {
	adapter := orgmodel.Yunjian{Lookup: org.Department}
	people := slices.Concat(c.CreatedPeople, after(c.ChangedPeople))
	for _, d := range c.ChangedDepartments {
		people = append(people, org.Members(d.ID())...) // they carry its name
	}
	slices.SortFunc(people, func(a, b orgmodel.Person) int { return cmp.Compare(a.ID, b.ID) })
	people = slices.CompactFunc(people, func(a, b orgmodel.Person) bool { return a.ID == b.ID })

	users, refused := convert(people, adapter.FromPerson)
	result, err := t.client.SyncUsers(ctx, users)
	return fmt.Sprintf("%d of %d users synced", len(result.Succeeded), len(people)), errors.Join(refused, err)
}
