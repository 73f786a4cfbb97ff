package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync/boltstore"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync/notify"
)

// syncer runs the engine as the settings say.
type syncer struct {
	set      settings
	con      *terminal
	store    orgsync.Store
	close    func()
	alarms   *notify.Alarms
	progress func(orgsync.Progress)
}

// ended is a run that has ended.
type ended struct {
	report   *orgsync.Report // nil if the run did not begin
	err      error
	findings []finding
	counts   *rosterCounts
	status   int
}

func newSyncer(ctx context.Context, set settings, con *terminal, dryRun bool) (*syncer, error) {
	if set.simulated {
		con.warn(ctx, "no settings of any vendor: everything is simulated")
	}
	for _, text := range set.leftOut {
		con.warn(ctx, text)
	}
	con.warnOfOthers(ctx, set)
	store, closeStore, err := openStore(set.state, dryRun) //nolint:contextcheck // opening takes no context
	if err != nil {
		return nil, err
	}
	return &syncer{set: set, con: con, store: store, close: closeStore, alarms: set.alarms.open(set.state), progress: con.progress}, nil
}

// engine returns one with the keys and the roster of now.
func (s *syncer) engine(ctx context.Context, options orgsync.RunOptions) (*orgsync.Engine, error) {
	keys, lost, err := sealing(ctx, s.set, s.store, options)
	if err != nil {
		return nil, err
	}
	if lost {
		s.con.warn(ctx, "the key file is missing, and the state was sealed with it: put it back beside the state, or set "+stateKeyVariable)
	}
	set := []orgsync.Option{
		orgsync.WithEnrichment(s.set.roster.enrichment()), orgsync.WithProgress(s.progress), orgsync.WithLogger(s.con.logger),
	}
	if len(keys) > 0 {
		set = append(set, orgsync.WithSealing(keys[0], keys[1:]...))
	}
	return orgsync.New(orgsync.Config{Tenant: s.set.tenant, Source: s.set.source, Targets: s.set.targets, Store: s.store}, set...)
}

// run does one run, and tells those who want to know.
func (s *syncer) run(ctx context.Context, options orgsync.RunOptions) (end ended) {
	engine, err := s.engine(ctx, options)
	if err != nil {
		return ended{err: err, status: statusUsage}
	}
	end.report, end.err = engine.Run(ctx, options)
	end.findings = s.set.roster.findings(end.report)
	end.counts = s.set.roster.counts(end.findings)
	end.status = exitStatus(ctx, end.report, end.err, s.set.roster.failed(end.findings))
	if !options.DryRun {
		s.tell(ctx, end)
	}
	return end
}

// tell tells those who want to know how a run ended.
func (s *syncer) tell(ctx context.Context, end ended) {
	alarm(ctx, s.alarms, s.con, notify.Run{Report: end.report, Err: end.err, Exit: end.status})
}

// refresh reads the roster once more, as a program that keeps running has to.
func (s *syncer) refresh() error {
	if s.set.rosterPath == "" {
		return nil
	}
	r, err := readRoster(s.set.rosterPath)
	if err != nil {
		return rosterErrors(err)
	}
	s.set.roster = r
	return nil
}

// openStore opens the state file; without a path the state ends with the process,
// and a dry run does not so much as create the file.
func openStore(path string, dryRun bool) (orgsync.Store, func(), error) {
	_, err := os.Stat(path)
	if path == "" || dryRun && errors.Is(err, fs.ErrNotExist) {
		return orgsync.NewMemoryStore(), func() {}, nil
	}
	store, err := boltstore.Open(path)
	if err != nil {
		return nil, nil, &variableError{Variable: stateVariable, Reason: "cannot be opened: " + withoutPath(err).Error(), err: err}
	}
	return namedStore{store, path + holderSuffix}, func() { _ = store.Close() }, nil
}

// warnOfOthers says which files others could change, or read.
func (c *terminal) warnOfOthers(ctx context.Context, set settings) {
	if set.state == "" {
		return
	}
	for _, file := range []struct {
		path, what string
		bits       fs.FileMode
	}{
		{set.state, "the state file can be written to by others than its owner", 0o022},
		{set.state + keySuffix, "the key file beside the state can be read by others than its owner", 0o077},
	} {
		info, err := os.Stat(file.path)
		if err == nil && info.Mode().IsRegular() && info.Mode().Perm()&file.bits != 0 {
			c.warn(ctx, fmt.Sprintf("%s: its mode is %#o, and should be 0600", file.what, info.Mode().Perm()))
		}
	}
}

// refused is the report of a run that did not begin.
func refused(err error) *orgsync.Report {
	now := time.Now()
	return &orgsync.Report{Started: now, Finished: now, Targets: []orgsync.TargetReport{}, Error: err.Error()}
}
