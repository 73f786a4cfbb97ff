// Aiguanhuai-fullpush replaces what 爱关怀 holds of an organisation. Stopped
// half-way, it does no harm and goes on where it was.
//
//	go run ./examples/aiguanhuai-fullpush
//
// push.go is the part to copy. main.go runs it against a simulator.
package main

import (
	"context"
	"crypto/hmac"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"os/signal"

	"github.com/orgbridge/orgbridge/aiguanhuai"
	"github.com/orgbridge/orgbridge/aiguanhuai/aiguanhuaitest"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "aiguanhuai-fullpush:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer) error {
	key := []byte("invented-key")
	vendor := aiguanhuaitest.NewServer(aiguanhuaitest.WithVerifier(func(r *http.Request, body []byte) bool {
		want := signature(key, r.Method, r.URL.Path, r.URL.Query(), body)
		return hmac.Equal([]byte(r.Header.Get("X-Signature")), []byte(want))
	}))
	defer vendor.Close()
	config := vendor.Config()
	config.Signer = aiguanhuai.SignerFunc(func(_ context.Context, r *aiguanhuai.SignRequest) error {
		r.Header.Set("X-Signature", signature(key, r.Method, r.Path, r.Query, r.Body))
		return nil
	})
	// What fails is logged, without names, numbers or keys.
	client, err := aiguanhuai.New(config, aiguanhuai.WithLogger(slog.New(slog.NewTextHandler(os.Stderr, nil))))
	if err != nil {
		return err
	}
	var stored []byte // a file or a row of the database, in real life

	fmt.Fprintln(out, "1. A full push of 2500 people")
	if err := push(ctx, client, invented(2500), &stored); err != nil {
		return err
	}
	fmt.Fprintf(out, "   爱关怀 holds %d people\n", len(vendor.People()))

	fmt.Fprintln(out, "2. One of 2800, stopped half-way: a gateway answers with a page of its own")
	vendor.Inject(aiguanhuaitest.HTML().On(aiguanhuaitest.OpAdd).After(2))
	err = push(ctx, client, invented(2800), &stored)
	fmt.Fprintf(out, "   failed: %t; 爱关怀 still holds %d people\n", errors.Is(err, aiguanhuai.ErrMalformed), len(vendor.People()))

	fmt.Fprintln(out, "3. To complete it now would remove the people it misses")
	task, _, err := begin(ctx, client, invented(2800), stored)
	if err != nil {
		return err
	}
	err = task.Complete(ctx)
	fmt.Fprintf(out, "   refused: %t; %d people are acknowledged\n", errors.Is(err, aiguanhuai.ErrTaskBroken), task.Progress().People)

	fmt.Fprintln(out, "4. Later, perhaps in another process: the same push goes on")
	if err := push(ctx, client, invented(2800), &stored); err != nil {
		return err
	}
	fmt.Fprintf(out, "   爱关怀 holds %d people after %d tasks\n", len(vendor.People()), len(vendor.Tasks()))
	return nil
}

// invented returns a root department and as many people as wanted.
func invented(people int) (org organisation) {
	org.Departments = []aiguanhuai.Department{{DepartmentID: "d1", DepartmentName: "总部", Status: aiguanhuai.StatusActive}}
	for i := range people {
		org.People = append(org.People, aiguanhuai.Person{
			UserID: fmt.Sprint("u", i), Account: fmt.Sprint("account", i), RealName: "张三",
			Status: aiguanhuai.StatusActive, DepartmentID: aiguanhuai.Set([]string{"d1"}),
		})
	}
	return org
}
