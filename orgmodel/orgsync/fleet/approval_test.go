package fleet_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"

	"github.com/orgbridge/orgbridge/orgmodel/orgsync/fleet"
)

func digest(c string) string { return strings.Repeat(c, 64) }

// approvals is an Approval workflow in virtual time.
type approvals struct {
	*testsuite.TestWorkflowEnvironment
	t        *testing.T
	w        *world
	runs     []fleet.Request
	held     int               // how many runs find the tenant held
	rejected map[string]string // update → why it was refused
}

func newApprovals(t *testing.T) *approvals {
	var suite testsuite.WorkflowTestSuite
	a := &approvals{TestWorkflowEnvironment: suite.NewTestWorkflowEnvironment(), t: t, w: newWorld(t), rejected: map[string]string{}}
	a.SetTestTimeout(time.Minute)
	a.w.worker(t, nil).Register(a)
	a.OnActivity("orgsync.Run", mock.Anything, mock.Anything).Return(func(_ context.Context, r fleet.Request) (fleet.Result, error) {
		a.runs = append(a.runs, r)
		if len(a.runs) <= a.held {
			return fleet.Result{}, temporal.NewApplicationErrorWithOptions("x", "locked",
				temporal.ApplicationErrorOptions{NextRetryDelay: time.Minute})
		}
		return fleet.Result{Tenant: r.Tenant, Outcome: fleet.Done}, nil
	}).Maybe()
	return a
}

func (a *approvals) update(after time.Duration, id, name string, arg any) {
	a.RegisterDelayedCallback(func() {
		a.UpdateWorkflow(name, id, &testsuite.TestUpdateCallback{
			OnReject:   func(err error) { a.rejected[id] = err.Error() },
			OnAccept:   func() {},
			OnComplete: func(any, error) {},
		}, arg)
	}, after)
}

func (a *approvals) propose(after time.Duration, s fleet.Stopped) {
	a.update(after, "propose-"+s.Digest[:1]+after.String(), "propose", s)
}

func (a *approvals) end() time.Duration {
	began := a.Now()
	a.ExecuteWorkflow("orgsync.Approval", tenant)
	require.True(a.t, a.IsWorkflowCompleted())
	require.NoError(a.t, a.GetWorkflowError())
	return a.Now().Sub(began)
}

func TestApprovalTriggersOneRun(t *testing.T) {
	t.Parallel()
	a := newApprovals(t)
	a.propose(0, fleet.Stopped{Digest: digest("a")})
	a.propose(time.Hour, fleet.Stopped{Digest: digest("a")})
	a.propose(2*time.Hour, fleet.Stopped{
		Digest: digest("b"), Covering: []string{digest("c")},
		Added: []fleet.Added{{Digest: digest("a"), Kinds: map[string]int{"people": 3, "created": 1}}},
	})
	a.update(3*time.Hour, "other", "approve", fleet.Decision{Digest: digest("d"), By: "li.lei"})
	a.update(3*time.Hour, "old", "approve", fleet.Decision{Digest: digest("a"), By: "li.lei"})
	a.update(3*time.Hour, "nobody", "approve", fleet.Decision{Digest: digest("b")})
	a.update(3*time.Hour, "bad", "propose", fleet.Stopped{Digest: "x"})
	a.update(4*time.Hour, "good", "approve", fleet.Decision{Digest: digest("c"), By: "li.lei"})
	a.update(4*time.Hour, "twice", "approve", fleet.Decision{Digest: digest("b"), By: "han.mei"})
	a.end()
	assert.Equal(t, []fleet.Request{{Tenant: tenant, Digest: digest("c"), By: "li.lei"}}, a.runs)
	assert.Contains(t, a.rejected["old"], "a newer plan waits, to which was added: created 1, people 3")
	assert.Contains(t, a.rejected["other"], "a newer plan waits: look")
	assert.Contains(t, a.rejected, "nobody")
	assert.Contains(t, a.rejected, "bad")
	assert.Contains(t, a.rejected, "twice")
	assert.NotContains(t, a.rejected, "good")
	assert.Empty(t, a.w.reminded)
}

