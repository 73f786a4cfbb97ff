package aiguanhuai_test

import (
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/aiguanhuai"
	"github.com/orgbridge/orgbridge/aiguanhuai/aiguanhuaitest"
)

func TestCompleteOfUnknownOutcome(t *testing.T) {
	t.Parallel()
	srv, _ := simulated(t)
	c := retrying(t, srv, 1)
	task := prepared(t, c)
	require.NoError(t, task.AddPeople(t.Context(), people(1)))
	srv.Inject(aiguanhuaitest.LoseAnswer())
	require.ErrorIs(t, task.Complete(t.Context()), aiguanhuai.ErrOutcomeUnknown)

	before := srv.Count("")
	requireTaskError(t, task.AddPeople(t.Context(), people(1)), aiguanhuai.ErrTaskCompleted)
	assert.Equal(t, before, srv.Count(""))

	for range 2 { // the refusal does not make the first outcome known
		err := task.Complete(t.Context())
		require.ErrorIs(t, err, aiguanhuai.ErrTaskNotFound)
		require.ErrorIs(t, err, aiguanhuai.ErrOutcomeUnknown)
	}
	assert.Len(t, srv.People(), 1)
}

func TestCompleteRepeatedByTheClient(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv, c := simulated(t)
		task := prepared(t, c)
		require.NoError(t, task.AddPeople(t.Context(), people(1)))
		srv.Inject(aiguanhuaitest.LoseAnswer())
		err := task.Complete(t.Context())
		require.ErrorIs(t, err, aiguanhuai.ErrTaskNotFound)
		require.ErrorIs(t, err, aiguanhuai.ErrOutcomeUnknown)
		assert.Equal(t, 2, srv.Count(aiguanhuaitest.OpComplete))
	})
}

// Over a kept connection it is net/http that repeats the GET, not the client.
func TestCompleteRepeatedByTheTransport(t *testing.T) {
	t.Parallel()
	srv := aiguanhuaitest.NewServer()
	t.Cleanup(srv.Close)
	c := retrying(t, srv, 1)
	task := prepared(t, c)
	require.NoError(t, task.AddPeople(t.Context(), people(1)))
	srv.Inject(aiguanhuaitest.LoseAnswer())
	require.ErrorIs(t, task.Complete(t.Context()), aiguanhuai.ErrOutcomeUnknown)
	assert.Len(t, srv.People(), 1)
	requireTaskError(t, task.AddPeople(t.Context(), people(1)), aiguanhuai.ErrTaskCompleted)
}

func TestCompleteCanBeRepeated(t *testing.T) {
	t.Parallel()
	srv, _ := simulated(t)
	c := retrying(t, srv, 1)
	task := prepared(t, c)
	require.NoError(t, task.AddPeople(t.Context(), people(1)))

	srv.Inject(aiguanhuaitest.SystemError())
	err := task.Complete(t.Context())
	require.ErrorIs(t, err, aiguanhuai.ErrSystem)
	require.NotErrorIs(t, err, aiguanhuai.ErrOutcomeUnknown)
	require.NoError(t, task.AddPeople(t.Context(), people(2)), "refused: the task is still open")

	srv.Inject(aiguanhuaitest.ResetConnection()) // before the vendor saw it
	require.ErrorIs(t, task.Complete(t.Context()), aiguanhuai.ErrOutcomeUnknown)
	require.NoError(t, task.Complete(t.Context()))
	requireTaskError(t, task.Complete(t.Context()), aiguanhuai.ErrTaskCompleted)
	assert.Len(t, srv.People(), 2)
}
