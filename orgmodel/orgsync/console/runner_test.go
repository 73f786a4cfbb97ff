package console_test

import (
	"context"
	"errors"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync/console"
)

// slowEngine runs when it is let.
type slowEngine struct {
	gate chan struct{}
	err  error
	runs int
}

func (e *slowEngine) Plan(context.Context, orgsync.RunOptions) (*orgsync.Plan, error) {
	<-e.gate
	return &orgsync.Plan{Tenant: "acme"}, e.err
}

func (e *slowEngine) Run(context.Context, orgsync.RunOptions) (*orgsync.Report, error) {
	<-e.gate
	e.runs++
	began := time.Date(2026, 3, 1, 8, 0, e.runs, 0, time.UTC)
	return &orgsync.Report{
		Tenant: "acme", Started: began, Finished: began.Add(3 * time.Second),
		Reading: orgsync.Reading{Full: true, Watermark: orgsync.Watermark{Cursor: strconv.Itoa(e.runs), Time: began}},
		Targets: []orgsync.TargetReport{{
			Name: "care", Done: map[orgsync.Action]int{orgsync.Create: 4, orgsync.Delete: 1}, Failed: make([]orgsync.Note, 2),
		}},
	}, e.err
}

// Only one plan or run is under way at a time.
func TestRunner_exclusive(t *testing.T) {
	t.Parallel()
	engine := &slowEngine{gate: make(chan struct{})}
	runner, err := console.NewRunner(console.RunnerConfig{Engine: engine, Tenant: "acme", Next: func() time.Time { return time.Unix(7, 0) }})
	require.NoError(t, err)
	done := make(chan error)
	go func() { _, err := runner.Run(t.Context(), orgsync.RunOptions{}); done <- err }()
	for state, _ := runner.State(t.Context()); !state.Running; state, _ = runner.State(t.Context()) {
		continue
	}
	_, err = runner.Run(t.Context(), orgsync.RunOptions{})
	require.ErrorIs(t, err, console.ErrBusy)
	_, err = runner.Plan(t.Context(), orgsync.RunOptions{})
	require.ErrorIs(t, err, console.ErrBusy)
	state, err := runner.State(t.Context())
	require.NoError(t, err)
	require.Equal(t, "this process", state.Lease.Holder)
	require.False(t, state.Since.IsZero())
	close(engine.gate)
	require.NoError(t, <-done)
	require.Equal(t, 1, engine.runs)

	state, err = runner.State(t.Context())
	require.NoError(t, err)
	require.Equal(t, console.State{Tenant: "acme", Watermark: "1", NextRun: time.Unix(7, 0), Since: state.Since}, state)
	_, err = runner.Plan(t.Context(), orgsync.RunOptions{})
	require.NoError(t, err)
}

// The last 50 runs are kept, newest first, each with its report.
func TestRunner_history(t *testing.T) {
	t.Parallel()
	engine := &slowEngine{gate: make(chan struct{})}
	close(engine.gate)
	runner, err := console.NewRunner(console.RunnerConfig{Engine: engine})
	require.NoError(t, err)
	for range 60 {
		_, err := runner.Run(t.Context(), orgsync.RunOptions{})
		require.NoError(t, err)
	}
	runs, err := runner.Runs(t.Context())
	require.NoError(t, err)
	require.Len(t, runs, 50)
	require.Equal(t, 5, runs[0].Changes)
	require.Equal(t, 2, runs[0].Failures)
	require.Equal(t, 3*time.Second, runs[0].Duration())
	require.True(t, runs[0].Started.After(runs[1].Started))
	require.NotEqual(t, runs[0].ID, runs[1].ID)
	report, err := runner.Report(t.Context(), runs[49].ID)
	require.NoError(t, err)
	require.True(t, report.Started.Equal(runs[49].Started))
	_, err = runner.Report(t.Context(), "1")
	require.ErrorIs(t, err, console.ErrNoReport, "it was forgotten")
}

// Runs of earlier processes are listed behind those of this one.
func TestRunner_earlier(t *testing.T) {
	t.Parallel()
	engine := &slowEngine{gate: make(chan struct{})}
	close(engine.gate)
	earlier := make([]console.Run, 50)
	earlier[0].ID = "before"
	runner, err := console.NewRunner(console.RunnerConfig{Engine: engine, Earlier: earlier})
	require.NoError(t, err)
	_, err = runner.Run(t.Context(), orgsync.RunOptions{})
	require.NoError(t, err)
	runs, err := runner.Runs(t.Context())
	require.NoError(t, err)
	require.Len(t, runs, 50)
	require.Equal(t, []string{"1", "before"}, []string{runs[0].ID, runs[1].ID})
	_, err = runner.Report(t.Context(), "before")
	require.ErrorIs(t, err, console.ErrNoReport)
}

func TestRunOf(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		err  error
		want console.Outcome
	}{
		{nil, console.Done},
		{errors.New("x"), console.Failed},
		{&orgsync.GuardError{}, console.Stopped},
		{errors.Join(errors.New("x"), &orgsync.GuardError{Held: true}), console.Held},
	} {
		require.Equal(t, test.want, console.RunOf("1", &orgsync.Report{}, test.err).Outcome)
	}
}

// keeper is a history and a state that someone else keeps.
type keeper struct{}

func (keeper) Runs(context.Context) ([]console.Run, error) { return []console.Run{{ID: "kept"}}, nil }
func (keeper) Report(_ context.Context, id string) (*orgsync.Report, error) {
	return &orgsync.Report{Source: id}, nil
}

// A host may keep the history, and knows more of the state.
func TestRunner_hostKeeps(t *testing.T) {
	t.Parallel()
	engine := &slowEngine{gate: make(chan struct{}), err: orgsync.ErrLocked}
	close(engine.gate)
	runner, err := console.NewRunner(console.RunnerConfig{
		Engine: engine, History: keeper{},
		State: func(_ context.Context, s console.State) (console.State, error) {
			s.Lease.Until = time.Unix(9, 0)
			return s, nil
		},
	})
	require.NoError(t, err)
	_, err = runner.Run(t.Context(), orgsync.RunOptions{})
	require.ErrorIs(t, err, orgsync.ErrLocked)
	state, err := runner.State(t.Context())
	require.NoError(t, err)
	require.Equal(t, console.Lease{Holder: "another process", Until: time.Unix(9, 0)}, state.Lease)
	runs, err := runner.Runs(t.Context())
	require.NoError(t, err)
	require.Equal(t, []console.Run{{ID: "kept"}}, runs)
	report, err := runner.Report(t.Context(), "kept")
	require.NoError(t, err)
	require.Equal(t, "kept", report.Source)
}
