// Package yunzhijia reads organisation and people of a team (工作圈) from 云之家.
//
// It covers the calls of the vendor's page 轻应用如何获取企业在云之家上的组织人员信息
// (/gateway/opendata-control), which need a token of level "app".
//
//	client, err := yunzhijia.New(yunzhijia.Config{
//		EID:         "10001",
//		Credentials: yunzhijia.AppCredentials(appID, appSecret),
//	})
//	…
//	for org, err := range client.AllOrgs(ctx, yunzhijia.PageOptions{}) {
//		…
//	}
//
// # Reading people
//
// getallpersons is a feed of events, not a list: one openId may come several
// times, and the last event is the person's state. [Client.PersonFeed] reads a
// run of it, folds it with [PersonFeed.Latest], and gives the [Cursor] that the
// next run starts from. The first full run also holds people who have left:
// see [Person.Status].
//
// # One page, all pages
//
// List methods with a [PageRequest] read one page; the All method of the same
// name ranges over every page. The sequences are lazy, can be ranged over more
// than once, and stop the network when the loop is left. An error is yielded once
// and last, except for a [*RowError]: it stands in the place of one record that
// cannot be read, and the others follow. [PageOptions.Prefetch] reads several pages
// at the same time.
//
// # Names
//
// Methods and types have English names, and their comments name the vendor's call. Fields
// of records are, as a rule, named like the vendor's keys, so that its docs can be searched;
// [Org.Heads], [DirectoryPerson.HidesPhone] and [DirectoryPerson.IsHead] put those that
// are hard to read into words. Error.Op and Attempt.Op are the vendor's name of the call,
// which package yunzhijiatest has as constants.
//
// # Keeping records
//
// The texts of a page's records share a few blocks of memory. A program that keeps
// single texts for long, a few out of many, clones them (strings.Clone), or they keep
// their block, up to 64 KiB each.
//
// # Events
//
// [EventHandler] receives the vendor's signed change events (通讯录事件回调). They are hints,
// and can be late, doubled or lost: let one start a reading, and read regularly in any case.
//
// # Odd values
//
// Keys match exactly. Control and invisible characters are removed at the ends of a
// text, and those without width everywhere. An integer that is written as 91228.0 or
// 9.1E4 is 91228 or 91000. What cannot be read for certain (half a character, a control
// character within a name or an id, the same key twice, a fraction for an id) makes
// that record a [*RowError].
//
// # The directory interface
//
// openimport (通讯录同步) is a second way to read a team, with a key of the team instead of
// an app: whole phones, e-mails, birthdays, days of hire, side departments, superiors and
// deleted departments. [SyncCredentials] open it; the calls say "openimport" in their
// comments, and those with Directory in their names are the ones to keep a copy in step
// with. What one kind of credentials opens, the other does not. Only reads are here, and
// the read-only key is enough.
//
//	client, err := yunzhijia.New(yunzhijia.Config{Credentials: yunzhijia.SyncCredentials(eid, key)})
//
// People in service are listed by [Client.DirectoryPersons], changes by
// [Client.ChangedPersons], departments by [Client.ListDirectoryOrgs], side jobs by
// [Client.AllSideJobs]. The vendor states no end of a list; sequences end with a page that
// has nothing new, and pages overlap by a record, because lists change while they are read.
//
// # What the vendor holds back
//
// Phone and Email are "not opened" (未开放) for most apps: empty, except with
// [Client.ListOrgUsers], where phones come masked ("1326*******4").
//
// # Errors
//
// A refusal, an HTTP error and a failed connection are an [*Error]; wrong input
// is a [*FieldError], before anything is sent. Branch with errors.Is on the
// sentinels.
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
// client with other settings, such as no retries, that shares connections, token,
// limiter and retry budget, and the function of [WithHook] gets status, request id and
// duration of every attempt. So methods have no parameter that is nearly always empty,
// every setting is checked before a call, and code that is handed a client keeps to its
// settings.
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
// no slog.LogValuer: a slice or a map of records, or a struct of your own that holds
// one. No method of a record can prevent that. Log one record at a time, or how many
// there are.
//
// Credentials and personal data travel unencrypted to an http base URL. The client warns
// once, through its logger, unless the host is loopback.
//
// A [Client] is safe for concurrent use.
package yunzhijia
