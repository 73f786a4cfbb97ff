package aiguanhuai

import (
	"context"
	"errors"
	"net/http"
	"slices"

	"github.com/orgbridge/orgbridge/internal/batch"
	"github.com/orgbridge/orgbridge/internal/kernel"
)

// Records are keyed by their id, and each one says what it should be: the same
// update twice is the same as once.
var opUpdate = kernel.Op{Name: "update", Method: http.MethodPost, Path: "/v3/oms/update", Class: kernel.Idempotent}

// UpdateDepartments adds or changes departments (增量更新, POST /v3/oms/update), 2,000
// a call, parents before their children. Departments not mentioned stay.
//
// A record that must not be sent is refused by itself, and so are those whose id is given
// more than once; the others go. The
// vendor judges a call as a whole: if it objects to the data ([ErrDataFormat])
// all records of that call have failed and the next call is made; after any other
// failure nothing more is sent. Nor is a department whose parent has failed.
// Records in or below a cycle of parents are refused.
//
// The error is that of the Result, nil only if every record succeeded; a
// *[FieldError] if there are no records.
func (c *Client) UpdateDepartments(ctx context.Context, departments []Department) (Result[Department], error) {
	return runUpdate(ctx, c, departments)
}

// UpdatePeople adds or changes people (POST /v3/oms/update), like [Client.UpdateDepartments].
func (c *Client) UpdatePeople(ctx context.Context, people []Person) (Result[Person], error) {
	return runUpdate(ctx, c, people)
}

// update is one update under way.
type update[T any, P record[T]] struct {
	*batch.Push[T]

	client *Client
	failed map[string]bool // ids of records that did not succeed
}

func runUpdate[T any, P record[T]](ctx context.Context, c *Client, records []T) (Result[T], error) {
	if len(records) == 0 {
		return Result[T]{}, &FieldError{Op: opUpdate.Name, Field: "data", Reason: "is empty"}
	}
	if err := c.ready(ctx, opUpdate.Name); err != nil {
		return batch.Unsendable(opUpdate.Name, records, err)
	}
	u := update[T, P]{Push: batch.New(opUpdate.Name, records), client: c}
	again := repeated[T, P](records)
	sendable := u.Check(func(_ int, r *T) (field, reason string) {
		field, reason = P(r).check()
		if field == "" && again[P(r).id()] {
			field, reason = P(r).idField(), "is given more than once"
		}
		return field, reason
	})
	waves := batch.Order(u.Push, sendable, batch.Tree[T, string]{
		Keys:        func(r *T, name func(string)) { name(P(r).id()) },
		Parent:      func(r *T) string { return P(r).parentID() },
		ParentField: func(*T) string { return "parentId" },
	})
	for i := range u.Items {
		if u.Items[i].Err != nil {
			u.note(&u.Items[i].Record)
		}
	}
	u.Run(ctx, waves, batch.Options{Size: c.chunk}, u.send)
	return u.Result()
}

// repeated returns the ids that occur more than once. Of two records with one id either may
// be right, the wrong one may disable someone, and the order of departments is that of their
// tree: neither is sent.
func repeated[T any, P record[T]](records []T) map[string]bool {
	// A map would cost more than all else that is kept for a record.
	ids := make([]string, len(records))
	for i := range records {
		ids[i] = P(&records[i]).id()
	}
	if !slices.IsSorted(ids) {
		slices.Sort(ids)
	}
	var again map[string]bool
	for i := 1; i < len(ids); i++ {
		if ids[i] == ids[i-1] {
			if again == nil {
				again = make(map[string]bool)
			}
			again[ids[i]] = true
		}
	}
	return again
}

// note remembers a record that did not succeed, for those below it.
func (u *update[T, P]) note(r P) {
	if id := r.id(); id != "" {
		if u.failed == nil {
			u.failed = make(map[string]bool)
		}
		u.failed[id] = true
	}
}

// send makes one call and reports whether to go on.
func (u *update[T, P]) send(ctx context.Context, chunk []batch.Record[T]) bool {
	chunk = u.withParent(chunk)
	if len(chunk) == 0 {
		return true
	}
	err := send(ctx, u.client, opUpdate, "", len(chunk), func(i int) P { return chunk[i].Value })
	if err == nil {
		return true
	}
	message := ""
	if e, ok := errors.AsType[*Error](err); ok {
		message = e.Message
	}
	u.Fail(chunk, message, err)
	for _, r := range chunk {
		u.note(r.Value)
	}
	return errors.Is(err, ErrDataFormat)
}

var errParentFailed = errors.New("the department above it failed")

// withParent returns the records whose parent has not failed.
func (u *update[T, P]) withParent(chunk []batch.Record[T]) []batch.Record[T] {
	orphaned := func(r batch.Record[T]) bool { return u.failed[P(r.Value).parentID()] }
	if len(u.failed) == 0 || !slices.ContainsFunc(chunk, orphaned) {
		return chunk
	}
	var with, without []batch.Record[T]
	for _, r := range chunk {
		if orphaned(r) {
			without = append(without, r)
			u.note(r.Value)
		} else {
			with = append(with, r)
		}
	}
	u.Unsent(without, errParentFailed)
	return with
}
