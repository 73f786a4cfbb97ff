// Package token keeps the access token of one vendor account: the one cache
// behind every client that has to ask for a token before it may call.
//
// The rules:
//
//   - However many callers need a token, only one refresh is under way. It
//     belongs to no caller: it runs on a context that keeps the first caller's
//     values but not its cancellation, with a time limit of its own, and every
//     waiter gives up on its own context alone.
//   - A token is renewed early, in the last tenth of its life but not more than
//     5 minutes before its end. One caller renews, the others go on with the
//     token they have. If that fails the token stays in use, and the vendor is
//     left alone for 30 seconds.
//   - In the last twentieth of its life, but not more than 10 seconds before
//     its end, a token is no longer handed out: it could end on its way to the
//     vendor. Everyone waits for the refresh and shares its error. Errors are
//     not remembered; the next call asks again.
//   - Life is counted from the moment a token came in. A vendor that hands out
//     the same token until it ends (云之家 does) is therefore asked only a handful
//     of times near that end, not on every call.
//   - A rejected token is replaced only if it still is the cached one, and only
//     once another has come in. See [Cache.Replace].
//   - A rejected token that comes back as its own replacement stands for a minute:
//     云之家 has no code for a rejected token, so every refused call raises the
//     suspicion, and 50 of them in a row cost one token call.
//   - A token that is expired when it comes in serves the callers who waited for
//     it and no one else: the clock of this machine may be the wrong one, so the
//     vendor decides. The next call asks again.
//   - A [Store] shares a token between processes. A store that fails or hangs
//     (5 seconds a step) costs a token call, never an API call.
//
// No error, log line or printed value of this package shows a token or a secret.
package token
