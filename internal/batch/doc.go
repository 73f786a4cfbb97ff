// Package batch sends many records to a vendor that takes a limited number a call, and says what
// became of each.
//
// A [Push] holds the records of one batch. The vendor package has it refuse the records that must
// not be sent ([Push.Check]), put parents before their children ([Order]) and send the rest in
// chunks ([Push.Run]); for every chunk it settles what the vendor's answer means. [Push.Result]
// sorts the records by their outcomes.
package batch
