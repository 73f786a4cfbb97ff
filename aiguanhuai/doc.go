// Package aiguanhuai is a client for the organisation sync of 爱关怀
// (组织架构同步接口): full pushes (全量推送) and incremental updates (增量更新) of
// departments and people.
//
//	client, err := aiguanhuai.New(aiguanhuai.Config{BaseURL: base, CorpID: corp})
//	…
//	task, err := client.PrepareTask(ctx)
//	…
//	err = task.AddDepartments(ctx, departments)
//	…
//	err = task.AddPeople(ctx, people)
//	…
//	err = task.Complete(ctx)
//
// # A full push replaces everything
//
// What the task was not given is gone once it is completed, so completing half
// a push removes real people. A [Task] therefore refuses to complete unless
// its adds succeeded and there is at least one department and one person; each
// wrong turn is an error of its own and sends nothing. [Client.PushAll] does
// the whole push from two iterators and completes only if both ended well.
// [Client.ResumeTask] goes on after a failure or a crash.
//
// # Status is never left out
//
// At the vendor a record without status is 11, disabled. Every record needs a
// [Status]; the zero Status is refused before anything is sent.
//
// # Other traps of the page
//
//   - Gender is 1 female, 2 male: the reverse of other systems. Use
//     [GenderFemale] and [GenderMale].
//   - A person without departmentId is shown under the root department.
//   - An absent [Opt] leaves the field out; a set empty one travels and clears.
//   - The page speaks of signatures (签名, 200003), partnerId (200004) and common
//     parameters (公用参数) without describing them: see [Config].Signer and
//     [Config].Query.
//
// Errors, log lines and printed values never hold names, phone numbers or other
// personal data; marshalling a record as JSON does. [slog.JSONHandler] marshals
// whatever is no LogValuer, a slice of records or of [Item]s among others: log a
// [Result], or one Item at a time.
package aiguanhuai
