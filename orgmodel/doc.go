// Package orgmodel is an organisation without a vendor: people, departments and
// snapshots of both, with one meaning for each field that two of the vendors share.
//
// # Known, cleared, unknown
//
// A source does not know everything: 云之家 masks mobiles, 云简 has no tree. So each
// [Person] and [Department] says in its Known set which of its plain fields mean
// something. A field in the set is known, or cleared if its value is zero; a field
// outside is unknown, and then its value has no effect anywhere. The setters write
// value and mark together:
//
//	p := orgmodel.Person{ID: "u1"}
//	p.SetName("张三")
//	p.SetMobile("138****0000") // masked: still unknown
//	p.SetPosition("")          // cleared: the source says there is none
//
// [Person.Merge] lays what one source knows over what another does. The JSON form
// keeps the three states apart: an unknown field has no key.
//
// # Snapshots
//
// A [Builder] reads pulls, which are iterators, to their end and seals them into an
// immutable [Directory]: lookup, parent chain, [Directory.Walk], [Directory.Levels].
// [Directory.Complete] is computed from how the pulls ended and from what the records
// refer to. [Convert] turns a vendor's iterator into one of records; a row that
// cannot be converted is quarantined with a [*ConversionError] and the rest goes on.
//
// [Directory.Validate] reports every fault with the ids concerned, and errors.Is
// finds each kind:
//
//	if err := dir.Validate(); errors.Is(err, orgmodel.ErrCycle) { … }
//
// # Changes
//
// [Diff] compares two snapshots. What is removed has to be asked for, with
// [Changes.RemovedDepartments] and [Changes.RemovedPeople], and the answer is an
// error when the new snapshot cannot tell. From an incomplete one nothing is cleared
// or switched off either: such changes are listed as [Withheld].
// [SortParentsFirst] gives the order in which departments can be created.
//
// # Personal data
//
// Printing or logging a record, a snapshot or a change shows ids, status and field
// names, never values; errors do the same. Two ways around remain: the JSON form is
// the data itself, so a list of records given to slog's JSON handler is written out
// whole; and fmt cannot ask records that are in an unexported field of another type.
package orgmodel
