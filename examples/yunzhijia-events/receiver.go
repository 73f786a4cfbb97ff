package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/orgbridge/orgbridge/orgmodel/orgsync/trigger"
	"github.com/orgbridge/orgbridge/yunzhijia"
)

// receiver reads what changed, whenever there is a reason to.
type receiver struct {
	client *yunzhijia.Client
	cursor yunzhijia.Cursor // of the next reading; a file or a database keeps it in real life
	tell   func(reading)
}

// reading is one that has ended.
type reading struct {
	why    trigger.Request
	people int
	err    error
}

func (r reading) String() string {
	if r.err != nil {
		return fmt.Sprintf("(%s) failed: %v", r.why.Cause, r.err)
	}
	return fmt.Sprintf("(%s) read %d people after %d events", r.why.Cause, r.people, r.why.Events)
}

// open returns what receives events, and what starts readings: to be served.
func (r *receiver) open(
	access yunzhijia.EventAccess, config trigger.Config, logger *slog.Logger,
) (http.Handler, *trigger.Trigger, error) {
	config.Run = r.read
	runs, err := trigger.New(config)
	if err != nil {
		return nil, nil, err
	}
	events, err := yunzhijia.NewEventHandler(yunzhijia.EventHandlerConfig{
		Access: []yunzhijia.EventAccess{access},
		// An event is a hint. What it says is not used: it may be late, doubled or out of
		// order, and others are lost. It only makes a reading start soon.
		Take:   func(context.Context, yunzhijia.Event) error { return runs.Event() },
		Logger: logger,
	})
	if err != nil {
		return nil, nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("/yunzhijia/events", events)
	return mux, runs, nil
}

// overlap is how far a reading reaches back before its cursor, which counts whole seconds.
const overlap = time.Minute

// read reads who changed since the last reading. One reading takes place at a time.
func (r *receiver) read(ctx context.Context, why trigger.Request) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Minute)
	defer cancel()
	people, err := r.changed(ctx, why.Full)
	r.tell(reading{why, people, err})
}

func (r *receiver) changed(ctx context.Context, full bool) (int, error) {
	since := yunzhijia.Beginning
	if r.cursor != "" && !full {
		var err error
		if since, err = r.cursor.Minus(overlap); err != nil {
			return 0, err
		}
	}
	people, next, err := r.client.PersonFeed(since, yunzhijia.PageOptions{Prefetch: 4}).Latest(ctx)
	if err != nil {
		return 0, err // the cursor stays: the next reading finds the same changes
	}
	// Store the people here, and move the cursor after that.
	r.cursor = next
	return len(people), nil
}

// listen serves on an address until ctx ends.
func listen(ctx context.Context, address string, environ func(string) string, out io.Writer) error {
	set, err := readSettings(environ)
	if err != nil {
		return err
	}
	logger := slog.New(slog.NewJSONHandler(out, nil)) // sees no names, numbers or keys
	client, err := yunzhijia.New(set.config, yunzhijia.WithLogger(logger))
	if err != nil {
		return err
	}
	r := &receiver{client: client, tell: func(done reading) {
		if done.err != nil {
			logger.LogAttrs(ctx, slog.LevelError, "reading failed",
				slog.String("cause", string(done.why.Cause)), slog.Any("error", done.err))
			return
		}
		logger.LogAttrs(ctx, slog.LevelInfo, "read", slog.String("cause", string(done.why.Cause)),
			slog.Int("events", done.why.Events), slog.Int("people", done.people))
	}}
	// The schedule and the nightly reading find what lost events were about.
	handler, runs, err := r.open(set.access,
		trigger.Config{AtStart: true, Every: 15 * time.Minute, Nightly: "02:40"}, logger)
	if err != nil {
		return err
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err != nil {
		return err
	}
	return serve(ctx, listener, handler, runs)
}

// serve answers and reads until ctx ends, and lets a reading under way end.
func serve(ctx context.Context, listener net.Listener, handler http.Handler, runs *trigger.Trigger) error {
	server := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		WriteTimeout:      10 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    16 << 10,
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	read := make(chan error, 1)
	go func() { read <- runs.Serve(ctx) }()
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case err := <-failed:
		stop()
		return errors.Join(err, <-read)
	case <-ctx.Done():
	}
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	return errors.Join(server.Shutdown(grace), <-read)
}
