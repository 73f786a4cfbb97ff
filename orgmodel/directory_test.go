package orgmodel_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/orgmodel"
)

func TestDirectoryReads(t *testing.T) {
	t.Parallel()
	dir := company(t)
	assert.True(t, dir.Complete(), dir.Incomplete())
	assert.Nil(t, dir.Incomplete())
	require.NoError(t, dir.Validate())
	assert.Equal(t, 3, dir.NumDepartments())
	assert.Equal(t, 2, dir.NumPeople())
	assert.Equal(t, []string{"d1", "d2", "d3"}, idsOf(slices.Collect(dir.Departments()), departmentID))
	assert.Equal(t, []string{"u1", "u2"}, idsOf(slices.Collect(dir.People()), personID))
	for p := range dir.People() {
		assert.Equal(t, "u1", p.ID)
		break
	}

	d, found := dir.Department("d2")
	assert.True(t, found)
	assert.Equal(t, "销售部", d.Name)
	_, found = dir.Department("")
	assert.False(t, found)
	p, found := dir.Person("u2")
	assert.True(t, found)
	assert.Equal(t, "李四", p.Name)
	_, found = dir.Person("d2")
	assert.False(t, found)

	assert.Equal(t, []string{"d1"}, idsOf(dir.Roots(), departmentID))
	assert.Equal(t, []string{"d2"}, idsOf(dir.Children("d1"), departmentID))
	assert.Empty(t, dir.Children("nowhere"))
	assert.Equal(t, []string{"d2", "d1"}, idsOf(dir.Ancestors("d3"), departmentID))
	assert.Empty(t, dir.Ancestors("d1"))
	assert.Empty(t, dir.Ancestors("nowhere"))
	names, ok := dir.PathNames("d3")
	assert.True(t, ok)
	assert.Equal(t, []string{"总部", "销售部", "一组"}, names)
	_, ok = dir.PathNames("nowhere")
	assert.False(t, ok)
	assert.Equal(t, []string{"u1", "u2"}, idsOf(dir.Members("d1"), personID))
	assert.Equal(t, []string{"u2"}, idsOf(dir.Members("d3"), personID), "once, however often the record says so")
	assert.Empty(t, dir.Members("nowhere"))
	for depth, d := range dir.Walk() {
		assert.Equal(t, "d1", d.ID)
		assert.Zero(t, depth)
		break
	}
}

func TestDirectoryIsImmutable(t *testing.T) {
	t.Parallel()
	given := person("u1", "张三", "d1")
	dir := seal(t, []orgmodel.Department{department("d1", "", "总部")}, []orgmodel.Person{given, person("", "李四")})
	given.DepartmentIDs[0] = "x"
	got, _ := dir.Person("u1")
	got.DepartmentIDs[0] = "y"
	dir.Members("d1")[0].DepartmentIDs[0] = "z"
	for p := range dir.People() {
		p.DepartmentIDs[0] = "w"
	}
	got, _ = dir.Person("u1")
	assert.Equal(t, []string{"d1"}, got.DepartmentIDs)
	dir.Quarantined()[0].ID = "v"
	assert.Empty(t, dir.Quarantined()[0].ID)
}

func TestNilAndZeroDirectoryAreIncomplete(t *testing.T) {
	t.Parallel()
	for _, dir := range []*orgmodel.Directory{nil, {}} {
		assert.False(t, dir.Complete())
		assert.Equal(t, []string{"department: not read", "person: not read"}, kinds(dir.Incomplete()))
		assert.Zero(t, dir.NumPeople())
		assert.Empty(t, slices.Collect(dir.People()))
		assert.Empty(t, dir.Roots())
		assert.Empty(t, dir.Levels())
		assert.Empty(t, dir.Quarantined())
		require.ErrorIs(t, dir.Validate(), orgmodel.ErrNoRoot)
		for range dir.Walk() {
			assert.Fail(t, "there is nothing to walk")
		}
	}
}

