package orgmodel_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/orgbridge/orgbridge/orgmodel"
)

// incomplete seals the same records behind a people pull that failed at its end.
func incomplete(t require.TestingT, departments []orgmodel.Department, people ...orgmodel.Person) *orgmodel.Directory {
	var b orgmodel.Builder
	require.NoError(t, b.AddDepartments(rows(departments...)))
	require.ErrorIs(t, b.AddPeople(failing(context.Canceled, people...)), context.Canceled)
	return b.Seal()
}

func TestDiffOfFields(t *testing.T) {
	t.Parallel()
	departments := []orgmodel.Department{department("d1", "", "总部"), department("d2", "d1", "销售部")}
	before := person("u1", "张三", "d1")
	before.SetMobile("13800000001")
	before.SetEmail("a@example.com")
	before.SetAttribute("level", "5")
	before.SetAttribute("grade", "1")

	after := person("u1", "张三", "d1", "d2") // moved
	after.SetMobile("138****0001")          // unknown
	after.SetEmail("")                      // cleared
	after.SetStatus(orgmodel.StatusLeft)
	after.SetPosition("经理") // learned
	after.SetAttribute("grade", "2")
	old, current := seal(t, departments, []orgmodel.Person{before}), seal(t, departments, []orgmodel.Person{after})
	changes := orgmodel.Diff(old, current)
	require.Len(t, changes.ChangedPeople, 1)
	change := changes.ChangedPeople[0]
	assert.Equal(t, "u1", change.ID())
	assert.Equal(t, orgmodel.Fields(orgmodel.PersonDepartments, orgmodel.PersonEmail, orgmodel.PersonStatus, orgmodel.PersonPosition), change.Fields)
	assert.Equal(t, []string{"grade"}, change.Attributes)
	assert.True(t, change.Moved())
	assert.True(t, before.Equal(change.Before))
	assert.True(t, after.Equal(change.After))
	assert.Empty(t, changes.Withheld)
	assert.False(t, changes.IsEmpty())

	back := orgmodel.Diff(current, old)
	assert.Equal(t, orgmodel.StatusActive, back.ChangedPeople[0].After.Status, "a return is a change of status")
	assert.True(t, back.ChangedPeople[0].Fields.Has(orgmodel.PersonMobile), "what was unknown and is known now is new")
}

func TestDiffOfDepartments(t *testing.T) {
	t.Parallel()
	people := []orgmodel.Person{person("u1", "张三", "d1")}
	renamed := department("d2", "d1", "市场部")
	changes := orgmodel.Diff(
		seal(t, []orgmodel.Department{department("d1", "", "总部"), department("d2", "d1", "销售部"), department("d3", "d2", "一组"), department("d4", "d1", "旧")}, people),
		seal(t, []orgmodel.Department{department("d1", "", "总部"), renamed, department("d3", "d1", "一组"), department("d5", "d1", "新")}, people))
	assert.Equal(t, []string{"d5"}, idsOf(changes.CreatedDepartments, departmentID))
	require.Len(t, changes.ChangedDepartments, 2)
	assert.Equal(t, orgmodel.Fields(orgmodel.DepartmentName), changes.ChangedDepartments[0].Fields)
	assert.False(t, changes.ChangedDepartments[0].Moved())
	assert.Equal(t, "d3", changes.ChangedDepartments[1].ID())
	assert.True(t, changes.ChangedDepartments[1].Moved())
	gone, err := changes.RemovedDepartments()
	require.NoError(t, err)
	assert.Equal(t, []string{"d4"}, idsOf(gone, departmentID))
	nobody, err := changes.RemovedPeople()
	require.NoError(t, err)
	assert.Empty(t, nobody)
}

func TestDiffFromNothing(t *testing.T) {
	t.Parallel()
	changes := orgmodel.Diff(nil, company(t))
	assert.Len(t, changes.CreatedDepartments, 3)
	assert.Len(t, changes.CreatedPeople, 2)
	_, err := changes.RemovedPeople()
	require.NoError(t, err)

	changes = orgmodel.Diff(company(t), nil)
	_, err = changes.RemovedPeople()
	require.ErrorIs(t, err, orgmodel.ErrNotRead)
	assert.True(t, changes.IsEmpty())
}

