package fleet

import (
	"context"
	"errors"
	"slices"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"
)

const (
	approvalLife = 7 * 24 * time.Hour

	errNewer = "newer" // type of the refusal of a digest that does not cover what waits

	// lockedAgain is a change of the workflow: a run that an approval triggered, and that did
	// not come to its turn, is started again. So often, a quarter of an hour each at most.
	lockedAgain      = "locked-again"
	lockedAgainTimes = 24
)

func reminders() []time.Duration { return []time.Duration{4 * time.Hour, 24 * time.Hour} }

// ApprovalID is the id of the workflow that holds what a tenant waits for.
func ApprovalID(tenant string) string { return "orgsync-approval/" + tenant }

// approval is the state of an Approval workflow.
type approval struct {
	tenant  string
	waiting *Stopped
	since   time.Time // on the workflow's clock
	decided *Decision // of what waits
	approve bool
	version int
}

// Approval holds the newest plan that the guard stopped, until it is approved, rejected
// or seven days old. It is started by the first proposal. An approval starts one run.
func (w *Worker) Approval(ctx workflow.Context, tenant string) error {
	a := &approval{tenant: tenant}
	if err := a.handle(ctx); err != nil {
		return err
	}
	_ = workflow.Await(ctx, func() bool { return a.waiting != nil }) // canceled: the next line sees it
	for a.waiting != nil && ctx.Err() == nil {
		if !a.decision(ctx) {
			break
		}
		decided, approved := *a.decided, a.approve
		a.waiting, a.decided = nil, nil
		if approved {
			a.run(ctx, decided) // may end guarded, and then proposes anew
		}
	}
	_ = workflow.Await(ctx, func() bool { return workflow.AllHandlersFinished(ctx) }) // the same
	return ctx.Err()
}

// handle answers updates and the query.
func (a *approval) handle(ctx workflow.Context) error {
	if err := workflow.SetQueryHandler(ctx, waitingName, func() (*Stopped, error) { return a.waiting, nil }); err != nil {
		return err
	}
	err := workflow.SetUpdateHandlerWithOptions(ctx, proposeName, func(ctx workflow.Context, s Stopped) error {
		if a.waiting == nil || a.waiting.Digest != s.Digest {
			a.since = workflow.Now(ctx)
			a.version++
		}
		a.waiting = &s
		return nil
	}, workflow.UpdateHandlerOptions{Validator: func(s Stopped) error { return s.check() }})
	if err != nil {
		return err
	}
	for _, name := range []string{approveName, rejectName} {
		approve := name == approveName
		err := workflow.SetUpdateHandlerWithOptions(ctx, name, func(_ workflow.Context, d Decision) error {
			a.decided, a.approve = &d, approve
			return nil
		}, workflow.UpdateHandlerOptions{Validator: a.validate})
		if err != nil {
			return err
		}
	}
	return nil
}

// validate refuses what does not name the newest plan.
func (a *approval) validate(d Decision) error {
	switch {
	case check("Digest", d.Digest, digestPattern) != nil || check("By", d.By, byPattern) != nil:
		return temporal.NewApplicationError("the decision is not valid", errConfig)
	case a.waiting == nil:
		return temporal.NewApplicationError("nothing waits for a decision", "nothing")
	case a.decided != nil:
		return temporal.NewApplicationError("it was decided already", "decided")
	case d.Digest == a.waiting.Digest || slices.Contains(a.waiting.Covering, d.Digest):
		return nil
	}
	for _, added := range a.waiting.Added {
		if added.Digest == d.Digest {
			text := "a newer plan waits, to which was added: " + added.String() + "; look at that one"
			return temporal.NewApplicationError(text, errNewer, added)
		}
	}
	return temporal.NewApplicationError("a newer plan waits: look at that one", errNewer)
}

