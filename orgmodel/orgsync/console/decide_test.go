package console_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/orgmodel"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync/console"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync/console/sandbox"
)

// diary takes log lines from several goroutines.
type diary struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (d *diary) Write(p []byte) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.b.Write(p)
}

func (d *diary) String() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.b.String()
}

// An approval is carried out once, is on record with name and digest, and is logged
// without the name.
func TestDecide_approve(t *testing.T) {
	t.Parallel()
	var log diary
	var decisions []console.Decision
	c, box := openSandbox(t, func(config *console.Config) {
		config.Logger = slog.New(slog.NewTextHandler(&log, nil))
		config.Decided = func(_ context.Context, d console.Decision) { decisions = append(decisions, d) }
	})
	require.NoError(t, box.Do(t.Context(), sandbox.Most))
	id, digest := c.plan()
	require.NotEmpty(t, digest)
	for range 3 { // a double click, and one more
		status, text := c.decide(id, digest, console.Approve)
		require.Equal(t, http.StatusSeeOther, status, text)
	}
	text := c.idle()
	require.Contains(t, text, "outcome done")
	require.Contains(t, text, "Approved")
	require.Contains(t, text, "王岚")
	runs, err := box.Runner().Runs(t.Context())
	require.NoError(t, err)
	require.Len(t, runs, 2, "the first sync, and one run")

	require.Len(t, decisions, 1)
	require.Equal(t, console.Approve, decisions[0].Verdict)
	require.Equal(t, digest, decisions[0].Digest)
	require.Equal(t, "王岚", decisions[0].By)
	require.False(t, decisions[0].At.IsZero())
	require.Equal(t, 1, strings.Count(log.String(), "msg=decided"), log.String())
	require.Contains(t, log.String(), digest)
	require.NotContains(t, log.String(), "王岚")

	status, text := c.decide(id, digest, console.Reject)
	require.Equal(t, http.StatusConflict, status)
	require.Contains(t, text, "decided already")
}

// Nothing is sent after a rejection.
func TestDecide_reject(t *testing.T) {
	t.Parallel()
	c, box := openSandbox(t, nil)
	require.NoError(t, box.Do(t.Context(), sandbox.Most))
	id, digest := c.plan()
	status, _ := c.decide(id, digest, console.Reject)
	require.Equal(t, http.StatusSeeOther, status)
	require.Contains(t, c.idle(), "Nothing was sent")
	status, _ = c.decide(id, digest, console.Approve)
	require.Equal(t, http.StatusConflict, status)
	runs, err := box.Runner().Runs(t.Context())
	require.NoError(t, err)
	require.Len(t, runs, 1)
}

// The rest goes while what the guard objects to waits.
func TestDecide_hold(t *testing.T) {
	t.Parallel()
	c, box := openSandbox(t, nil)
	require.NoError(t, box.Do(t.Context(), sandbox.Most))
	require.NoError(t, box.Do(t.Context(), sandbox.Hire))
	id, digest := c.plan()
	status, _ := c.decide(id, digest, console.Hold)
	require.Equal(t, http.StatusSeeOther, status)
	text := c.idle()
	require.Contains(t, text, "outcome held")
	status, report := c.get("/run?id=2")
	require.Equal(t, http.StatusOK, status)
	require.Contains(t, report, "held back")
	runs, err := box.Runner().Runs(t.Context())
	require.NoError(t, err)
	require.Equal(t, 9, runs[0].Changes, "three people at three targets")
}

// What joined between the look and the approval is not sent, and is named.
func TestDecide_objectionsAdded(t *testing.T) {
	t.Parallel()
	c, box := openSandbox(t, nil)
	require.NoError(t, box.Do(t.Context(), sandbox.Most))
	id, digest := c.plan()
	require.NoError(t, box.Do(t.Context(), sandbox.Leave))
	status, _ := c.decide(id, digest, console.Approve)
	require.Equal(t, http.StatusSeeOther, status)
	text := c.idle()
	require.Contains(t, text, "the guard objects to more")
	require.NotEqual(t, digest, value(t, text, "digest"), "the newest plan lies there to be decided")
	runs, err := box.Runner().Runs(t.Context())
	require.NoError(t, err)
	require.Equal(t, console.Stopped, runs[0].Outcome)
	require.Zero(t, runs[0].Changes)
}

// Fewer objections than were approved need no other approval.
func TestDecide_objectionsGone(t *testing.T) {
	t.Parallel()
	c, box := openSandbox(t, nil)
	require.NoError(t, box.Do(t.Context(), sandbox.Most))
	require.NoError(t, box.Do(t.Context(), sandbox.Hire))
	id, digest := c.plan()
	require.NoError(t, box.Do(t.Context(), sandbox.Back))
	status, _ := c.decide(id, digest, console.Approve)
	require.Equal(t, http.StatusSeeOther, status)
	require.Contains(t, c.idle(), "outcome done")
}

// Some who were approved to go are back: the rest goes under the same approval, although
// the digest is another one by now.
func TestDecide_someAreBack(t *testing.T) {
	t.Parallel()
	source := newCompany(10, 400)
	runner, err := console.NewRunner(console.RunnerConfig{Engine: engineOf(t, source, 2)})
	require.NoError(t, err)
	_, err = runner.Run(t.Context(), orgsync.RunOptions{})
	require.NoError(t, err)
	set := func(status orgmodel.Status, n int) {
		source.tick++
		for i := range n {
			source.people[i].SetStatus(status)
		}
	}
	c := open(t, console.Config{Host: runner})
	set(orgmodel.StatusLeft, 60)
	id, digest := c.plan()
	set(orgmodel.StatusActive, 5)
	status, _ := c.decide(id, digest, console.Approve)
	require.Equal(t, http.StatusSeeOther, status)
	require.Contains(t, c.idle(), "outcome done")
	runs, err := runner.Runs(t.Context())
	require.NoError(t, err)
	require.Equal(t, 55*2, runs[0].Changes)
}

