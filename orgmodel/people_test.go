package orgmodel_test

import (
	"fmt"
	"iter"
	"maps"
	"math/rand/v2"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
	"unsafe"
	"weak"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/orgbridge/orgbridge/orgmodel"
)

func TestASnapshotGivesBackWhatItTookIn(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var people []orgmodel.Person
		for i := range rapid.IntRange(1, 20).Draw(t, "people") {
			p := drawPerson(t, fmt.Sprintf("%d-%s", i, rapid.StringN(0, 3, -1).Draw(t, "id")))
			if rapid.Bool().Draw(t, "odd date") {
				p.SetBirthday(orgmodel.Date{Year: rapid.Int().Draw(t, "year"), Month: time.Month(rapid.Int().Draw(t, "month")), Day: 31})
			}
			people = append(people, p)
		}
		dir := seal(t, nil, people)
		require.Equal(t, len(people), dir.NumPeople())
		active := 0
		for _, p := range people {
			want := plain(t, p)
			got, found := dir.Person(p.ID)
			require.True(t, found)
			require.True(t, dir.HasPerson(p.ID))
			require.Equal(t, want.Known, got.Known)
			require.True(t, want.Equal(got))
			require.True(t, got.Equal(got.Clone()))
			require.Equal(t, want, plain(t, got), "unknown fields are zero")
			if got.Known.Has(orgmodel.PersonStatus) && got.Status == orgmodel.StatusActive {
				active++
			}
		}
		require.Equal(t, active, dir.NumInService())
		ids := slices.Collect(dir.PersonIDs())
		require.True(t, slices.IsSorted(ids))
		require.Equal(t, ids, idsOf(slices.Collect(dir.People()), personID))
	})
}

func TestDatesThatNoCalendarHasAreKept(t *testing.T) {
	t.Parallel()
	for _, day := range []orgmodel.Date{
		{}, {Year: 1, Month: 1, Day: 1}, {Year: 9999, Month: 12, Day: 31}, {Year: 2000, Month: 2, Day: 31}, {Year: 10000, Month: 1, Day: 1},
		{Day: 1}, {Month: 1, Day: 1}, {Year: -1, Month: 1, Day: 1}, {Year: 2000, Month: 13, Day: 1}, {Year: 2000, Month: 1, Day: 32},
		{Year: 2000, Month: -1, Day: -1}, {Year: 2000},
	} {
		p := person("u1", "张三", "d1")
		p.SetBirthday(day)
		p.SetJoinDate(day)
		got, _ := seal(t, nil, []orgmodel.Person{p}).Person("u1")
		assert.Equal(t, day, got.Birthday)
		assert.Equal(t, p, got)
	}
}

// ledger is what a snapshot's people must be, kept in maps.
type ledger struct {
	people      map[string]string // id to name
	quarantined map[string]bool
	duplicates  map[string]bool
}

func (l *ledger) take(id, name string, lastWins bool) {
	_, taken := l.people[id]
	switch {
	case lastWins:
		delete(l.quarantined, id)
	case l.quarantined[id]:
		return
	case taken:
		l.duplicates[id] = true
		return
	}
	l.people[id] = name
}

func TestArrivalsAreSettledInTheirOrder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		want := ledger{map[string]string{}, map[string]bool{}, map[string]bool{}}
		var b orgmodel.Builder
		n := 0
		for range rapid.IntRange(1, 4).Draw(t, "pulls") {
			lastWins := rapid.Bool().Draw(t, "feed")
			var options []orgmodel.PullOption
			if lastWins {
				options = append(options, orgmodel.LastWins)
			}
			require.NoError(t, b.AddPeople(func(yield func(orgmodel.Person, error) bool) {
				for range rapid.IntRange(0, 12).Draw(t, "records") {
					id := rapid.StringMatching(`[ab]{1,9}`).Draw(t, "id")
					n++
					p := person(id, fmt.Sprint("name", n))
					if rapid.IntRange(0, 3).Draw(t, "bad") == 0 {
						delete(want.people, id)
						want.quarantined[id] = true
						yield(orgmodel.Person{}, p.Refuse(orgmodel.PersonName, "is odd"))
						continue
					}
					want.take(id, p.Name, lastWins)
					yield(p, nil)
				}
			}, options...))
		}
		dir := b.Seal()
		got := map[string]string{}
		for p := range dir.People() {
			got[p.ID] = p.Name
		}
		require.Equal(t, want.people, got)
		require.Equal(t, slices.Sorted(maps.Keys(want.people)), slices.AppendSeq([]string(nil), dir.PersonIDs()))
		var refused, repeated []string
		for _, e := range dir.Quarantined() {
			refused = append(refused, e.ID)
		}
		for _, problem := range dir.Incomplete() {
			if problem.Kind == orgmodel.ErrDuplicateID {
				repeated = append(repeated, problem.IDs...)
			}
		}
		require.Equal(t, slices.Sorted(maps.Keys(want.quarantined)), refused)
		require.Equal(t, slices.Sorted(maps.Keys(want.duplicates)), repeated)
	})
}

