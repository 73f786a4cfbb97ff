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
//     good records are still sent.
//   - *[Error] with a Message: refused by the vendor, as [ErrExists] or
//     [ErrNotExists] where its message says so.
//   - [ErrOutcomeUnknown]: sent, and what became of it is unknown. Records are
//     never added twice by this package; that is the caller's decision.
//   - [ErrPending]: the vendor is still at work, and has no call that tells the end.
//   - [ErrNotSent]: an earlier call failed, or the context ended; send it later.
//
// A call that the vendor refuses fails its own records, and the next ones go on.
// A call that ends in any other way, or with the credential refused, is the
// last of its batch.
//
// The vendor has no call that reads departments or employees back, so a program that
// wants "add or update" has to remember what was added, or try the other way
// after ErrExists and ErrNotExists.
//
// # Time, retries, load
//
// The deadline of a call is its context's. Each attempt has a time limit of its own, 30
// seconds whatever the HTTP client ([WithAttemptTimeout]). What failed is tried again as
// far as the operation allows ([WithRetry]), with full jitter or when the vendor asks for
// it. All calls of a client share a budget of retries ([WithRetryBudget]): an outage does
// not multiply the traffic, and the error of a call that found none left matches
// [ErrRetryBudget].
//
// # Settings for some calls
//
// There are no options per call: the context limits its time, [Client.With] derives a
// client with other settings, such as no retries, that shares connections, token,
// limiter and retry budget, and the function of [WithHook] gets status, request id and
// duration of every attempt. So methods have no parameter that is nearly always empty,
// every setting is checked before a call, and code that is handed a client keeps to its
// settings.
//
// Nor is there access to an answer as it came, or to fields that the vendor's docs do not
// name. Answers hold names and numbers that no log may show, their memory is reused, and a
// program that reads undocumented fields breaks without a version change. Where it cannot
// be avoided, the transport of [WithHTTPClient] sees every answer.
//
// # Logging
//
// Nothing in this package prints a token, a secret, a name or a number: errors, log
// records and printed values (%v, %+v, %#v, slog) show ids and states only. What the
// vendor writes is shown without what the call sent and the credentials behind it.
// Marshalled as JSON a record is complete, and [slog.JSONHandler] marshals whatever is
// no slog.LogValuer: a slice or a map of records or of [Item]s, or a struct of your own
// that holds one. No method of a record can prevent that. Log a [Result], which prints
// as counts, or one Item at a time.
//
// Credentials and personal data travel unencrypted to an http base URL. The client warns
// once, through its logger, unless the host is loopback.
//
// # Assumptions
//
// The vendor's page does not name its host; the default of [Config] is likely.
// It names no time zone either: times are sent in Beijing time (UTC+8). Which
// errorMsg belongs to which errorData is not written down: they are paired by
// position as far as both lists go.
//
// Package tuzhantest has a simulator of the vendor, for tests, and the names that Error.Op
// and Attempt.Op begin with as constants. A [Client] is safe for concurrent use.
package tuzhan
