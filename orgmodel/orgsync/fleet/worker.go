package fleet

import (
	"context"
	"errors"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
)

// Names in histories. They never change.
const (
	syncName     = "orgsync.Sync"
	approvalName = "orgsync.Approval"
	runName      = "orgsync.Run"
	remindName   = "orgsync.Remind"

	proposeName = "propose"
	approveName = "approve"
	rejectName  = "reject"
	waitingName = "waiting"
)

// WorkerConfig says what a [Worker] works with.
type WorkerConfig struct {
	Tenants Tenants  // required
	Propose Proposer // required: [ClientProposer]
	Metrics *Metrics // default: none
	Tracing *Tracing // default: none
}

// Proposer hands what the guard stopped to the tenant's Approval workflow.
type Proposer func(ctx context.Context, tenant string, stopped Stopped) error

// Worker has the workflows and activities.
type Worker struct{ config WorkerConfig }

// NewWorker returns the workflows and activities over a registry of tenants.
func NewWorker(config WorkerConfig) (*Worker, error) {
	var errs []error
	if config.Tenants == nil {
		errs = append(errs, &FieldError{Field: "Tenants", Reason: "is required"})
	}
	if config.Propose == nil {
		errs = append(errs, &FieldError{Field: "Propose", Reason: "is required"})
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return &Worker{config: config}, nil
}

// Register makes a Temporal worker, or a test environment, know them.
func (w *Worker) Register(registry worker.Registry) {
	w.RegisterWorkflows(registry)
	registry.RegisterActivityWithOptions(w.Run, activity.RegisterOptions{Name: runName})
	registry.RegisterActivityWithOptions(w.Remind, activity.RegisterOptions{Name: remindName})
}

// RegisterWorkflows makes a worker know the workflows alone, or a replayer, which has no
// activities.
func (w *Worker) RegisterWorkflows(registry worker.WorkflowRegistry) {
	registry.RegisterWorkflowWithOptions(w.Sync, workflow.RegisterOptions{Name: syncName})
	registry.RegisterWorkflowWithOptions(w.Approval, workflow.RegisterOptions{Name: approvalName})
}
