// Package boltstore keeps the state of syncs in one file.
//
//	store, err := boltstore.Open("/var/lib/orgsync/state.db")
//	…
//	defer store.Close()
//	engine, err := orgsync.New(orgsync.Config{Store: store, …})
//
// The file is a bbolt database with mode 0600. It belongs on a local disk.
//
// # Processes
//
// The file is locked while a tenant is held, and only then: several programs may
// keep one file open, a service and a command run by hand for instance, and
// take turns. While one of them holds any tenant, [Store.Lock] in the others
// fails with [orgsync.ErrLocked] within a second. Within a process several
// tenants can be held side by side. The lock is the operating system's, so
// that nothing is left behind by a process that dies.
//
// # Crashes
//
// Each Write is one transaction, on disk when Write returns. A process that is
// killed or a machine that loses its power leaves the state before or after a
// Write, never one between.
//
// # Damage
//
// When the file is opened its structure is read and checked, and when a tenant
// is locked all of its entries are checked against a sum kept with them, so
// that no run starts from a damaged state. All such errors match
// [orgsync.ErrCorrupt] and leave the file as it is: a file of something else
// is [ErrForeign], one of a newer version of this package [ErrNewerFormat], and
// the rest is damage. Restore a copy, or remove the file and begin anew. Copy
// the file while nothing runs. Whoever is running while the file is replaced or
// removed loses the lease.
package boltstore
