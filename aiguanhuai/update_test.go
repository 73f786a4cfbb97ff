package aiguanhuai_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/orgbridge/orgbridge/aiguanhuai"
	"github.com/orgbridge/orgbridge/aiguanhuai/aiguanhuaitest"
)

func indices[T any](items []aiguanhuai.Item[T]) []int {
	list := make([]int, len(items))
	for i, item := range items {
		list[i] = item.Index
	}
	return list
}

func TestUpdateInChunks(t *testing.T) {
	t.Parallel()
	srv, c := simulated(t)
	result, err := c.UpdatePeople(t.Context(), people(4001))
	require.NoError(t, err)
	assert.Len(t, result.Succeeded, 4001)
	assert.Empty(t, result.Failed)
	assert.Equal(t, 3, srv.Count(aiguanhuaitest.OpUpdate))
	assert.Len(t, srv.People(), 4001)
	assert.Equal(t, "Result[aiguanhuai.Person]{succeeded=4001 failed=0 pending=0 unsent=0}", fmt.Sprint(result))
}

func TestUpdateMergesAndClears(t *testing.T) {
	t.Parallel()
	srv, c := simulated(t)
	first := samplePerson()
	_, err := c.UpdatePeople(t.Context(), []aiguanhuai.Person{first})
	require.NoError(t, err)
	change := person(first.UserID)
	change.Mobile = aiguanhuai.Set("")
	change.Birthday = aiguanhuai.Set(aiguanhuai.Date{})
	change.DepartmentID = aiguanhuai.Set[[]string](nil)
	_, err = c.UpdatePeople(t.Context(), []aiguanhuai.Person{change})
	require.NoError(t, err)
	_, data := sent(t, srv.RequestsTo(aiguanhuaitest.OpUpdate)[1])
	assert.Equal(t, map[string]any{
		"userId": first.UserID, "account": change.Account, "realName": "张三", "status": 1.0, "orgSource": 11.0,
		"mobile": "", "birthday": "", "departmentId": []any{},
	}, data[0])
	got := srv.People()[0]
	assert.Equal(t, aiguanhuai.Set(""), got.Mobile)
	assert.Equal(t, aiguanhuai.Set([]string{}), got.DepartmentID)
	assert.Equal(t, first.Email, got.Email, "what is absent stays")
	assert.Equal(t, first.JoinDate, got.JoinDate)
}

func TestUpdateOfNothing(t *testing.T) {
	t.Parallel()
	srv, c := simulated(t)
	_, err := c.UpdateDepartments(t.Context(), nil)
	requireFieldError(t, err, "data")
	_, err = c.UpdatePeople(t.Context(), []aiguanhuai.Person{})
	requireFieldError(t, err, "data")
	assert.Zero(t, srv.Count(""))
}

func TestUpdateRefusesRecordsOneByOne(t *testing.T) {
	t.Parallel()
	srv, c := simulated(t)
	list := people(3)
	list[1].Status = 0
	result, err := c.UpdatePeople(t.Context(), list)
	requireFieldError(t, err, "data[1].status")
	assert.Equal(t, []int{0, 2}, indices(result.Succeeded))
	assert.Equal(t, []int{1}, indices(result.Failed))
	assert.Equal(t, list[1], result.Failed[0].Record)
	assert.Len(t, srv.People(), 2)
}

func TestUpdateGoesOnAfterBadData(t *testing.T) {
	t.Parallel()
	srv, c := simulated(t)
	c.Small(20)
	srv.Inject(aiguanhuaitest.Body(http.StatusOK, "application/json", `{"errno":200008,"error":"数据格式错误 张三"}`).After(1))
	result, err := c.UpdatePeople(t.Context(), people(41))
	require.ErrorIs(t, err, aiguanhuai.ErrDataFormat)
	assert.Len(t, result.Succeeded, 21)
	require.Len(t, result.Failed, 20)
	failed := result.Failed[0]
	assert.Equal(t, 20, failed.Index)
	assert.Equal(t, "数据格式错误 ***", failed.Message, "without the record's own values")
	var e *aiguanhuai.Error
	require.ErrorAs(t, failed.Err, &e)
	assert.Equal(t, "update", e.Op)
	assert.ErrorContains(t, err, "20 of 41 records did not succeed: data[20]: ")
	assert.Equal(t,
		"Item[aiguanhuai.Person]{index=20 record=[userId=u00020 status=active] error="+e.Error()+"}",
		fmt.Sprintf("%+v", failed))
}

func TestUpdateStopsAfterOtherFailures(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv, c := simulated(t)
		c.Small(20)
		srv.Inject(aiguanhuaitest.LoseAnswer().After(1).Always())
		result, err := c.UpdatePeople(t.Context(), people(60))
		require.ErrorIs(t, err, aiguanhuai.ErrOutcomeUnknown)
		require.ErrorIs(t, err, aiguanhuai.ErrNotSent)
		assert.Len(t, result.Succeeded, 20)
		require.Len(t, result.Failed, 20)
		require.ErrorIs(t, result.Failed[19].Err, aiguanhuai.ErrOutcomeUnknown)
		require.Len(t, result.Unsent, 20)
		require.ErrorIs(t, result.Unsent[0].Err, aiguanhuai.ErrNotSent)
		require.NotErrorIs(t, result.Unsent[0].Err, aiguanhuai.ErrOutcomeUnknown)
		assert.Equal(t, 7, srv.Count(aiguanhuaitest.OpUpdate), "one call, and six attempts of the next")
	})
}

