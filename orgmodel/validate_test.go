package orgmodel_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/orgbridge/orgbridge/orgmodel"
)

func TestValidateNamesEveryFault(t *testing.T) {
	t.Parallel()
	noStatus := orgmodel.Person{ID: "u4", Known: orgmodel.Fields(orgmodel.PersonStatus)}
	noStatus.SetDepartmentIDs("d1")
	closed := department("d5", "d1", "旧部门")
	closed.Status, closed.Known = 77, closed.Known.With(orgmodel.DepartmentStatus)
	unplaced := department("d6", "", "新部门")
	unplaced.Forget(orgmodel.DepartmentParent)
	dir := seal(t,
		[]orgmodel.Department{
			department("d1", "", "总部"), department("d2", "", "分部"), department("d2", "d1", "分部"),
			department("", "d1", "无号"), department("d3", "d9", "孤"), department("d4", "d4", ""), closed, unplaced,
		},
		[]orgmodel.Person{
			person("u1", "张三"), person("u2", "李四", "d1", "d8"), person("u3", "", "d1"), noStatus, person("", "王五", "d1"),
		})
	err := dir.Validate()
	var invalid *orgmodel.ValidationError
	require.ErrorAs(t, err, &invalid)
	assert.Equal(t, []string{
		"department: empty id",
		"person: empty id",
		`department: duplicate id "d2"`,
		`department: parent is missing "d3", "d9"`,
		`department: parent is unknown "d6"`,
		`department: cycle "d4"`,
		`department: several roots "d1", "d2"`,
		`person: department is missing "u2", "d8"`,
		`department: empty name "d4"`,
		`department: empty status "d5"`,
		`person: no department "u1"`,
		`person: empty name "u3"`,
		`person: empty status "u4"`,
	}, kinds(invalid.Problems))
	for _, kind := range []orgmodel.ProblemKind{
		orgmodel.ErrEmptyID, orgmodel.ErrDuplicateID, orgmodel.ErrMissingParent, orgmodel.ErrUnknownParent, orgmodel.ErrCycle,
		orgmodel.ErrSeveralRoots, orgmodel.ErrMissingDepartment, orgmodel.ErrEmptyName, orgmodel.ErrEmptyStatus, orgmodel.ErrNoDepartment,
	} {
		require.ErrorIs(t, err, kind)
	}
	require.NotErrorIs(t, err, orgmodel.ErrNoRoot)
	require.ErrorContains(t, err, "and 3 more")
	assert.NotContains(t, err.Error(), "张三")

	invalid.Problems[2].IDs[0] = "changed by the caller"
	require.ErrorAs(t, dir.Validate(), &invalid)
	assert.Equal(t, "d2", invalid.Problems[2].IDs[0])
}

func TestThoseOutOfServiceNeedNoDepartment(t *testing.T) {
	t.Parallel()
	left, retired, disabled := person("u1", "张三"), person("u2", "李四", "dissolved"), person("u3", "王五", "dissolved")
	left.SetStatus(orgmodel.StatusLeft)
	retired.SetStatus(orgmodel.StatusRetired)
	disabled.SetStatus(orgmodel.StatusDisabled)
	departments := []orgmodel.Department{department("d1", "", "总部")}
	dir := seal(t, departments, []orgmodel.Person{left, retired, disabled})
	require.NoError(t, dir.Validate())
	assert.True(t, dir.Complete())
	for status, want := range map[orgmodel.Status]error{orgmodel.StatusActive: orgmodel.ErrMissingDepartment, orgmodel.StatusUnknown: orgmodel.ErrMissingDepartment} {
		disabled.SetStatus(status)
		require.ErrorIs(t, seal(t, departments, []orgmodel.Person{disabled}).Validate(), want)
	}
}

func TestValidateFindsPlantedFaults(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		tree := drawTree(t, 20)
		i := rapid.IntRange(0, len(tree)-1).Draw(t, "victim")
		victim := tree[i]
		people := []orgmodel.Person{person("u1", "张三", "d0")}
		var want orgmodel.ProblemKind
		ids := []string{victim.ID}
		switch rapid.IntRange(0, 5).Draw(t, "fault") {
		case 0:
			want = orgmodel.ErrDuplicateID
			tree = append(tree, victim)
		case 1:
			want, ids = orgmodel.ErrMissingParent, []string{victim.ID, "lost"}
			tree[i].SetParentID("lost")
		case 2:
			want = orgmodel.ErrCycle
			tree[i].SetParentID(victim.ID)
		case 3:
			want = orgmodel.ErrEmptyName
			tree[i].SetName("")
		case 4:
			want = orgmodel.ErrUnknownParent
			tree[i].Forget(orgmodel.DepartmentParent)
		case 5:
			want, ids = orgmodel.ErrMissingDepartment, []string{"u2", "lost"}
			people = append(people, person("u2", "李四", "lost"))
		}
		err := seal(t, tree, people).Validate()
		require.ErrorIs(t, err, want)
		var invalid *orgmodel.ValidationError
		require.ErrorAs(t, err, &invalid)
		found := 0
		for _, problem := range invalid.Problems {
			if problem.Kind == want {
				found++
				assert.Equal(t, ids, problem.IDs)
			} else {
				assert.Equal(t, orgmodel.ErrNoRoot, problem.Kind, "only the root's loss follows from the fault")
			}
		}
		assert.Equal(t, 1, found)
	})
}

func TestProblemKindsHaveWords(t *testing.T) {
	t.Parallel()
	said := map[string]bool{}
	for k := range orgmodel.ErrQuarantined + 1 {
		isKind := k >= orgmodel.ErrEmptyID && k <= orgmodel.ErrEmptyStatus || k >= orgmodel.ErrNotRead
		assert.Equal(t, !isKind, k.Error() == fmt.Sprintf("ProblemKind(%d)", uint8(k)))
		assert.False(t, said[k.Error()], k.Error())
		said[k.Error()] = true
	}
}
