// Package yunjiantest simulates both sides of 云简's 人员同步接口, for tests of
// programs that use package yunjian, and of programs that do not.
//
// [Server] is a third party: the session endpoint and the sync endpoint that
// 云简 would call. It takes what the page's table allows and nothing else, holds
// the users it was given, fails users on request and goes wrong as endpoints
// do. [Server.Client] makes a yunjian.Client that pushes to it.
//
// [Caller] is 云简: it logs in and pushes users to an endpoint of yours, by
// default in the shapes of the page's sample (numbers, "Y"), and holds every
// answer against the page. It goes wrong as callers do: see [Caller.Inject] for
// one request, [Caller.Flood] for many, and [Caller.ReplayLogin].
package yunjiantest
