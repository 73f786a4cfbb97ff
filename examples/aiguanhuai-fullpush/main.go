// Aiguanhuai-fullpush replaces what 爱关怀 holds of an organisation. Stopped
// half-way, it does no harm and goes on where it was. The vendor is simulated.
//
//	go run ./examples/aiguanhuai-fullpush
package main

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/signal"
	"slices"

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
		return hmac.Equal([]byte(r.Header.Get("X-Signature")), []byte(signature(key, r.Method, r.URL.Path, body)))
	}))
	defer vendor.Close()
	config := vendor.Config()
	// The vendor publishes no rule for signatures but tells you yours; this one
	// is invented.
	config.Signer = aiguanhuai.SignerFunc(func(_ context.Context, r *aiguanhuai.SignRequest) error {
		r.Header.Set("X-Signature", signature(key, r.Method, r.Path, r.Body))
		return nil
	})
	client, err := aiguanhuai.New(config)
	if err != nil {
		return err
	}
	var stored []byte // a file or a row of the database, in real life

	fmt.Fprintln(out, "1. A full push of 4500 people")
	if err := push(ctx, client, invented(4500), &stored); err != nil {
		return err
	}
	fmt.Fprintf(out, "   爱关怀 holds %d people\n", len(vendor.People()))

	fmt.Fprintln(out, "2. One of 4800, stopped half-way: a gateway answers with a page of its own")
	vendor.Inject(aiguanhuaitest.HTML().On(aiguanhuaitest.OpAdd).After(2))
	err = push(ctx, client, invented(4800), &stored)
	fmt.Fprintf(out, "   failed: %t; 爱关怀 still holds %d people\n", errors.Is(err, aiguanhuai.ErrMalformed), len(vendor.People()))

	fmt.Fprintln(out, "3. To complete it now would remove the people it misses")
	task, _, err := begin(ctx, client, invented(4800), stored)
	if err != nil {
		return err
	}
	err = task.Complete(ctx)
	fmt.Fprintf(out, "   refused: %t; %d people are acknowledged\n", errors.Is(err, aiguanhuai.ErrTaskBroken), task.Progress().People)

	fmt.Fprintln(out, "4. Later, perhaps in another process: the same push goes on")
	if err := push(ctx, client, invented(4800), &stored); err != nil {
		return err
	}
	fmt.Fprintf(out, "   爱关怀 holds %d people after %d tasks\n", len(vendor.People()), len(vendor.Tasks()))
	return nil
}

// signature is HMAC-SHA256 over what is sent.
func signature(key []byte, method, path string, body []byte) string {
	mac := hmac.New(sha256.New, key)
	fmt.Fprintf(mac, "%s\n%s\n%s", method, path, body)
	return hex.EncodeToString(mac.Sum(nil))
}

// organisation is everything there is: a full push removes whoever is not in it.
type organisation struct {
	Departments []aiguanhuai.Department
	People      []aiguanhuai.Person
}

// journal is what outlives a crash. Progress counts records of one organisation
// in its order; with another it would leave people out, hence Digest.
type journal struct {
	Progress aiguanhuai.Progress
	Digest   []byte
}

// push makes org all that 爱关怀 holds. When it fails, push again.
func push(ctx context.Context, client *aiguanhuai.Client, org organisation, stored *[]byte) (err error) {
	task, digest, err := begin(ctx, client, org, *stored)
	if err != nil {
		return err
	}
	defer func() {
		if err == nil || errors.Is(err, aiguanhuai.ErrTaskNotFound) {
			*stored = nil // this task is over: the next push begins another one
		}
	}()
	save := func() (err error) {
		*stored, err = json.Marshal(journal{task.Progress(), digest})
		return err
	}
	const perCall = 2000
	for part := range slices.Chunk(org.Departments[task.Progress().Departments:], perCall) {
		if err := errors.Join(task.AddDepartments(ctx, part), save()); err != nil {
			return err
		}
	}
	for part := range slices.Chunk(org.People[task.Progress().People:], perCall) {
		if err := errors.Join(task.AddPeople(ctx, part), save()); err != nil {
			return err
		}
	}
	return task.Complete(ctx) // up to here nothing has changed at 爱关怀
}

// begin goes on with the stored task if it is about the same organisation, and
// else prepares one: a task that is never completed has no effect.
func begin(ctx context.Context, client *aiguanhuai.Client, org organisation, stored []byte) (*aiguanhuai.Task, []byte, error) {
	text, err := json.Marshal(org)
	if err != nil {
		return nil, nil, err
	}
	digest := sha256.Sum256(text)
	var j journal
	if json.Unmarshal(stored, &j) == nil && slices.Equal(j.Digest, digest[:]) {
		task, err := client.ResumeTask(j.Progress)
		return task, digest[:], err
	}
	task, err := client.PrepareTask(ctx)
	return task, digest[:], err
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
