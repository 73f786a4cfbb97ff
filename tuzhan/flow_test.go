package tuzhan_test

import (
	"context"
	"encoding/json"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/tuzhan"
	"github.com/orgbridge/orgbridge/tuzhan/tuzhantest"
)

// company is 1,201 departments, three levels deep, in random order.
func company() []tuzhan.Department {
	list := []tuzhan.Department{department("root", "")}
	for i := range 100 {
		id := "L" + strconv.Itoa(i)
		list = append(list, department(id, "root"))
		for j := range 11 {
			list = append(list, department(id+"-"+strconv.Itoa(j), id))
		}
	}
	rnd := rand.New(rand.NewPCG(1, 2))
	rnd.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	return list
}

// chunk is a batch call as the simulator received it.
type chunk struct {
	PublicParams struct {
		OptType string `json:"optType"`
	} `json:"publicParams"`
	Data []struct {
		ThirdDeptID   string `json:"thirdDeptId"`
		ThirdParentID string `json:"thirdParentId"`
	} `json:"data"`
}

func chunks(t require.TestingT, srv *tuzhantest.Server) []chunk {
	var list []chunk
	for _, r := range srv.RequestsTo(tuzhantest.OpDepartments) {
		var c chunk
		require.NoError(t, json.Unmarshal(r.Body, &c))
		list = append(list, c)
	}
	return list
}

// parentsFirst checks that a record's parent came in an earlier call, or later
// for deletions.
func parentsFirst(t require.TestingT, calls []chunk) {
	call := map[string]int{}
	for i, c := range calls {
		for _, d := range c.Data {
			call[d.ThirdDeptID] = i
		}
	}
	for i, c := range calls {
		for _, d := range c.Data {
			if parent, sent := call[d.ThirdParentID]; sent {
				if c.PublicParams.OptType == "delete" {
					require.Greater(t, parent, i, "children go before parents")
				} else {
					require.Less(t, parent, i, "parents go before children")
				}
			}
		}
	}
}

func TestCompanyParentsFirst(t *testing.T) {
	t.Parallel()
	for _, parallel := range []int{0, 4} {
		t.Run(strconv.Itoa(parallel), func(t *testing.T) {
			t.Parallel()
			srv, client := simulator(t, parallel)
			srv.SetLatency(time.Millisecond)
			records := company()
			require.Len(t, records, 1201)
			const bad = 700
			records[bad].DeptName = "" // this one never leaves
			leaf := slices.IndexFunc(records, func(d tuzhan.Department) bool { return d.ThirdDeptID == "L50-3" })
			srv.RefuseRecord("L50-3", "部门名称含敏感词")

			result, err := client.AddDepartments(t.Context(), records)
			whole(t, records, result, err)
			assert.ElementsMatch(t, []int{bad, leaf}, indexes(result.Failed))
			require.ErrorIs(t, err, tuzhan.ErrInvalid)
			require.ErrorContains(t, err, "部门名称含敏感词")
			assert.Len(t, srv.Departments(), 1199)

			calls := chunks(t, srv)
			assert.GreaterOrEqual(t, len(calls), 3)
			parentsFirst(t, calls)
			for _, c := range calls {
				assert.LessOrEqual(t, len(c.Data), 500)
			}

			srv.Reset()
			srv.RefuseRecord("L50-3", "")
			result, err = client.DeleteDepartments(t.Context(), records)
			whole(t, records, result, err)
			assert.ElementsMatch(t, []int{bad, leaf}, indexes(result.Failed))
			require.ErrorIs(t, err, tuzhan.ErrNotExists)
			assert.Empty(t, srv.Departments())
			parentsFirst(t, chunks(t, srv))
		})
	}
}

