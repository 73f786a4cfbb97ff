// Package kernel is the one HTTP path of all clients.
//
// A vendor package describes a call ([Call]) and gets back nil, a [Failure] dressed as the vendor's
// own error type, or a [FieldError]. In between the kernel waits for the limiter, puts the
// credential on every attempt and limits its time, bounds bodies, keeps the budget of retries, lets
// errors inside HTTP 200 take part in the retry decision, replays once after a rejected token,
// logs, and keeps secrets and personal data out of whatever it says.
//
// # What the four clients repeat, and why
//
// Logic that is the same stands once, here or in internal/batch, civil, page, token, wire and
// redact. What a look for duplicates still finds in two clients or more:
//
//   - options.go: a function of one line for each option, and its comment. The comments are a
//     package's documentation on pkg.go.dev, where an alias of an internal type shows nothing,
//     and they differ in what there is to say: a quota, signed stamps, tokens.
//   - errors.go: the struct Error with its four methods of one line. A *Error of one client
//     must not be taken for one of another by errors.As, so each has a type of its own; it
//     converts into [Failure], where all it does stands.
//   - errors.go and result.go: sentinels and aliases. The values and types are one; the
//     comments tell what to do about them with that vendor, and spell out the fields.
//   - Limiter and TokenStore: small interfaces are declared where they are used.
//   - Client.With: seven lines that copy the client's own struct. To share them takes as many
//     lines a client, for a function that is handed the parts.
//   - Config: LogValue, Format and MarshalJSON, a line each. What may be shown differs.
//   - New: reading the settings, joining what is wrong. What is checked differs, and so does the
//     order: 云简 has two addresses, 云之家 two quotas, 爱关怀 no token.
//   - yunzhijia: a hand-written reader for each record, all in one shape. They are what makes
//     reading a page cost as much as scanning it; a generic one would go through reflection.
//   - Reading an envelope: each vendor has its own fields and its own sign of success. The scanner
//     and what it says of odd input are shared; the switch over the fields is not.
//   - Event and push handlers take their defaults alike, in three lines.
//
// internal/simkit has the list for the simulators.
package kernel
