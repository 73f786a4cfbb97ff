// Package sqlstore keeps the state of syncs in a PostgreSQL database, for programs
// that run on several machines or have no disk of their own.
//
//	db, err := sql.Open("pgx", dsn) // any driver for PostgreSQL
//	…
//	store, err := sqlstore.New(db)
//	…
//	err = store.CreateSchema(ctx) // once, or at every start
//
// The package imports no driver and leaves db to its owner. It needs PostgreSQL 12
// or later. One connection is enough; no connection is held between calls.
//
// # Tables
//
// [Store.CreateSchema] creates orgsync_schema, orgsync_leases, orgsync_entries and
// orgsync_rates in the first schema of the search path. A program that finds them there needs
// SELECT, INSERT, UPDATE and DELETE on them and nothing else. Names and values are
// stored as bytes. One statement reads or writes some thousand entries, which it takes
// as arrays in their text form, so that it does not depend on the driver.
//
// # Leases
//
// The holder of a tenant has a row of orgsync_leases with an owner (a random text, then
// process and host, which others who find the tenant locked are told), a number
// that rises with every holder (the fencing number) and the time at which it runs
// out, by the clock of the database. Every Write renews it, and so does a
// goroutine that lives from Lock to Unlock. A process that dies or loses the
// database lets its lease run out, and another may take the tenant.
//
// Every Write checks owner, number and time, and locks the row, within its own
// transaction. A process that was held up for too long, by a pause of its machine for
// instance, fails with [orgsync.ErrLeaseLost] and writes nothing, and two processes
// never write one tenant. A process that stops in the middle of a Write is cut
// off by the database after the lease time, so that it does not keep others out.
//
// Until counts from the instant at which the last confirmed Lock, Write or renewal
// began, by the clock of this process. That is no later than the end of the lease by
// the clock of the database, however the two are set, as long as neither is moved
// and both run at the same speed.
//
// # Outcome of a Write
//
// A Write is one transaction. When the connection is lost while it is committed, or the
// context ends, it returns an error although the transaction may still be applied, as a
// whole. Later calls wait until that is settled. Until does not count it.
//
// # Limiters
//
// A [Limiter] shares a vendor's rate between processes and machines. It needs the table
// orgsync_rates, which CreateSchema adds to the tables of an earlier version.
package sqlstore
