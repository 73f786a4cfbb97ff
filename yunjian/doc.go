// Package yunjian implements both ends of 云简's 人员同步接口 (userSyn), by which
// 云简 pushes employees to a third party.
//
// By this interface people flow out of 云简. The package has two halves, for two parties
// that hardly ever are the same:
//
//   - [Handler] is for whoever receives 云简's push: a travel, expense or HR platform whose
//     customer uses 云简.
//   - [Client] is for whoever sends users to an endpoint that speaks this format: another
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
// answer does not mention is a success only where the page says so.
//
// # Absent and cleared
//
// An optional field of [User] is absent unless it was sent or set. An absent
// field says nothing about the user; a field set to "" clears what is held.
//
// Nothing in this package prints a secret, session, name, number or card:
// errors, log records and %+v show ids and states only. Marshalled as JSON a
// user is complete, and [slog.JSONHandler] marshals whatever is no LogValuer, a
// slice of users or of [Item]s among others: log a [Result], or one Item at a
// time.
//
// Package yunjiantest simulates both sides.
package yunjian
