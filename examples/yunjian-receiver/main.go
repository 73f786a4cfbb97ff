// Yunjian-receiver is an endpoint that 云简 pushes employees to. By itself it
// lets a simulated 云简 push to it, and ends:
//
//	go run ./examples/yunjian-receiver
//
// With -listen it serves until it is interrupted. Make up YUNJIAN_ACCOUNT,
// YUNJIAN_SECRET and YUNJIAN_SIGN_KEY for its environment, have TLS terminated
// in front of it, and give 云简 all three and the addresses of /session and
// /users.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"github.com/orgbridge/orgbridge/yunjian"
	"github.com/orgbridge/orgbridge/yunjian/yunjiantest"
)

func main() {
	address := flag.String("listen", "", "`address` to serve on until interrupted, such as :8080")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var err error
	if *address == "" {
		err = run(ctx, os.Stdout)
	} else {
		access := yunjian.NewAccess(os.Getenv("YUNJIAN_ACCOUNT"), os.Getenv("YUNJIAN_SECRET"), os.Getenv("YUNJIAN_SIGN_KEY"))
		err = listen(ctx, *address, access)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "yunjian-receiver:", err)
		os.Exit(1)
	}
}

// listen serves for real.
func listen(ctx context.Context, address string, access yunjian.Access) error {
	logger := slog.New(slog.NewJSONHandler(os.Stderr, nil)) // ids and states only
	var d directory
	handler, err := yunjian.NewHandler(yunjian.HandlerConfig{Access: access, Sync: d.sync, Logger: logger})
	if err != nil {
		return err
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err != nil {
		return err
	}
	return serve(ctx, listener, handler)
}

// serve answers until ctx ends, and then lets the pushes under way finish.
func serve(ctx context.Context, listener net.Listener, handler http.Handler) error {
	server := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       time.Minute,
		WriteTimeout:      5 * time.Minute, // a push is answered when its last user is done
		IdleTimeout:       2 * time.Minute,
	}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), 30*time.Second)
	defer cancel()
	return server.Shutdown(grace)
}

// employee is what we keep: what we need, and no more.
type employee struct {
	department, level string
	left              bool
}

// directory holds the employees by user number, as a database does in real
// life. Pushes may run side by side.
type directory struct {
	mu        sync.Mutex
	employees map[string]employee
}

func (d *directory) sync(_ context.Context, u yunjian.User) (yunjian.Ack, error) {
	switch {
	case u.UserNo == "": // old projects send a userId instead
		return yunjian.Ack{}, yunjian.Reject("缺少userNo")
	case u.Level.Or("") == "P99":
		return yunjian.Ack{}, yunjian.Reject("职级未维护") // 云简 shows this text
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.employees == nil {
		d.employees = map[string]employee{}
	}
	known := d.employees[u.UserNo]
	d.employees[u.UserNo] = employee{
		// What was not sent stays as it is.
		department: u.DepartmentCode.Or(known.department),
		level:      u.Level.Or(known.level),
		left:       u.IsLeave,
	}
	return yunjian.Ack{BindID: "ours-" + u.UserNo}, nil
}

// run is the demonstration: 云简 pushes twice.
func run(ctx context.Context, out io.Writer) (err error) {
	const account, secret, signKey = "acme", "invented-secret", "invented-sign-key"
	var d directory
	handler, err := yunjian.NewHandler(yunjian.HandlerConfig{
		Access: yunjian.NewAccess(account, secret, signKey),
		Sync: func(ctx context.Context, u yunjian.User) (yunjian.Ack, error) {
			if u.UserNo == "91230" {
				panic("a bug of ours") // fails this user, and neither the push nor the program
			}
			return d.sync(ctx, u)
		},
	})
	if err != nil {
		return err
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- serve(ctx, listener, handler) }()
	defer func() {
		stop()
		err = errors.Join(err, <-ended)
	}()

	base := "http://" + listener.Addr().String()
	caller := yunjiantest.NewCaller(yunjiantest.CallerConfig{
		SessionURL: base + "/session", SyncURL: base + "/users", Account: account, Secret: secret, SignKey: signKey,
		HTTPClient: &http.Client{Timeout: time.Minute},
	})
	for i, push := range [][]yunjian.User{
		{
			{UserNo: "91228", FullName: "张三", Mobile: "13800000001", Level: yunjian.Set("P5")},
			{UserNo: "91229", FullName: "李四", Mobile: "13800000002", Level: yunjian.Set("P99")},
			{UserNo: "91230", FullName: "王五", Mobile: "13800000003"},
			{UserNo: "91231", FullName: "赵六", Mobile: "13800000004", DepartmentCode: yunjian.Set("D1")},
		},
		{
			{UserNo: "91228", FullName: "张三", Mobile: "13800000001", IsLeave: true},
			{UserNo: "91229", FullName: "李四", Mobile: "13800000002", Level: yunjian.Set("P6")},
		},
	} {
		answer, err := caller.Push(ctx, push...)
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "Push %d\n", i+1)
		for _, row := range answer.Rows {
			if row.Synced {
				fmt.Fprintf(out, "   %s taken as %s\n", row.UserNo, row.BindID)
			} else {
				fmt.Fprintf(out, "   %s failed: %s\n", row.UserNo, row.Description)
			}
		}
	}
	left := 0
	for _, e := range d.employees {
		if e.left {
			left++
		}
	}
	fmt.Fprintf(out, "We hold %d employees, %d of whom left\n", len(d.employees), left)
	return nil
}
