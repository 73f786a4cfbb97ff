package orgsync

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"
)

// Status is what a state says of its tenant. It holds no one's id, name or other value,
// except who gave an approval.
type Status struct {
	Tenant string `json:"tenant"`
	// Known says that the state has anything of this tenant besides runs.
	Known       bool           `json:"known"`
	Watermark   Watermark      `json:"watermark,omitzero"` // how far the source was read
	LastFull    time.Time      `json:"lastFull,omitzero"`  // when everyone was read
	FullDue     string         `json:"fullDue,omitempty"`  // why the next reading is a full one
	InService   int            `json:"inService"`          // at the source, at the last full reading
	Departments int            `json:"departments"`
	Owed        int            `json:"owed"` // people whom the next run reads once more
	Held        int            `json:"held"` // people whose changes wait for an approval
	Targets     []TargetStatus `json:"targets"`
	Approved    *Approval      `json:"approved,omitempty"` // holds now
	Stopped     []Approval     `json:"stopped,omitempty"`  // what stopped runs and may be approved, the latest first
	Runs        []RunSummary   `json:"runs"`               // the latest first, at most MaxRuns
}

// TargetStatus is what a state says of one target.
type TargetStatus struct {
	Name        string `json:"name"`
	Started     bool   `json:"started"` // it was filled once
	People      int    `json:"people"`  // that it holds
	Departments int    `json:"departments"`
}

// Approval is one that was given, or may be.
type Approval struct {
	Digest string    `json:"digest"`
	By     string    `json:"by,omitempty"`
	At     time.Time `json:"at"`    // given, or stopped
	Until  time.Time `json:"until"` // it expires
}

// Pending returns what the last run was stopped for, or held back, and may be approved;
// false if that is nothing.
func (s *Status) Pending() (Approval, bool) {
	if len(s.Runs) == 0 || s.Runs[0].Approved {
		return Approval{}, false
	}
	i := slices.IndexFunc(s.Stopped, func(a Approval) bool { return a.Digest == s.Runs[0].Digest })
	if i < 0 {
		return Approval{}, false
	}
	return s.Stopped[i], true
}

// ReadStatus reads what a store says of a tenant. It changes nothing, and holds the tenant
// for a moment: while a run does, it fails with [ErrLocked]. now is the time at which
// approvals are judged.
func ReadStatus(ctx context.Context, store Store, tenant string, now time.Time) (status *Status, err error) {
	lease, err := store.Lock(ctx, tenant)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, lease.Unlock(context.WithoutCancel(ctx))) }()
	status = &Status{Tenant: tenant, Targets: []TargetStatus{}}
	s := &state{lease: lease}
	for _, read := range []func() error{
		func() error {
			return readJSON(ctx, s, bucketMeta, func(_ string, m meta) {
				status.Known, status.Watermark, status.LastFull, status.FullDue = true, m.Watermark, m.LastFull, m.FullDue
				status.InService, status.Departments = m.InService, m.Departments
			})
		},
		func() error {
			return readJSON(ctx, s, bucketTargets, func(name string, m targetMeta) {
				status.Targets = append(status.Targets, TargetStatus{
					Name: name, Started: m.Started, People: m.People, Departments: m.HeldDepartments,
				})
			})
		},
		func() (err error) { status.Owed, err = s.count(ctx, bucketOwed); return err },
		func() (err error) { status.Held, err = s.count(ctx, bucketHeld); return err },
		func() error { return s.approvalsInto(ctx, status, now) },
		func() (err error) { status.Runs, err = readRuns(ctx, lease); return err },
	} {
		if err := read(); err != nil {
			return nil, err
		}
	}
	return status, nil
}

func (s *state) count(ctx context.Context, bucket string) (n int, err error) {
	for _, err := range s.all(ctx, bucket) {
		if err != nil {
			return 0, err
		}
		n++
	}
	return n, nil
}

func (s *state) approvalsInto(ctx context.Context, status *Status, now time.Time) error {
	for stored, err := range s.all(ctx, bucketApprovals) {
		if err != nil {
			return err
		}
		var a approval
		if json.Unmarshal(stored.Value, &a) != nil {
			return fmt.Errorf("%w: bucket %q", ErrCorrupt, bucketApprovals)
		}
		if age := now.Sub(a.At); age < 0 || age >= approvalLife {
			continue
		}
		shown := Approval{Digest: a.Digest, By: a.By, At: a.At, Until: a.At.Add(approvalLife)}
		if stored.Key == keyApproved {
			status.Approved = &shown
		} else {
			status.Stopped = append(status.Stopped, shown)
		}
	}
	slices.SortFunc(status.Stopped, func(a, b Approval) int { return b.At.Compare(a.At) })
	return nil
}
