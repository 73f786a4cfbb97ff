package aiguanhuai

import (
	"context"
	"errors"
	"fmt"
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
// A record that must not be sent is refused by itself, and the others go. The
// vendor judges a call as a whole: if it objects to the data ([ErrDataFormat])
// all records of that call have failed and the next call is made; after any other
// failure nothing more is sent. Nor is a department whose parent has failed.
// Records that stayed here have [ErrNotSent].
//
// The error is nil only if every record succeeded, else a *[PartialError] of the
// errors in the Result; a *[FieldError] if there are no records.
func (c *Client) UpdateDepartments(ctx context.Context, departments []Department) (Result[Department], error) {
	return runUpdate(ctx, c, departments)
}

// UpdatePeople adds or changes people, like [Client.UpdateDepartments].
func (c *Client) UpdatePeople(ctx context.Context, people []Person) (Result[Person], error) {
	return runUpdate(ctx, c, people)
}

// update collects the outcome of every record, by index.
type update[T any, P record[T]] struct {
	client *Client
	items  []Item[T]
	good   int             // how many of them may still succeed
	failed map[string]bool // ids
}

func runUpdate[T any, P record[T]](ctx context.Context, c *Client, records []T) (Result[T], error) {
	if len(records) == 0 {
		return Result[T]{}, &FieldError{Op: opUpdate.Name, Field: "data", Reason: "is empty"}
	}
	u := update[T, P]{client: c, items: make([]Item[T], len(records)), good: len(records)}
	for i := range records {
		u.items[i].Index, u.items[i].Record = i, records[i]
	}
	unsent := batch.Run(ctx, u.waves(u.sendable()), batch.Options{Size: c.chunk}, u.send)
	for _, r := range unsent {
		u.fail(r.Index, u.reason(ctx))
	}
	return u.result()
}

func (u *update[T, P]) record(i int) P { return &u.items[i].Record }

func (u *update[T, P]) fail(i int, err error) {
	if u.items[i].Err == nil {
		u.good--
	}
	u.items[i].Err = err
	if id := u.record(i).id(); id != "" {
		if u.failed == nil {
			u.failed = make(map[string]bool)
		}
		u.failed[id] = true
	}
}

// sendable returns the records that may be sent, and fails the others.
func (u *update[T, P]) sendable() []batch.Record[T] {
	good := make([]batch.Record[T], 0, len(u.items))
	for i := range u.items {
		r := u.record(i)
		if err := checkOne(opUpdate.Name, "data", i, r); err != nil {
			u.fail(i, err)
			continue
		}
		good = append(good, batch.Record[T]{Index: i, Value: r})
	}
	return good
}

// waves puts parents before their children, and fails records that have no such place.
func (u *update[T, P]) waves(records []batch.Record[T]) [][]batch.Record[T] {
	parent := func(r *T) string { return P(r).parentID() }
	if !slices.ContainsFunc(records, func(r batch.Record[T]) bool { return parent(r.Value) != "" }) {
		return [][]batch.Record[T]{records}
	}
	waves, cyclic := batch.Waves(records, func(r *T, name func(string)) { name(P(r).id()) }, parent)
	for _, r := range cyclic {
		u.fail(r.Index, &FieldError{Op: opUpdate.Name, Field: fmt.Sprintf("data[%d].parentId", r.Index), Reason: "leads in a circle"})
	}
	return waves
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
	for _, r := range chunk {
		u.fail(r.Index, err)
	}
	return errors.Is(err, ErrDataFormat)
}

// withParent returns the records whose parent has not failed, and fails the
// others.
func (u *update[T, P]) withParent(chunk []batch.Record[T]) []batch.Record[T] {
	orphaned := func(r batch.Record[T]) bool { return u.failed[P(r.Value).parentID()] }
	if len(u.failed) == 0 || !slices.ContainsFunc(chunk, orphaned) {
		return chunk
	}
	var left []batch.Record[T]
	for _, r := range chunk {
		if orphaned(r) {
			u.fail(r.Index, fmt.Errorf("%w: the department above it failed", ErrNotSent))
			continue
		}
		left = append(left, r)
	}
	return left
}

func (u *update[T, P]) reason(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("%w: %w", ErrNotSent, err)
	}
	return fmt.Errorf("%w: an earlier call failed", ErrNotSent)
}

func (u *update[T, P]) result() (Result[T], error) {
	if u.good == len(u.items) {
		return Result[T]{Succeeded: u.items}, nil
	}
	var result Result[T]
	if u.good > 0 {
		result.Succeeded = make([]Item[T], 0, u.good)
	}
	result.Failed = make([]Item[T], 0, len(u.items)-u.good)
	errs := make([]error, 0, cap(result.Failed))
	for _, item := range u.items {
		err := item.Err
		if err == nil {
			result.Succeeded = append(result.Succeeded, item)
			continue
		}
		if e, ok := errors.AsType[*Error](err); ok {
			item.Message = e.Message
		}
		result.Failed = append(result.Failed, item)
		if !errors.Is(err, ErrInvalid) { // which names the record itself
			err = fmt.Errorf("data[%d]: %w", item.Index, err)
		}
		errs = append(errs, err)
	}
	return result, batch.Join(len(u.items), errs)
}
