package orgsync_test

import (
	"errors"
	"maps"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
	"github.com/orgbridge/orgbridge/yunzhijia"
)

// told is a history at random whose runs are written down.
type told struct {
	*history

	rec       *recorder
	limits    orgsync.Limits
	fullEvery time.Duration
	lease     *endingLease
}

func newTold(tb testing.TB, w *world, r *rapid.T) *told {
	t := &told{history: &history{world: w, r: r, numbers: map[string]string{}}, rec: newRecorder(w.now), limits: orgsync.DefaultLimits()}
	w.tb = tb
	for _, o := range w.source.Orgs() {
		t.orgs = append(t.orgs, o.OrgID)
	}
	for _, p := range w.source.People() {
		t.people = append(t.people, p.OpenID)
	}
	return t
}

func (t *told) engine() *orgsync.Engine {
	t.tb.Helper()
	store := recordedStore{Store: t.store, rec: t.rec}
	if t.lease != nil {
		store.lease = func() *endingLease { return t.lease }
	}
	var outer orgsync.Store = store
	if t.wrap != nil {
		outer = t.wrap(outer)
	}
	options := []orgsync.Option{orgsync.WithClock(t.now), orgsync.WithSealing(sealingKey()), orgsync.WithLimits(t.limits)}
	if t.fullEvery > 0 {
		options = append(options, orgsync.WithFullReadEvery(t.fullEvery))
	}
	engine, err := orgsync.New(orgsync.Config{
		Tenant: "acme", Source: t.rec.source(t.reader()), Store: outer,
		Targets: t.rec.targets(t.aiguanhuai, t.tuzhan, t.yunjian),
	}, options...)
	require.NoError(t.tb, err)
	return engine
}

// run runs once and writes it down.
func (t *told) run(options orgsync.RunOptions, clean bool) (*orgsync.Report, error) {
	t.tb.Helper()
	t.reset()
	limits := t.limits
	facts := runFacts{
		Full: options.Full, Hold: options.Hold, Force: options.Force, DryRun: options.DryRun, Approve: options.Approve.Digest,
		Replace: options.Replace, Adopt: options.Adopt, Clean: clean, Timed: t.lease != nil, Limits: &limits,
		Keyed: map[string]bool{"aiguanhuai": false, "yunjian": true}, Deletes: map[string]bool{"tuzhan": true},
	}
	for _, p := range t.source.People() {
		if p.Status == yunzhijia.StatusActive {
			facts.Truth = append(facts.Truth, p.OpenID)
		}
	}
	t.rec.begin(facts)
	report, err := t.engine().Run(t.tb.Context(), options)
	t.rec.end(report, err)
	return report, err
}

// planned makes the plan of a run that is to come, without noting how.
func (t *told) planned(options orgsync.RunOptions) *orgsync.Plan {
	t.tb.Helper()
	t.rec.mute(true)
	plan, err := t.engine().Plan(t.tb.Context(), options)
	t.rec.mute(false)
	if err != nil {
		return nil
	}
	e := event{Kind: kindPlan, Digest: plan.GuardDigest}
	for _, p := range plan.Targets {
		e.Plan = append(e.Plan, target1{p.Name, p.Changes})
	}
	t.rec.note(e)
	return plan
}

// troubled runs while up to three things go wrong, perhaps until it dies at a write of
// the state, or loses its lease at one.
func (t *told) troubled() {
	catalogue := t.troubles()
	options := orgsync.RunOptions{
		Force: rapid.Bool().Draw(t.r, "force"), Full: rapid.Bool().Draw(t.r, "full"), Hold: rapid.Bool().Draw(t.r, "hold"),
		DryRun: rapid.IntRange(0, 9).Draw(t.r, "dry") == 0,
	}
	if rapid.IntRange(0, 9).Draw(t.r, "replace") == 0 {
		options.Replace = []string{"aiguanhuai"}
	}
	t.later(time.Hour)
	if rapid.Bool().Draw(t.r, "plan") {
		if plan := t.planned(options); plan != nil && rapid.Bool().Draw(t.r, "approve") {
			options.Approve = orgsync.Approve{Digest: plan.GuardDigest, By: "an operator"}
		}
	}
	clean := true
	for range rapid.IntRange(0, 3).Draw(t.r, "troubles") {
		clean = false
		i := rapid.IntRange(0, len(catalogue)-1).Draw(t.r, "trouble")
		t.r.Log(catalogue[i].name)
		catalogue[i].inject(t.world, rapid.IntRange(0, 3).Draw(t.r, "after"))
	}
	switch at := rapid.IntRange(0, 12).Draw(t.r, "write"); rapid.SampledFrom([]string{"", "", "crash", "crash", "lease"}).Draw(t.r, "end") {
	case "crash":
		clean = false
		crash := &failingStore{err: errors.New("killed"), late: rapid.Bool().Draw(t.r, "late"), after: at}
		t.wrap = func(s orgsync.Store) orgsync.Store { crash.Store = s; return crash }
	case "lease":
		clean = false
		t.lease = &endingLease{after: at, until: time.Now().Add(time.Hour)}
	}
	_, err := t.run(options, clean)
	t.r.Log(err)
	t.clearTroubles()
	t.wrap, t.lease = nil, nil
}

