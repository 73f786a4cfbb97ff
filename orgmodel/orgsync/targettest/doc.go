// Package targettest checks that an [orgsync.Target] or an [orgsync.Source] keeps its
// contract. Run a suite from a test of your own:
//
//	func TestTarget(t *testing.T) {
//		targettest.Target(t, func(t testing.TB) orgsync.Target { … }, targettest.Options{})
//	}
//
//	func TestSource(t *testing.T) {
//		targettest.Source(t, func(t testing.TB) orgsync.Source { … }, targettest.SourceOptions{})
//	}
//
// The suites push invented people, and read whatever is there: run them against a
// simulator or an account for tests. The suites also check what the interfaces leave
// open and the engine relies on:
//
//   - Name, Destination, Settings and Traits say the same every time they are asked.
//   - Department and Person change nothing in what they are given, make the same JSON of
//     the same record, and refuse what they cannot use with an error that holds none of its
//     values. No record, however little is known of it, makes them panic.
//   - A key that was learned from a field that may go missing is kept: without that
//     field, Person returns the key that is held, or says that another one is
//     provisional.
//   - Push returns one outcome per item, in the order of the items, also for empty batches
//     and for values of another target. What was acknowledged once is acknowledged when it
//     is sent again. When its context has ended it sends nothing.
//   - Sequences of a source can be ranged over again and be left early. They never
//     stop silently before their end, not even when the context ends.
//   - Point reads agree with listings. An id that nothing has is answered with
//     [orgsync.ErrNotFound] or an [*orgsync.Unclear], and a call that was cut off with neither.
package targettest
