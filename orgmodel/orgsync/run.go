package orgsync

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"
)

// run is one run of an engine.
type run struct {
	config Config
	set    settings

	options RunOptions
	report  *Report
	started time.Time

	state        *state
	fence        *fence
	sealer       *sealer
	newSealCheck []byte
	approvals    approvals

	reading        *reading
	snapshot       *snapshot
	planners       []*planner
	dissolved      []dissolved
	unknownLeavers []string
	readNames      []string // that may be missing from the index
	names          *nameMasker

	missing       map[string]int  // to be stored; nil leaves what is stored
	unlisted      map[string]bool // the same
	fullDue       string
	countApproved bool
	touched       bool // something was written

	telling sync.Mutex
}

// begin notes that a run is under way, before anything else is written. It also
// stores the key without which the hashes that follow would mean nothing after a crash.
func (r *run) begin(ctx context.Context) error {
	r.touched = true
	m := r.state.meta
	m.Clean = false
	writes := []Entry{storedJSON(bucketMeta, keyMeta, m)}
	for _, t := range r.state.targets {
		writes = append(writes, t.storedMeta())
	}
	return r.fence.lease.Write(ctx, writes...)
}

func (r *run) target(name string) Target {
	return r.config.Targets[slices.IndexFunc(r.config.Targets, func(t Target) bool { return t.Name() == name })]
}

// settingsOf stands for everything that decides which records a target gets.
func (r *run) settingsOf(t Target) string {
	texts := append([]string{"settings", t.Settings()}, r.set.scope.text()...)
	if source, ok := r.config.Source.(Configured); ok {
		texts = append(texts, "source", source.Settings())
	}
	return r.state.hash.texts(texts...).String()
}

// masked returns err with a text that is safe to show.
func (r *run) masked(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	names := r.names
	if names == nil { // nothing was read yet: the state knows names too
		names = &nameMasker{state: r.state}
	}
	return &maskedError{text: names.mask(context.WithoutCancel(ctx), err.Error()), err: err}
}

// maskedError is an error whose text is safe to show.
type maskedError struct {
	text string
	err  error
}

func (e *maskedError) Error() string { return e.text }

func (e *maskedError) Unwrap() error { return e.err }

func (r *run) sourceError(ctx context.Context, err error) error {
	if _, masked := errors.AsType[*maskedError](err); !masked {
		err = r.masked(ctx, err)
	}
	return &SourceError{Source: r.config.Source.Name(), Err: err}
}

// deciding reports whether what was held back may pass in this run.
func (r *run) deciding() bool {
	return r.options.Force || r.options.Approve.Digest != "" || r.approvals.current != nil
}

// tell reports progress, one call at a time.
func (r *run) tell(p Progress) {
	if r.set.progress == nil {
		return
	}
	r.telling.Lock()
	defer r.telling.Unlock()
	r.set.progress(p)
}