// Several chunks, most records repeated, in any order.
func TestALargeFeed(t *testing.T) {
	t.Parallel()
	const people = 20_000
	random := rand.New(rand.NewPCG(3, 4))
	var b orgmodel.Builder
	feed := func(order []int, position string) iter.Seq2[orgmodel.Person, error] {
		return func(yield func(orgmodel.Person, error) bool) {
			for p := range employees(people, order) {
				p.SetPosition(position)
				if !yield(p, nil) {
					return
				}
			}
		}
	}
	require.NoError(t, b.AddPeople(feed(nil, "一"), orgmodel.LastWins))
	require.NoError(t, b.AddPeople(feed(random.Perm(people), "二"), orgmodel.LastWins))
	require.NoError(t, b.AddPeople(feed(random.Perm(people), "三"), orgmodel.LastWins))
	assert.Equal(t, fmt.Sprintf("builder departments=0 people=%d", 3*people), fmt.Sprint(&b))
	dir := b.Seal()
	assert.Equal(t, fmt.Sprintf("builder departments=0 people=%d", people), fmt.Sprint(&b))
	require.Equal(t, people, dir.NumPeople())
	assert.Equal(t, people, dir.NumInService())
	i := 0
	for p := range dir.People() {
		require.Equal(t, fmt.Sprintf("person-%06d", i), p.ID)
		require.Equal(t, "三", p.Position)
		require.Equal(t, fmt.Sprintf("u%06d@example.com", i), p.Email)
		i++
	}
	_, found := dir.Person("person-020000")
	assert.False(t, found)
	assert.False(t, dir.HasPerson("nobody"))
	for range dir.PersonIDs() {
		break
	}
}

func TestAttributesOfManyPeople(t *testing.T) {
	t.Parallel()
	var people []orgmodel.Person
	for i := range 50 {
		p := person(fmt.Sprint("u", i), "张三", "d1")
		p.SetAttribute("k", strings.Repeat("长", 20_000))
		p.SetAttribute("level", strconv.Itoa(i))
		p.SetManagerIDs("u1", "u2")
		people = append(people, p, p)
	}
	dir := seal(t, nil, people, orgmodel.LastWins)
	for i := range 50 {
		p, found := dir.Person(fmt.Sprint("u", i))
		require.True(t, found)
		assert.Equal(t, strconv.Itoa(i), p.Attributes["level"])
		assert.Equal(t, []string{"u1", "u2"}, p.ManagerIDs)
		p.Attributes["level"], p.ManagerIDs[0] = "x", "x"
		again, _ := dir.Person(p.ID)
		assert.Equal(t, strconv.Itoa(i), again.Attributes["level"])
		assert.Equal(t, "u1", again.ManagerIDs[0])
	}
}

// A chain of departments, and one department with nearly everyone.
func TestDeepAndWideOrganisations(t *testing.T) {
	t.Parallel()
	const deep, wide = 3000, 100_000
	chain := []orgmodel.Department{department("d0000", "", "总部")}
	for i := 1; i < deep; i++ {
		chain = append(chain, department(fmt.Sprintf("d%04d", i), fmt.Sprintf("d%04d", i-1), "部门"))
	}
	var b orgmodel.Builder
	require.NoError(t, b.AddDepartments(rows(chain...)))
	require.NoError(t, b.AddPeople(func(yield func(orgmodel.Person, error) bool) {
		for p := range employees(wide, nil) {
			p.SetDepartmentIDs("d0001", "d2999")
			if !yield(p, nil) {
				return
			}
		}
	}))
	dir := b.Seal()
	require.True(t, dir.Complete())
	require.NoError(t, dir.Validate())
	assert.True(t, dir.HasDepartment("d2999"))
	assert.False(t, dir.HasDepartment("d3000"))
	last := ""
	for depth, d := range dir.Walk() {
		last = fmt.Sprint(depth, d.ID)
	}
	assert.Equal(t, "2999d2999", last)
	assert.Len(t, dir.Levels(), deep)
	assert.Len(t, dir.Ancestors("d2999"), deep-1)
	names, ok := dir.PathNames("d2999")
	assert.True(t, ok)
	assert.Len(t, names, deep)
	var readers sync.WaitGroup
	for range 4 {
		readers.Go(func() {
			assert.Len(t, dir.Members("d2999"), wide)
			assert.Empty(t, dir.Members("d0002"))
		})
	}
	readers.Wait()
}

// A page's texts share memory, which a snapshot must not keep.
func TestASnapshotLetsGoOfThePage(t *testing.T) {
	t.Parallel()
	build := func(page string) (*orgmodel.Directory, weak.Pointer[byte]) {
		piece := func(i int) string { return page[3*i : 3*i+3] }
		d := orgmodel.Department{ID: piece(0)}
		d.SetName(piece(1))
		d.SetParentID(piece(2))
		d.SetManagerIDs(piece(3))
		d.SetAttribute(piece(4), piece(5))
		bad := orgmodel.Person{ID: piece(6)}
		p := orgmodel.Person{ID: piece(7)}
		p.SetName(piece(8))
		p.SetDepartmentIDs(piece(9))
		p.SetAttribute(piece(10), piece(11))
		var b orgmodel.Builder
		require.NoError(t, b.AddDepartments(rows(d, d)))
		require.NoError(t, b.AddPeople(failing(bad.Refuse(orgmodel.PersonName, "is odd"), p, p)))
		return b.Seal(), weak.Make(unsafe.StringData(page))
	}
	dir, page := build(strings.Repeat("一二三四五六七八九十百千", 1000))
	runtime.GC()
	assert.Nil(t, page.Value())
	assert.Len(t, dir.Quarantined(), 1)
	assert.Equal(t, 1, dir.NumPeople())
}

func TestCloneLetsGoOfTheSnapshot(t *testing.T) {
	t.Parallel()
	build := func() (orgmodel.Person, weak.Pointer[byte]) {
		p := person("u1", "张三", "d1")
		p.SetManagerIDs("u2")
		p.SetAttribute("k", "v")
		got, _ := seal(t, nil, []orgmodel.Person{p}).Person("u1")
		clone := got.Clone()
		assert.Equal(t, got, clone)
		return clone, weak.Make(unsafe.StringData(got.Name))
	}
	clone, chunk := build()
	runtime.GC()
	assert.Nil(t, chunk.Value())
	assert.Equal(t, "张三", clone.Name)
}