func TestApprovalRemindsAndExpires(t *testing.T) {
	t.Parallel()
	a := newApprovals(t)
	a.propose(0, fleet.Stopped{Digest: digest("a")})
	a.propose(time.Hour, fleet.Stopped{Digest: digest("b")})
	a.propose(10*time.Hour, fleet.Stopped{Digest: digest("b")})
	assert.InDelta(t, 7*24+1, a.end().Hours(), 0.1)
	require.Len(t, a.w.reminded, 3)
	assert.False(t, a.w.reminded[1].Expired)
	assert.True(t, a.w.reminded[2].Expired)
	assert.Equal(t, digest("b"), a.w.reminded[0].Stopped.Digest)
	assert.Empty(t, a.runs)
}

func TestApprovalRejected(t *testing.T) {
	t.Parallel()
	a := newApprovals(t)
	a.propose(0, fleet.Stopped{Digest: digest("a")})
	a.update(5*time.Hour, "no", "reject", fleet.Decision{Digest: digest("a"), By: "li.lei"})
	assert.InDelta(t, 5, a.end().Hours(), 0.1)
	assert.Empty(t, a.runs)
	assert.Len(t, a.w.reminded, 1)
}

// The run of an approval may be stopped again, by what joined.
func TestApprovalWaitsAgain(t *testing.T) {
	t.Parallel()
	a := newApprovals(t)
	a.propose(0, fleet.Stopped{Digest: digest("a")})
	a.update(time.Hour, "yes", "approve", fleet.Decision{Digest: digest("a"), By: "li.lei"})
	a.OnWorkflow("orgsync.Sync", mock.Anything, mock.Anything).Return(fleet.Result{}, nil).After(time.Hour)
	a.propose(90*time.Minute, fleet.Stopped{Digest: digest("b")})
	a.update(3*time.Hour, "no", "reject", fleet.Decision{Digest: digest("b"), By: "li.lei"})
	assert.InDelta(t, 3, a.end().Hours(), 0.1)
	assert.NotContains(t, a.rejected, "no")
}

// A run that others kept from its turn is started again: the approval is not lost.
func TestApprovalWaitsForTheTenant(t *testing.T) {
	t.Parallel()
	a := newApprovals(t)
	a.held = 12
	a.propose(0, fleet.Stopped{Digest: digest("a")})
	a.update(time.Hour, "yes", "approve", fleet.Decision{Digest: digest("a"), By: "li.lei"})
	assert.InDelta(t, 72, a.end().Minutes(), 3)
	require.Len(t, a.runs, 13)
	assert.Equal(t, fleet.Request{Tenant: tenant, Digest: digest("a"), By: "li.lei"}, a.runs[12])
}

// What waits is never more than 2 KB, however much it is compared with.
func TestStoppedIsSmall(t *testing.T) {
	t.Parallel()
	big := fleet.Stopped{Digest: digest("a")}
	for range 9 {
		big.Covering = append(big.Covering, digest("b"))
	}
	many := fleet.Stopped{Digest: digest("a")}
	for range 30 {
		many.Added = append(many.Added, fleet.Added{Digest: digest("c"), Kinds: map[string]int{"people": 1}})
	}
	a := newApprovals(t)
	a.update(0, "covering", "propose", big)
	a.update(0, "added", "propose", many)
	named := []fleet.Added{{Digest: digest("b"), Kinds: map[string]int{"王一": 1}}}
	a.update(0, "kind", "propose", fleet.Stopped{Digest: digest("a"), Added: named})
	a.propose(time.Minute, fleet.Stopped{Digest: digest("d")})
	a.update(time.Hour, "no", "reject", fleet.Decision{Digest: digest("d"), By: "li.lei"})
	a.end()
	assert.Contains(t, a.rejected["covering"], "too many")
	assert.Contains(t, a.rejected["added"], "2 KB")
	assert.Contains(t, a.rejected["kind"], "Added")
	assert.NotContains(t, a.rejected["kind"], "王一")
}
