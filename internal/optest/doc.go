// Package optest runs every operation of a vendor through the same sweep:
// success, refusal, error statuses, unreadable answers, broken connections,
// cancellation. Each run is searched for planted secrets, in errors, log
// records, hook events and printed values alike.
package optest
