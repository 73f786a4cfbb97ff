// Package yunjian implements both ends of 云简's 人员同步接口 (userSyn), by which
// 云简 pushes employees to a third party.
//
// By this interface people flow out of 云简. The package has two halves, for two parties
// that hardly ever are the same:
//
//   - [Handler] is for the party that receives 云简's push: a travel, expense or HR platform whose
//     customer uses 云简.
//   - [Client] is for a party that sends users to an endpoint that speaks this format: another
//     platform's, or one's own. It does not put people into 云简 itself, whose own import is
//     another interface that is not public.
//
// # Receiving: Handler
//
// [Handler] is an [http.Handler] with the two endpoints that 云简 is given the
// addresses of, one that hands out sessions and one that takes users. It checks
// what 云简 signs, reads what 云简 really sends (its documents and samples differ),
// calls one function per user, and answers one row per user:
//
//	h, err := yunjian.NewHandler(yunjian.HandlerConfig{
//		Access: yunjian.NewAccess(account, secret, signKey), // issued by you, given to 云简
//		Sync: func(ctx context.Context, u yunjian.User) (yunjian.Ack, error) {
//			id, err := directory.Upsert(ctx, u)
//			return yunjian.Ack{BindID: id}, err
//		},
//	})
//
// A row that cannot be read fails by the name of its field, and the others arrive. What
// all requests together keep in memory is bounded; see [Handler] for what that means under
// load, and for the time limits that it sets.
//
// # Sending: Client
//
// [Client] plays 云简's side: it logs in, sends users in chunks, and tells the
// outcome of each. Its [Result] has every user in exactly one list; a user the
// answer does not mention is a success only where the vendor's docs say so.
//
// # Absent and cleared
//
// An optional field of [User] is absent unless it was sent or set. An absent
// field says nothing about the user; a field set to "" clears what is held.
//
// # Time, retries, load
//
// The deadline of a call is its context's. Each attempt has a time limit of its own, 30
// seconds whatever the HTTP client ([WithAttemptTimeout]). What failed is tried again as
// far as the operation allows ([WithRetry]), with full jitter or when the endpoint asks for
// it. All calls of a client share a budget of retries ([WithRetryBudget]): an outage does
// not multiply the traffic, and the error of a call that found none left matches
// [ErrRetryBudget].
//
// # Settings for some calls
//
// There are no options per call: the context limits its time, [Client.With] derives a
// client with other settings, such as no retries, that shares connections, session,
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
// Marshalled as JSON a user is complete, and [slog.JSONHandler] marshals whatever is no
// slog.LogValuer: a slice or a map of users or of [Item]s, or a struct of your own that
// holds one. No method of a record can prevent that. Log a [Result], which prints as
// counts, or one Item at a time.
//
// Credentials and personal data travel unencrypted to an http URL. The client warns
// once, through its logger, unless the host is loopback.
//
// Package yunjiantest simulates both sides, and has the names that Error.Op and Attempt.Op
// hold as constants.
package yunjian
