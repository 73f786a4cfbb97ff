package orgsync_test

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/orgmodel"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
)

// fakeSource is a source that can say what 云之家 cannot.
type fakeSource struct {
	departments []orgmodel.Department
	people      []orgmodel.Person
	cursor      int
	hidden      map[string]bool // left out of the reading, there when asked for
	broken      error           // of point reads
	asked       int
}

func (*fakeSource) Name() string { return "fake" }

func (s *fakeSource) Departments(context.Context) iter.Seq2[orgmodel.Department, error] {
	return each(slices.DeleteFunc(slices.Clone(s.departments), func(d orgmodel.Department) bool { return s.hidden[d.ID] }))
}

func (s *fakeSource) People(context.Context, orgsync.Watermark) (iter.Seq2[orgmodel.Person, error], func() (orgsync.Watermark, error)) {
	s.cursor++
	at := orgsync.Watermark{Cursor: strconv.Itoa(s.cursor), Time: time.Date(2026, 1, 1, 0, 0, s.cursor, 0, time.UTC)}
	return each(slices.DeleteFunc(slices.Clone(s.people), func(p orgmodel.Person) bool { return s.hidden[p.ID] })), func() (orgsync.Watermark, error) { return at, nil }
}

func (s *fakeSource) Person(_ context.Context, id string) (orgmodel.Person, error) {
	s.asked++
	for _, p := range s.people {
		if p.ID == id {
			return p, s.broken
		}
	}
	return orgmodel.Person{}, cmp.Or(s.broken, orgsync.ErrNotFound)
}

func (s *fakeSource) Department(_ context.Context, id string) (orgmodel.Department, error) {
	for _, d := range s.departments {
		if d.ID == id {
			return d, s.broken
		}
	}
	return orgmodel.Department{}, cmp.Or(s.broken, orgsync.ErrNotFound)
}

func each[T any](records []T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for _, r := range records {
			if !yield(r, nil) {
				return
			}
		}
	}
}

func department(id, parent, name string) orgmodel.Department {
	d := orgmodel.Department{ID: id}
	d.SetParentID(parent)
	d.SetName(name)
	d.SetStatus(orgmodel.StatusActive)
	return d
}

func staff(id string, departments ...string) orgmodel.Person {
	p := orgmodel.Person{ID: id}
	p.SetName("员工" + id)
	p.SetMobile("13800000001")
	p.SetStatus(orgmodel.StatusActive)
	p.SetDepartmentIDs(departments...)
	return p
}

// fakeTarget takes everything and counts it.
type fakeTarget struct {
	name   string
	traits orgsync.Traits
	push   func(context.Context, orgsync.Batch) []orgsync.Outcome

	mu      sync.Mutex
	batches []orgsync.Batch
	forget  bool
}

func (t *fakeTarget) Name() string           { return t.name }
func (t *fakeTarget) Destination() string    { return "fake://" + t.name }
func (*fakeTarget) Settings() string         { return "1" }
func (t *fakeTarget) Traits() orgsync.Traits { return t.traits }

func (*fakeTarget) Department(d orgmodel.Department) (orgsync.Record, error) {
	return orgsync.Record{Value: d.Name + "|" + d.ParentID}, nil
}

func (*fakeTarget) Person(p orgmodel.Person, _ *orgmodel.Directory, _ string) (orgsync.Record, error) {
	return orgsync.Record{Value: fmt.Sprint(p.Name, p.Mobile, p.DepartmentIDs, p.Status, p.Position)}, nil
}

func (t *fakeTarget) Push(ctx context.Context, b orgsync.Batch) []orgsync.Outcome {
	if !t.forget {
		t.mu.Lock()
		t.batches = append(t.batches, b)
		t.mu.Unlock()
	}
	if t.push != nil {
		return t.push(ctx, b)
	}
	return make([]orgsync.Outcome, len(b.Items))
}

// bench is a fake source with a target that deletes and one that disables.
type bench struct {
	t        *testing.T
	source   *fakeSource
	deletes  *fakeTarget
	disables *fakeTarget
	store    orgsync.Store
	crash    *failingStore
	alone    bool // with the target that deletes
	options  []orgsync.Option
}

func newBench(t *testing.T, people int) *bench {
	t.Helper()
	b := &bench{
		t: t, store: orgsync.NewMemoryStore(),
		deletes:  &fakeTarget{name: "deletes", traits: orgsync.Traits{Batch: 50, Departments: true, DeletesLeavers: true}},
		disables: &fakeTarget{name: "disables", traits: orgsync.Traits{Batch: 50, Departments: true, Upserts: true}},
		source:   &fakeSource{hidden: map[string]bool{}, departments: []orgmodel.Department{department("d1", "", "公司"), department("d2", "d1", "研发"), department("d3", "d2", "一组")}},
	}
	for i := range people {
		b.source.people = append(b.source.people, staff(fmt.Sprintf("u%03d", i), "d1"))
	}
	return b
}

func (b *bench) run(options orgsync.RunOptions) (*orgsync.Report, error) {
	b.t.Helper()
	b.deletes.batches, b.disables.batches = nil, nil
	store := b.store
	if b.crash != nil {
		b.crash.Store = store
		store = b.crash
	}
	clock := func() time.Time { return time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC) }
	targets := []orgsync.Target{b.deletes, b.disables}
	if b.alone {
		targets = targets[:1]
	}
	engine, err := orgsync.New(orgsync.Config{Tenant: "t", Source: b.source, Store: store, Targets: targets},
		append([]orgsync.Option{orgsync.WithClock(clock)}, b.options...)...)
	require.NoError(b.t, err)
	return engine.Run(b.t.Context(), options)
}

func (b *bench) sync(options orgsync.RunOptions) *orgsync.Report {
	b.t.Helper()
	report, err := b.run(options)
	require.NoError(b.t, err, report.Text())
	return report
}