func TestCancelledUpdate(t *testing.T) {
	t.Parallel()
	srv, c := simulated(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	result, err := c.UpdatePeople(ctx, people(2))
	require.ErrorIs(t, err, context.Canceled)
	require.Len(t, result.Unsent, 2)
	require.ErrorIs(t, result.Unsent[1].Err, aiguanhuai.ErrNotSent)
	assert.Zero(t, srv.Count(""))
}

func TestParentsGoFirst(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		srv, c := simulated(t)
		c.Small(rapid.IntRange(1, 9).Draw(rt, "chunk"))
		tree := []aiguanhuai.Department{department("d0")}
		for i := 1; i < rapid.IntRange(1, 40).Draw(rt, "n"); i++ {
			parent := rapid.IntRange(0, i-1).Draw(rt, "parent")
			tree = append(tree, below(fmt.Sprintf("d%d", parent), fmt.Sprintf("d%d", i)))
		}
		tree = rapid.Permutation(tree).Draw(rt, "order")

		result, err := c.UpdateDepartments(t.Context(), tree)
		require.NoError(rt, err)
		assert.Len(rt, result.Succeeded, len(tree))
		assert.True(rt, slices.IsSorted(indices(result.Succeeded)))
		call := make(map[string]int)
		for i, request := range srv.RequestsTo(aiguanhuaitest.OpUpdate) {
			_, data := sent(t, request)
			for _, id := range ids(data, "departmentId") {
				call[id] = i
			}
		}
		for _, d := range tree {
			if parent, ok := d.ParentID.Get(); ok {
				assert.Less(rt, call[parent], call[d.DepartmentID])
			}
		}
	})
}

func TestChildrenOfFailedDepartmentsStay(t *testing.T) {
	t.Parallel()
	srv, c := simulated(t)
	bad := department("bad")
	bad.DepartmentName = " "
	result, err := c.UpdateDepartments(t.Context(), []aiguanhuai.Department{
		below("child", "grandchild"), bad, below("bad", "child"), department("good"),
		below("loop2", "loop1"), below("loop1", "loop2"), below("own", "own"),
		below("elsewhere", "fine"),
	})
	assert.Equal(t, []int{3, 7}, indices(result.Succeeded))
	assert.Equal(t, []int{0, 2}, indices(result.Unsent))
	assert.EqualError(t, result.Unsent[0].Err, "not sent: the department above it failed")
	require.Equal(t, []int{1, 4, 5, 6}, indices(result.Failed))
	requireFieldError(t, result.Failed[0].Err, "data[1].departmentName")
	for _, item := range result.Failed[1:] {
		requireFieldError(t, item.Err, fmt.Sprintf("data[%d].parentId", item.Index))
		reason := "leads into a cycle of parents"
		if item.Index == 6 {
			reason = "is the department itself"
		}
		require.ErrorContains(t, item.Err, reason)
	}
	var partial *aiguanhuai.PartialError
	require.ErrorAs(t, err, &partial)
	assert.Len(t, partial.Errs, 6)
	assert.Len(t, srv.Departments(), 2)
	assert.Equal(t, 1, srv.Count(aiguanhuaitest.OpUpdate))
}

func TestChildrenOfARefusedCallStay(t *testing.T) {
	t.Parallel()
	srv, c := simulated(t)
	c.Small(2)
	list := append(departments(3), below("d00000", "child-of-refused"), below("d00002", "child-of-accepted"))
	srv.Inject(aiguanhuaitest.Refuse(200008))
	result, err := c.UpdateDepartments(t.Context(), list)
	require.ErrorIs(t, err, aiguanhuai.ErrDataFormat)
	assert.Equal(t, []int{2, 4}, indices(result.Succeeded))
	assert.Equal(t, []int{0, 1}, indices(result.Failed))
	assert.Equal(t, []int{3}, indices(result.Unsent))
	assert.Len(t, srv.Departments(), 2)
}

// Levels of the tree would send the later one of two records first, and what the vendor makes
// of two in one call is not documented: neither goes.
func TestUpdateOfTheSameIDTwice(t *testing.T) {
	t.Parallel()
	srv, c := simulated(t)
	moved := department("x")
	departments := []aiguanhuai.Department{department("root"), below("root", "x"), moved, below("root", "y"), below("x", "z")}
	result, err := c.UpdateDepartments(t.Context(), departments)
	require.ErrorIs(t, err, aiguanhuai.ErrInvalid)
	require.Len(t, result.Failed, 2)
	require.EqualError(t, result.Failed[0].Err, "update: data[1].departmentId is given more than once")
	require.EqualError(t, result.Failed[1].Err, "update: data[2].departmentId is given more than once")
	assert.Len(t, result.Succeeded, 2)
	require.Len(t, result.Unsent, 1, "the one below it")
	require.ErrorIs(t, result.Unsent[0].Err, aiguanhuai.ErrNotSent)

	left := person("u1")
	left.Status = aiguanhuai.StatusDisabled
	people, err := c.UpdatePeople(t.Context(), []aiguanhuai.Person{person("u1"), person("u2"), left})
	require.ErrorContains(t, err, "data[0].userId is given more than once")
	assert.Len(t, people.Succeeded, 1)
	assert.Len(t, people.Failed, 2)
	assert.Len(t, srv.People(), 1)
}
