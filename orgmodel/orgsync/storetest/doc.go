// Package storetest checks that an [orgsync.Store] keeps its contract. Run the suite
// from a test of the store:
//
//	func TestStore(t *testing.T) {
//		storetest.Run(t, func(t testing.TB) orgsync.Store { … })
//	}
//
// The suite also checks what the interface leaves open and the engine relies on:
//
//   - Tenants, buckets and keys are any strings of up to 512 bytes each,
//     including empty ones and ones that are not UTF-8. Entries are ordered by
//     the bytes of the key.
//   - Of several entries with one bucket and key in one Write the last counts.
//   - Values are copied in and out. A key that Get is given twice has two values.
//   - Get takes any number of keys, in any order.
//   - Write may be called while All is being ranged over.
//   - A lease that was given back is lost: Get, All and Write fail with
//     [orgsync.ErrLeaseLost].
//   - Until never goes back while the lease is held. Unless it is zero it is not in
//     the future once the lease is known to be lost.
//   - Unlock gives the tenant back even when its context has ended. When the
//     tenant has passed to another run it does nothing and returns nil.
//   - Calls whose context has ended fail with the context's error and change
//     nothing. A Write whose context ends while it runs applies all or nothing.
package storetest
