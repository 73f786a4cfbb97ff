// Package notify tells people that a sync needs them: a message to a group robot of 云之家,
// 企业微信, 钉钉 or 飞书, or a small JSON object to any other address, and a heartbeat after
// each good run.
//
//	n, err := notify.New(os.Getenv("ORGSYNC_NOTIFY_URL"), os.Getenv("ORGSYNC_NOTIFY_SECRET"))
//	…
//	alarms := notify.NewAlarms(notify.AlarmsConfig{Notifier: n})
//	…
//	report, err := engine.Run(ctx, options)
//	if err := alarms.After(ctx, notify.Run{Report: report, Err: err, Exit: exit}); err != nil {
//		logger.Warn(…) // the run's own outcome stays what it is
//	}
//
// # What is sent
//
// A message holds the tenant, counts, the names of targets, up to five ids of records, and
// what to do next. It holds no names, no mobiles and no vendor's text: causes come from a
// closed list. The address of a robot and its secret are credentials: they are in no error,
// log record or printed value of this package.
//
// # When
//
// [State.Next] decides: a run that failed or that the guard stopped, the first good run
// after that, and no good run for too long. The same alarm is sent once, and then once a
// day while it lasts.
//
// # What may go wrong
//
// A robot that refuses says so with HTTP 200, which is an [*Error] here. An error of this
// package says that a message was not delivered, and nothing about the run.
package notify
