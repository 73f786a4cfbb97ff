package yunjian

import "github.com/orgbridge/orgbridge/internal/batch"

// Item is one record of a push and what became of it:
//
//	type Item[T any] struct {
//		Index   int    // position in the slice that was given
//		Record  T      // the user, as it was given
//		Ref     string // bindId, the user's key at the third party; "" if the answer does not give it, which it need not for a success
//		Message string // description, the third party's text about the user, scrubbed; "" if there is none
//		Err     error  // nil for a success, else an *Error, a *FieldError, or matches ErrNotSent
//	}
//
// [ErrUserFailed], [ErrInvalid], [ErrNotSent] and [ErrOutcomeUnknown] tell what
// happened. It has the methods LogValue and Format, which print index, the user's
// ids and state, and error, without personal data. The type is the same in all
// vendor packages.
type Item[T any] = batch.Item[T]

// Result is the outcome of a push. Every user is in exactly one of the lists, each
// of which is in the order of the slice that was given:
//
//	type Result[T any] struct {
//		Succeeded []Item[T] // the third party has synced these
//		Failed    []Item[T] // refused by this package or the third party, or the outcome is unknown; Err tells which
//		Pending   []Item[T] // always empty: the third party decides at once
//		Unsent    []Item[T] // nothing is wrong with these, but they were not sent: ErrNotSent
//		Messages  []string  // descriptions that belong to none of the users, scrubbed, in no particular order
//	}
//
// Its methods:
//
//   - Err() error returns nil if every user succeeded, else a *[PartialError] of the
//     errors of those that did not. [Client.SyncUsers] returns it too.
//   - NotSucceeded() iter.Seq[Item[T]] yields Failed, Pending and Unsent in turn.
//   - LogValue and Format print the counts.
//
// The type is the same in all vendor packages. See the example of the package.
type Result[T any] = batch.Result[T]
