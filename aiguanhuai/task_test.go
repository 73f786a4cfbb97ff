package aiguanhuai_test

import (
	"context"
	"encoding/json"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/aiguanhuai"
	"github.com/orgbridge/orgbridge/aiguanhuai/aiguanhuaitest"
)

func TestFullPushReplacesEverything(t *testing.T) {
	t.Parallel()
	srv, c := simulated(t)
	_, err := c.UpdatePeople(t.Context(), []aiguanhuai.Person{person("gone")})
	require.NoError(t, err)

	task := prepared(t, c)
	assert.Equal(t, aiguanhuai.Progress{TaskID: "task-1", Departments: 1}, task.Progress())
	require.NoError(t, task.AddDepartments(t.Context(), []aiguanhuai.Department{below("d00000", "d00001")}))
	require.NoError(t, task.AddPeople(t.Context(), people(2)))
	assert.Equal(t, aiguanhuai.Progress{TaskID: "task-1", Departments: 2, People: 2}, task.Progress())
	assert.Len(t, srv.People(), 1, "nothing changes before Complete")

	require.NoError(t, task.Complete(t.Context()))
	assert.Len(t, srv.Departments(), 2)
	assert.Equal(t, []string{"u00000", "u00001"}, []string{srv.People()[0].UserID, srv.People()[1].UserID})
	assert.Equal(t, []aiguanhuaitest.Task{{ID: "task-1", Departments: 2, People: 2, Completed: true}}, srv.Tasks())
}

