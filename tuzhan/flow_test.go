package tuzhan_test

import (
	"context"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"sync/atomic"
	"testing"
	"testing/synctest"
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

func TestRejectedTokenIsReplacedOnce(t *testing.T) {
	t.Parallel()
	for name, options := range map[string][]tuzhantest.Option{
		"code 100200": nil,
		"HTTP 401":    {tuzhantest.WithUnauthorized()},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := tuzhantest.NewInMemory(options...)
			defer srv.Close()
			client, err := tuzhan.New(srv.Config(), tuzhan.WithHTTPClient(srv.HTTPClient()))
			require.NoError(t, err)
			_, err = client.AddDepartments(t.Context(), departments(1))
			require.NoError(t, err)
			srv.ExpireTokens()
			_, err = client.AddDepartments(t.Context(), departments(2)[1:])
			require.NoError(t, err)
			assert.Equal(t, 2, srv.Count(tuzhantest.OpToken))
			assert.Equal(t, 3, srv.Count(tuzhantest.OpDepartments), "replayed once")
			assert.Len(t, srv.Departments(), 2)

			// A vendor that rejects every token is asked twice, not for ever.
			bad := srv.Config()
			var asked atomic.Int32
			bad.Credentials = tuzhan.TokenFunc(func(context.Context) (string, error) {
				return "token-" + strconv.Itoa(int(asked.Add(1))), nil
			})
			client, err = tuzhan.New(bad, tuzhan.WithHTTPClient(srv.HTTPClient()))
			require.NoError(t, err)
			srv.Reset()
			result, err := client.AddDepartments(t.Context(), departments(1200))
			require.ErrorIs(t, err, tuzhan.ErrUnauthorized)
			assert.Len(t, result.Unsent, 700)
			assert.Equal(t, 2, srv.Count(tuzhantest.OpDepartments))
		})
	}
}

func TestTokenLife(t *testing.T) {
	t.Parallel()
	// The vendor's sample says expire 0: its life is then the documented 7,200 s.
	for _, life := range []time.Duration{7200 * time.Second, 0} {
		synctest.Test(t, func(t *testing.T) {
			srv := tuzhantest.NewInMemory()
			defer srv.Close()
			if life == 0 {
				srv.Inject(tuzhantest.Body(200, "application/json",
					`{"code":"200","errorCode":"0","data":{"expire":0,"orgAccessToken":"`+srv.IssueToken()+`"}}`).On(tuzhantest.OpToken))
			}
			client, err := tuzhan.New(srv.Config(), tuzhan.WithHTTPClient(srv.HTTPClient()))
			require.NoError(t, err)
			push := func() {
				_, err := client.DeleteEmployees(t.Context(), []tuzhan.Employee{employee("U1")})
				require.ErrorIs(t, err, tuzhan.ErrNotExists)
			}
			push()
			<-time.After(6800 * time.Second)
			push()
			assert.Equal(t, 1, srv.Count(tuzhantest.OpToken))
			<-time.After(399 * time.Second)
			push()
			assert.Equal(t, 2, srv.Count(tuzhantest.OpToken), "renewed before its end")
			assert.Equal(t, 3, srv.Count(tuzhantest.OpEmployees), "and never rejected")
		})
	}
}

func TestWrongSecret(t *testing.T) {
	t.Parallel()
	srv := tuzhantest.NewInMemory()
	defer srv.Close()
	config := srv.Config()
	config.Credentials = tuzhan.AppCredentials(tuzhantest.InstanceAppID, "other")
	client, err := tuzhan.New(config, tuzhan.WithHTTPClient(srv.HTTPClient()))
	require.NoError(t, err)
	result, err := client.AddEmployees(t.Context(), []tuzhan.Employee{employee("U1")})
	require.ErrorIs(t, err, tuzhan.ErrAppSecret)
	assert.Len(t, result.Unsent, 1, "there was no token to send it with")
	assert.Zero(t, srv.Count(tuzhantest.OpEmployees))

	// A token call that is refused for whatever reason is not tried chunk by chunk.
	srv.Reset()
	srv.Inject(tuzhantest.Body(200, "application/json", `{"code":"500","msg":"系统繁忙"}`).On(tuzhantest.OpToken).Always())
	_, err = client.AddDepartments(t.Context(), departments(1001))
	require.ErrorIs(t, err, tuzhan.ErrNotSent)
	assert.Equal(t, 1, srv.Count(tuzhantest.OpToken))
}

// The token of the first attempt is there, none for the second: what the first
// did stays unknown, unless the vendor said that it did nothing.
func TestNoTokenForTheSecondAttempt(t *testing.T) {
	t.Parallel()
	for fault, unknown := range map[*tuzhantest.Fault]bool{
		new(tuzhantest.LoseAnswer()):   true,
		new(tuzhantest.RateLimited(0)): false,
	} {
		srv := tuzhantest.NewInMemory()
		config := srv.Config()
		var asked atomic.Int32
		token := srv.IssueToken()
		config.Credentials = tuzhan.TokenFunc(func(context.Context) (string, error) {
			if asked.Add(1) > 1 {
				return "", http.ErrHandlerTimeout
			}
			return token, nil
		})
		client, err := tuzhan.New(config, tuzhan.WithHTTPClient(srv.HTTPClient()), tuzhan.WithRetry(2, time.Millisecond))
		require.NoError(t, err)
		srv.Inject(*fault)
		records := make([]tuzhan.Employee, 501)
		for i := range records {
			records[i] = employee("U" + strconv.Itoa(i))
		}
		result, err := client.DeleteEmployees(t.Context(), records)
		whole(t, records, result, err)
		require.ErrorIs(t, err, http.ErrHandlerTimeout)
		assert.Equal(t, unknown, errors.Is(err, tuzhan.ErrOutcomeUnknown))
		assert.Len(t, result.Failed, 500)
		assert.Len(t, result.Unsent, 1)
		srv.Close()
	}
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

func TestSharedTokenStore(t *testing.T) {
	t.Parallel()
	srv := tuzhantest.NewInMemory()
	defer srv.Close()
	store := &memoryStore{}
	for range 2 {
		client, err := tuzhan.New(srv.Config(), tuzhan.WithHTTPClient(srv.HTTPClient()), tuzhan.WithTokenStore(store))
		require.NoError(t, err)
		_, err = client.DeleteEmployees(t.Context(), []tuzhan.Employee{employee("U1")})
		require.ErrorIs(t, err, tuzhan.ErrNotExists)
	}
	assert.Equal(t, 1, srv.Count(tuzhantest.OpToken))
	assert.NotContains(t, store.key, tuzhantest.InstanceSecret)
	assert.Contains(t, store.key, tuzhantest.InstanceAppID)
}

type memoryStore struct {
	key   string
	token tuzhan.Token
}

func (s *memoryStore) Load(context.Context, string) (tuzhan.Token, error) { return s.token, nil }

func (s *memoryStore) Save(_ context.Context, key string, token tuzhan.Token) error {
	s.key, s.token = key, tuzhan.NewToken(token.Reveal(), token.Expires())
	return nil
}

func (s *memoryStore) Delete(context.Context, string, tuzhan.Token) error { return nil }
