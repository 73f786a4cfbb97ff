package orgsync_test

import (
	"context"
	"errors"
	"iter"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/orgmodel"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
)

// panicking is a target that panics where it is told to.
type panicking struct {
	fakeTarget

	in string
}

func (t *panicking) on(method string) {
	if t.in == method {
		panic("13800000001 张三")
	}
}

func (t *panicking) Department(d orgmodel.Department) (orgsync.Record, error) {
	t.on("department")
	return t.fakeTarget.Department(d)
}

func (t *panicking) Person(p orgmodel.Person, org *orgmodel.Directory, held string) (orgsync.Record, error) {
	if p.ID == "u1" {
		t.on("person")
	}
	return t.fakeTarget.Person(p, org, held)
}

func (t *panicking) Push(ctx context.Context, b orgsync.Batch) []orgsync.Outcome {
	t.on("push")
	return t.fakeTarget.Push(ctx, b)
}

func (t *panicking) Replace(context.Context, iter.Seq[orgsync.Item], iter.Seq[orgsync.Item]) error {
	t.on("replace")
	return nil
}

// A target that panics fails, and neither another one nor the process with it.
func TestPanicsOfTargets(t *testing.T) {
	t.Parallel()
	for _, in := range []string{"department", "person", "push", "replace"} {
		t.Run(in, func(t *testing.T) {
			t.Parallel()
			bad := &panicking{in: in, fakeTarget: fakeTarget{name: "bad", traits: orgsync.Traits{Batch: 10, Departments: true, Upserts: true}}}
			var replacer orgsync.Target = bad
			if in == "push" {
				replacer = struct{ orgsync.Target }{bad} // no Replacer
			}
			good := &fakeTarget{name: "good", traits: orgsync.Traits{Batch: 10, Departments: true, Upserts: true}}
			source := &fakeSource{
				departments: []orgmodel.Department{department("d1", "", "公司")},
				people:      []orgmodel.Person{staff("u1", "d1"), staff("u2", "d1")},
			}
			engine, err := orgsync.New(orgsync.Config{
				Tenant: "t", Source: source, Store: orgsync.NewMemoryStore(), Targets: []orgsync.Target{replacer, good},
			})
			require.NoError(t, err)
			var options orgsync.RunOptions
			if in == "replace" {
				options = orgsync.RunOptions{Replace: []string{"bad"}, Force: true}
			}
			report, err := engine.Run(t.Context(), options)
			assert.Equal(t, 3, target(report, "good").Done[orgsync.Create])
			told := target(report, "bad").Error
			for _, n := range append(target(report, "bad").Failed, target(report, "bad").Skipped...) {
				told += n.Reason
			}
			assert.Contains(t, told, "orgsync: panicked with string")
			assert.NotContains(t, report.Text(), "张三")
			if in == "push" || in == "replace" {
				var failed *orgsync.TargetError
				require.ErrorAs(t, err, &failed)
			} else {
				require.NoError(t, err, "a record that cannot be made is skipped")
			}

			bad.in = ""
			_, err = engine.Run(t.Context(), orgsync.RunOptions{Full: true})
			require.NoError(t, err)
			report, err = engine.Run(t.Context(), orgsync.RunOptions{Full: true})
			require.NoError(t, err)
			assert.Equal(t, 3, target(report, "bad").Unchanged)
		})
	}
}

// An enrichment that panics sets that person aside.
func TestPanicsOfEnrichments(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 6, 20)
	w.options = []orgsync.Option{orgsync.WithEnrichment(orgsync.Enrichment{Person: func(p orgmodel.Person) (orgmodel.Person, error) {
		if p.ID == person(3) {
			panic(errors.New("13800000001"))
		}
		return p, nil
	}})}
	report := w.sync()
	assert.Equal(t, []orgsync.Note{{
		Entity: orgmodel.EntityPerson, ID: person(3), Reason: "enrichment orgsync: panicked with *errors.errorString",
		Code: orgsync.RemarkField, Args: []string{"enrichment", "orgsync: panicked with *errors.errorString"},
	}}, report.Reading.Quarantined)
	assert.Len(t, w.t.Employees(), 19)
}

