package aiguanhuai

import (
	"context"
	"errors"
	"fmt"
	"net/http"

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
type update[T record[T]] struct {
	client *Client
	errs   []error
	failed map[string]bool // ids
}

func runUpdate[T record[T]](ctx context.Context, c *Client, records []T) (Result[T], error) {
	if len(records) == 0 {
		return Result[T]{}, &FieldError{Op: opUpdate.Name, Field: "data", Reason: "is empty"}
	}
	u := update[T]{client: c, errs: make([]error, len(records)), failed: make(map[string]bool)}
	waves, cyclic := batch.Waves(u.sendable(records), func(r T) []string { return []string{r.id()} }, T.parentID)
	for _, r := range cyclic {
		u.fail(r, &FieldError{Op: opUpdate.Name, Field: fmt.Sprintf("data[%d].parentId", r.Index), Reason: "leads in a circle"})
	}
	unsent := batch.Run(ctx, waves, batch.Options{Size: c.chunk}, u.send)
	for _, r := range unsent {
		u.fail(r, u.reason(ctx))
	}
	return u.result(records)
}

func (u *update[T]) fail(r batch.Record[T], err error) {
	u.errs[r.Index] = err
	if id := r.Value.id(); id != "" {
		u.failed[id] = true
	}
}

// sendable returns the records that may be sent, and fails the others.
func (u *update[T]) sendable(records []T) []batch.Record[T] {
	var good []batch.Record[T]
	for _, r := range batch.Index(records) {
		if err := checkOne(opUpdate.Name, "data", r.Index, r.Value); err != nil {
			u.fail(r, err)
			continue
		}
		good = append(good, r)
	}
	return good
}

// send makes one call and reports whether to go on.
func (u *update[T]) send(ctx context.Context, chunk []batch.Record[T]) bool {
	var sent []batch.Record[T]
	var values []T
	for _, r := range chunk {
		if u.failed[r.Value.parentID()] {
			u.fail(r, fmt.Errorf("%w: the department above it failed", ErrNotSent))
			continue
		}
		sent, values = append(sent, r), append(values, r.Value)
	}
	if len(sent) == 0 {
		return true
	}
	body, err := encode(values)
	if err == nil {
		err = u.client.do(ctx, opUpdate, "", body, nil)
	}
	if err == nil {
		return true
	}
	for _, r := range sent {
		u.fail(r, err)
	}
	return errors.Is(err, ErrDataFormat)
}

func (u *update[T]) reason(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("%w: %w", ErrNotSent, err)
	}
	return fmt.Errorf("%w: an earlier call failed", ErrNotSent)
}

func (u *update[T]) result(records []T) (Result[T], error) {
	var result Result[T]
	var errs []error
	for i, r := range records {
		item := Item[T]{Index: i, Record: r, Err: u.errs[i]}
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
			err = fmt.Errorf("data[%d]: %w", i, err)
		}
		errs = append(errs, err)
	}
	return result, batch.Join(len(records), errs)
}
