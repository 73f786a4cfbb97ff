package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync/console"
)

// served is the engine of the page and the schedule. Each run has the roster and the keys
// of its time.
type served struct {
	*syncer

	history *history
}

// Plan plans.
func (s *served) Plan(ctx context.Context, options orgsync.RunOptions) (*orgsync.Plan, error) {
	options.DryRun = true
	if err := s.refresh(); err != nil {
		return nil, err
	}
	engine, err := s.engine(ctx, options)
	if err != nil {
		return nil, err
	}
	return engine.Plan(ctx, options)
}

// Run runs, tells who wants to know, and keeps the report.
func (s *served) Run(ctx context.Context, options orgsync.RunOptions) (*orgsync.Report, error) {
	end := ended{status: statusUsage}
	if end.err = s.refresh(); end.err == nil {
		end = s.run(ctx, options)
	}
	if end.report == nil {
		end.report = refused(end.err)
		s.tell(ctx, end)
	}
	s.history.add(end.report, end.err)
	return end.report, end.err
}

// history is what the state remembers of runs, with the reports of those of this process.
type history struct {
	mu        sync.Mutex
	runs      []console.Run // the latest first
	reports   map[string][]byte
	watermark string
}

// newHistory begins with what the state remembers; what cannot be read now, the first run
// will say.
func newHistory(ctx context.Context, s *syncer) *history {
	h := &history{reports: map[string][]byte{}}
	status, err := orgsync.ReadStatus(ctx, s.store, s.set.tenant, time.Now())
	if err != nil {
		return h
	}
	h.watermark = status.Watermark.Cursor
	for i, r := range status.Runs {
		run := console.Run{
			ID: fmt.Sprint("state-", len(status.Runs)-i), Started: r.Started, Finished: r.Finished, Full: r.Full, Outcome: console.Failed,
		}
		switch r.Outcome {
		case orgsync.RunDone:
			run.Outcome = console.Done
		case orgsync.RunStopped:
			run.Outcome = console.Stopped
		case orgsync.RunHeld:
			run.Outcome = console.Held
		}
		for _, t := range r.Targets {
			run.Changes, run.Failures = run.Changes+t.Changes(), run.Failures+t.Failed
		}
		h.runs = append(h.runs, run)
	}
	return h
}

// add notes a run of this process. Reports are kept as JSON, which holds no names.
func (h *history) add(report *orgsync.Report, err error) {
	text, _ := json.Marshal(report) // plain data
	h.mu.Lock()
	defer h.mu.Unlock()
	run := console.RunOf(strconv.FormatInt(report.Started.UnixNano(), 10), report, err)
	h.runs = append([]console.Run{run}, h.runs[:min(len(h.runs), orgsync.MaxRuns-1)]...)
	h.reports[run.ID] = text
	for id := range h.reports {
		if len(h.reports) > orgsync.MaxRuns && !strings.HasPrefix(id, "state-") && !h.lists(id) {
			delete(h.reports, id)
		}
	}
	if cursor := report.Reading.Watermark.Cursor; cursor != "" {
		h.watermark = cursor
	}
}

func (h *history) lists(id string) bool {
	for i := range h.runs {
		if h.runs[i].ID == id {
			return true
		}
	}
	return false
}

// Runs returns the last runs, the latest first.
func (h *history) Runs(context.Context) ([]console.Run, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append([]console.Run{}, h.runs...), nil
}

// Report returns that of a run of this process.
func (h *history) Report(_ context.Context, id string) (*orgsync.Report, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	report := &orgsync.Report{}
	if text, there := h.reports[id]; !there || json.Unmarshal(text, report) != nil {
		return nil, console.ErrNoReport
	}
	return report, nil
}

// state completes what the page says of the state.
func (h *history) state(_ context.Context, state console.State) (console.State, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if state.Watermark == "" {
		state.Watermark = h.watermark
	}
	return state, nil
}
