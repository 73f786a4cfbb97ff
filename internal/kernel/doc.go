// Package kernel is the one HTTP path of all clients.
//
// A vendor package describes a call ([Call]) and gets back nil, a [Failure] dressed as the vendor's
// own error type, or a [FieldError]. In between the kernel waits for the limiter, puts the
// credential on every attempt and limits its time, bounds bodies, keeps the budget of retries, lets
// errors inside HTTP 200 take part in the retry decision, replays once after a rejected token,
// logs, and keeps secrets and personal data out of whatever it says.
package kernel
