package trigger_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync/trigger"
	"github.com/orgbridge/orgbridge/tuzhan/tuzhantest"
	"github.com/orgbridge/orgbridge/yunzhijia"
	"github.com/orgbridge/orgbridge/yunzhijia/yunzhijiatest"
)

// outcome is a run of the engine.
type outcome struct {
	request trigger.Request
	report  *orgsync.Report
	err     error
}

// synced is an organisation that events keep in step.
type synced struct {
	*trigger.Trigger

	source *yunzhijiatest.Server
	target *tuzhantest.Server
	sender *yunzhijiatest.EventSender
	runs   chan outcome
}

// keepInStep serves until the bubble ends.
func keepInStep(t *testing.T) *synced {
	t.Helper()
	s := &synced{
		source: yunzhijiatest.NewInMemory(yunzhijiatest.Seed(10, 200), yunzhijiatest.WithContacts()),
		target: tuzhantest.NewInMemory(), runs: make(chan outcome, 1000),
	}
	t.Cleanup(func() { s.source.Close(); s.target.Close() })
	reader := s.source.Client()
	writer := s.target.Client()
	engine, err := orgsync.New(orgsync.Config{
		Tenant: "acme", Source: &orgsync.YunzhijiaSource{Client: reader},
		Targets: []orgsync.Target{&orgsync.TuzhanTarget{Client: writer}}, Store: orgsync.NewMemoryStore(),
	})
	require.NoError(t, err)
	s.Trigger, err = trigger.New(trigger.Config{
		AtStart: true, Every: 15 * time.Minute,
		Run: func(ctx context.Context, r trigger.Request) {
			report, err := engine.Run(ctx, orgsync.RunOptions{Full: r.Full})
			s.runs <- outcome{r, report, err}
		},
	})
	require.NoError(t, err)
	handler, err := yunzhijia.NewEventHandler(yunzhijia.EventHandlerConfig{
		Access: []yunzhijia.EventAccess{yunzhijia.TeamEvents("10001", "k")},
		Take:   func(context.Context, yunzhijia.Event) error { return s.Event() },
	})
	require.NoError(t, err)
	s.sender = yunzhijiatest.NewEventSender(yunzhijiatest.EventSenderConfig{Handler: handler, EID: "10001", Key: "k"})
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(ctx) }()
	t.Cleanup(func() { stop(); assert.NoError(t, <-ended) })
	first := <-s.runs
	require.NoError(t, first.err)
	assert.Len(t, s.target.Employees(), 200)
	return s
}

// departmentOf returns where the target has a person, "" for nowhere.
func (s *synced) departmentOf(openID string) string {
	for _, e := range s.target.Employees() {
		if e.ThirdUserID == openID {
			return e.ThirdDeptID
		}
	}
	return ""
}

// Lost, doubled and shuffled events, of which the ids are not even right: one run reads
// everything that changed.
func TestEventsInDisorderKeepTheTargetInStep(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := keepInStep(t)
		wait(t.Context(), 2*time.Minute)
		var events []yunzhijia.Event
		for i := range 20 {
			id := fmt.Sprintf("person-%05d", i+50)
			s.source.UpdatePerson(id, func(p *yunzhijia.Person) { p.OrgID = "org-0007" })
			events = append(events, yunzhijia.Event{Type: yunzhijia.EventPersonUpdate, ID: "wrong-" + id})
		}
		s.source.Leave("person-00100")
		events = append(events, yunzhijia.Event{Type: yunzhijia.EventOrgDelete, ID: "org-0001"})
		begin := time.Now()
		answers, err := s.sender.SendAll(t.Context(), events, yunzhijiatest.EventDisorder{Lost: 0.4, Doubled: 0.5, Shuffled: true, Seed: 3})
		require.NoError(t, err)
		for _, a := range answers {
			assert.True(t, a.Lost || a.OK())
		}

		run := <-s.runs
		require.NoError(t, run.err)
		assert.Equal(t, trigger.Events, run.request.Cause)
		assert.Less(t, run.request.Events, 21, "events were lost, and a repetition does not count")
		assert.InDelta(t, 5*time.Second, time.Since(begin), float64(time.Second))
		for i := range 20 {
			assert.Equal(t, "org-0007", s.departmentOf(fmt.Sprintf("person-%05d", i+50)))
		}
		assert.Empty(t, s.departmentOf("person-00100"))
		assert.Len(t, s.target.Employees(), 199)
		assert.Len(t, s.target.Departments(), 10, "an event that says so deletes nothing")
		wait(t.Context(), time.Minute)
		assert.Empty(t, s.runs, "one run is enough")
	})
}

// An event that never came is made good by the schedule.
func TestTheScheduleFindsWhatEventsLost(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := keepInStep(t)
		wait(t.Context(), 2*time.Minute)
		s.source.Leave("person-00100")
		answer, err := s.sender.Send(t.Context(), yunzhijia.Event{Type: yunzhijia.EventUserLeave, ID: "person-00100"}, yunzhijiatest.WrongKey())
		require.NoError(t, err)
		assert.Equal(t, 403, answer.Status)
		run := <-s.runs
		require.NoError(t, run.err)
		assert.Equal(t, trigger.Schedule, run.request.Cause)
		assert.Empty(t, s.departmentOf("person-00100"))
	})
}
