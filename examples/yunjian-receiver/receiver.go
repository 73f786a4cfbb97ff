package main

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/orgbridge/orgbridge/yunjian"
)

// listen serves on an address until ctx ends.
func listen(ctx context.Context, address string, access yunjian.Access) error {
	handler, err := yunjian.NewHandler(yunjian.HandlerConfig{
		Access: access,
		Sync:   newDirectory().sync,
		Logger: slog.New(slog.NewJSONHandler(os.Stderr, nil)), // sees no names, numbers or keys
	})
	if err != nil {
		return fmt.Errorf("YUNJIAN_ACCOUNT, YUNJIAN_SECRET and YUNJIAN_SIGN_KEY: %w", err)
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err != nil {
		return err
	}
	return serve(ctx, listener, handler)
}

// serve answers until ctx ends, and lets the pushes under way finish.
func serve(ctx context.Context, listener net.Listener, handler http.Handler) error {
	server := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       time.Minute,
		WriteTimeout:      5 * time.Minute, // a push is answered when its last user is done
		IdleTimeout:       2 * time.Minute,
	}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), 30*time.Second)
	defer cancel()
	return server.Shutdown(grace)
}

// employee is what we keep of a user: what we need, and no more.
type employee struct {
	department, level string
	left              bool
}

// directory holds the employees, as a database does in real life.
type directory struct {
	levels []string // those that our travel rules know

	mu        sync.Mutex // pushes may run concurrently
	employees map[string]employee
}

func newDirectory() *directory {
	return &directory{levels: []string{"P5", "P6", "P7"}, employees: map[string]employee{}}
}

// sync takes one user. What it takes it can take again: 云简 repeats pushes.
func (d *directory) sync(_ context.Context, u yunjian.User) (yunjian.Ack, error) {
	if u.UserNo == "" { // old projects send a userId in its place
		return yunjian.Ack{}, yunjian.Reject("缺少userNo")
	}
	if level := u.Level.Or(""); level != "" && !slices.Contains(d.levels, level) {
		return yunjian.Ack{}, yunjian.Reject("职级未维护") // 云简 shows this text
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	known := d.employees[u.UserNo]
	d.employees[u.UserNo] = employee{
		// A field that was not sent keeps its value; one that was sent empty clears it.
		department: u.DepartmentCode.Or(known.department),
		level:      u.Level.Or(known.level),
		left:       u.IsLeave,
	}
	return yunjian.Ack{BindID: "ours-" + u.UserNo}, nil
}

// count returns how many employees there are, and how many of them left.
func (d *directory) count() (all, left int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, e := range d.employees {
		if e.left {
			left++
		}
	}
	return len(d.employees), left
}
