package orgmodel_test

import (
	"fmt"
	"iter"
	"math/rand/v2"
	"runtime"
	"testing"

	"github.com/orgbridge/orgbridge/orgmodel"
)

// employees yields n people as a vendor's pages would, each with texts of its own.
func employees(n int, order []int) iter.Seq2[orgmodel.Person, error] {
	return func(yield func(orgmodel.Person, error) bool) {
		for i := range n {
			if order != nil {
				i = order[i]
			}
			p := orgmodel.Person{ID: fmt.Sprintf("person-%06d", i)}
			p.SetEmployeeNo(fmt.Sprintf("E%05d", i))
			p.SetName("欧阳小明")
			p.SetStatus(orgmodel.StatusActive)
			p.SetGender(orgmodel.GenderFemale)
			p.SetMobile(fmt.Sprintf("139%08d", i))
			p.SetEmail(fmt.Sprintf("u%06d@example.com", i))
			p.SetPosition("工程师")
			p.DepartmentIDs, p.Known = []string{fmt.Sprintf("org-%04d", i%5000)}, p.Known.With(orgmodel.PersonDepartments)
			if !yield(p, nil) {
				return
			}
		}
	}
}

func tree(n int) iter.Seq2[orgmodel.Department, error] {
	return func(yield func(orgmodel.Department, error) bool) {
		for i := range n {
			d := orgmodel.Department{ID: fmt.Sprintf("org-%04d", i)}
			d.SetParentID("")
			if i > 0 {
				d.SetParentID(fmt.Sprintf("org-%04d", (i-1)/8))
			}
			d.SetName("部门")
			if !yield(d, nil) {
				return
			}
		}
	}
}

func largeDirectory(b *testing.B, people int, order []int) *orgmodel.Directory {
	b.Helper()
	var builder orgmodel.Builder
	if err := builder.AddDepartments(tree(5000)); err != nil {
		b.Fatal(err)
	}
	if err := builder.AddPeople(employees(people, order), orgmodel.LastWins); err != nil {
		b.Fatal(err)
	}
	return builder.Seal()
}

func liveHeap() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func BenchmarkBuildAndSeal(b *testing.B) {
	const people = 100_000
	random := rand.New(rand.NewPCG(1, 2))
	nearly := make([]int, people) // one in a hundred is out of place
	for i := range nearly {
		nearly[i] = i
	}
	for range people / 100 {
		i, j := random.IntN(people), random.IntN(people)
		nearly[i], nearly[j] = nearly[j], nearly[i]
	}
	for name, order := range map[string][]int{"ordered": nil, "nearly ordered": nearly, "shuffled": random.Perm(people)} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				largeDirectory(b, people, order)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/people, "ns/person")
			before := liveHeap()
			dir := largeDirectory(b, people, order)
			b.ReportMetric(float64(liveHeap()-before)/people, "live-B/person")
			runtime.KeepAlive(dir)
		})
	}
	b.Run("generating", func(b *testing.B) { // what of the above is the benchmark itself
		for b.Loop() {
			for range employees(people, nil) {
				continue
			}
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/people, "ns/person")
	})
}

func BenchmarkIterate(b *testing.B) {
	const people = 100_000
	dir := largeDirectory(b, people, nil)
	b.ReportAllocs()
	named := 0
	for b.Loop() {
		for p := range dir.People() {
			if p.Name != "" {
				named++
			}
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/people, "ns/person")
}

func BenchmarkLookup(b *testing.B) {
	const people = 100_000
	dir := largeDirectory(b, people, nil)
	ids := make([]string, 1000)
	for i := range ids {
		ids[i] = fmt.Sprintf("person-%06d", i*99)
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if _, found := dir.Person(ids[i%len(ids)]); !found {
			b.Fatal("the directory is empty")
		}
	}
}

func BenchmarkValidate(b *testing.B) {
	dir := largeDirectory(b, 100_000, nil)
	b.ReportAllocs()
	for b.Loop() {
		if err := dir.Validate(); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkFromPerson(b *testing.B) {
	dir := largeDirectory(b, 100, nil)
	p, _ := dir.Person("person-000042")
	b.Run("aiguanhuai", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := (orgmodel.Aiguanhuai{}).FromPerson(p); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("tuzhan", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := (orgmodel.Tuzhan{}).FromPerson(p); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("yunjian", func(b *testing.B) {
		b.ReportAllocs()
		adapter := orgmodel.Yunjian{Lookup: dir.Department}
		for b.Loop() {
			if _, err := adapter.FromPerson(p); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkPerson(b *testing.B) {
	dir := largeDirectory(b, 100, nil)
	p, _ := dir.Person("person-000042")
	update := orgmodel.Person{ID: p.ID}
	update.SetMobile("13800000002")
	for name, do := range map[string]func(){
		"clone": func() { p.Clone() },
		"equal": func() { p.Equal(p) },
		"merge": func() {
			if _, err := p.Merge(update); err != nil {
				b.Fatal(err)
			}
		},
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				do()
			}
		})
	}
}