// decision waits, with reminders, and returns false when what waits has expired.
func (a *approval) decision(ctx workflow.Context) bool {
	for {
		version := a.version
		for _, after := range append(reminders(), approvalLife) {
			wait := a.since.Add(after).Sub(workflow.Now(ctx))
			changed, err := workflow.AwaitWithTimeout(ctx, max(wait, 0), func() bool { return a.decided != nil || a.version != version })
			if err != nil {
				return false
			}
			if a.decided != nil {
				return true
			}
			if changed {
				break // a newer plan, and its own times
			}
			a.remind(ctx, after == approvalLife)
		}
		if a.decided == nil && a.version == version {
			return false
		}
	}
}

func (a *approval) remind(ctx workflow.Context, expired bool) {
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		StartToCloseTimeout: time.Minute, Priority: priorityOf(a.tenant, false),
		RetryPolicy: &temporal.RetryPolicy{MaximumAttempts: 5},
	})
	// A reminder that cannot be sent must not end the wait.
	_ = workflow.ExecuteActivity(ctx, remindName, Reminder{Tenant: a.tenant, Stopped: *a.waiting, Expired: expired}).Get(ctx, nil)
}

// run starts the one run that an approval triggers, again if others held the tenant all
// the time. Its failure is its own: the engine has the approval stored, or the next run
// proposes again.
func (a *approval) run(ctx workflow.Context, d Decision) {
	ctx = workflow.WithChildOptions(ctx, workflow.ChildWorkflowOptions{
		WorkflowID: "orgsync-approved/" + a.tenant, Priority: priorityOf(a.tenant, false),
		WorkflowIDReusePolicy: enumspb.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE,
	})
	for range lockedAgainTimes {
		err := workflow.ExecuteChildWorkflow(ctx, syncName, Request{Tenant: a.tenant, Digest: d.Digest, By: d.By}).Get(ctx, nil)
		failed, ok := errors.AsType[*temporal.ApplicationError](err)
		if !ok || failed.Type() != errLocked || a.waiting != nil ||
			workflow.GetVersion(ctx, lockedAgain, workflow.DefaultVersion, 1) == workflow.DefaultVersion {
			return
		}
	}
}

// Remind is the activity that tells operators.
func (w *Worker) Remind(ctx context.Context, reminder Reminder) error {
	if w.config.Tenants.Remind(ctx, reminder) != nil {
		return temporal.NewApplicationError("the reminder could not be sent", "remind")
	}
	return nil
}

// ClientProposer hands stopped plans to Approval workflows by update-with-start.
func ClientProposer(c client.Client) Proposer {
	return func(ctx context.Context, tenant string, stopped Stopped) error {
		start := c.NewWithStartWorkflowOperation(client.StartWorkflowOptions{
			ID: ApprovalID(tenant), TaskQueue: TaskQueue, Priority: priorityOf(tenant, false),
			WorkflowIDConflictPolicy: enumspb.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING,
		}, approvalName, tenant)
		handle, err := c.UpdateWithStartWorkflow(ctx, client.UpdateWithStartWorkflowOptions{
			StartWorkflowOperation: start,
			UpdateOptions: client.UpdateWorkflowOptions{
				UpdateName: proposeName, Args: []any{stopped}, WaitForStage: client.WorkflowUpdateStageCompleted,
			},
		})
		if err != nil {
			return err
		}
		return handle.Get(ctx, nil)
	}
}

// Decide approves or rejects what a tenant waits for. It fails if a newer plan waits.
func Decide(ctx context.Context, c client.Client, tenant string, d Decision, approve bool) error {
	name := rejectName
	if approve {
		name = approveName
	}
	handle, err := c.UpdateWorkflow(ctx, client.UpdateWorkflowOptions{
		WorkflowID: ApprovalID(tenant), UpdateName: name, Args: []any{d}, WaitForStage: client.WorkflowUpdateStageCompleted,
	})
	if err != nil {
		return err
	}
	return handle.Get(ctx, nil)
}

// Waiting returns what a tenant waits for, nil if nothing.
func Waiting(ctx context.Context, c client.Client, tenant string) (*Stopped, error) {
	value, err := c.QueryWorkflow(ctx, ApprovalID(tenant), "", waitingName)
	if err != nil {
		return nil, err
	}
	var stopped *Stopped
	err = value.Get(&stopped)
	return stopped, err
}
