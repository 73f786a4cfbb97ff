package orgsync

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/orgbridge/orgbridge/orgmodel"
	"github.com/orgbridge/orgbridge/tuzhan"
)

// TuzhanTarget pushes to 兔展, in a tree of 外部渠道. The vendor has no status for
// people, so leavers are deleted.
//
// Nor has it a call that reads, so the state decides between adding and updating,
// and where the vendor disagrees (已存在, 不存在) the other one is tried, once.
type TuzhanTarget struct {
	// Client pushes. Required.
	Client *tuzhan.Client
	// Adapter makes the vendor's records.
	Adapter orgmodel.Tuzhan
	// Company tells two companies of one 兔展 apart if Client was given a bare token,
	// which does not say whose it is. Any text will do.
	Company string
	// Label is the target's name, default "tuzhan".
	Label string
}

// Name returns the label.
func (t *TuzhanTarget) Name() string { return cmp.Or(t.Label, "tuzhan") }

// Destination is the client's host and app, and Company.
func (t *TuzhanTarget) Destination() string { return t.Client.Destination() + " company=" + t.Company }

// Settings covers the adapter.
func (t *TuzhanTarget) Settings() string {
	userType := cmp.Or(t.Adapter.UserType, tuzhan.UserTypeOfficialAccount)
	roles := t.Adapter.RoleKeys
	if len(roles) == 0 {
		roles = []tuzhan.RoleKey{tuzhan.RoleEmployee}
	}
	return fmt.Sprintf("tuzhan/2 userType=%v roleKeys=%q roleId=%v", userType, roles, t.Adapter.RoleID)
}

// Traits are those of an endpoint that adds, updates and deletes.
func (t *TuzhanTarget) Traits() Traits {
	return Traits{Batch: tuzhan.MaxBatch, Departments: true, DeletesLeavers: true}
}

func (t *TuzhanTarget) check() error { return requireClient(t.Client != nil, t.Name()) }

// Department returns d for 兔展.
func (t *TuzhanTarget) Department(d orgmodel.Department) (Record, error) {
	value, err := t.Adapter.FromDepartment(d)
	return Record{Value: value}, err
}

// Person returns p for 兔展, to be deleted if p is not in service.
func (t *TuzhanTarget) Person(p orgmodel.Person, _ *orgmodel.Directory, _ string) (Record, error) {
	if p.Known.Has(orgmodel.PersonStatus) && p.Status != orgmodel.StatusActive {
		return Record{Value: t.Adapter.PersonRef(p)}, nil
	}
	value, err := t.Adapter.FromPerson(p)
	return Record{Value: value}, err
}

// Push adds, updates or deletes.
func (t *TuzhanTarget) Push(ctx context.Context, batch Batch) []Outcome {
	if batch.Op.isDepartment() {
		if departments, ok := Values[tuzhan.Department](batch.Items); ok {
			c := t.Client
			return pushTuzhan(ctx, batch.Op == OpAddDepartments, batch.Op == OpRemoveDepartments, departments, c.AddDepartments, c.UpdateDepartments, c.DeleteDepartments)
		}
	} else if employees, ok := Values[tuzhan.Employee](batch.Items); ok {
		c := t.Client
		return pushTuzhan(ctx, batch.Op == OpAddPeople, batch.Op == OpRemovePeople, employees, c.AddEmployees, c.UpdateEmployees, c.DeleteEmployees)
	}
	return FailAll(len(batch.Items), Outcome{Err: errOtherTarget, Down: true})
}

func pushTuzhan[T any](ctx context.Context, adding, removing bool, records []T, add, update, remove tuzhanCall[T]) []Outcome {
	if removing {
		return removeTuzhan(ctx, records, remove)
	}
	return addOrUpdate(ctx, records, adding, add, update)
}

type tuzhanCall[T any] func(context.Context, []T) (tuzhan.Result[T], error)

// addOrUpdate tries one way, and the other for those who exist, or do not, against
// expectation. An add whose outcome is unknown is left for the next run, which
// updates first.
func addOrUpdate[T any](ctx context.Context, records []T, adding bool, add, update tuzhanCall[T]) []Outcome {
	call, other, disagrees := update, add, tuzhan.ErrNotExists
	if adding {
		call, other, disagrees = add, update, tuzhan.ErrExists
	}
	outcomes := settle(ctx, records, call)
	var again []T
	var at []int
	for i, o := range outcomes {
		if errors.Is(o.Err, disagrees) {
			again, at = append(again, records[i]), append(at, i)
		}
	}
	if len(again) == 0 || ctx.Err() != nil {
		return outcomes
	}
	for i, o := range settle(ctx, again, other) {
		switch {
		case o.Err == nil:
			outcomes[at[i]] = Outcome{Adopted: adding}
		case !errors.Is(o.Err, tuzhan.ErrExists) && !errors.Is(o.Err, tuzhan.ErrNotExists):
			outcomes[at[i]] = o // else the first answer says more: a parent that is missing, say
		}
	}
	return outcomes
}

func removeTuzhan[T any](ctx context.Context, records []T, call tuzhanCall[T]) []Outcome {
	outcomes := settle(ctx, records, call)
	for i, o := range outcomes {
		if errors.Is(o.Err, tuzhan.ErrNotExists) {
			outcomes[i] = Outcome{} // it is gone, which is what was wanted
		}
	}
	return outcomes
}

// settle makes a call and lists what became of each record. Pending ones are not
// acknowledged.
func settle[T any](ctx context.Context, records []T, call tuzhanCall[T]) []Outcome {
	result, _ := call(ctx, records) // the error is the sum of the items'
	return outcomesOf(len(records), result)
}
