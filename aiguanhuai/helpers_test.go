package aiguanhuai_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/aiguanhuai"
	"github.com/orgbridge/orgbridge/aiguanhuai/aiguanhuaitest"
)

const okAnswer = `{"errno":0,"error":""}`

// simulated returns a simulator in memory and a client of it.
func simulated(t testing.TB, options ...aiguanhuaitest.Option) (*aiguanhuaitest.Server, *aiguanhuai.Client) {
	t.Helper()
	srv := aiguanhuaitest.NewInMemory(options...)
	t.Cleanup(srv.Close)
	return srv, clientOf(t, srv)
}

func clientOf(t testing.TB, srv *aiguanhuaitest.Server) *aiguanhuai.Client {
	t.Helper()
	c := srv.Client()
	return c
}

// retrying returns a client that makes so many attempts, without waiting.
func retrying(t testing.TB, srv *aiguanhuaitest.Server, attempts int) *aiguanhuai.Client {
	t.Helper()
	c, err := aiguanhuai.New(srv.Config(),
		aiguanhuai.WithHTTPClient(srv.HTTPClient()), aiguanhuai.WithRetry(attempts, time.Microsecond))
	require.NoError(t, err)
	return c
}

// mocked returns a client of canned answers.
func mocked(t testing.TB) (*aiguanhuai.Client, *httpmock.MockTransport) {
	t.Helper()
	m := httpmock.NewMockTransport()
	c, err := aiguanhuai.New(
		aiguanhuai.Config{BaseURL: "https://vendor.example", CorpID: "corp-1"},
		aiguanhuai.WithHTTPClient(&http.Client{Transport: m}),
	)
	require.NoError(t, err)
	return c, m
}

func department(id string) aiguanhuai.Department {
	return aiguanhuai.Department{DepartmentID: id, DepartmentName: "部门 " + id, Status: aiguanhuai.StatusActive}
}

func below(parent, id string) aiguanhuai.Department {
	d := department(id)
	d.ParentID = aiguanhuai.Set(parent)
	return d
}

func person(id string) aiguanhuai.Person {
	return aiguanhuai.Person{UserID: id, Account: "account-" + id, RealName: "张三", Status: aiguanhuai.StatusActive}
}

func departments(n int) []aiguanhuai.Department {
	return numbered(n, func(id string) aiguanhuai.Department { return department("d" + id) })
}

func people(n int) []aiguanhuai.Person {
	return numbered(n, func(id string) aiguanhuai.Person { return person("u" + id) })
}

func numbered[T any](n int, record func(id string) T) []T {
	list := make([]T, n)
	for i := range list {
		list[i] = record(fmt.Sprintf("%05d", i))
	}
	return list
}

// prepared returns a task that was given a department.
func prepared(t testing.TB, c *aiguanhuai.Client) *aiguanhuai.Task {
	t.Helper()
	task, err := c.PrepareTask(t.Context())
	require.NoError(t, err)
	require.NoError(t, task.AddDepartments(t.Context(), departments(1)))
	return task
}

// requireTaskError requires a *TaskError of that kind.
func requireTaskError(t testing.TB, err, kind error) {
	t.Helper()
	require.ErrorIs(t, err, kind)
	var taskErr *aiguanhuai.TaskError
	require.ErrorAs(t, err, &taskErr)
	assert.NotEmpty(t, taskErr.Op)
}

// requireFieldError requires a *FieldError about a field.
func requireFieldError(t testing.TB, err error, field string) {
	t.Helper()
	require.ErrorIs(t, err, aiguanhuai.ErrInvalid)
	var fieldErr *aiguanhuai.FieldError
	require.ErrorAs(t, err, &fieldErr)
	assert.Equal(t, field, fieldErr.Field)
	assert.NotEmpty(t, fieldErr.Reason)
}

// sent decodes what a request carried.
func sent(t testing.TB, r aiguanhuaitest.Request) (kind string, data []map[string]any) {
	t.Helper()
	var payload struct {
		Type string
		Data []map[string]any
	}
	require.NoError(t, json.Unmarshal(r.Body, &payload))
	return payload.Type, payload.Data
}

func ids(data []map[string]any, key string) []string {
	list := make([]string, len(data))
	for i, d := range data {
		list[i], _ = d[key].(string)
	}
	return list
}
