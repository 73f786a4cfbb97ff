// Package orgsync keeps an organisation in step: it reads departments and people
// from 云之家 and brings 爱关怀, 兔展 and 云简 up to date, again and again.
//
//	engine, err := orgsync.New(orgsync.Config{
//		Tenant: "acme",
//		Source: &orgsync.YunzhijiaSource{Client: source},
//		Targets: []orgsync.Target{
//			&orgsync.AiguanhuaiTarget{Client: aiguanhuaiClient},
//			&orgsync.TuzhanTarget{Client: tuzhanClient},
//			&orgsync.YunjianTarget{Client: yunjianClient},
//		},
//		Store: store,
//	}, orgsync.WithSealing(key))
//	…
//	report, err := engine.Run(ctx, orgsync.RunOptions{})
//	fmt.Print(report.Text())
//
// # A run
//
//	read ▶ confirm ▶ plan ▶ guard ▶ apply ▶ checkpoint
//
// Read. Departments are read whole. People come from the source's feed, beginning where the
// last run ended less an overlap. People whom an earlier run could not bring to every
// target are read as well. Everyone is read if something changed that affects people whom
// the feed does not mention (a department, the enrichment, settings), if the last reading
// was not accepted, and every seven days. (read.go, reading.go, headcount.go, source*.go,
// enrich.go)
//
// Confirm. Before anyone loses something, the source is asked once more: about leavers whom a
// target holds, and about people and departments that a complete reading lacks. An answer counts as
// "does not exist" if the source knows that, or if it equals the answer about a made-up id and
// differs from the answers about records that exist. (confirm.go, control.go, evidence.go)
//
// Plan. The reading is compared with what each target has acknowledged. That gives one
// ordered list of changes for each target: additions come first, removals last. A change
// that depends on another waits until that one is acknowledged; the old key of a person, for
// instance, is retired after the new one was accepted. [Engine.Plan] and a dry run end after
// the next step, and change nothing. (planning.go over the planner, which does no I/O:
// planner*.go, claims.go, plan*.go, note.go, record.go, places.go, scope.go)
//
// Guard. The plan is compared with [Limits]. (guard.go, branches.go, objection.go,
// limits.go, approval*.go, hold.go)
//
// Apply. All targets are pushed to concurrently. A target that fails does not keep the
// others back, and catches up with the next run. Before each call the state says what is
// about to be sent, after it what was acknowledged. (applying.go, apply.go, push.go,
// replace.go, acknowledge.go, applier.go, fence.go, recovered.go, target*.go)
//
// Checkpoint. The watermark moves last, if the reading is accepted. (checkpoint.go,
// counters.go, coverage.go)
//
// What a run tells is in report*.go, reporting.go, run_summary.go, progress.go and text.go; what
// it is given in config.go.
//
// The six steps fit on one screen in engine.go, and run.go holds what one run knows. No
// two of these files refer to each other.
//
// # What is never done
//
// Nothing is invented: a field that is unknown is not sent, and a record that lacks what a
// target demands is skipped and reported.
//
// No one is removed in case of doubt, and no one from a target that this engine has not told
// of them. A leaver goes once the source has confirmed it, even if other rows of the reading
// are bad. A person who is missing goes after a full and complete reading, if the source
// says that they do not exist. An incomplete reading adds and changes, and clears nothing:
// see [orgmodel.Directory.Complete]. 爱关怀 and 云简 disable leavers. 兔展, which has no status,
// deletes them. The same holds for departments that are gone, except at 云简, which has no
// departments.
//
// A key by which a target knows a person is kept: an employee number that is missing,
// masked or unreadable today changes nothing, and one that belongs to another person is not
// taken from them.
//
// Records that others put at a target stay, unless [RunOptions].Replace is asked for and approved.
//
// An empty success is a failure: a target that holds no one, or far fewer than are in scope,
// gives a [*CoverageError].
//
// # Guard, approval, hold
//
// A run ends with a [*GuardError] before anything is sent if its plan removes, creates or
// changes more people than the limits allow, if the source has shrunk or counts more people
// than it lists, if settings have changed, or if a target is to be replaced. Removals are
// counted together with those of the last 24 hours, and also for every department with all
// below it, so that no branch goes unnoticed.
//
// GuardError.Digest names what is objected to, as sets of ids, and nothing else.
// [RunOptions].Approve with that digest lets it pass, or any part of it, whatever else
// changes meanwhile. Anything beyond it stops the run again, and GuardError.Earlier counts what
// was added since. The approval is stored, with the name of the user who gave it, and holds for
// later runs until all of it is done, for at most seven days.
//
// [RunOptions].Hold sends everything except what is objected to. The error is still a
// GuardError, whose Held is true. If the source itself is in doubt, nothing is sent.
// [RunOptions].Force overrules the guard once; a source with nothing in it never passes.
//
// # Sealing
//
// 爱关怀 and 云简 require the name, mobile or number of a person they are to disable, and a person
// who has vanished from the source has none. With [WithSealing] the state keeps these three
// fields of each person, sealed with AES-256-GCM and bound to tenant and id, until every
// target has acknowledged that the person is gone. Keep the key apart from the state and its
// backups. Without it, every run names people who cannot be disabled as failed. A key that
// opens nothing of the state gives [ErrSealKey] before anything is sent.
//
// # Destinations
//
// The state of a target belongs to one destination, see [Target]. If the target leads
// somewhere else, or to where another tenant of the same store has records, the run ends
// with a [*DestinationError] before anything is read or sent. [RunOptions].Adopt says that
// this is intended: all that the target was told counts as uncertain and is sent again. A
// destination that two tenants have adopted can no longer be replaced.
//
// # State
//
// A [Store] keeps, for each target, the ids and keys of what it was told with a keyed hash of
// each record, the names of departments, and what is sealed. It is written before and after
// every batch, so that a run can die at any moment: what was acknowledged is not sent again,
// and what was under way is. A run holds the tenant, and a second one fails with
// [ErrLocked]. A run that cannot show that it still holds its lease starts no call to a
// vendor. A state of format 1 is converted by the first run. (state*.go, entry.go,
// hash.go, names.go, seal*.go, destination.go, registry.go, store.go, locked.go, memory.go)
//
// # Limits of what can be known
//
// If a source gives the same answer for hidden people and for ids that do not exist, people
// who are hidden cannot be told from people who are gone; only the guard remains. That an
// update at 爱关怀 also adds is an assumption, see [AiguanhuaiTarget]. Two people who exchange
// a unique value that is no key, such as mobiles at a target that wants them unique, need an
// interim value that no one knows: both are named as failed. A call that left before the
// lease was lost may still arrive; the next run therefore sends what was uncertain, and once
// more after that.
//
// To make other sources and targets, implement [Source] and [Target].
package orgsync
