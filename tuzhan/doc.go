// Package tuzhan is a client for 兔展 (rabbitpre): it writes departments and
// employee channels (员工渠道) through the two batch interfaces
// /api/integrate/dept/batchAdd and /api/integrate/channel/employee/batchAdd.
//
//	client, err := tuzhan.New(tuzhan.Config{
//		Credentials: tuzhan.AppCredentials(instanceAppID, instanceSecret),
//	})
//	…
//	result, err := client.AddDepartments(ctx, departments)
//	for _, item := range result.Failed {
//		log.Printf("%s: %v", item.Record.ThirdDeptID, item.Err)
//	}
//
// # Batches
//
// The methods take any number of records and send them 500 a call,
// departments parents-first (deletions children-first). The [Result] holds each
// record in exactly one list, with its position in the caller's slice, and the
// error is nil only if every record succeeded; otherwise it is a
// *[PartialError], through which errors.Is and errors.As reach the error of
// every record:
//
//   - *[FieldError] ([ErrInvalid]): refused by this package before sending; the
//     good records go all the same.
//   - *[Error] with a Message: refused by the vendor, as [ErrExists] or
//     [ErrNotExists] where its message says so.
//   - [ErrOutcomeUnknown]: sent, and nobody knows what became of it. Records are
//     never added twice by this package; that is the caller's decision.
//   - [ErrPending]: the vendor is still at work, and has no call that tells the end.
//   - [ErrNotSent]: an earlier call failed, or the context ended; send it later.
//
// A call that the vendor refuses fails its own records, and the next ones go on.
// A call that ends in any other way, or with the credential refused, is the
// last of its batch.
//
// The vendor has no call that reads departments or employees back, so whoever
// wants "add or update" has to remember what was added, or try the other way
// after ErrExists and ErrNotExists.
//
// # Assumptions
//
// The vendor's page does not name its host; the default of [Config] is likely.
// It names no time zone either: times are sent in Beijing time (UTC+8). Which
// errorMsg belongs to which errorData is not written down: they are paired by
// position as far as both lists go.
//
// No error, log record or printed value of this package shows a token, a
// secret, a name or a phone number. Package tuzhantest has a simulator of the
// vendor, for tests. A [Client] is safe for concurrent use.
package tuzhan