// TestMisuse takes every wrong turn: a typed error, and no request.
func TestMisuse(t *testing.T) {
	t.Parallel()
	type scenario struct {
		kind error
		// arrange returns the wrong call.
		arrange func(t *testing.T, srv *aiguanhuaitest.Server, c *aiguanhuai.Client) func() error
	}
	addPeople := func(t *testing.T, task *aiguanhuai.Task) func() error {
		return func() error { return task.AddPeople(t.Context(), people(1)) }
	}
	addDepartments := func(t *testing.T, task *aiguanhuai.Task) func() error {
		return func() error { return task.AddDepartments(t.Context(), departments(1)) }
	}
	complete := func(t *testing.T, task *aiguanhuai.Task) func() error {
		return func() error { return task.Complete(t.Context()) }
	}
	resume := func(t *testing.T, c *aiguanhuai.Client, p aiguanhuai.Progress) *aiguanhuai.Task {
		task, err := c.ResumeTask(p)
		require.NoError(t, err)
		return task
	}
	completed := func(t *testing.T, c *aiguanhuai.Client) *aiguanhuai.Task {
		task := prepared(t, c)
		require.NoError(t, task.AddPeople(t.Context(), people(1)))
		require.NoError(t, task.Complete(t.Context()))
		return task
	}
	broken := func(t *testing.T, srv *aiguanhuaitest.Server, c *aiguanhuai.Client) *aiguanhuai.Task {
		task := prepared(t, c)
		require.NoError(t, task.AddPeople(t.Context(), people(1)))
		srv.Inject(aiguanhuaitest.Refuse(200008))
		require.ErrorIs(t, task.AddPeople(t.Context(), people(1)), aiguanhuai.ErrDataFormat)
		return task
	}
	for name, s := range map[string]scenario{
		"people after complete": {aiguanhuai.ErrTaskCompleted, func(t *testing.T, _ *aiguanhuaitest.Server, c *aiguanhuai.Client) func() error {
			return addPeople(t, completed(t, c))
		}},
		"departments after complete": {aiguanhuai.ErrTaskCompleted, func(t *testing.T, _ *aiguanhuaitest.Server, c *aiguanhuai.Client) func() error {
			return addDepartments(t, completed(t, c))
		}},
		"complete twice": {aiguanhuai.ErrTaskCompleted, func(t *testing.T, _ *aiguanhuaitest.Server, c *aiguanhuai.Client) func() error {
			return complete(t, completed(t, c))
		}},
		"complete after a failed add": {aiguanhuai.ErrTaskBroken, func(t *testing.T, srv *aiguanhuaitest.Server, c *aiguanhuai.Client) func() error {
			return complete(t, broken(t, srv, c))
		}},
		"add after a failed add": {aiguanhuai.ErrTaskBroken, func(t *testing.T, srv *aiguanhuaitest.Server, c *aiguanhuai.Client) func() error {
			return addPeople(t, broken(t, srv, c))
		}},
		"complete a broken task resumed": {aiguanhuai.ErrTaskBroken, func(t *testing.T, srv *aiguanhuaitest.Server, c *aiguanhuai.Client) func() error {
			return complete(t, resume(t, c, broken(t, srv, c).Progress()))
		}},
		"complete after a refused record": {aiguanhuai.ErrTaskBroken, func(t *testing.T, _ *aiguanhuaitest.Server, c *aiguanhuai.Client) func() error {
			task := prepared(t, c)
			require.NoError(t, task.AddPeople(t.Context(), people(1)))
			require.ErrorIs(t, task.AddPeople(t.Context(), make([]aiguanhuai.Person, 1)), aiguanhuai.ErrInvalid)
			return complete(t, task)
		}},
		"complete after departments refused for their order": {aiguanhuai.ErrTaskBroken, func(t *testing.T, _ *aiguanhuaitest.Server, c *aiguanhuai.Client) func() error {
			task := prepared(t, c)
			require.NoError(t, task.AddPeople(t.Context(), people(1)))
			requireTaskError(t, task.AddDepartments(t.Context(), departments(1)), aiguanhuai.ErrTaskOrder)
			return complete(t, task)
		}},
		"complete with nothing": {aiguanhuai.ErrTaskEmpty, func(t *testing.T, _ *aiguanhuaitest.Server, c *aiguanhuai.Client) func() error {
			task, err := c.PrepareTask(t.Context())
			require.NoError(t, err)
			return complete(t, task)
		}},
		"complete without people": {aiguanhuai.ErrTaskEmpty, func(t *testing.T, _ *aiguanhuaitest.Server, c *aiguanhuai.Client) func() error {
			return complete(t, prepared(t, c))
		}},
		"complete without departments": {aiguanhuai.ErrTaskEmpty, func(t *testing.T, _ *aiguanhuaitest.Server, c *aiguanhuai.Client) func() error {
			task, err := c.PrepareTask(t.Context())
			require.NoError(t, err)
			require.NoError(t, task.AddPeople(t.Context(), people(1)))
			return complete(t, task)
		}},
		"complete a resumed task without progress": {aiguanhuai.ErrTaskEmpty, func(t *testing.T, _ *aiguanhuaitest.Server, c *aiguanhuai.Client) func() error {
			return complete(t, resume(t, c, aiguanhuai.Progress{TaskID: "task-1"}))
		}},
		"departments after people": {aiguanhuai.ErrTaskOrder, func(t *testing.T, _ *aiguanhuaitest.Server, c *aiguanhuai.Client) func() error {
			task := prepared(t, c)
			require.NoError(t, task.AddPeople(t.Context(), people(1)))
			return addDepartments(t, task)
		}},
		"departments after people of an earlier process": {aiguanhuai.ErrTaskOrder, func(t *testing.T, _ *aiguanhuaitest.Server, c *aiguanhuai.Client) func() error {
			return addDepartments(t, resume(t, c, aiguanhuai.Progress{TaskID: "task-1", Departments: 1, People: 1}))
		}},
		"add to the zero Task": {aiguanhuai.ErrTaskUnprepared, func(t *testing.T, _ *aiguanhuaitest.Server, _ *aiguanhuai.Client) func() error {
			return addPeople(t, new(aiguanhuai.Task))
		}},
		"complete the zero Task": {aiguanhuai.ErrTaskUnprepared, func(t *testing.T, _ *aiguanhuaitest.Server, _ *aiguanhuai.Client) func() error {
			return complete(t, new(aiguanhuai.Task))
		}},
		"add to the nil Task": {aiguanhuai.ErrTaskUnprepared, func(t *testing.T, _ *aiguanhuaitest.Server, _ *aiguanhuai.Client) func() error {
			var none *aiguanhuai.Task
			assert.Empty(t, none.ID())
			return addPeople(t, none)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv, c := simulated(t)
			wrong := s.arrange(t, srv, c)
			before := srv.Count("")
			requireTaskError(t, wrong(), s.kind)
			assert.Equal(t, before, srv.Count(""), "nothing is sent")
		})
	}
}

