// Package console is the page on which a team looks at a plan of an
// [orgsync.Engine] and decides: what would change where, what the guard objects to,
// who is skipped and why, and what the last runs did.
//
// A host needs a few lines:
//
//	var feed console.Feed
//	engine, err := orgsync.New(config, orgsync.WithProgress(feed.Report))
//	runner, err := console.NewRunner(console.RunnerConfig{Engine: engine, Tenant: config.Tenant})
//	page, err := console.New(console.Config{Host: runner, Feed: &feed, User: "ops", Password: password})
//	server := &http.Server{Addr: "127.0.0.1:8080", Handler: page, ReadHeaderTimeout: 10 * time.Second}
//	server.RegisterOnShutdown(page.Close)
//
// Whatever else runs the engine, such as a schedule, goes through [Runner.Run] as well:
// one run at a time.
//
// Without a password and without a trusted proxy the page answers only requests from
// this machine that name it by localhost or a loopback address, so that no website can
// reach it by a name of its own. All pages work without JavaScript, which only adds
// live progress and opens branches in place. Nothing comes from elsewhere, nothing is
// cached, and only POST requests of the same origin change anything.
//
// [WritePlan] and [WriteReport] render the same as one page that needs no server.
//
// Names of departments are shown, because a tree of ids cannot be read. Names of people
// are shown only with Config.Names; mobiles and other values never are.
package console