// The one bad record of 1,201 has its own index, wherever it is; the others
// arrive.
func TestOneBadOf1201(t *testing.T) {
	t.Parallel()
	for _, bad := range []int{0, 500, 1200} {
		srv, client := simulator(t, 1)
		records := departments(1201)
		srv.RefuseRecord(records[bad].ThirdDeptID, "部门名称含敏感词")
		result, err := client.AddDepartments(t.Context(), records)
		whole(t, records, result, err)
		require.Equal(t, []int{bad}, indexes(result.Failed))
		assert.Equal(t, "部门名称含敏感词", result.Failed[0].Message)
		assert.Len(t, srv.Departments(), 1200)
		assert.Equal(t, 3, srv.Count(tuzhantest.OpDepartments))
		assert.Equal(t, 1, srv.Count(tuzhantest.OpToken), "one token for all")
	}
}

func TestParallelWithinALevel(t *testing.T) {
	t.Parallel()
	srv, client := simulator(t, 4)
	srv.SetLatency(20 * time.Millisecond)
	_, err := client.AddDepartments(t.Context(), departments(2000))
	require.NoError(t, err)
	assert.Equal(t, 4, srv.MaxInFlight())
}

func TestLifeOfEmployees(t *testing.T) {
	t.Parallel()
	srv, client := simulator(t, 1)
	_, err := client.AddDepartments(t.Context(), []tuzhan.Department{department("D1", "")})
	require.NoError(t, err)
	one := employee("U1")
	one.UpdateTime = time.Date(2026, 5, 6, 7, 8, 9, 0, time.UTC)
	one.DeputyDeptIDs = tuzhan.Set([]string{"D2", "D3"})
	_, err = client.AddEmployees(t.Context(), []tuzhan.Employee{one})
	require.NoError(t, err)

	held := srv.Employees()
	require.Len(t, held, 1)
	assert.Greater(t, held[0].ChannelID, int64(1)<<53)
	assert.True(t, one.UpdateTime.Equal(held[0].UpdateTime))

	// By the vendor's id alone, every digit of which has to arrive.
	change := held[0]
	change.ThirdUserID = ""
	change.Job = tuzhan.Set("经理")
	_, err = client.UpdateEmployees(t.Context(), []tuzhan.Employee{change})
	require.NoError(t, err)
	held = srv.Employees()
	require.Len(t, held, 1)
	assert.Equal(t, "经理", held[0].Job.Or(""))
	assert.Equal(t, "U1", held[0].ThirdUserID)

	_, err = client.AddEmployees(t.Context(), []tuzhan.Employee{one})
	require.ErrorIs(t, err, tuzhan.ErrExists)
	_, err = client.DeleteDepartments(t.Context(), []tuzhan.Department{department("D1", "")})
	require.ErrorContains(t, err, "部门下存在员工渠道,无法删除")
	_, err = client.DeleteEmployees(t.Context(), []tuzhan.Employee{{ChannelID: held[0].ChannelID}})
	require.NoError(t, err)
	_, err = client.DeleteEmployees(t.Context(), []tuzhan.Employee{one})
	require.ErrorIs(t, err, tuzhan.ErrNotExists)
	_, err = client.DeleteDepartments(t.Context(), []tuzhan.Department{department("D1", "")})
	require.NoError(t, err)
}

func TestDeleteTrees(t *testing.T) {
	t.Parallel()
	srv, client := simulator(t, 1)
	records := []tuzhan.Department{department("A", ""), department("B", "A"), department("C", "B")}
	_, err := client.AddDepartments(t.Context(), records)
	require.NoError(t, err)
	_, err = client.DeleteDepartments(t.Context(), records[:1])
	require.ErrorContains(t, err, "存在子部门")
	_, err = client.DeleteDepartmentTrees(t.Context(), records[:1])
	require.NoError(t, err)
	assert.Empty(t, srv.Departments())
}

// A failing parent does not keep its children from being sent.
func TestTheVendorDecidesAboutChildren(t *testing.T) {
	t.Parallel()
	srv, client := simulator(t, 1)
	srv.RefuseRecord("A", "部门名称含敏感词")
	records := []tuzhan.Department{department("B", "A"), department("A", "")}
	result, err := client.AddDepartments(t.Context(), records)
	whole(t, records, result, err)
	assert.Equal(t, "父部门不存在", result.Failed[0].Message)
	assert.Equal(t, 2, srv.Count(tuzhantest.OpDepartments))
}

