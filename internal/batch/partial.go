package batch

import (
	"fmt"
	"slices"
	"strings"
)

const (
	maxNamed    = 3   // errors that the text of a PartialError quotes
	maxNamedLen = 140 // bytes quoted of each
)

// PartialError says that some records of a batch did not succeed. [errors.Is] and [errors.As] reach
// every record's error.
type PartialError struct {
	// Total is the number of records in the batch.
	Total int
	// Errs holds one error for each record that did not succeed.
	Errs []error
}

// Join returns a *[PartialError] of the errors that are not nil, or nil when there is none. errs is
// copied.
func Join(total int, errs []error) error {
	errs = slices.DeleteFunc(slices.Clone(errs), func(err error) bool { return err == nil })
	if len(errs) == 0 {
		return nil
	}
	return &PartialError{Total: total, Errs: errs}
}

// Error quotes the first three errors, each cut to 140 bytes: a log line stays one however many
// records did not succeed.
func (e *PartialError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d of %d records did not succeed", len(e.Errs), e.Total)
	separator := ": "
	for _, err := range e.Errs[:min(len(e.Errs), maxNamed)] {
		b.WriteString(separator)
		b.WriteString(cut(err.Error()))
		separator = "; "
	}
	if more := len(e.Errs) - maxNamed; more > 0 {
		fmt.Fprintf(&b, "; and %d more", more)
	}
	return b.String()
}

// Unwrap returns the records' errors.
func (e *PartialError) Unwrap() []error { return e.Errs }

// cut shortens text to maxNamedLen bytes without leaving half a character.
func cut(text string) string {
	if len(text) <= maxNamedLen {
		return text
	}
	return strings.ToValidUTF8(text[:maxNamedLen-len("…")], "") + "…"
}
