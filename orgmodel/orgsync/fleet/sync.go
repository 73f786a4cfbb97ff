package fleet

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync/atomic"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
)

const (
	heartbeatTimeout = time.Minute
	heartbeatEvery   = 10 * time.Second
	runTimeout       = 6 * time.Hour
	// lockedDelay is the lease time of a store: a run that died lets go within it.
	lockedDelay = 30 * time.Second

	// lockedWait is how long a run waits, up to twice, before it asks again.
	lockedWait = 250 * time.Millisecond

	normalPriority, lowPriority = 3, 5
)

// Types of the errors of a run. Their texts are fixed: what a vendor said is in the report.
const (
	errLocked  = "locked"  // another run holds the tenant
	errSource  = "source"  // the source could not be read
	errState   = "state"   // the store failed, or the lease was lost
	errStopped = "stopped" // the worker ends
	errConfig  = "config"  // never tried again, until someone changes something
	errPropose = "propose" // the approval could not be asked for
)

// Sync is one run of a tenant. It does not wait for approvals.
func (w *Worker) Sync(ctx workflow.Context, request Request) (Result, error) {
	if err := request.check(); err != nil {
		return Result{}, temporal.NewNonRetryableApplicationError("the request is not valid", errConfig, nil)
	}
	var result Result
	err := workflow.ExecuteActivity(workflow.WithActivityOptions(ctx, runOptions(request)), runName, request).Get(ctx, &result)
	return result, err
}

func priorityOf(tenant string, low bool) temporal.Priority {
	p := temporal.Priority{PriorityKey: normalPriority, FairnessKey: fairnessKey(tenant)}
	if low {
		p.PriorityKey = lowPriority
	}
	return p
}

// fairnessKey is the tenant, as far as Temporal takes it.
func fairnessKey(tenant string) string { return tenant[:min(len(tenant), 64)] }

func runOptions(request Request) workflow.ActivityOptions {
	return workflow.ActivityOptions{
		StartToCloseTimeout: runTimeout, HeartbeatTimeout: heartbeatTimeout, WaitForCancellation: true,
		Priority:    priorityOf(request.Tenant, request.Low),
		RetryPolicy: &temporal.RetryPolicy{InitialInterval: time.Minute, BackoffCoefficient: 3, MaximumInterval: 30 * time.Minute, MaximumAttempts: 5},
	}
}

// Beat is what a heartbeat says: how far a run has come.
type Beat struct {
	Phase orgsync.Phase `json:"phase"`
	Done  int           `json:"done"`
}

// Run is the activity: one run of the engine.
func (w *Worker) Run(ctx context.Context, request Request) (result Result, err error) {
	if err := request.check(); err != nil {
		return Result{}, temporal.NewNonRetryableApplicationError("the request is not valid", errConfig, nil)
	}
	began := time.Now()
	ctx, end := w.config.Tracing.run(ctx)
	defer func() { end(err); w.config.Metrics.ran(request.Tenant, result, err, time.Since(began)) }()

	var progress atomic.Pointer[Beat]
	progress.Store(&Beat{})
	stop := beat(ctx, &progress)
	defer stop()
	engine, done, err := w.config.Tenants.Engine(ctx, request.Tenant, orgsync.WithProgress(func(p orgsync.Progress) {
		progress.Store(&Beat{Phase: p.Phase, Done: p.Done})
	}))
	if err != nil {
		return Result{}, runError(ctx, err)
	}
	defer done()
	report, err := whenFree(ctx, engine, orgsync.RunOptions{
		Full: request.Full, Hold: request.Hold, Approve: orgsync.Approve{Digest: request.Digest, By: request.By},
	})
	result = Result{Tenant: request.Tenant, Outcome: Done, Counts: countsOf(report)}
	key, saveErr := w.config.Tenants.Save(context.WithoutCancel(ctx), request.Tenant, report)
	if saveErr == nil && check("ReportKey", key, keyPattern) == nil {
		result.ReportKey = key
	}
	if failed := runError(ctx, err); failed != nil {
		return Result{}, failed
	}
	if err != nil {
		result.Outcome = Failed
	}
	if stopped, ok := errors.AsType[*orgsync.GuardError](err); ok {
		result.Outcome, result.Digest = Guarded, stopped.Digest
		if stopped.Digest != "" {
			s := Stopped{Digest: stopped.Digest, Counts: result.Counts, ReportKey: result.ReportKey, Since: report.Started}
			if err := w.config.Propose(ctx, request.Tenant, s); err != nil {
				return Result{}, temporal.NewApplicationError("the approval could not be asked for", errPropose)
			}
		}
	}
	return result, nil
}

// whenFree runs the engine, and waits while another run holds the tenant: one that died
// lets go when its lease ends. Where tenants record their destinations, all of them
// share a lock for a moment, which looks the same.
func whenFree(ctx context.Context, engine *orgsync.Engine, options orgsync.RunOptions) (*orgsync.Report, error) {
	for end := time.Now().Add(lockedDelay); ; {
		report, err := engine.Run(ctx, options)
		if !errors.Is(err, orgsync.ErrLocked) || time.Now().After(end) || ctx.Err() != nil {
			return report, err
		}
		timer := time.NewTimer(lockedWait + rand.N(lockedWait)) //nolint:gosec // jitter is no secret
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
		}
	}
}

// beat tells Temporal that the run goes on, also while it waits for a vendor.
func beat(ctx context.Context, progress *atomic.Pointer[Beat]) (stop func()) {
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(heartbeatEvery)
		defer tick.Stop()
		for {
			activity.RecordHeartbeat(ctx, *progress.Load())
			select {
			case <-done:
				return
			case <-ctx.Done():
				return
			case <-tick.C:
			}
		}
	}()
	return func() { close(done); <-ended }
}

// runError is the error of the activity, nil for what is a result. It holds no text of
// a vendor or store, and no cause.
func runError(ctx context.Context, err error) error {
	is := func(target error) bool { return errors.Is(err, target) }
	_, config := errors.AsType[*orgsync.ConfigError](err)
	_, destination := errors.AsType[*orgsync.DestinationError](err)
	_, source := errors.AsType[*orgsync.SourceError](err)
	switch {
	case err == nil:
		return nil
	case config, destination, is(orgsync.ErrCorrupt), is(orgsync.ErrSealKey), is(ErrUnknownTenant):
		return temporal.NewNonRetryableApplicationError("the tenant cannot be run as it is configured", errConfig, nil)
	case is(orgsync.ErrLocked):
		return temporal.NewApplicationErrorWithOptions("another run holds the tenant", errLocked,
			temporal.ApplicationErrorOptions{NextRetryDelay: lockedDelay})
	case ctx.Err() != nil:
		return temporal.NewApplicationErrorWithOptions("the run was stopped", errStopped,
			temporal.ApplicationErrorOptions{NextRetryDelay: time.Second})
	case source:
		return temporal.NewApplicationError("the source could not be read", errSource)
	case isResult(err) && !is(orgsync.ErrLeaseLost):
		return nil
	}
	return temporal.NewApplicationErrorWithOptions("the state could not be used", errState,
		temporal.ApplicationErrorOptions{NextRetryDelay: lockedDelay})
}

// isResult reports whether the run came to its end.
func isResult(err error) bool {
	_, guard := errors.AsType[*orgsync.GuardError](err)
	_, target := errors.AsType[*orgsync.TargetError](err)
	_, coverage := errors.AsType[*orgsync.CoverageError](err)
	_, reading := errors.AsType[*orgsync.ReadingError](err)
	return guard || target || coverage || reading
}