func TestAddWhileAnotherRuns(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv, c := simulated(t)
		task := prepared(t, c)
		srv.Inject(aiguanhuaitest.Delay(20 * time.Second).On(aiguanhuaitest.OpAdd))
		first := make(chan error)
		go func() { first <- task.AddPeople(t.Context(), people(1)) }()
		synctest.Wait()
		before := srv.Count("")
		requireTaskError(t, task.AddPeople(t.Context(), people(2)), aiguanhuai.ErrTaskBusy)
		requireTaskError(t, task.Complete(t.Context()), aiguanhuai.ErrTaskBusy)
		assert.True(t, task.Progress().Incomplete, "stored now, it does not let a later process complete")
		assert.Equal(t, before, srv.Count(""))
		require.NoError(t, <-first)
		requireTaskError(t, task.Complete(t.Context()), aiguanhuai.ErrTaskBroken)
		require.NoError(t, task.AddPeople(t.Context(), people(2)[1:]), "what the busy task did not take")
		require.NoError(t, task.Complete(t.Context()))
	})
}

func TestEmptyAdd(t *testing.T) {
	t.Parallel()
	srv, c := simulated(t)
	task := prepared(t, c)
	require.NoError(t, task.AddPeople(t.Context(), people(1)))
	before := srv.Count("")
	requireFieldError(t, task.AddPeople(t.Context(), nil), "data")
	requireFieldError(t, prepared(t, c).AddDepartments(t.Context(), nil), "data")
	assert.Equal(t, before+2, srv.Count(""), "only those of prepared")
	require.NoError(t, task.Complete(t.Context()), "no record is missing")
}

func TestRefusedRecordSendsNothingAndDoesNotBreak(t *testing.T) {
	t.Parallel()
	srv, c := simulated(t)
	c.Small(20)
	task := prepared(t, c)
	list := people(41)
	list[40].Status = 0
	before := srv.Count("")
	err := task.AddPeople(t.Context(), list)
	requireFieldError(t, err, "data[40].status")
	var partial *aiguanhuai.PartialError
	require.ErrorAs(t, err, &partial)
	assert.Equal(t, 41, partial.Total)
	assert.Equal(t, before, srv.Count(""), "all records are checked before the first is sent")

	list[40].Status = aiguanhuai.StatusRetired
	require.NoError(t, task.AddPeople(t.Context(), list))
	require.NoError(t, task.Complete(t.Context()))
	assert.Len(t, srv.People(), 41)
}

// A refused add that was only logged: the adds after it do not make up for it.
func TestRefusedAddIsNotForgotten(t *testing.T) {
	t.Parallel()
	_, c := simulated(t)
	task := prepared(t, c)
	list := people(5)
	list[1].Status = 0
	require.ErrorIs(t, task.AddPeople(t.Context(), list[:3]), aiguanhuai.ErrInvalid)
	require.NoError(t, task.AddPeople(t.Context(), list[3:]))
	assert.True(t, task.Progress().Incomplete)
	requireTaskError(t, task.Complete(t.Context()), aiguanhuai.ErrTaskBroken)
	require.NoError(t, task.AddPeople(t.Context(), list[:1]))
	requireTaskError(t, task.Complete(t.Context()), aiguanhuai.ErrTaskBroken)
	require.NoError(t, task.AddPeople(t.Context(), list[2:3]))
	assert.False(t, task.Progress().Incomplete)
	require.NoError(t, task.Complete(t.Context()), "without the one that was named as wrong")
}

func TestDepartmentsTooLateAreNotForgotten(t *testing.T) {
	t.Parallel()
	_, c := simulated(t)
	task := prepared(t, c)
	require.NoError(t, task.AddPeople(t.Context(), people(1)))
	requireTaskError(t, task.AddDepartments(t.Context(), []aiguanhuai.Department{department("late")}), aiguanhuai.ErrTaskOrder)
	require.NoError(t, task.AddPeople(t.Context(), people(2)))
	requireTaskError(t, task.Complete(t.Context()), aiguanhuai.ErrTaskBroken)
}

func TestOwnParentIsRefused(t *testing.T) {
	t.Parallel()
	_, c := simulated(t)
	task, err := c.PrepareTask(t.Context())
	require.NoError(t, err)
	err = task.AddDepartments(t.Context(), []aiguanhuai.Department{department("d1"), below("d2", "d2")})
	requireFieldError(t, err, "data[1].parentId")
}

