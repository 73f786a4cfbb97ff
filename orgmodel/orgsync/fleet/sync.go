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
	// lockedLeast and lockedMost bound what a store says instead.
	lockedLeast, lockedMost = time.Second, 5 * time.Minute

	// sourceFirst and sourceMost bound how long a source that failed is left alone.
	sourceFirst, sourceMost = time.Minute, 30 * time.Minute
	maxAttempts             = 5

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
		Priority: priorityOf(request.Tenant, request.Low),
		// A worker that died is replaced at once. Errors say themselves how long to wait.
		RetryPolicy: &temporal.RetryPolicy{
			InitialInterval: time.Second, BackoffCoefficient: 3, MaximumInterval: sourceMost, MaximumAttempts: maxAttempts,
		},
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
	ctx, end := w.config.Tracing.run(ctx, request.Tenant)
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
	report, err := engine.Run(ctx, orgsync.RunOptions{
		Full: request.Full, Hold: request.Hold, Approve: orgsync.Approve{Digest: request.Digest, By: request.By},
	})
	if errors.Is(err, orgsync.ErrLocked) {
		return Result{}, runError(ctx, err) // it did not begin: there is nothing to report
	}
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
			if err := w.config.Propose(ctx, request.Tenant, stoppedBy(stopped, result, report.Started)); err != nil {
				return Result{}, temporal.NewApplicationError("the approval could not be asked for", errPropose)
			}
		}
	}
	return result, nil
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
			temporal.ApplicationErrorOptions{NextRetryDelay: lockedFor(err, time.Now())})
	case ctx.Err() != nil:
		return temporal.NewApplicationErrorWithOptions("the run was stopped", errStopped,
			temporal.ApplicationErrorOptions{NextRetryDelay: time.Second})
	case source:
		return temporal.NewApplicationErrorWithOptions("the source could not be read", errSource,
			temporal.ApplicationErrorOptions{NextRetryDelay: sourceDelay(activity.GetInfo(ctx).Attempt)})
	case isResult(err) && !is(orgsync.ErrLeaseLost):
		return nil
	}
	return temporal.NewApplicationErrorWithOptions("the state could not be used", errState,
		temporal.ApplicationErrorOptions{NextRetryDelay: lockedDelay})
}

// lockedFor is how long a tenant is held at least, unless its holder lets go, and a little
// more, so that those who wait do not come back at once.
func lockedFor(err error, now time.Time) time.Duration {
	wait := lockedDelay
	if locked, ok := errors.AsType[*orgsync.LockedError](err); ok && !locked.Until.IsZero() {
		wait = min(max(locked.Until.Sub(now), lockedLeast), lockedMost)
	}
	return wait + rand.N(wait/10+lockedLeast) //nolint:gosec // jitter is no secret
}

// sourceDelay is 1, 3, 9 and 27 minutes.
func sourceDelay(attempt int32) time.Duration {
	delay := sourceFirst
	for range attempt - 1 {
		delay = min(3*delay, sourceMost)
	}
	return delay
}

// isResult reports whether the run came to its end.
func isResult(err error) bool {
	_, guard := errors.AsType[*orgsync.GuardError](err)
	_, target := errors.AsType[*orgsync.TargetError](err)
	_, coverage := errors.AsType[*orgsync.CoverageError](err)
	_, reading := errors.AsType[*orgsync.ReadingError](err)
	return guard || target || coverage || reading
}
