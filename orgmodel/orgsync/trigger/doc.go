// Package trigger decides when a program that keeps running syncs: when a vendor says
// that something changed, on a schedule, once a night, and when someone asks for it.
//
//	t, err := trigger.New(trigger.Config{
//		Run: func(ctx context.Context, r trigger.Request) {
//			report, err := engine.Run(ctx, orgsync.RunOptions{Full: r.Full})
//			…
//		},
//		Every:   15 * time.Minute,
//		Nightly: "02:40",
//	})
//	…
//	go t.Serve(ctx)
//	…
//	err = t.Event() // from the handler that receives events
//
// One run takes place at a time. An event carries no data: it only makes a run start
// soon, which reads for itself what changed. So it does no harm if an event is late,
// doubled, out of order or lost: the schedule and the nightly reading find what it was
// about.
package trigger
