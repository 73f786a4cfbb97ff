package fleet

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
)

const (
	schedulePrefix = "orgsync/"
	catchUp        = time.Hour
	minEvery       = time.Minute
)

// Tenant is how often a tenant runs.
type Tenant struct {
	Name   string
	Every  time.Duration // a minute or more
	Paused bool
	Hold   bool // see [Request]
	Low    bool
}

// Step is one change of the schedules.
type Step struct {
	Verb   string // "create", "change", "pause", "resume" or "remove"
	Tenant Tenant
}

// String says what is done.
func (s Step) String() string {
	text := s.Verb + " " + schedulePrefix + s.Tenant.Name
	if s.Verb == "create" || s.Verb == "change" {
		text += fmt.Sprintf(" every %s", s.Tenant.Every)
	}
	return text
}

// Scheduled is a schedule as it is.
type Scheduled struct {
	Tenant
	Next time.Time
}

// Schedules lists those of this package.
func Schedules(ctx context.Context, c client.Client) ([]Scheduled, error) {
	list, err := c.ScheduleClient().List(ctx, client.ScheduleListOptions{PageSize: 1000})
	if err != nil {
		return nil, err
	}
	var all []Scheduled
	for list.HasNext() {
		entry, err := list.Next()
		if err != nil {
			return nil, err
		}
		name, ours := strings.CutPrefix(entry.ID, schedulePrefix)
		if !ours {
			continue
		}
		s := Scheduled{Tenant: Tenant{Name: name, Paused: entry.Paused}}
		// The note has what a list does not show: it is the settings' text.
		s.Hold, s.Low = strings.Contains(entry.Note, " hold"), strings.Contains(entry.Note, " low")
		if entry.Spec != nil && len(entry.Spec.Intervals) == 1 {
			s.Every = entry.Spec.Intervals[0].Every
		}
		if len(entry.NextActionTimes) > 0 {
			s.Next = entry.NextActionTimes[0]
		}
		all = append(all, s)
	}
	return all, nil
}

// Plan returns what makes the schedules those of the tenants wanted, ordered by name.
func Plan(have []Scheduled, want []Tenant) ([]Step, error) {
	var errs []error
	held, wanted := map[string]Tenant{}, map[string]bool{}
	for _, s := range have {
		held[s.Name] = s.Tenant
	}
	var steps []Step
	for i, t := range want {
		field := fmt.Sprintf("tenants[%d]", i)
		errs = append(errs, check(field+".name", t.Name, tenantPattern))
		if t.Every < minEvery {
			errs = append(errs, &FieldError{Field: field + ".every", Reason: "is less than a minute"})
		}
		if wanted[t.Name] {
			errs = append(errs, &FieldError{Field: field + ".name", Reason: "is there twice"})
		}
		wanted[t.Name] = true
		h, there := held[t.Name]
		same := h
		same.Paused = t.Paused
		switch {
		case !there:
			steps = append(steps, Step{"create", t})
		case same != t:
			steps = append(steps, Step{"change", t})
		case t.Paused && !h.Paused:
			steps = append(steps, Step{"pause", t})
		case !t.Paused && h.Paused:
			steps = append(steps, Step{"resume", t})
		}
	}
	for _, s := range have {
		if !wanted[s.Name] {
			steps = append(steps, Step{"remove", s.Tenant})
		}
	}
	slices.SortFunc(steps, func(a, b Step) int { return cmp.Compare(a.Tenant.Name, b.Tenant.Name) })
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return steps, nil
}

// Apply carries the steps out, and stops at the first that fails.
func Apply(ctx context.Context, c client.Client, steps []Step) error {
	for _, step := range steps {
		if err := apply(ctx, c.ScheduleClient(), step); err != nil {
			return fmt.Errorf("fleet: %s: %w", step, err)
		}
	}
	return nil
}

func apply(ctx context.Context, c client.ScheduleClient, step Step) error {
	t := step.Tenant
	handle := c.GetHandle(ctx, schedulePrefix+t.Name)
	switch step.Verb {
	case "create":
		_, err := c.Create(ctx, client.ScheduleOptions{
			ID: schedulePrefix + t.Name, Spec: t.spec(), Action: t.action(), Paused: t.Paused, Note: t.note(),
			Overlap: enumspb.SCHEDULE_OVERLAP_POLICY_SKIP, CatchupWindow: catchUp,
		})
		return err
	case "change":
		return handle.Update(ctx, client.ScheduleUpdateOptions{
			DoUpdate: func(input client.ScheduleUpdateInput) (*client.ScheduleUpdate, error) {
				s, spec := input.Description.Schedule, t.spec()
				s.Spec, s.Action = &spec, t.action()
				s.State.Paused, s.State.Note = t.Paused, t.note()
				return &client.ScheduleUpdate{Schedule: &s}, nil
			},
		})
	case "pause":
		return handle.Pause(ctx, client.SchedulePauseOptions{Note: t.note()})
	case "resume":
		return handle.Unpause(ctx, client.ScheduleUnpauseOptions{Note: t.note()})
	default:
		return handle.Delete(ctx)
	}
}

// Trigger starts a run of a tenant now, unless one is under way.
func Trigger(ctx context.Context, c client.Client, tenant string) error {
	return c.ScheduleClient().GetHandle(ctx, schedulePrefix+tenant).Trigger(ctx, client.ScheduleTriggerOptions{
		Overlap: enumspb.SCHEDULE_OVERLAP_POLICY_SKIP,
	})
}

// Once starts a run of a tenant besides its schedule, a full one after a state was restored
// for instance, and waits for its end. It fails if the last such run is under way.
func Once(ctx context.Context, c client.Client, request Request) (result Result, err error) {
	if err := request.check(); err != nil {
		return Result{}, err
	}
	run, err := c.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID: "orgsync-once/" + request.Tenant, TaskQueue: TaskQueue, Priority: priorityOf(request.Tenant, request.Low),
		WorkflowIDConflictPolicy:                 enumspb.WORKFLOW_ID_CONFLICT_POLICY_FAIL,
		WorkflowExecutionErrorWhenAlreadyStarted: true,
	}, syncName, request)
	if err != nil {
		return Result{}, err
	}
	err = run.Get(ctx, &result)
	return result, err
}

func (t Tenant) spec() client.ScheduleSpec {
	return client.ScheduleSpec{Intervals: []client.ScheduleIntervalSpec{{Every: t.Every}}, Jitter: t.Every / 4}
}

func (t Tenant) action() *client.ScheduleWorkflowAction {
	return &client.ScheduleWorkflowAction{
		ID: "orgsync-run/" + t.Name, Workflow: syncName, TaskQueue: TaskQueue, Priority: priorityOf(t.Name, t.Low),
		Args: []any{Request{Tenant: t.Name, Hold: t.Hold, Low: t.Low}},
	}
}

func (t Tenant) note() string {
	note := "orgsync"
	if t.Hold {
		note += " hold"
	}
	if t.Low {
		note += " low"
	}
	return note
}
