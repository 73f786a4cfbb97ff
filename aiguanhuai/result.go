package aiguanhuai

import (
	"fmt"
	"log/slog"

	"github.com/orgbridge/orgbridge/internal/redact"
)

// Result is the outcome of an update: every record is in one of the two lists,
// in the order given. It prints as counts.
type Result[T any] struct {
	Succeeded []Item[T]
	Failed    []Item[T]
}

// LogValue lists counts.
func (r Result[T]) LogValue() slog.Value {
	return slog.GroupValue(slog.Int("succeeded", len(r.Succeeded)), slog.Int("failed", len(r.Failed)))
}

// Format prints what LogValue lists, whatever the verb.
func (r Result[T]) Format(f fmt.State, _ rune) { redact.Format(f, "aiguanhuai.Result", r.LogValue()) }

// Item is the outcome of one record. It prints without personal data.
type Item[T any] struct {
	Index  int // position in the caller's slice
	Record T
	// Message is the vendor's text, scrubbed. It is about the call that carried
	// the record; the vendor does not tell records apart.
	Message string
	// Err is nil, an *[Error], a *[FieldError], or matches [ErrNotSent].
	Err error
}

// LogValue lists index, the record's id and status, and the error.
func (i Item[T]) LogValue() slog.Value {
	attrs := []slog.Attr{slog.Int("index", i.Index), slog.Any("record", i.Record)}
	if i.Err != nil {
		attrs = append(attrs, slog.String("error", i.Err.Error()))
	}
	return slog.GroupValue(attrs...)
}

// Format prints what LogValue lists, whatever the verb.
func (i Item[T]) Format(f fmt.State, _ rune) { redact.Format(f, "aiguanhuai.Item", i.LogValue()) }
