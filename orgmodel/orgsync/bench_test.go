package orgsync_test

import (
	"context"
	"fmt"
	"iter"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/orgmodel"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
	"github.com/orgbridge/orgbridge/yunzhijia"
)

// BenchmarkFirstSync pushes 20,000 people and 800 departments to three targets.
func BenchmarkFirstSync(b *testing.B) {
	for b.Loop() {
		b.StopTimer()
		w := newWorld(b, 800, 20_000)
		b.StartTimer()
		w.sync()
	}
}

// BenchmarkUnchanged runs when nothing has happened.
func BenchmarkUnchanged(b *testing.B) {
	w := newWorld(b, 800, 20_000)
	w.sync()
	for b.Loop() {
		w.sync()
	}
}

// BenchmarkOnePercent runs after 200 of 20,000 people were changed.
func BenchmarkOnePercent(b *testing.B) {
	w := newWorld(b, 800, 20_000)
	w.sync()
	round := 0
	for b.Loop() {
		b.StopTimer()
		round++
		for i := range 200 {
			w.source.UpdatePerson(person(100*i+1), func(p *yunzhijia.Person) { p.JobTitle = fmt.Sprintf("职位%d", round) })
		}
		b.StartTimer()
		w.sync()
		b.ReportMetric(float64(w.writes()+w.source.Count("")), "calls")
	}
}

// large is a source that makes its people on the fly, as one that is read page by
// page does, so that it costs no memory of its own.
type large struct {
	fakeSource

	number int
}

func newLarge(departments, people int) *large {
	s := &large{number: people}
	s.departments = []orgmodel.Department{department("d0", "", "公司")}
	for i := 1; i < departments; i++ {
		s.departments = append(s.departments, department(fmt.Sprint("d", i), fmt.Sprint("d", (i-1)/8), fmt.Sprint("部门", i)))
	}
	return s
}

func (s *large) People(ctx context.Context, since orgsync.Watermark) (iter.Seq2[orgmodel.Person, error], func() (orgsync.Watermark, error)) {
	_, upTo := s.fakeSource.People(ctx, since)
	return func(yield func(orgmodel.Person, error) bool) {
		for i := range s.number {
			p := staff(fmt.Sprintf("person-%06d", i), fmt.Sprint("d", i%len(s.departments)))
			p.SetEmployeeNo(fmt.Sprintf("E%06d", i))
			p.SetPosition("工程师")
			p.SetEmail(fmt.Sprintf("user%06d@example.com", i))
			if !yield(p, nil) {
				return
			}
		}
	}, upTo
}

func threeFakes() []orgsync.Target {
	return []orgsync.Target{
		&fakeTarget{name: "a", traits: orgsync.Traits{Batch: 2000, Departments: true, Upserts: true}},
		&fakeTarget{name: "b", traits: orgsync.Traits{Batch: 500, Departments: true, DeletesLeavers: true}},
		&fakeTarget{name: "c", traits: orgsync.Traits{Batch: 200, Upserts: true}},
	}
}

// BenchmarkPlan100k plans for 100,000 people, 10,000 departments and three targets,
// none of whom changed, reading and state included; heap-MB is the most in use.
func BenchmarkPlan100k(b *testing.B) {
	source := newLarge(10_000, 100_000)
	targets := threeFakes()
	engine, err := orgsync.New(orgsync.Config{Tenant: "t", Source: source, Store: orgsync.NewMemoryStore(), Targets: targets})
	require.NoError(b, err)
	_, err = engine.Run(b.Context(), orgsync.RunOptions{})
	require.NoError(b, err)
	for _, t := range targets {
		t.(*fakeTarget).batches = nil
	}
	runtime.GC()
	var before runtime.MemStats
	runtime.ReadMemStats(&before)
	for b.Loop() {
		peak := watchHeap()
		report, err := engine.Run(b.Context(), orgsync.RunOptions{Full: true, DryRun: true})
		b.ReportMetric(float64(peak()-before.HeapAlloc)/1e6, "heap-MB")
		require.NoError(b, err)
		require.Empty(b, report.Targets[0].Changes)
	}
}

// watchHeap samples the heap until the returned function is called, which returns
// the most it saw.
func watchHeap() (peak func() uint64) {
	stop, result := make(chan struct{}), make(chan uint64)
	go func() {
		var most uint64
		ticker := time.NewTicker(20 * time.Millisecond)
		defer ticker.Stop()
		for {
			var now runtime.MemStats
			runtime.ReadMemStats(&now)
			most = max(most, now.HeapAlloc)
			select {
			case <-stop:
				result <- most
				return
			case <-ticker.C:
			}
		}
	}()
	return func() uint64 { close(stop); return <-result }
}

// forgetful is a store that keeps nothing, as one on disk keeps nothing in memory.
type forgetful struct{}

func (forgetful) Lock(context.Context, string) (orgsync.Lease, error) { return forgetful{}, nil }
func (forgetful) Get(_ context.Context, _ string, keys ...string) ([][]byte, error) {
	return make([][]byte, len(keys)), nil
}
func (forgetful) All(context.Context, string) iter.Seq2[orgsync.Entry, error] {
	return func(func(orgsync.Entry, error) bool) {}
}
func (forgetful) Write(context.Context, ...orgsync.Entry) error { return nil }
func (forgetful) Until() time.Time                              { return time.Time{} }
func (forgetful) Unlock(context.Context) error                  { return nil }

// BenchmarkFirst100k pushes 100,000 people to three targets and a store that cost nothing.
func BenchmarkFirst100k(b *testing.B) {
	source := newLarge(10_000, 100_000)
	for b.Loop() {
		targets := threeFakes()
		for _, t := range targets {
			t.(*fakeTarget).forget = true
		}
		engine, err := orgsync.New(orgsync.Config{Tenant: "t", Source: source, Store: forgetful{}, Targets: targets})
		require.NoError(b, err)
		runtime.GC()
		var before runtime.MemStats
		runtime.ReadMemStats(&before)
		peak := watchHeap()
		_, err = engine.Run(b.Context(), orgsync.RunOptions{})
		b.ReportMetric(float64(peak()-before.HeapAlloc)/1e6, "heap-MB")
		require.NoError(b, err)
	}
}
