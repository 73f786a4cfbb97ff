package yunjian

import (
	"errors"
	"fmt"
	"log/slog"

	"github.com/orgbridge/orgbridge/internal/batch"
	"github.com/orgbridge/orgbridge/internal/redact"
)

// Result is the outcome of a push: every user is in one of the lists, in the
// caller's order.
type Result struct {
	Succeeded []Item
	Failed    []Item
}

// Item is one user of a [Result].
type Item struct {
	Index int  // position in the caller's slice
	User  User // as the caller gave it
	// BindID is the user's key in the third party's system; "" if the answer
	// does not give it, which it need not for a success.
	BindID string
	// Description is the third party's text, with the user's own data masked.
	Description string
	// Err is nil for a success. For a failure it is or wraps an *Error or a
	// *FieldError; ErrUserFailed, ErrNotSent, ErrInvalid and ErrOutcomeUnknown
	// tell what happened.
	Err error
}

// Err joins the errors of the users that failed into a [*PartialError], nil if
// there are none.
func (r Result) Err() error {
	errs := make([]error, len(r.Failed))
	for i, item := range r.Failed {
		errs[i] = item.Err
		if item.Err != nil && !errors.Is(item.Err, ErrInvalid) { // which names the user itself
			errs[i] = fmt.Errorf("data[%d]: %w", item.Index, item.Err)
		}
	}
	return batch.Join(len(r.Succeeded)+len(r.Failed), errs)
}

// LogValue counts.
func (r Result) LogValue() slog.Value {
	return slog.GroupValue(slog.Int("succeeded", len(r.Succeeded)), slog.Int("failed", len(r.Failed)))
}

// Format prints the counts, whatever the verb.
func (r Result) Format(f fmt.State, _ rune) { redact.Format(f, "yunjian.Result", r.LogValue()) }

// LogValue lists position, user number and error.
func (i Item) LogValue() slog.Value {
	attrs := []slog.Attr{slog.Int("index", i.Index), slog.String("user_no", i.User.UserNo)}
	if i.Err != nil {
		attrs = append(attrs, slog.String("error", i.Err.Error()))
	}
	return slog.GroupValue(attrs...)
}

// Format prints what LogValue lists, whatever the verb.
func (i Item) Format(f fmt.State, _ rune) { redact.Format(f, "yunjian.Item", i.LogValue()) }

// newResult sorts items by their outcomes.
func newResult(items []Item) (r Result) {
	failed := 0
	for i := range items {
		if items[i].Err != nil {
			failed++
		}
	}
	if failed == 0 {
		if len(items) > 0 {
			r.Succeeded = items
		}
		return r
	}
	if failed < len(items) {
		r.Succeeded = make([]Item, 0, len(items)-failed)
	}
	r.Failed = make([]Item, 0, failed)
	for _, item := range items {
		if item.Err == nil {
			r.Succeeded = append(r.Succeeded, item)
		} else {
			r.Failed = append(r.Failed, item)
		}
	}
	return r
}
