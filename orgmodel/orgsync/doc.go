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
//	})
//	…
//	report, err := engine.Run(ctx, orgsync.RunOptions{})
//	fmt.Print(report.Text())
//
// # A run
//
// Everything is read before anything is written. The reading is sealed into an
// [orgmodel.Directory], which knows whether it is complete, and compared with what
// every target has acknowledged. That gives a plan for each target; the guard looks
// at the plans; then all targets are pushed to side by side. A target that fails
// does not keep the others back, and catches up with the next run.
//
// Departments are always read whole. People come from the feed, from where the last
// run ended less an overlap, unless something changed that affects people of whom
// the feed is silent: a department, the enrichment, the settings. Then, and every
// seven days, everybody is read.
//
// # What is never done
//
// Nothing is invented: a field that is unknown is not sent, a record that lacks what
// a target demands is skipped and reported.
//
// Nobody is removed on doubt. Somebody goes whose status at the source says so, or
// who is missing from a full and complete reading and is not found when asked for;
// and only from a target that was told of them by this engine. An incomplete reading
// adds and changes, and neither removes, disables nor clears: see
// [orgmodel.Directory.Complete]. 爱关怀 and 云简 disable leavers, 兔展, which knows no
// status, deletes them; likewise with departments that are gone.
//
// Somebody who has vanished from the source without ever having been a leaver has no
// name any more, which the state holds for nobody and both 爱关怀 and 云简 demand. At 爱关怀
// a full push without them removes them, see [AiguanhuaiTarget]; at 云简 they stay, and
// are reported by every full reading.
//
// # The guard
//
// A plan that removes more than [Limits] allow, a source that has shrunk, or
// settings that have changed end the run with a [*GuardError] before anything is
// sent. People are counted for every department with all below it as well, so that
// no branch goes unnoticed. RunOptions.DryRun shows what would happen,
// RunOptions.Approve lets that one plan pass, RunOptions.Force any.
//
// # The first push
//
// The first push to 爱关怀 replaces what the vendor holds, if the reading is complete,
// everything can be sent, and there is no [Scope]; else it adds and updates. The
// other targets are added to; 兔展 adopts records that exist already under the ids of
// the source.
//
// # State
//
// A [Store] keeps, for each target, the ids of what it was told with a keyed hash of
// each record, and the names of departments: no personal data. It is written before and after every batch, so that
// a run can die at any moment: what was acknowledged is not sent again, and what was
// under way is. A run holds the tenant; a second one fails with ErrLocked.
//
// To make other sources and targets, implement [Source] and [Target].
package orgsync
