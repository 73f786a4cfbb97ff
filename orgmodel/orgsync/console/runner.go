package console

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"sync"
	"time"

	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
)

// Engine plans and runs. [orgsync.Engine] does.
type Engine interface {
	Plan(ctx context.Context, options orgsync.RunOptions) (*orgsync.Plan, error)
	Run(ctx context.Context, options orgsync.RunOptions) (*orgsync.Report, error)
}

// History is where the last runs are kept. It must be safe for concurrent use.
type History interface {
	// Runs returns the last runs, newest first.
	Runs(ctx context.Context) ([]Run, error)
	// Report returns the report of a run. It fails with ErrNoReport if there is none.
	Report(ctx context.Context, id string) (*orgsync.Report, error)
}

// RunnerConfig says what a [Runner] runs.
type RunnerConfig struct {
	// Engine is required.
	Engine Engine
	// Tenant is shown. Optional.
	Tenant string
	// History is where runs are looked up that this process may not have made. Optional:
	// without it, the last 50 runs of this runner are kept in memory.
	History History
	// Earlier are runs from before this process, newest first, whose reports are not kept.
	// They are listed behind those of this runner. Optional, and unused beside History.
	Earlier []Run
	// Next says when the schedule starts the next run. Optional.
	Next func() time.Time
	// State completes what the runner knows, such as the watermark and the lease of a
	// store that it has not used yet. Optional.
	State func(ctx context.Context, state State) (State, error)
	// Now is the clock. The default is time.Now.
	Now func() time.Time
}

// Runner is the [Host] of an engine. It lets one plan or run in at a time, whether the
// page or a schedule asks for it. It is safe for concurrent use.
type Runner struct {
	config RunnerConfig
	memory memory

	mu      sync.Mutex
	running bool
	since   time.Time
	seen    orgsync.Watermark
	locked  bool // the state was held by another process when it was last asked for
}

// NewRunner returns a runner. It does no I/O; the error is a [*ConfigError].
func NewRunner(config RunnerConfig) (*Runner, error) {
	if config.Engine == nil {
		return nil, &ConfigError{Field: "RunnerConfig.Engine", Reason: "is missing"}
	}
	if config.Now == nil {
		config.Now = time.Now
	}
	return &Runner{config: config}, nil
}

// Plan plans, unless something is under way.
func (r *Runner) Plan(ctx context.Context, options orgsync.RunOptions) (*orgsync.Plan, error) {
	if !r.begin() {
		return nil, ErrBusy
	}
	plan, err := r.config.Engine.Plan(ctx, options)
	r.end(orgsync.Watermark{}, err)
	return plan, err
}

// Run runs, unless something is under way.
func (r *Runner) Run(ctx context.Context, options orgsync.RunOptions) (*orgsync.Report, error) {
	if !r.begin() {
		return nil, ErrBusy
	}
	report, err := r.config.Engine.Run(ctx, options)
	var watermark orgsync.Watermark
	if report != nil {
		watermark = report.Reading.Watermark
		if r.config.History == nil && !options.DryRun {
			r.memory.add(report, err)
		}
	}
	r.end(watermark, err)
	return report, err
}

// Runs returns the last runs.
func (r *Runner) Runs(ctx context.Context) ([]Run, error) {
	if r.config.History != nil {
		return r.config.History.Runs(ctx)
	}
	runs := append(r.memory.runs(), r.config.Earlier...)
	return runs[:min(len(runs), maxRuns)], nil
}

// Report returns the report of a run.
func (r *Runner) Report(ctx context.Context, id string) (*orgsync.Report, error) {
	if r.config.History != nil {
		return r.config.History.Report(ctx, id)
	}
	return r.memory.report(id)
}

// State says how things stand.
func (r *Runner) State(ctx context.Context) (State, error) {
	r.mu.Lock()
	state := State{Tenant: r.config.Tenant, Running: r.running, Since: r.since, Watermark: r.seen.Cursor}
	switch {
	case r.running:
		state.Lease.Holder = "this process"
	case r.locked:
		state.Lease.Holder = "another process"
	}
	r.mu.Unlock()
	if r.config.Next != nil {
		state.NextRun = r.config.Next()
	}
	if r.config.State != nil {
		return r.config.State(ctx, state)
	}
	return state, nil
}

func (r *Runner) begin() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.running {
		return false
	}
	r.running, r.since = true, r.config.Now()
	return true
}

func (r *Runner) end(watermark orgsync.Watermark, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.running, r.locked = false, errors.Is(err, orgsync.ErrLocked)
	if !watermark.IsZero() {
		r.seen = watermark
	}
}

// maxRuns is how many runs are kept and shown.
const maxRuns = 50

// memory keeps the last runs of a process. Reports are kept as JSON, which is smaller
// and holds no names.
type memory struct {
	mu   sync.Mutex
	made int
	kept []keptRun // newest first
}

type keptRun struct {
	Run

	report []byte
}

func (m *memory) add(report *orgsync.Report, err error) {
	text, bad := json.Marshal(report)
	if bad != nil {
		text = nil // a report is plain data
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.made++
	kept := keptRun{RunOf(strconv.Itoa(m.made), report, err), text}
	m.kept = append([]keptRun{kept}, m.kept[:min(len(m.kept), maxRuns-1)]...)
}

func (m *memory) runs() []Run {
	m.mu.Lock()
	defer m.mu.Unlock()
	runs := make([]Run, len(m.kept))
	for i := range m.kept {
		runs[i] = m.kept[i].Run
	}
	return runs
}

func (m *memory) report(id string) (*orgsync.Report, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for i := range m.kept {
		if m.kept[i].ID == id {
			report := &orgsync.Report{}
			if json.Unmarshal(m.kept[i].report, report) != nil {
				return nil, ErrNoReport
			}
			return report, nil
		}
	}
	return nil, ErrNoReport
}
