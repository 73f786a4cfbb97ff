package aiguanhuai

import "github.com/orgbridge/orgbridge/internal/batch"

// Item is one record of an update and what became of it:
//
//	type Item[T any] struct {
//		Index   int    // position in the slice that was given
//		Record  T      // the record, as it was given
//		Ref     string // always "": the vendor names no keys of its own
//		Message string // the vendor's text about the call that carried the record, scrubbed: it does not tell records apart
//		Err     error  // nil for a success, else an *Error, a *FieldError, or matches ErrNotSent
//	}
//
// It has the methods LogValue and Format, which print index, the record's id and
// status, and error, without personal data. The type is the same in all vendor
// packages.
type Item[T any] = batch.Item[T]

// Result is the outcome of an update. Every record is in exactly one of the lists,
// each of which is in the order of the slice that was given:
//
//	type Result[T any] struct {
//		Succeeded []Item[T] // the vendor has carried these out
//		Failed    []Item[T] // refused by this package or the vendor, or the outcome is unknown; Err tells which
//		Pending   []Item[T] // always empty: the vendor decides at once
//		Unsent    []Item[T] // nothing is wrong with these, but they were not sent: ErrNotSent
//		Messages  []string  // always empty: the vendor says nothing but about a call
//	}
//
// Its methods:
//
//   - Err() error returns nil if every record succeeded, else a *[PartialError] of
//     the errors of those that did not. Calls that push return it too.
//   - NotSucceeded() iter.Seq[Item[T]] yields Failed, Pending and Unsent in turn.
//   - LogValue and Format print the counts.
//
// The type is the same in all vendor packages. See the example of the package.
type Result[T any] = batch.Result[T]