// settle demands that two more runs are enough, and that the third one writes nothing.
func (t *told) settle(options orgsync.RunOptions) {
	t.tb.Helper()
	var report *orgsync.Report
	var err error
	for range 3 {
		t.later(time.Hour)
		report, err = t.run(options, true)
		if err == nil && t.writes() == 0 {
			return
		}
	}
	require.NoError(t.tb, err, report.Text())
	require.Zero(t.tb, t.writes(), report.Text())
}

// converge demands that in the end the targets hold what the source holds.
func (t *told) converge(options orgsync.RunOptions) {
	t.tb.Helper()
	t.corrected()
	t.settle(options)
	t.requireInStep()
}

func (t *told) corrected() {
	for _, id := range slices.Sorted(maps.Keys(t.numbers)) {
		t.correct(id)
	}
}

// judge holds the chronicle against the rules.
func (t *told) judge() {
	t.tb.Helper()
	require.Empty(t.tb, validate(t.rec.events))
}

// life is what happens to a company: changes, runs in which something goes wrong, and
// runs in which nothing does.
func (t *told) life(runs int) {
	for range runs {
		for range rapid.IntRange(0, 5).Draw(t.r, "changes") {
			t.step()
			t.sideStep()
			t.later(time.Minute)
		}
		t.troubled()
	}
}

// TestHistories plays random histories with troubles, crashes and lost leases, and holds
// all that their runs did against the invariants. Once nothing goes wrong any more, at
// most two runs are needed, and the next one writes nothing. A history that fails
// is kept with -artifacts.
func TestHistories(t *testing.T) {
	t.Parallel()
	for name, bySync := range map[string]bool{"feed": false, "directory": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			checkHistories(t, bySync)
		})
	}
}

func checkHistories(t *testing.T, bySync bool) {
	rapid.Check(t, func(r *rapid.T) {
		w := newWorld(t, 6, 14)
		w.bySync = bySync
		w.yunzhijia.Pages = yunzhijia.PageOptions{Count: 6, Prefetch: 2}
		w.directory.Pages = w.yunzhijia.Pages
		h := newTold(rapidTB{TB: t, r: r}, w, r)
		if rapid.Bool().Draw(r, "tight") {
			tight := orgsync.Limit{Absolute: 2, Share: 0.2, Small: 2}
			h.limits.People, h.limits.Created, h.limits.Changed = tight, tight, tight
		}
		defer func() {
			if r.Failed() {
				path := filepath.Join(t.ArtifactDir(), "history.jsonl")
				require.NoError(t, h.rec.events.write(path))
				r.Logf("the history is in %s", path)
			}
		}()
		h.somebodyElse()
		if rapid.IntRange(0, 3).Draw(r, "filled") > 0 { // else the first run has troubles too
			h.settle(orgsync.RunOptions{})
		}
		h.life(rapid.IntRange(1, 5).Draw(r, "runs"))
		h.judge()
		h.converge(orgsync.RunOptions{Force: true, Full: true})
		h.judge()
		for range rapid.IntRange(0, 4).Draw(r, "more") {
			h.step()
		}
		h.settle(orgsync.RunOptions{Force: true})
		h.judge()
		h.converge(orgsync.RunOptions{Force: true, Full: true})
		h.judge()
	})
}
