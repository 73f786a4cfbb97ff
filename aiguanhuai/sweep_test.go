package aiguanhuai_test

import (
	"context"
	"errors"
	"net/url"
	"testing"

	"github.com/orgbridge/orgbridge/aiguanhuai"
	"github.com/orgbridge/orgbridge/internal/kernel"
	"github.com/orgbridge/orgbridge/internal/optest"
)

func canaryDepartments() []aiguanhuai.Department {
	d := department("d1")
	d.DepartmentName = optest.Name
	return []aiguanhuai.Department{d}
}

func canaryPeople() []aiguanhuai.Person {
	p := person("u1")
	p.Account, p.RealName = optest.Card, optest.Name
	p.Email, p.Mobile = aiguanhuai.Set(optest.Email), aiguanhuai.Set(optest.Mobile)
	p.Position = aiguanhuai.Set(optest.Name)
	return []aiguanhuai.Person{p}
}

// swept makes an operation of the sweep: partnerId and the signature are
// secrets in it.
func swept(name string, class kernel.Class, good string, call func(context.Context, *aiguanhuai.Client, *aiguanhuai.Task) (any, error)) optest.Op {
	return optest.Op{Name: name, Class: class, Good: good, Call: func(ctx context.Context, options ...kernel.Option) (any, error) {
		c, err := aiguanhuai.New(aiguanhuai.Config{
			BaseURL: "https://vendor.example", CorpID: "corp-1", Query: url.Values{"partnerId": {optest.Token}},
			Signer: aiguanhuai.SignerFunc(func(_ context.Context, r *aiguanhuai.SignRequest) error {
				r.Query.Set("s", optest.SignKey)
				r.Header.Set("X-Token", optest.Secret)
				return nil
			}),
		}, options...)
		if err != nil {
			return nil, err
		}
		task, err := c.ResumeTask(aiguanhuai.Progress{TaskID: "t1", Departments: 1})
		if err != nil {
			return nil, err
		}
		return call(ctx, c, task)
	}}
}

func TestSweep(t *testing.T) {
	t.Parallel()
	optest.Suite{
		Vendor: "aiguanhuai",
		Failure: func(err error) (*kernel.Failure, bool) {
			e, ok := errors.AsType[*aiguanhuai.Error](err)
			return (*kernel.Failure)(e), ok
		},
		Refuse: func(message string) string { return `{"errno":200008,"error":"` + message + `"}` },
		Ops: []optest.Op{
			swept("add-prepare", kernel.Read, `{"errno":0,"body":{"taskId":"t1"}}`,
				func(ctx context.Context, c *aiguanhuai.Client, _ *aiguanhuai.Task) (any, error) {
					return c.PrepareTask(ctx)
				}),
			swept("add", kernel.Idempotent, okAnswer,
				func(ctx context.Context, _ *aiguanhuai.Client, task *aiguanhuai.Task) (any, error) {
					return task, task.AddDepartments(ctx, canaryDepartments())
				}),
			swept("add", kernel.Idempotent, okAnswer,
				func(ctx context.Context, _ *aiguanhuai.Client, task *aiguanhuai.Task) (any, error) {
					return task, task.AddPeople(ctx, canaryPeople())
				}),
			swept("add-complete", kernel.Idempotent, okAnswer,
				func(ctx context.Context, c *aiguanhuai.Client, _ *aiguanhuai.Task) (any, error) {
					task, err := c.ResumeTask(aiguanhuai.Progress{TaskID: "t1", Departments: 1, People: 1})
					if err != nil {
						return nil, err
					}
					return task, task.Complete(ctx)
				}),
			swept("update", kernel.Idempotent, okAnswer,
				func(ctx context.Context, c *aiguanhuai.Client, _ *aiguanhuai.Task) (any, error) {
					return c.UpdateDepartments(ctx, canaryDepartments())
				}),
			swept("update", kernel.Idempotent, okAnswer,
				func(ctx context.Context, c *aiguanhuai.Client, _ *aiguanhuai.Task) (any, error) {
					return c.UpdatePeople(ctx, canaryPeople())
				}),
		},
	}.Run(t)
}

func TestNothingPrintsPersonalData(t *testing.T) {
	t.Parallel()
	config := aiguanhuai.Config{
		BaseURL: "https://vendor.example/?key=" + optest.Secret, CorpID: "corp-1", Query: url.Values{"partnerId": {optest.Token}},
	}
	c, err := aiguanhuai.New(config)
	if err != nil {
		t.Fatal(err)
	}
	p, d := canaryPeople()[0], canaryDepartments()[0]
	for name, v := range map[string]any{
		"config":      config,
		"client":      c,
		"person":      p,
		"department":  d,
		"item":        aiguanhuai.Item[aiguanhuai.Person]{Record: p, Err: errors.New("refused")},
		"result":      aiguanhuai.Result[aiguanhuai.Person]{Failed: []aiguanhuai.Item[aiguanhuai.Person]{{Record: p}}},
		"signRequest": aiguanhuai.SignRequest{Body: []byte(optest.Mobile), Query: url.Values{"s": {optest.SignKey}}},
	} {
		optest.Silent(t, name, v)
	}
}
