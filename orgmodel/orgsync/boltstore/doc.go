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
// The file is locked only while a tenant is held. Several programs, such as a
// service and a command run by hand, may therefore keep one file open and take
// turns. While one of them holds any tenant, [Store.Lock] in the others fails with
// [orgsync.ErrLocked] within a second. One process can hold several tenants
// concurrently. The lock is the operating system's, so that nothing is left behind
// by a process that dies.
//
// # Cost
//
// Opening, locking and reading by key take time that depends on what is read, not on
// the size of the file. What grows with it, slowly, is its list of free pages.
//
// # Crashes
//
// Each Write is one transaction, on disk when Write returns. A process that is
// killed, or a machine that loses power, leaves the state before or after a
// Write, never one in between.
//
// # Damage
//
// Every page is checked before an operation reads or changes it, and each entry is
// checked against a sum kept with it, so that damage is an error and never a wrong
// value. The Verify method of its leases ([orgsync.Verifier]) checks the whole file,
// and so does opening it if its header shows that the last Write was cut off. Other
// operations find damage only where they look.
//
// The list of free pages has a sum too, which each Write leaves behind the header when
// it is done. If a process ended before that, or another program wrote the file,
// the whole file is checked when it is opened, until the next Write.
//
// All such errors match [orgsync.ErrCorrupt], and leave the file as it is. A file of
// another program is [ErrForeign], one of a newer version of this package
// [ErrNewerFormat], and anything else is damage. Restore a copy, or remove the file
// and begin anew. Copy the file only while nothing runs. A run whose file is
// replaced or removed loses its lease.
//
// If the header of the last Write is damaged later, this looks like a Write that was
// cut off: the state is then the one before that Write.
//
// # Versions
//
// A file of format 1 is read as it is, and all of it is checked when a tenant in it is
// locked. The first Write converts it in a transaction of its own; earlier versions of
// this package cannot read it afterwards.
package boltstore
