package batch

import (
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"reflect"

	"github.com/orgbridge/orgbridge/internal/kernel"
	"github.com/orgbridge/orgbridge/internal/redact"
)

// Item is one record of a batch and what became of it. It prints without personal data.
type Item[T any] struct {
	Index   int    // position in the slice that was given
	Record  T      // as it was given
	Ref     string // the other side's key for the record, "" if its answer names none
	Message string // the vendor's text about the record, scrubbed; "" if there is none
	Err     error  // nil for a success
}

// LogValue lists index, what a log may hold of the record, and the error.
func (i Item[T]) LogValue() slog.Value {
	attrs := []slog.Attr{slog.Int("index", i.Index), slog.Any("record", i.Record)}
	if i.Err != nil {
		attrs = append(attrs, slog.String("error", i.Err.Error()))
	}
	return slog.GroupValue(attrs...)
}

// Format prints what LogValue lists, whatever the verb.
func (i Item[T]) Format(f fmt.State, _ rune) { redact.Format(f, typeName[T]("Item"), i.LogValue()) }

// Result is the outcome of a batch: every record is in exactly one of the four lists, each of which
// is in the order of the slice that was given. It prints as counts.
type Result[T any] struct {
	Succeeded []Item[T] // the vendor has carried these out
	Failed    []Item[T] // refused, here or by the vendor, or the outcome is unknown
	Pending   []Item[T] // the vendor has not decided yet
	Unsent    []Item[T] // fine, but not sent
	Messages  []string  // what the vendor said of no particular record, scrubbed
}

// NotSucceeded yields what is in Failed, Pending and Unsent.
func (r Result[T]) NotSucceeded() iter.Seq[Item[T]] {
	return func(yield func(Item[T]) bool) {
		for _, list := range [...][]Item[T]{r.Failed, r.Pending, r.Unsent} {
			for _, item := range list {
				if !yield(item) {
					return
				}
			}
		}
	}
}

// Err returns nil if every record succeeded, else a *[PartialError] of the errors of those that did
// not.
func (r Result[T]) Err() error {
	missing := len(r.Failed) + len(r.Pending) + len(r.Unsent)
	if missing == 0 {
		return nil
	}
	errs := make([]error, 0, missing)
	for item := range r.NotSucceeded() {
		err := item.Err
		if err != nil && !errors.Is(err, kernel.ErrInvalid) { // which names the record itself
			err = fmt.Errorf("data[%d]: %w", item.Index, err)
		}
		errs = append(errs, err)
	}
	return Join(len(r.Succeeded)+missing, errs)
}

// LogValue lists counts.
func (r Result[T]) LogValue() slog.Value {
	return slog.GroupValue(
		slog.Int("succeeded", len(r.Succeeded)),
		slog.Int("failed", len(r.Failed)),
		slog.Int("pending", len(r.Pending)),
		slog.Int("unsent", len(r.Unsent)),
	)
}

// Format prints what LogValue lists, whatever the verb.
func (r Result[T]) Format(f fmt.State, _ rune) { redact.Format(f, typeName[T]("Result"), r.LogValue()) }

// typeName is the name of a generic type, with that of its records.
func typeName[T any](generic string) string {
	return generic + "[" + reflect.TypeFor[T]().String() + "]"
}

// Result sorts the records by their outcomes. The error is that of [Result.Err].
func (p *Push[T]) Result() (Result[T], error) {
	r := Result[T]{Messages: p.messages}
	var sizes [outcomes]int
	for i := range p.Items {
		sizes[outcomeOf(p.Items[i].Err)]++
	}
	if sizes[succeeded] == len(p.Items) {
		if len(p.Items) > 0 {
			r.Succeeded = p.Items
		}
		return r, nil
	}
	lists := [outcomes]*[]Item[T]{succeeded: &r.Succeeded, failed: &r.Failed, pending: &r.Pending, unsent: &r.Unsent}
	for o, n := range sizes {
		if n > 0 {
			*lists[o] = make([]Item[T], 0, n)
		}
	}
	for i := range p.Items {
		list := lists[outcomeOf(p.Items[i].Err)]
		*list = append(*list, p.Items[i])
	}
	return r, r.Err()
}

type outcome int

const (
	succeeded outcome = iota
	failed
	pending
	unsent
	outcomes
)

// outcomeOf tells an outcome by its error, so that the list a record is in and its Err cannot
// disagree.
func outcomeOf(err error) outcome {
	switch {
	case err == nil:
		return succeeded
	case errors.Is(err, ErrNotSent):
		return unsent
	case errors.Is(err, ErrPending):
		return pending
	}
	return failed
}
