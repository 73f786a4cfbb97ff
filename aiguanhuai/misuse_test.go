package aiguanhuai_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/aiguanhuai"
	"github.com/orgbridge/orgbridge/internal/optest"
)

func TestNoContextNoClient(t *testing.T) {
	t.Parallel()
	c, _ := mocked(t)
	optest.Misused(t, c)
	for _, bad := range []*aiguanhuai.Client{nil, {}} {
		_, err := bad.With()
		require.ErrorIs(t, err, aiguanhuai.ErrInvalid)
		_, err = bad.ResumeTask(aiguanhuai.Progress{TaskID: "t1"})
		require.ErrorIs(t, err, aiguanhuai.ErrInvalid)
	}
	people := []aiguanhuai.Person{person("u1"), person("u2")}
	result, err := c.UpdatePeople(nil, people) //nolint:staticcheck // that is the point
	require.ErrorIs(t, err, aiguanhuai.ErrNotSent)
	require.ErrorIs(t, err, aiguanhuai.ErrInvalid)
	assert.Len(t, result.Unsent, len(people), "every record has an outcome")
}

// An add without a context was refused: the task is whole once its records were added.
func TestTaskWithoutContext(t *testing.T) {
	t.Parallel()
	srv, c := simulated(t)
	task, err := c.PrepareTask(t.Context())
	require.NoError(t, err)
	var none context.Context
	departments, people := []aiguanhuai.Department{department("d1")}, []aiguanhuai.Person{person("u1")}
	require.NoError(t, task.AddDepartments(t.Context(), departments))
	require.ErrorContains(t, task.AddPeople(none, people), "add: ctx is nil")
	require.ErrorContains(t, task.Complete(none), "add-complete: ctx is nil")
	require.ErrorIs(t, task.Complete(t.Context()), aiguanhuai.ErrTaskBroken, "people are missing")
	require.NoError(t, task.AddPeople(t.Context(), people))
	require.NoError(t, task.Complete(t.Context()))
	assert.Len(t, srv.People(), 1)
}

type pointerSigner struct{ key string }

func (s *pointerSigner) Sign(_ context.Context, r *aiguanhuai.SignRequest) error {
	r.Query.Set("sign", s.key)
	return nil
}

func TestNilSigner(t *testing.T) {
	t.Parallel()
	config := aiguanhuai.Config{BaseURL: "https://vendor.example", CorpID: "corp-1", Signer: (*pointerSigner)(nil)}
	_, err := aiguanhuai.New(config)
	require.EqualError(t, err, "Signer is a nil *aiguanhuai_test.pointerSigner")
	config.Signer = aiguanhuai.SignerFunc(nil)
	_, err = aiguanhuai.New(config)
	require.EqualError(t, err, "Signer is a nil aiguanhuai.SignerFunc")
}
