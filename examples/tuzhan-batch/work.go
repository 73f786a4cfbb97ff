package main

import (
	"context"
	"errors"

	"github.com/orgbridge/orgbridge/tuzhan"
)

// work is what is to be sent. 兔展 has neither "add or update" nor a call that
// reads, so which of the two it takes is found out by trying.
type work struct{ add, update []tuzhan.Employee }

func (w work) empty() bool { return len(w.add)+len(w.update) == 0 }

// do sends everything once. It returns how many records succeeded, those that
// a person has to repair, and those to be sent again.
func (w work) do(ctx context.Context, client *tuzhan.Client) (done int, refused []tuzhan.Item[tuzhan.Employee], next work, err error) {
	// The errors are those of the records, which are in the results one by one.
	added, err1 := client.AddEmployees(ctx, w.add)
	updated, err2 := client.UpdateEmployees(ctx, w.update)
	if err := errors.Join(err1, err2); errors.Is(err, tuzhan.ErrUnauthorized) || err != nil && ctx.Err() != nil {
		return 0, nil, w, err // not about records: nothing to go on with
	}
	sift := func(r tuzhan.EmployeeResult, again *[]tuzhan.Employee) {
		done += len(r.Succeeded)
		for item := range r.NotSucceeded() {
			switch {
			case errors.Is(item.Err, tuzhan.ErrExists), errors.Is(item.Err, tuzhan.ErrPending):
				// 已存在, or in progress with no call that tells the end: an
				// update is right by the next round, and harmless.
				next.update = append(next.update, item.Record)
			case errors.Is(item.Err, tuzhan.ErrNotExists) && again == &next.update:
				next.add = append(next.add, item.Record) // about the employee: a missing department is another failure
			case errors.Is(item.Err, tuzhan.ErrOutcomeUnknown), // added twice, it ends in ErrExists
				errors.Is(item.Err, tuzhan.ErrNotSent),
				errors.Is(item.Err, tuzhan.ErrRateLimited),
				errors.Is(item.Err, tuzhan.ErrUnavailable):
				*again = append(*again, item.Record)
			default:
				refused = append(refused, item)
			}
		}
	}
	sift(added, &next.add)
	sift(updated, &next.update)
	return done, refused, next, nil
}
