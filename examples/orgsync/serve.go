package main

import (
	"context"
	"errors"
	"flag"
	"io"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync/console"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync/console/sandbox"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync/trigger"
	"github.com/orgbridge/orgbridge/yunzhijia"
)

const (
	lookEvery    = 5 * time.Minute
	shutdownTime = 5 * time.Second
	busyWait     = time.Second
)

// serve keeps the targets up to date until ctx ends, and shows a page.
func (p *program) serve(ctx context.Context, args []string) int {
	out := &output{stdout: p.stdout, stderr: p.stderr}
	flags := newFlagSet("orgsync serve", p.stderr)
	names := flags.Bool("names", false, "show names of people on the page, and nowhere else")
	err := parseFlags(flags, args)
	if errors.Is(err, flag.ErrHelp) {
		return statusDone
	}
	if err != nil {
		return out.refuse(err, statusUsage)
	}
	con := newTerminal(p.stderr)
	e := newEnvironment(p.environ)
	web := e.serve()
	set, err := readSettings(e, con.logger)
	if err != nil {
		return out.refuse(err, statusUsage)
	}
	defer set.close()
	var listen net.ListenConfig
	listener, err := listen.Listen(ctx, "tcp", web.listen)
	if err != nil {
		return out.refuse(&variableError{Variable: listenVariable, Reason: "cannot be listened on: " + withoutAddress(err).Error()}, statusUsage)
	}
	defer listener.Close()
	d := &daemon{web: web, con: con}
	if set.simulated {
		err = d.simulate(ctx)
	} else {
		err = d.open(ctx, set, *names)
	}
	if err != nil {
		return out.refuse(err, storeStatus(err))
	}
	defer d.close()
	if err := d.serve(ctx, listener); err != nil {
		return out.refuse(err, statusFailed)
	}
	return statusDone
}

// daemon is what keeps running.
type daemon struct {
	web     serveSettings
	con     *terminal
	config  console.Config
	run     func(context.Context, orgsync.RunOptions) (*orgsync.Report, error)
	look    func(context.Context) // for too long a silence
	atStart bool                  // begin with a run
	every   time.Duration         // between runs, 0 for none
	next    *trigger.Trigger
	close   func()
}

// simulate puts an invented company behind the page.
func (d *daemon) simulate(ctx context.Context) error {
	box, err := sandbox.New()
	if err != nil {
		return err
	}
	d.con.warn(ctx, "no settings of any vendor: everything is simulated")
	d.config, d.run, d.look, d.close = box.Config(), box.Runner().Run, func(context.Context) {}, box.Close
	d.atStart = true // so that there is something to lose
	return d.ready()
}

// open puts the engine behind the page.
func (d *daemon) open(ctx context.Context, set settings, names bool) error {
	s, err := newSyncer(ctx, set, d.con, false)
	if err != nil {
		return err
	}
	feed := &console.Feed{}
	s.progress = func(progress orgsync.Progress) { //nolint:contextcheck // progress has no context
		d.con.progress(progress)
		feed.Report(progress)
	}
	h := newHistory(ctx, s)
	runner, err := console.NewRunner(console.RunnerConfig{
		Engine: &served{s, h}, Tenant: set.tenant, History: h, State: h.state, Next: func() time.Time { return d.next.Status().Next },
	})
	if err != nil {
		s.close()
		return err
	}
	d.config = console.Config{Host: runner, Feed: feed, Names: names}
	d.run, d.every, d.close = runner.Run, d.web.every, s.close
	d.look = func(ctx context.Context) {
		if err := s.alarms.Look(ctx); err != nil {
			d.con.warn(ctx, "an alarm was not delivered: "+withoutPath(err).Error())
		}
	}
	return d.ready()
}

func (d *daemon) ready() (err error) {
	d.config.User, d.config.Password, d.config.Logger = d.web.user, d.web.password, d.con.logger
	d.next, err = trigger.New(trigger.Config{Run: d.start, Every: d.every, AtStart: d.atStart || d.every > 0})
	if err != nil {
		d.close()
	}
	return err
}

// start does one run for the schedule or an event, once nothing else is under way.
func (d *daemon) start(ctx context.Context, r trigger.Request) {
	d.con.logger.LogAttrs(ctx, slog.LevelInfo, "run", slog.String("cause", string(r.Cause)), slog.Int("events", r.Events))
	for {
		if _, err := d.run(ctx, orgsync.RunOptions{Full: r.Full}); !errors.Is(err, console.ErrBusy) {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(busyWait):
		}
	}
}

// serve answers until ctx ends, and then waits for the run under way: it finishes what it
// is sending, and notes it.
func (d *daemon) serve(ctx context.Context, listener net.Listener) error {
	page, err := console.New(d.config)
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.Handle("/", page)
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok\n") })
	if len(d.web.events) > 0 {
		events, err := yunzhijia.NewEventHandler(yunzhijia.EventHandlerConfig{
			Access: d.web.events, Logger: d.con.logger,
			Take: func(context.Context, yunzhijia.Event) error { return d.next.Event() }, // what it says is not read
		})
		if err != nil {
			return err
		}
		mux.Handle(eventsPath, events)
	}
	server := &http.Server{
		Handler: mux, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute,
		ErrorLog: slog.NewLogLogger(d.con.logger.Handler(), slog.LevelWarn),
	}
	d.con.note(ctx, "the page is at http://"+listener.Addr().String()+"/")
	ctx, stop := context.WithCancelCause(ctx)
	var group sync.WaitGroup
	group.Go(func() { stop(ignoreClosed(server.Serve(listener))) })
	group.Go(func() { _ = d.next.Serve(ctx) })
	group.Go(func() { d.watch(ctx) })
	<-ctx.Done()
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTime)
	defer cancel()
	page.Close()
	_ = server.Shutdown(end)
	group.Wait()
	if err := context.Cause(ctx); !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

// watch looks now and then whether there was no good run for too long.
func (d *daemon) watch(ctx context.Context) {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			d.look(ctx)
		}
	}
}

func ignoreClosed(err error) error {
	if errors.Is(err, http.ErrServerClosed) {
		return context.Canceled
	}
	return err
}

// withoutAddress drops the address, which is the value of a variable, from an error.
func withoutAddress(err error) error {
	if bad, ok := errors.AsType[*net.OpError](err); ok {
		return bad.Err
	}
	return err
}
