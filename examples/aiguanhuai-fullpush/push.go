package main

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"

	"github.com/orgbridge/orgbridge/aiguanhuai"
)

// signature is HMAC-SHA256 over what is sent. The rule is invented: the vendor
// publishes none, and tells you yours.
func signature(key []byte, method, path string, query url.Values, body []byte) string {
	mac := hmac.New(sha256.New, key)
	fmt.Fprintf(mac, "%s\n%s\n%s\n%s", method, path, query.Encode(), body)
	return hex.EncodeToString(mac.Sum(nil))
}

// organisation is everything there is: a full push removes everyone who is not in it.
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
	for part := range slices.Chunk(org.Departments[task.Progress().Departments:], aiguanhuai.MaxBatch) {
		if err := errors.Join(task.AddDepartments(ctx, part), save()); err != nil {
			return err
		}
	}
	for part := range slices.Chunk(org.People[task.Progress().People:], aiguanhuai.MaxBatch) {
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