// careless takes whatever a replacement says, and looks neither at values nor at ctx.
type careless struct {
	fakeTarget

	broken bool
	ended  error
}

func (t *careless) Person(p orgmodel.Person, org *orgmodel.Directory, held string) (orgsync.Record, error) {
	if t.broken && p.ID == "u2" {
		return orgsync.Record{}, errors.New("no")
	}
	return t.fakeTarget.Person(p, org, held)
}

func (t *careless) Replace(ctx context.Context, departments, people iter.Seq[orgsync.Item]) error {
	t.broken = true
	for range departments {
	}
	for range people {
	}
	t.ended = ctx.Err()
	return nil
}

// A replacement that was cut short has not taken place, whatever the target says.
func TestReplacementCutShort(t *testing.T) {
	t.Parallel()
	bad := &careless{fakeTarget: fakeTarget{name: "bad", traits: orgsync.Traits{Batch: 10, Departments: true, Upserts: true}}}
	source := &fakeSource{
		departments: []orgmodel.Department{department("d1", "", "公司")},
		people:      []orgmodel.Person{staff("u1", "d1"), staff("u2", "d1"), staff("u3", "d1")},
	}
	engine, err := orgsync.New(orgsync.Config{Tenant: "t", Source: source, Store: orgsync.NewMemoryStore(), Targets: []orgsync.Target{bad}})
	require.NoError(t, err)
	report, err := engine.Run(t.Context(), orgsync.RunOptions{Replace: []string{"bad"}, Force: true})
	var failed *orgsync.TargetError
	require.ErrorAs(t, err, &failed)
	require.ErrorIs(t, bad.ended, context.Canceled)
	assert.Empty(t, target(report, "bad").Done)
	assert.Equal(t, 4, target(report, "bad").NotSent)

	bad.broken = false
	report, err = engine.Run(t.Context(), orgsync.RunOptions{})
	require.NoError(t, err)
	assert.Equal(t, 4, target(report, "bad").Done[orgsync.Create]+target(report, "bad").Done[orgsync.Update])
}

// panickingSource panics where it is told to.
type panickingSource struct {
	*stageSource

	in string
}

func (s *panickingSource) on(method string) {
	if s.in == method {
		panic("13800000001 张三")
	}
}

func (s *panickingSource) Departments(ctx context.Context) iter.Seq2[orgmodel.Department, error] {
	s.on("departments")
	return s.stageSource.Departments(ctx)
}

func (s *panickingSource) People(ctx context.Context, since orgsync.Watermark) (iter.Seq2[orgmodel.Person, error], func() (orgsync.Watermark, error)) {
	people, upTo := s.stageSource.People(ctx, since)
	return func(yield func(orgmodel.Person, error) bool) {
			for p, err := range people {
				s.on("people")
				if !yield(p, err) {
					return
				}
			}
		}, func() (orgsync.Watermark, error) {
			s.on("watermark")
			return upTo()
		}
}

func (s *panickingSource) CountPeople(context.Context) (int, bool, error) {
	s.on("count")
	return 0, false, nil
}

func (s *panickingSource) Person(ctx context.Context, id string) (orgmodel.Person, error) {
	s.on("person")
	return s.stageSource.Person(ctx, id)
}

// A source that panics was not read to its end: nothing is sent, no one's name is told, and
// the next run makes it good.
func TestPanicsOfSources(t *testing.T) {
	t.Parallel()
	for _, in := range []string{"departments", "people", "watermark", "count", "person"} {
		t.Run(in, func(t *testing.T) {
			t.Parallel()
			target := newStageTarget("t")
			p := newPlay(t, 40, target)
			source := &panickingSource{stageSource: p.src}
			p.source = source
			p.sync()
			target.sent()
			p.src.leave(playerID(7))
			source.in = in
			r, err := p.run(orgsync.RunOptions{})
			_, is := errors.AsType[*orgsync.SourceError](err)
			require.True(t, is, "%v", err)
			assert.NotContains(t, r.Text()+err.Error(), "138")
			assert.Zero(t, target.sent())
			source.in = ""
			p.sync()
			assert.True(t, target.people[playerID(7)].Left)
		})
	}
}