func TestIncrementalSnapshotRemovesNobody(t *testing.T) {
	t.Parallel()
	var b orgmodel.Builder
	require.NoError(t, b.AddDepartments(rows(department("d1", "", "总部"), department("d2", "d1", "销售部"))))
	left := person("u1", "张三", "d1")
	left.SetStatus(orgmodel.StatusLeft)
	require.NoError(t, b.AddPeople(rows(left), orgmodel.LastWins, orgmodel.Incremental))
	require.NoError(t, b.AddPeople(rows[orgmodel.Person]()))
	dir := b.Seal()
	require.True(t, dir.Complete())
	assert.True(t, dir.IsIncremental(orgmodel.EntityPerson))
	assert.False(t, dir.IsIncremental(orgmodel.EntityDepartment))

	changes := orgmodel.Diff(company(t), dir)
	_, err := changes.RemovedPeople()
	require.ErrorIs(t, err, orgmodel.ErrIncremental)
	require.EqualError(t, err, "orgmodel: incomplete directory: person: only changes were read")
	gone, err := changes.RemovedDepartments()
	require.NoError(t, err, "departments were read in full")
	assert.Equal(t, []string{"d3"}, idsOf(gone, departmentID))
	require.Len(t, changes.ChangedPeople, 1, "an explicit leaver is believed")
	assert.Equal(t, orgmodel.StatusLeft, changes.ChangedPeople[0].After.Status)
	assert.Empty(t, changes.Withheld)
}

func TestIncompleteSnapshotTakesNothingAway(t *testing.T) {
	t.Parallel()
	departments := []orgmodel.Department{department("d1", "", "总部")}
	before := person("u1", "张三", "d1")
	before.SetMobile("13800000001")
	before.SetAttribute("level", "5")
	before.SetAttribute("code", "01")
	after := person("u1", "张三丰", "d1")
	after.SetMobile("")
	after.SetStatus(orgmodel.StatusDisabled)
	after.SetAttribute("level", "")
	after.SetAttribute("extra", "")
	after.SetAttribute("code", "02")
	onlyTakes := person("u2", "李四", "d1")
	onlyTakes.SetStatus(orgmodel.StatusLeft)
	newLeaver := person("u3", "王五", "d1")
	newLeaver.SetStatus(orgmodel.StatusLeft)
	newcomer := person("u4", "赵六", "d1")
	newcomer.SetEmail("")
	unsure := person("u5", "孙八", "d1")
	unsure.Forget(orgmodel.PersonStatus)
	closed := department("d1", "", "总部")
	closed.SetStatus(orgmodel.StatusDisabled)

	old := seal(t, departments, []orgmodel.Person{before, person("u2", "李四", "d1"), person("u9", "钱七", "d1")})
	changes := orgmodel.Diff(old, incomplete(t, []orgmodel.Department{closed}, after, onlyTakes, newLeaver, newcomer, unsure))

	require.Len(t, changes.ChangedPeople, 1)
	change := changes.ChangedPeople[0]
	assert.Equal(t, orgmodel.Fields(orgmodel.PersonName), change.Fields)
	assert.Equal(t, []string{"code"}, change.Attributes)
	assert.Equal(t, "13800000001", change.After.Mobile)
	assert.Equal(t, orgmodel.StatusActive, change.After.Status)
	assert.Equal(t, map[string]string{"level": "5", "code": "02"}, change.After.Attributes)
	assert.Equal(t, []string{"u4", "u5"}, idsOf(changes.CreatedPeople, personID))
	assert.False(t, changes.CreatedPeople[0].Known.Has(orgmodel.PersonEmail))
	assert.Empty(t, changes.ChangedDepartments)
	assert.Equal(t, []orgmodel.Withheld{
		{Entity: orgmodel.EntityDepartment, ID: "d1", Fields: []string{"status"}},
		{Entity: orgmodel.EntityPerson, ID: "u1", Fields: []string{"status", "mobile", "attributes.extra", "attributes.level"}},
		{Entity: orgmodel.EntityPerson, ID: "u2", Fields: []string{"status"}},
		{Entity: orgmodel.EntityPerson, ID: "u3", Fields: []string{"status"}},
		{Entity: orgmodel.EntityPerson, ID: "u4", Fields: []string{"email"}},
	}, changes.Withheld)
	for _, err := range []error{second(changes.RemovedPeople()), second(changes.RemovedDepartments())} {
		require.ErrorIs(t, err, orgmodel.ErrPullFailed)
		var reasons *orgmodel.IncompleteError
		require.ErrorAs(t, err, &reasons)
		assert.Len(t, reasons.Problems, 1)
	}
}

func second[T any](_ T, err error) error { return err }

// drawPeople draws people of a fixed company, in which nothing is faulty.
func drawPeople(t *rapid.T) []orgmodel.Person {
	people := []orgmodel.Person{person("u0", "张三", "a")}
	for _, i := range rapid.SliceOfDistinct(rapid.IntRange(1, 8), rapid.ID[int]).Draw(t, "people") {
		people = append(people, drawPerson(t, fmt.Sprint("u", i)))
	}
	return people
}

