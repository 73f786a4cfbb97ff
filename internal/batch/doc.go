// Package batch sends many records to a vendor that takes a limited number a call.
//
// [Waves] orders records so that parents come before children, [Run] sends the waves in chunks, side by side where that is
// safe, and [Join] turns the errors of single records into one error that keeps them all within reach.
package batch
