package aiguanhuai_test

import (
	"errors"
	"iter"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/orgbridge/orgbridge/aiguanhuai"
	"github.com/orgbridge/orgbridge/aiguanhuai/aiguanhuaitest"
)

var errSource = errors.New("source failed")

// stream yields records, and errSource before the one at failAt.
func stream[T any](records []T, failAt int) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for i := range len(records) + 1 {
			var none T
			if i == failAt && !yield(none, errSource) {
				return
			}
			if i == len(records) || !yield(records[i], nil) {
				return
			}
		}
	}
}

const never = -1

func TestPushAll(t *testing.T) {
	t.Parallel()
	srv, c := simulated(t)
	summary, err := c.PushAll(t.Context(), stream(departments(2001), never), stream(people(4000), never))
	require.NoError(t, err)
	assert.Equal(t, aiguanhuai.PushSummary{
		Progress:  aiguanhuai.Progress{TaskID: "task-1", Departments: 2001, People: 4000},
		Completed: true,
	}, summary)
	var calls []string
	for _, r := range srv.Requests() {
		calls = append(calls, r.Op)
	}
	assert.Equal(t, []string{"add-prepare", "add", "add", "add", "add", "add-complete"}, calls)
	assert.Equal(t, departments(2001), srv.Departments())
	assert.Len(t, srv.People(), 4000)
}

// TestPushAllHoldsOneChunk: a record is asked for only once those before it are
// sent, except for one chunk of each kind.
func TestPushAllHoldsOneChunk(t *testing.T) {
	t.Parallel()
	srv, c := simulated(t)
	c.Small(5)
	counted := func(yield func(aiguanhuai.Person, error) bool) {
		for i, p := range people(16) {
			if acknowledged := max(srv.Count(aiguanhuaitest.OpAdd)-1, 0) * 5; !assert.LessOrEqual(t, i-acknowledged, 5) {
				return
			}
			if !yield(p, nil) {
				return
			}
		}
	}
	_, err := c.PushAll(t.Context(), stream(departments(1), never), counted)
	require.NoError(t, err)
}

func TestPushAllRefusesAnEmptyPush(t *testing.T) {
	t.Parallel()
	for name, push := range map[string]struct {
		departments, people int
		requests            int
	}{
		"nothing":                         {0, 0, 0},
		"no departments":                  {0, 3, 0},
		"no people":                       {3, 0, 0},
		"no people, too many departments": {2001, 0, 2}, // found out too late
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv, c := simulated(t)
			summary, err := c.PushAll(t.Context(), stream(departments(push.departments), never), stream(people(push.people), never))
			requireTaskError(t, err, aiguanhuai.ErrTaskEmpty)
			assert.False(t, summary.Completed)
			assert.Equal(t, push.requests, srv.Count(""))
			assert.Zero(t, srv.Count(aiguanhuaitest.OpComplete))
		})
	}
	srv, c := simulated(t)
	_, err := c.PushAll(t.Context(), nil, stream(people(1), never))
	requireFieldError(t, err, "departments")
	_, err = c.PushAll(t.Context(), stream(departments(1), never), nil)
	requireFieldError(t, err, "people")
	assert.Zero(t, srv.Count(""))
}

// TestPushAllNeverCompletesHalf lets an iterator, a record or a chunk fail at
// any position.
func TestPushAllNeverCompletesHalf(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		srv, _ := simulated(t)
		c := retrying(t, srv, 2)
		c.Small(3)
		_, err := c.UpdatePeople(t.Context(), []aiguanhuai.Person{person("staff")})
		require.NoError(rt, err)
		d := departments(rapid.IntRange(1, 8).Draw(rt, "departments"))
		p := people(rapid.IntRange(1, 10).Draw(rt, "people"))
		failDepartment, failPerson := never, never
		var want error
		switch rapid.SampledFrom([]string{"departments", "people", "record", "chunk", "prepare"}).Draw(rt, "fault") {
		case "departments":
			failDepartment, want = rapid.IntRange(0, len(d)).Draw(rt, "at"), errSource
		case "people":
			failPerson, want = rapid.IntRange(0, len(p)).Draw(rt, "at"), errSource
		case "record":
			want = aiguanhuai.ErrInvalid
			p[rapid.IntRange(0, len(p)-1).Draw(rt, "at")].Status = 0
		case "chunk":
			chunks := (len(d)+2)/3 + (len(p)+2)/3
			fault := rapid.SampledFrom([]aiguanhuaitest.Fault{
				aiguanhuaitest.Refuse(200008), aiguanhuaitest.Status(503).Always(), aiguanhuaitest.LoseAnswer().Always(), aiguanhuaitest.HTML(),
			}).Draw(rt, "kind")
			srv.Inject(fault.On(aiguanhuaitest.OpAdd).After(rapid.IntRange(0, chunks-1).Draw(rt, "at")))
		case "prepare":
			srv.Inject(aiguanhuaitest.Refuse(200003).On(aiguanhuaitest.OpPrepare))
			want = aiguanhuai.ErrSignature
		}
		summary, err := c.PushAll(t.Context(), stream(d, failDepartment), stream(p, failPerson))
		require.Error(rt, err)
		if want != nil {
			require.ErrorIs(rt, err, want)
		}
		assert.False(rt, summary.Completed)
		assert.Zero(rt, srv.Count(aiguanhuaitest.OpComplete))
		assert.Len(rt, srv.People(), 1, "the vendor's staff is as it was")
		if summary.Progress.TaskID != "" {
			task, err := c.ResumeTask(summary.Progress)
			require.NoError(rt, err)
			requireTaskError(t, task.Complete(t.Context()), aiguanhuai.ErrTaskBroken)
		}
	})
}

func TestPushAllOfUnknownOutcome(t *testing.T) {
	t.Parallel()
	srv, _ := simulated(t)
	c := retrying(t, srv, 1)
	srv.Inject(aiguanhuaitest.ResetConnection().On(aiguanhuaitest.OpComplete))
	summary, err := c.PushAll(t.Context(), stream(departments(1), never), stream(people(1), never))
	require.ErrorIs(t, err, aiguanhuai.ErrOutcomeUnknown)
	assert.False(t, summary.Completed)
	task, err := c.ResumeTask(summary.Progress)
	require.NoError(t, err)
	require.NoError(t, task.Complete(t.Context()), "all was acknowledged, only Complete is left")
	assert.Len(t, srv.People(), 1)
}
