package main

import (
	"context"
	"errors"

	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync/boltstore"
)

const (
	statusDone        = 0
	statusFailed      = 1
	statusUsage       = 2
	statusGuarded     = 3
	statusLocked      = 4
	statusInterrupted = 130
)

// exitStatus is that of a run that came to a report; ctx is that of the run.
func exitStatus(ctx context.Context, report *orgsync.Report, err error, rosterFailed bool) int {
	_, stopped := errors.AsType[*orgsync.GuardError](err)
	_, usage := errors.AsType[*orgsync.ConfigError](err)
	switch {
	case err != nil && ctx.Err() != nil:
		return statusInterrupted
	case stopped:
		return statusGuarded
	case usage, errors.Is(err, orgsync.ErrSealKey):
		return statusUsage
	case errors.Is(err, orgsync.ErrLocked):
		return statusLocked
	case err != nil:
		return statusFailed
	case report.DryRun && len(report.Guard) > 0 && !report.Approved:
		return statusGuarded
	case rosterFailed, len(report.Reading.Quarantined) > 0:
		return statusFailed
	}
	for i := range report.Targets {
		// Leavers are still there, because the reading is not believed. If that
		// were "all done", no one would look.
		t := &report.Targets[i]
		if len(t.Failed) > 0 || !report.Reading.Complete && len(t.Withheld) > 0 {
			return statusFailed
		}
	}
	return statusDone
}

// storeStatus tells a wrong path from a state that is damaged.
func storeStatus(err error) int {
	if errors.Is(err, orgsync.ErrCorrupt) && !errors.Is(err, boltstore.ErrForeign) {
		return statusFailed
	}
	return statusUsage
}