// A tab that shows an old plan cannot decide; it is told what was added since.
func TestDecide_oldPlan(t *testing.T) {
	t.Parallel()
	c, box := openSandbox(t, nil)
	require.NoError(t, box.Do(t.Context(), sandbox.Most))
	id, digest := c.plan()
	require.NoError(t, box.Do(t.Context(), sandbox.Leave))
	c.plan()
	status, text := c.decide(id, digest, console.Approve)
	require.Equal(t, http.StatusConflict, status)
	require.Contains(t, text, "not the newest plan")
	require.Contains(t, text, "people removed")
	require.Regexp(t, `class="ids"><li><bdi class="id">U0`, text)
	status, _ = c.decide("no such plan", digest, console.Approve)
	require.Equal(t, http.StatusConflict, status)
	runs, err := box.Runner().Runs(t.Context())
	require.NoError(t, err)
	require.Len(t, runs, 1)
}

// What a plan does not offer cannot be decided.
func TestDecide_notOffered(t *testing.T) {
	t.Parallel()
	fewer := orgsync.Violation{Kind: orgsync.KindFewerPeople, Planned: 9, Of: 10, Allowed: 5}
	people := orgsync.Violation{Kind: orgsync.KindPeople, Target: "t", Planned: 9, Of: 10, Allowed: 5}
	for name, test := range map[string]struct {
		plan    orgsync.Plan
		offered []console.Verdict
	}{
		"no objection":          {orgsync.Plan{}, []console.Verdict{console.Apply, console.Reject}},
		"approved before":       {orgsync.Plan{Violations: []orgsync.Violation{people}, GuardDigest: "d", Approved: true}, []console.Verdict{console.Apply, console.Reject}},
		"a target":              {orgsync.Plan{Violations: []orgsync.Violation{people}, GuardDigest: "d"}, []console.Verdict{console.Approve, console.Hold, console.Reject}},
		"the source":            {orgsync.Plan{Violations: []orgsync.Violation{fewer}, GuardDigest: "d"}, []console.Verdict{console.Approve, console.Reject}},
		"nothing at the source": {orgsync.Plan{Violations: []orgsync.Violation{{Kind: orgsync.KindNothing}}}, []console.Verdict{console.Reject}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, verdict := range []console.Verdict{console.Apply, console.Approve, console.Hold, console.Reject, "", "force"} {
				plan := test.plan
				host := &fakeHost{plan: &plan, report: &orgsync.Report{}}
				c := open(t, console.Config{Host: host})
				id, digest := c.plan()
				want := http.StatusBadRequest
				for _, v := range test.offered {
					if v == verdict {
						want = http.StatusSeeOther
					}
				}
				status, _ := c.decide(id, digest+"x", verdict)
				require.Equal(t, http.StatusBadRequest, status, "another digest")
				status, _ = c.decide(id, digest, verdict)
				require.Equal(t, want, status, verdict)
				c.idle()
				if want == http.StatusBadRequest || verdict == console.Reject {
					require.Empty(t, host.runs())
				}
			}
		})
	}
}

// One thing is under way at a time, and a run that did not begin leaves the plan open.
func TestDecide_busy(t *testing.T) {
	t.Parallel()
	host := &fakeHost{plan: &orgsync.Plan{}, report: &orgsync.Report{}, gate: make(chan struct{})}
	c := open(t, console.Config{Host: host})
	id, digest := c.plan()
	status, _ := c.decide(id, digest, console.Apply)
	require.Equal(t, http.StatusSeeOther, status)
	_, text := c.get("/")
	require.Contains(t, text, "Carrying it out")
	status, _ = c.post("/plan")
	require.Equal(t, http.StatusSeeOther, status)
	close(host.gate)
	require.Contains(t, c.idle(), "Carried out")
	require.Len(t, host.planned, 1, "no second plan while a run is under way")
	require.Len(t, host.runs(), 1)

	host.gate, host.report, host.err = nil, nil, nil
	id, digest = c.plan()
	host.err = console.ErrBusy
	status, _ = c.decide(id, digest, console.Apply)
	require.Equal(t, http.StatusSeeOther, status)
	text = c.idle()
	require.Contains(t, text, "under way")
	require.Contains(t, text, "Carry it out", "it can be decided again")
}

// A source that cannot be read leaves the last plan, and says why there is no new one.
func TestPlan_fails(t *testing.T) {
	t.Parallel()
	host := &fakeHost{err: errors.New("orgsync: reading <b>: timeout")}
	c := open(t, console.Config{Host: host})
	c.post("/plan", "full", "1", "replace", "care")
	require.Contains(t, c.idle(), "orgsync: reading &lt;b&gt;: timeout")
	require.Equal(t, []orgsync.RunOptions{{Full: true, Replace: []string{"care"}}}, host.planned)
}

// Close ends a run that the page started, and waits for it. Nothing begins after it.
func TestClose(t *testing.T) {
	t.Parallel()
	host := &fakeHost{plan: &orgsync.Plan{}, report: &orgsync.Report{}, gate: make(chan struct{})}
	c, page := openPage(t, console.Config{Host: host})
	id, digest := c.plan()
	status, _ := c.decide(id, digest, console.Apply)
	require.Equal(t, http.StatusSeeOther, status)
	page.Close()
	require.Contains(t, c.idle(), "context canceled")
	c.post("/plan")
	page.Close()
	require.Len(t, host.planned, 1)
}
