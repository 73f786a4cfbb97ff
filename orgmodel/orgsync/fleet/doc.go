// Package fleet runs the syncs of many tenants on many machines with Temporal. Temporal
// decides when a run starts, tries it again and keeps what waits for a person. What a run
// does is the business of the engine, whose own state says where to go on.
//
// [Worker.Sync] is one run of a tenant, as a workflow with one activity. [Worker.Approval]
// holds what the guard objected to until someone decides. Schedules named orgsync/TENANT
// start the runs, see [Plan] and [Apply]. That no two runs of a tenant overlap rests
// on the lease of the engine's store, not on Temporal.
//
// What Temporal stores are tenants, flags, digests, counts and report keys, at most 2 KB a
// payload. It never sees the id or name of a person, a token, or the text of a vendor. With
// [Secure] it cannot read the rest either.
package fleet