func abc() []orgmodel.Department {
	return []orgmodel.Department{department("a", "", "总部"), department("b", "a", "销售部"), department("c", "a", "市场部")}
}

func TestDiffApplies(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		old, current := seal(t, abc(), drawPeople(t)), seal(t, abc(), drawPeople(t))
		require.True(t, current.Complete(), current.Incomplete())
		assert.True(t, orgmodel.Diff(old, old).IsEmpty())

		changes := orgmodel.Diff(old, current)
		state := map[string]orgmodel.Person{}
		for p := range old.People() {
			state[p.ID] = p
		}
		for _, p := range changes.CreatedPeople {
			assert.NotContains(t, state, p.ID)
			state[p.ID] = p
		}
		for _, c := range changes.ChangedPeople {
			merged, err := c.Before.Merge(c.After)
			require.NoError(t, err)
			state[c.ID()] = merged
		}
		gone, err := changes.RemovedPeople()
		require.NoError(t, err)
		for _, p := range gone {
			delete(state, p.ID)
		}
		var b orgmodel.Builder
		require.NoError(t, b.AddDepartments(rows(abc()...)))
		require.NoError(t, b.AddPeople(rows(slices.Collect(maps.Values(state))...)))
		applied := b.Seal()
		assert.Equal(t, current.NumPeople(), applied.NumPeople())
		assert.True(t, orgmodel.Diff(applied, current).IsEmpty(), "everything the new snapshot knows is there")
	})
}

func TestDiffOfIncompleteNeverTakesAway(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		old := seal(t, abc(), drawPeople(t))
		people := drawPeople(t)
		current := incomplete(t, abc(), people...)
		changes := orgmodel.Diff(old, current)
		takesAway := func(p, before orgmodel.Person, existed bool) {
			for f := range p.Cleared().All() {
				assert.True(t, existed && before.Cleared().Has(f), "%s cleared", f)
			}
			if p.Known.Has(orgmodel.PersonStatus) && p.Status != orgmodel.StatusActive {
				assert.True(t, existed && before.Status == p.Status)
			}
			for key, value := range p.Attributes {
				known, was := before.Attributes[key]
				assert.True(t, value != "" || was && known == "")
			}
		}
		for _, p := range changes.CreatedPeople {
			takesAway(p, orgmodel.Person{}, false)
		}
		for _, c := range changes.ChangedPeople {
			takesAway(c.After, c.Before, true)
			assert.True(t, c.Fields.Intersect(c.After.Cleared()).IsEmpty())
		}
		_, err := changes.RemovedPeople()
		require.Error(t, err)
		assert.True(t, orgmodel.Diff(current, current).IsEmpty())
	})
}

// large is an organisation of 100,000 people in 10,000 departments; variant changes
// one person and one department in ten.
func large(b *testing.B, variant bool) *orgmodel.Directory {
	b.Helper()
	var builder orgmodel.Builder
	departments := func(yield func(orgmodel.Department, error) bool) {
		for i := range 10_000 {
			parent := ""
			if i > 0 {
				parent = fmt.Sprintf("d%d", (i-1)/8)
			}
			name := "部门"
			if variant && i%10 == 0 {
				name = "新部门"
			}
			if !yield(department(fmt.Sprintf("d%d", i), parent, name), nil) {
				return
			}
		}
	}
	people := func(yield func(orgmodel.Person, error) bool) {
		for i := range 100_000 {
			p := person(fmt.Sprintf("u%d", i), "张三", fmt.Sprintf("d%d", i%10_000))
			p.SetMobile("13800000001")
			p.SetEmail("a@example.com")
			p.SetAttribute("level", "5")
			if variant && i%10 == 0 {
				p.SetPosition("经理")
			}
			if !yield(p, nil) {
				return
			}
		}
	}
	require.NoError(b, builder.AddDepartments(departments))
	require.NoError(b, builder.AddPeople(people))
	return builder.Seal()
}

func BenchmarkDiff100k(b *testing.B) {
	old, current := large(b, false), large(b, true)
	for b.Loop() {
		changes := orgmodel.Diff(old, current)
		if len(changes.ChangedPeople) != 10_000 || len(changes.ChangedDepartments) != 1_000 {
			b.Fatal("wrong changes")
		}
	}
}

func BenchmarkSeal100k(b *testing.B) {
	for b.Loop() {
		large(b, false)
	}
}

func BenchmarkValidate100k(b *testing.B) {
	dir := large(b, false)
	for b.Loop() {
		if err := dir.Validate(); err != nil {
			b.Fatal(err)
		}
	}
}
