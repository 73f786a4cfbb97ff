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
// Texts are cleaned on the way in, and a text that is not a value (masked, unreadable,
// the residue of a spreadsheet) stays unknown. The main department may be known
// without the others ([Person.SetMainDepartmentID]). [Person.Merge] lays what one
// source knows over what another does. The JSON form keeps the three states apart: an
// unknown field has no key.
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
// [SortParentsFirst] gives the order in which departments can be created. What has
// changed since an earlier snapshot, and what may be concluded from absence, is the
// plan of the engine in orgmodel/orgsync.
//
// # Personal data
//
// Printing or logging a record or a snapshot shows ids, status and field names,
// never values; errors do the same. Two gaps remain. The JSON form is the data
// itself, so slog's JSON handler writes out a list of records in full. And fmt
// cannot call the methods of records in an unexported field of another type.
package orgmodel
