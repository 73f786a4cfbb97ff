package tuzhan

import (
	"errors"
	"fmt"
	"log/slog"

	"github.com/orgbridge/orgbridge/internal/batch"
	"github.com/orgbridge/orgbridge/internal/redact"
)

// Item is one record of a batch and what became of it. It prints without
// personal data.
type Item[T any] struct {
	Index   int    // position in the slice that was given
	Record  T      // as it was given
	Message string // what the vendor said of it, scrubbed; "" if it said nothing
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
func (i Item[T]) Format(f fmt.State, _ rune) { redact.Format(f, "tuzhan.Item", i.LogValue()) }

// Result is the outcome of a batch: every record is in exactly one of the
// lists, each of which is in the order of the slice that was given. It prints as
// counts.
type Result[T any] struct {
	// Succeeded holds the records that the vendor has carried out.
	Succeeded []Item[T]
	// Failed holds those that were refused, by this package or the vendor,
	// those never sent, and those whose outcome is unknown; Err tells which.
	Failed []Item[T]
	// Pending holds those that the vendor was still working on when it
	// answered (status 0). They may yet fail.
	Pending []Item[T]
	// Messages holds what the vendor said of no particular record: more texts
	// in errorMsg than rows in errorData, or texts of rows that are none of
	// the records. Scrubbed, in no particular order.
	Messages []string
}

// LogValue lists counts.
func (r Result[T]) LogValue() slog.Value {
	return slog.GroupValue(
		slog.Int("succeeded", len(r.Succeeded)),
		slog.Int("failed", len(r.Failed)),
		slog.Int("pending", len(r.Pending)),
	)
}

// Format prints what LogValue lists, whatever the verb.
func (r Result[T]) Format(f fmt.State, _ rune) { redact.Format(f, "tuzhan.Result", r.LogValue()) }

type (
	// DepartmentResult is the outcome of a batch of departments.
	DepartmentResult = Result[Department]
	// EmployeeResult is the outcome of a batch of employees.
	EmployeeResult = Result[Employee]
)

// collect sorts items by their outcomes.
func collect[T any](items []Item[T], messages []string) (Result[T], error) {
	failed, pending := 0, 0
	for i := range items {
		switch {
		case items[i].Err == nil:
		case errors.Is(items[i].Err, ErrPending):
			pending++
		default:
			failed++
		}
	}
	if failed+pending == 0 {
		return Result[T]{Succeeded: items, Messages: messages}, nil
	}
	result := Result[T]{
		Succeeded: list[T](len(items) - failed - pending), Failed: list[T](failed), Pending: list[T](pending), Messages: messages,
	}
	errs := make([]error, 0, failed+pending)
	for _, item := range items {
		err := item.Err
		switch {
		case err == nil:
			result.Succeeded = append(result.Succeeded, item)
			continue
		case errors.Is(err, ErrPending):
			result.Pending = append(result.Pending, item)
		default:
			result.Failed = append(result.Failed, item)
		}
		if !errors.Is(err, ErrInvalid) { // which names the record itself
			err = fmt.Errorf("data[%d]: %w", item.Index, err)
		}
		errs = append(errs, err)
	}
	return result, batch.Join(len(items), errs)
}

// list makes room for n items, nil for none.
func list[T any](n int) []Item[T] {
	if n == 0 {
		return nil
	}
	return make([]Item[T], 0, n)
}
