// Package page ranges over the rows of a list that a vendor hands out in pages addressed by record
// offset.
//
// [All] turns one "read this page" function into an [iter.Seq2]: lazy, restartable, in order,
// ending at the first error, with the network stopped by the time the range statement is left. With
// [Options.Prefetch] several pages are requested at the same time; the rows and their order are the
// same as without it.
//
// [Overlapping] is for lists that may change while they are read: every page begins with the last
// row of the one before.
//
// A list never ends silently: it ends where the vendor marks the end (an empty page, or a short one
// where the vendor says that short is last), or with an error ([ErrTooManyPages],
// [ErrRepeatedPage], the context's or the fetch's own).
package page