func TestALostAnswerIsNotAsked(t *testing.T) {
	t.Parallel()
	srv, client := simulator(t, 1, tuzhan.WithRetry(3, time.Millisecond))
	records := departments(1201)
	srv.Inject(tuzhantest.LoseAnswer().On(tuzhantest.OpDepartments).After(1))
	result, err := client.AddDepartments(t.Context(), records)
	whole(t, records, result, err)
	assert.Equal(t, 2, srv.Count(tuzhantest.OpDepartments), "no add is repeated, and none follows")
	assert.Len(t, srv.Departments(), 1000, "it was carried out, which only the vendor knows")
	assert.Len(t, result.Succeeded, 500)
	require.Len(t, result.Failed, 500)
	assert.Equal(t, 500, result.Failed[0].Index)
	require.ErrorIs(t, result.Failed[0].Err, tuzhan.ErrOutcomeUnknown)
	require.Len(t, result.Unsent, 201)
	require.NotErrorIs(t, result.Unsent[0].Err, tuzhan.ErrOutcomeUnknown)

	// An update may be asked again.
	srv.Inject(tuzhantest.LoseAnswer().On(tuzhantest.OpDepartments))
	_, err = client.UpdateDepartments(t.Context(), records[:1000])
	require.NoError(t, err)
	assert.Empty(t, srv.Pending())
}

func TestFaultsOfTheSimulator(t *testing.T) {
	t.Parallel()
	srv, client := simulator(t, 1, tuzhan.WithRetry(2, time.Millisecond))
	add := func(id string) (tuzhan.DepartmentResult, error) {
		return client.AddDepartments(t.Context(), []tuzhan.Department{department(id, ""), department(id+"'", "")})
	}
	srv.Inject(tuzhantest.ResultStatus(0).On(tuzhantest.OpDepartments))
	result, err := add("A")
	require.ErrorIs(t, err, tuzhan.ErrPending)
	assert.Len(t, result.Pending, 2)

	srv.Inject(tuzhantest.ResultStatus(2))
	_, err = add("B")
	require.ErrorIs(t, err, tuzhan.ErrOutcomeUnknown)
	srv.Inject(tuzhantest.ResultStatus(-1))
	result, err = add("C")
	require.Error(t, err)
	assert.Len(t, result.Failed, 2)

	srv.Inject(tuzhantest.ErrorMessages())
	result, err = add("A")
	require.NotErrorIs(t, err, tuzhan.ErrExists)
	assert.Empty(t, result.Failed[0].Message)
	srv.Inject(tuzhantest.ErrorMessages("部门已存在"))
	result, err = add("A")
	require.ErrorIs(t, err, tuzhan.ErrExists)
	assert.Empty(t, result.Failed[1].Message)
	srv.Inject(tuzhantest.ErrorMessages("部门已存在", "部门已存在", "稍后"))
	result, _ = add("A")
	assert.Equal(t, []string{"稍后"}, result.Messages)

	srv.Inject(tuzhantest.RateLimited(0))
	_, err = add("D")
	require.NoError(t, err)
}

func TestMessagesOfParallelChunks(t *testing.T) {
	t.Parallel()
	srv, client := simulator(t, 4)
	srv.SetLatency(time.Millisecond)
	srv.Inject(tuzhantest.ErrorMessages("稍后").On(tuzhantest.OpDepartments).Times(4))
	result, err := client.AddDepartments(t.Context(), departments(2000))
	require.NoError(t, err)
	assert.Equal(t, []string{"稍后", "稍后", "稍后", "稍后"}, result.Messages)
}

func TestCancelBetweenChunks(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	srv, client := simulator(t, 1, tuzhan.WithHook(func(_ context.Context, a tuzhan.Attempt) {
		if a.Op == "dept/batchAdd add" {
			cancel()
		}
	}))
	records := departments(1201)
	result, err := client.AddDepartments(ctx, records)
	whole(t, records, result, err)
	assert.Len(t, result.Succeeded, 500)
	require.Len(t, result.Unsent, 701)
	require.ErrorIs(t, result.Unsent[0].Err, context.Canceled)
	assert.Len(t, srv.Departments(), 500)
}
