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
// # Other traps of the vendor's docs
//
//   - Gender is 1 female, 2 male: the reverse of other systems. Use
//     [GenderFemale] and [GenderMale].
//   - A person without departmentId is shown under the root department.
//   - An absent [Opt] leaves the field out; a set empty one travels and clears.
//   - The page speaks of signatures (签名, 200003), partnerId (200004) and common
//     parameters (公用参数) without describing them: see [Config].Signer and
//     [Config].Query.
//
// # Time, retries, load
//
// The deadline of a call is its context's. Each attempt has a time limit of its own, 30
// seconds whatever the HTTP client ([WithAttemptTimeout]). What failed is tried again as
// far as the operation allows ([WithRetry]), with full jitter or when the vendor asks for
// it. All calls of a client share a budget of retries ([WithRetryBudget]): an outage does
// not multiply the traffic, and the error of a call that found none left matches
// [ErrRetryBudget].
//
// # Settings for some calls
//
// There are no options per call: the context limits its time, [Client.With] derives a
// client with other settings, such as no retries, that shares connections, limiter and
// retry budget, and the function of [WithHook] gets status, request id and duration of
// every attempt. So methods have no parameter that is nearly always empty, every setting
// is checked before a call, and code that is handed a client keeps to its settings.
//
// Nor is there access to an answer as it came, or to fields that the vendor's docs do not
// name. Answers hold names and numbers that no log may show, their memory is reused, and a
// program that reads undocumented fields breaks without a version change. Where it cannot
// be avoided, the transport of [WithHTTPClient] sees every answer.
//
// # Logging
//
// Nothing in this package prints a token, a secret, a name or a number: errors, log
// records and printed values (%v, %+v, %#v, slog) show ids and states only. What the
// vendor writes is shown without what the call sent and the credentials behind it.
// Marshalled as JSON a record is complete, and [slog.JSONHandler] marshals whatever is
// no slog.LogValuer: a slice or a map of records or of [Item]s, or a struct of your own
// that holds one. No method of a record can prevent that. Log a [Result], which prints
// as counts, or one Item at a time.
//
// Credentials and personal data travel unencrypted to an http base URL. The client warns
// once, through its logger, unless the host is loopback.
//
// Package aiguanhuaitest has a simulator of the vendor, for tests, and the names that
// Error.Op and Attempt.Op hold as constants. A [Client] is safe for concurrent use.
package aiguanhuai