func TestChunksOf2000(t *testing.T) {
	t.Parallel()
	srv, c := simulated(t)
	task, err := c.PrepareTask(t.Context())
	require.NoError(t, err)
	require.NoError(t, task.AddDepartments(t.Context(), departments(4001)))
	got := srv.RequestsTo(aiguanhuaitest.OpAdd)
	require.Len(t, got, 3)
	var all []string
	for i, want := range []int{2000, 2000, 1} {
		kind, data := sent(t, got[i])
		assert.Equal(t, "department", kind)
		assert.Len(t, data, want)
		all = append(all, ids(data, "departmentId")...)
	}
	assert.IsIncreasing(t, all, "in the order given")
}

// TestCrashAndResume loses the answer of the second of three chunks for good,
// stores the progress, and goes on in what could be another process.
func TestCrashAndResume(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv, c := simulated(t)
		c.Small(20)
		task := prepared(t, c)
		list := people(45)
		srv.Inject(aiguanhuaitest.LoseAnswer().On(aiguanhuaitest.OpAdd).After(1).Always())
		err := task.AddPeople(t.Context(), list)
		require.ErrorIs(t, err, aiguanhuai.ErrOutcomeUnknown)
		require.ErrorIs(t, err, aiguanhuai.ErrUnavailable)
		stored, err := json.Marshal(task.Progress())
		require.NoError(t, err)
		assert.JSONEq(t, `{"taskId":"task-1","departments":1,"people":20,"incomplete":true}`, string(stored))

		srv.ClearFaults()
		var progress aiguanhuai.Progress
		require.NoError(t, json.Unmarshal(stored, &progress))
		task, err = clientOf(t, srv).ResumeTask(progress)
		require.NoError(t, err)
		require.NoError(t, task.AddPeople(t.Context(), list[progress.People:]))
		assert.Equal(t, aiguanhuai.Progress{TaskID: "task-1", Departments: 1, People: 45}, task.Progress())
		require.NoError(t, task.Complete(t.Context()))
		assert.Len(t, srv.People(), 45, "the chunk that came twice counts once")
	})
}

func TestResumeToComplete(t *testing.T) {
	t.Parallel()
	srv, c := simulated(t)
	task := prepared(t, c)
	require.NoError(t, task.AddPeople(t.Context(), people(1)))
	again, err := clientOf(t, srv).ResumeTask(task.Progress())
	require.NoError(t, err)
	require.NoError(t, again.Complete(t.Context()), "the progress proves the adds")
	assert.Len(t, srv.People(), 1)
}

func TestResumeRefusesNonsense(t *testing.T) {
	t.Parallel()
	_, c := simulated(t)
	for field, p := range map[string]aiguanhuai.Progress{
		"TaskID":      {TaskID: " ", Departments: 1},
		"Departments": {TaskID: "t", Departments: -1},
		"People":      {TaskID: "t", People: -1},
	} {
		_, err := c.ResumeTask(p)
		requireFieldError(t, err, field)
	}
}

func TestCancelledAddBreaks(t *testing.T) {
	t.Parallel()
	srv, c := simulated(t)
	task := prepared(t, c)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, task.AddPeople(ctx, people(1)), context.Canceled)
	requireTaskError(t, task.Complete(t.Context()), aiguanhuai.ErrTaskBroken)
	assert.Equal(t, 2, srv.Count(""))
}

// TestPanicBreaks: a hook, transport or signer that panics leaves a chunk in
// the dark.
func TestPanicBreaks(t *testing.T) {
	t.Parallel()
	srv, _ := simulated(t)
	armed := false
	transport := srv.Transport()
	c, err := aiguanhuai.New(srv.Config(), aiguanhuai.WithHTTPClient(&http.Client{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
		if armed {
			panic("transport")
		}
		return transport.RoundTrip(r)
	})}))
	require.NoError(t, err)
	task := prepared(t, c)
	require.NoError(t, task.AddPeople(t.Context(), people(1)))
	armed = true
	assert.Panics(t, func() { _ = task.AddPeople(t.Context(), people(1)) })
	armed = false
	requireTaskError(t, task.Complete(t.Context()), aiguanhuai.ErrTaskBroken)
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
