// Package storetest checks that an [orgsync.Store] keeps its contract. Whoever
// writes a store runs the suite from a test of theirs:
//
//	func TestStore(t *testing.T) {
//		storetest.Run(t, func(t testing.TB) orgsync.Store { … })
//	}
//
// Beyond the words of the interface the suite settles what they leave open, as
// the engine relies on it:
//
//   - Tenants, buckets and keys are any strings of up to 512 bytes each, empty
//     ones and such that are not UTF-8 included. Entries are ordered by the bytes
//     of the key.
//   - Of several entries with one bucket and key in one Write the last counts.
//   - Values are copied in and out.
//   - Write may be called while All is being ranged over.
//   - A lease that was given back is lost: All and Write fail with
//     [orgsync.ErrLeaseLost].
//   - Unlock gives the tenant back even when its context has ended. When the
//     tenant has passed to somebody else it does nothing and returns nil.
//   - Calls whose context has ended fail with the context's error and change
//     nothing. A Write whose context ends while it runs applies all or nothing.
package storetest