func TestSiblingOrder(t *testing.T) {
	t.Parallel()
	numbered := func(id string, order int) orgmodel.Department {
		d := department(id, "d1", id)
		d.SetOrder(order)
		return d
	}
	stale := department("a-unnumbered", "d1", "x")
	stale.Order = -5 // not known, so without effect
	dir := seal(t, []orgmodel.Department{
		stale, numbered("b", 2), numbered("c", 1), numbered("a", 2), department("d1", "", "总部"),
	}, nil)
	assert.Equal(t, []string{"c", "a", "b", "a-unnumbered"}, idsOf(dir.Children("d1"), departmentID))
	var walked []string
	for depth, d := range dir.Walk() {
		walked = append(walked, fmt.Sprintf("%d %s", depth, d.ID))
	}
	assert.Equal(t, []string{"0 d1", "1 c", "1 a", "1 b", "1 a-unnumbered"}, walked)
}

func TestUnknownFieldsHaveNoEffectInADirectory(t *testing.T) {
	t.Parallel()
	d := department("d2", "d1", "销售部")
	d.Known = d.Known.Without(orgmodel.DepartmentParent, orgmodel.DepartmentName)
	p := person("u1", "张三", "d1")
	p.Known = p.Known.Without(orgmodel.PersonDepartments)
	masked := orgmodel.Person{ID: "u2", Name: "印*", Known: orgmodel.Fields(orgmodel.PersonName)}
	dir := seal(t, []orgmodel.Department{department("d1", "", "总部"), d}, []orgmodel.Person{p, masked})

	assert.Empty(t, dir.Children("d1"))
	assert.Empty(t, dir.Members("d1"))
	assert.Equal(t, []string{"d1"}, idsOf(dir.Roots(), departmentID))
	assert.Empty(t, dir.Ancestors("d2"))
	_, ok := dir.PathNames("d2")
	assert.False(t, ok)
	got, _ := dir.Department("d2")
	assert.Empty(t, got.Name)
	unmasked, _ := dir.Person("u2")
	assert.True(t, unmasked.Known.IsEmpty())
	assert.Empty(t, unmasked.Name)
	err := dir.Validate()
	require.ErrorIs(t, err, orgmodel.ErrUnknownParent)
	require.ErrorIs(t, err, orgmodel.ErrNoDepartment)
	assert.True(t, dir.Complete(), "not knowing is no gap in the pull")
}

func TestPathNamesNeedsEveryName(t *testing.T) {
	t.Parallel()
	unnamed := department("d2", "d1", "")
	dir := seal(t, []orgmodel.Department{department("d1", "", "总部"), unnamed, department("d3", "d2", "一组")}, nil)
	_, ok := dir.PathNames("d3")
	assert.False(t, ok)
	_, ok = dir.PathNames("d1")
	assert.True(t, ok)
}

func TestBrokenTreesEnd(t *testing.T) {
	t.Parallel()
	dir := seal(t, []orgmodel.Department{
		department("root", "", "总部"), department("self", "self", "自"), department("below", "self", "下"),
		department("z", "x", "丙"), department("x", "y", "甲"), department("y", "z", "乙"), department("under", "x", "下"),
		department("orphan", "lost", "孤"), department("child", "orphan", "子"),
	}, []orgmodel.Person{person("u1", "张三", "x")})

	var walked []string
	for depth, d := range dir.Walk() {
		walked = append(walked, fmt.Sprintf("%d %s", depth, d.ID))
	}
	assert.Equal(t, []string{"0 root", "0 orphan", "1 child"}, walked)
	assert.Equal(t, []string{"y", "z"}, idsOf(dir.Ancestors("x"), departmentID))
	assert.Equal(t, []string{"x", "y", "z"}, idsOf(dir.Ancestors("under"), departmentID))
	assert.Empty(t, dir.Ancestors("self"))
	assert.Equal(t, []string{"self"}, idsOf(dir.Ancestors("below"), departmentID))
	_, ok := dir.PathNames("under")
	assert.False(t, ok)
	assert.Equal(t, []string{"below", "self"}, idsOf(dir.Children("self"), departmentID))
	levels := dir.Levels()
	require.Len(t, levels, 2)
	assert.Equal(t, []string{"orphan", "root"}, idsOf(levels[0], departmentID))

	err := dir.Validate()
	var problems *orgmodel.ValidationError
	require.ErrorAs(t, err, &problems)
	assert.Equal(t, []string{
		`department: parent is missing "orphan", "lost"`,
		`department: cycle "self"`,
		`department: cycle "x", "y", "z"`,
	}, kinds(problems.Problems))
}
