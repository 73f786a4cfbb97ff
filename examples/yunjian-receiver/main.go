// Yunjian-receiver is an endpoint that 云简 pushes employees to. By itself it
// lets a simulated 云简 push to it, and ends:
//
//	go run ./examples/yunjian-receiver
//
// With -listen it serves until it is interrupted. Make up YUNJIAN_ACCOUNT,
// YUNJIAN_SECRET and YUNJIAN_SIGN_KEY for its environment, have TLS terminated
// in front of it, and give 云简 all three and the addresses of /session and
// /users.
//
// receiver.go is the part to copy.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
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
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	var err error
	if *address == "" {
		err = run(ctx, os.Stdout)
	} else {
		err = listen(ctx, *address, yunjian.NewAccess(
			os.Getenv("YUNJIAN_ACCOUNT"), os.Getenv("YUNJIAN_SECRET"), os.Getenv("YUNJIAN_SIGN_KEY")))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "yunjian-receiver:", err)
		os.Exit(1)
	}
}

// run lets a simulated 云简 push twice.
func run(ctx context.Context, out io.Writer) (err error) {
	const account, secret, signKey = "acme", "invented-secret", "invented-sign-key"
	d := newDirectory()
	handler, err := yunjian.NewHandler(yunjian.HandlerConfig{
		Access: yunjian.NewAccess(account, secret, signKey),
		Sync: func(ctx context.Context, u yunjian.User) (yunjian.Ack, error) {
			if u.UserNo == "91230" {
				panic("a bug of ours") // fails this user; push and program go on
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
	served := make(chan error, 1)
	go func() { served <- serve(ctx, listener, handler) }()
	defer func() {
		stop()
		err = errors.Join(err, <-served)
	}()

	base := "http://" + listener.Addr().String()
	caller := yunjiantest.NewCaller(yunjiantest.CallerConfig{
		SessionURL: base + "/session", SyncURL: base + "/users", HTTPClient: &http.Client{Timeout: time.Minute},
		Account: account, Secret: secret, SignKey: signKey,
	})
	first := []yunjian.User{
		{UserNo: "91228", FullName: "张三", Mobile: "13800000001", Level: yunjian.Set("P5")},
		{UserNo: "91229", FullName: "李四", Mobile: "13800000002", Level: yunjian.Set("P99")},
		{UserNo: "91230", FullName: "王五", Mobile: "13800000003"},
		{UserNo: "91231", FullName: "赵六", Mobile: "13800000004", DepartmentCode: yunjian.Set("D1")},
	}
	second := []yunjian.User{
		{UserNo: "91228", FullName: "张三", Mobile: "13800000001", IsLeave: true},
		{UserNo: "91229", FullName: "李四", Mobile: "13800000002", Level: yunjian.Set("P6")},
	}
	for _, users := range [][]yunjian.User{first, second} {
		answer, err := caller.Push(ctx, users...)
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "云简 pushes %d users\n", len(users))
		for _, row := range answer.Rows {
			if row.Synced {
				fmt.Fprintf(out, "   %s taken as %s\n", row.UserNo, row.BindID)
			} else {
				fmt.Fprintf(out, "   %s failed: %s\n", row.UserNo, row.Description)
			}
		}
	}
	all, left := d.count()
	fmt.Fprintf(out, "We hold %d employees, %d of whom left\n", all, left)
	return nil
}
