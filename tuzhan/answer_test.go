package tuzhan_test

import (
	"errors"
	"fmt"
	"net/http"
	"testing"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/tuzhan"
)

func answer(status, errorData, errorMsg string) string {
	return fmt.Sprintf(`{"code":"200","errorCode":"SUCCESS","msg":"ok","data":{"status":%s,"errorData":%s,"errorMsg":%s}}`,
		status, errorData, errorMsg)
}

// Four outcomes and what is not documented, for a chunk of the records D0, D1
// and D2.
func TestStatus(t *testing.T) {
	t.Parallel()
	const second = `[{"deptId":null,"thirdDeptId":"D1"}]`
	for name, c := range map[string]struct {
		answer                     string
		succeeded, failed, pending []int
		errs                       map[int]error
		texts                      map[int]string
		extra                      []string
	}{
		"done":                 {answer: answer("1", "null", "null"), succeeded: []int{0, 1, 2}},
		"done, quoted":         {answer: answer(`"1"`, "[]", "[]"), succeeded: []int{0, 1, 2}},
		"done except one":      {answer: answer("1", second, "null"), succeeded: []int{0, 2}, failed: []int{1}},
		"in part":              {answer: answer("2", second, `["部门已存在"]`), succeeded: []int{0, 2}, failed: []int{1}, errs: map[int]error{1: tuzhan.ErrExists}, texts: map[int]string{1: "部门已存在"}},
		"in part, no text":     {answer: answer("2", second, "null"), succeeded: []int{0, 2}, failed: []int{1}, texts: map[int]string{1: ""}},
		"in part, empty texts": {answer: answer("2", second, "[]"), succeeded: []int{0, 2}, failed: []int{1}},
		"in part, null text":   {answer: answer("2", second, "[null]"), succeeded: []int{0, 2}, failed: []int{1}},
		"in part, one text":    {answer: answer("2", second, `"父部门不存在"`), succeeded: []int{0, 2}, failed: []int{1}},
		"fewer texts than rows": {
			answer: answer("2", `[{"thirdDeptId":"D2"},{"thirdDeptId":"D0"}]`, `["部门已存在"]`), succeeded: []int{1}, failed: []int{0, 2},
			errs: map[int]error{2: tuzhan.ErrExists}, texts: map[int]string{0: "", 2: "部门已存在"},
		},
		"more texts than rows": {
			answer: answer("2", second, `["部门已存在","稍后再试",""]`), succeeded: []int{0, 2}, failed: []int{1},
			texts: map[int]string{1: "部门已存在"}, extra: []string{"稍后再试"},
		},
		"one record twice": {
			answer: answer("2", `[{"thirdDeptId":"D1"},{"thirdDeptId":"D1"}]`, `["a","b"]`), succeeded: []int{0, 2}, failed: []int{1},
			texts: map[int]string{1: "a; b"},
		},
		"failed for one":     {answer: answer("-1", second, `["部门不存在"]`), succeeded: []int{0, 2}, failed: []int{1}, errs: map[int]error{1: tuzhan.ErrNotExists}},
		"failed":             {answer: answer("-1", "null", "null"), failed: []int{0, 1, 2}},
		"failed with a text": {answer: answer("-1", "null", `["系统异常"]`), failed: []int{0, 1, 2}, texts: map[int]string{0: "系统异常", 2: "系统异常"}, extra: []string{"系统异常"}},
		"in part, none named": {
			answer: answer("2", "[]", `["部门已存在"]`), failed: []int{0, 1, 2}, extra: []string{"部门已存在"},
			errs: map[int]error{0: tuzhan.ErrOutcomeUnknown, 1: tuzhan.ErrOutcomeUnknown, 2: tuzhan.ErrOutcomeUnknown},
		},
		"in progress": {
			answer: answer("0", "null", "null"), pending: []int{0, 1, 2},
			errs: map[int]error{0: tuzhan.ErrPending, 1: tuzhan.ErrPending, 2: tuzhan.ErrPending},
		},
		"in progress except one": {answer: answer("0", second, "null"), failed: []int{1}, pending: []int{0, 2}},
		"status of another kind": {
			answer: answer("3", "null", "null"), failed: []int{0, 1, 2},
			errs: map[int]error{0: tuzhan.ErrOutcomeUnknown, 2: tuzhan.ErrOutcomeUnknown},
		},
		"a row of no record": {
			answer: answer("2", `[{"thirdDeptId":"D1"},{"thirdDeptId":"D9"},null]`, `["部门已存在","某部门"]`), failed: []int{0, 1, 2},
			errs:  map[int]error{0: tuzhan.ErrOutcomeUnknown, 1: tuzhan.ErrExists, 2: tuzhan.ErrOutcomeUnknown},
			extra: []string{"某部门"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, sent := answering(t, c.answer)
			records := departments(3)
			result, err := client.AddDepartments(t.Context(), records)
			whole(t, records, result, err)
			assert.ElementsMatch(t, c.succeeded, indexes(result.Succeeded))
			assert.ElementsMatch(t, c.failed, indexes(result.Failed))
			assert.ElementsMatch(t, c.pending, indexes(result.Pending))
			assert.Equal(t, c.extra, result.Messages)
			assert.Equal(t, 1, sent.count())
			for _, item := range append(result.Failed, result.Pending...) {
				var e *tuzhan.Error
				require.ErrorAs(t, item.Err, &e)
				assert.Equal(t, "dept/batchAdd add", e.Op)
				assert.Equal(t, 1, e.Attempts)
				for _, kind := range []error{
					tuzhan.ErrOutcomeUnknown, tuzhan.ErrPending, tuzhan.ErrExists, tuzhan.ErrNotExists, tuzhan.ErrNotSent, tuzhan.ErrInvalid,
				} {
					if c.errs[item.Index] != nil {
						assert.Equal(t, errors.Is(c.errs[item.Index], kind), errors.Is(item.Err, kind), "%v", kind)
					}
				}
				if text, told := c.texts[item.Index]; told {
					assert.Equal(t, text, item.Message)
				}
			}
		})
	}
}

func TestWholeChunkTextAboutItsOnlyRecord(t *testing.T) {
	t.Parallel()
	client, _ := answering(t, answer("-1", "null", `["部门已存在"]`))
	result, err := client.AddDepartments(t.Context(), departments(1))
	require.ErrorIs(t, err, tuzhan.ErrExists)
	assert.Equal(t, "部门已存在", result.Failed[0].Message)

	result, err = client.AddDepartments(t.Context(), departments(2))
	require.Error(t, err)
	require.NotErrorIs(t, err, tuzhan.ErrExists, "of which one is unknown")
	assert.Equal(t, "部门已存在", result.Failed[1].Message)
}

func TestJoinByIdentity(t *testing.T) {
	t.Parallel()
	const big = 900719925474099301
	weCom := func(wx int64, third string) tuzhan.Department {
		return tuzhan.Department{
			DeptType: tuzhan.DeptTypeWeCom, DeptName: "部门", CorpID: "wwcorp", WxDeptID: wx, ThirdDeptID: third,
		}
	}
	t.Run("qywx", func(t *testing.T) {
		t.Parallel()
		records := []tuzhan.Department{weCom(big, "A"), weCom(big+1, "B"), weCom(big+2, "same"), weCom(big+3, "same")}
		for row, want := range map[string][]int{
			`{"wxDeptId":900719925474099302,"thirdDeptId":"A"}`:    {1}, // wxDeptId comes first
			`{"wxDeptId":"900719925474099302"}`:                    {1}, // quoted
			`{"wxDeptId":null,"thirdDeptId":"B"}`:                  {1}, // the next best
			`{"wxDeptId":0,"thirdDeptId":"B"}`:                     {1},
			`{"wxDeptId":900719925474099300,"thirdDeptId":"B"}`:    {0, 1, 2, 3}, // contradicts itself
			`{"wxDeptId":null,"thirdDeptId":"same"}`:               {0, 1, 2, 3}, // ambiguous
			`{"wxDeptId":900719925474099304,"thirdDeptId":"same"}`: {3},
		} {
			client, _ := answering(t, answer("2", "["+row+"]", "null"))
			result, err := client.AddDepartments(t.Context(), records)
			whole(t, records, result, err)
			assert.Equal(t, want, indexes(result.Failed), row)
			assert.Equal(t, len(want) == 4, errors.Is(err, tuzhan.ErrOutcomeUnknown), row)
		}
	})
	t.Run("outchannel", func(t *testing.T) {
		t.Parallel()
		a, b := department("A", ""), department("B", "")
		a.WxDeptID, b.WxDeptID, a.DeptID, b.DeptID = 7, 8, big, big+1
		client, _ := answering(t, answer("2", `[{"wxDeptId":7,"thirdDeptId":"B"}]`, "null"),
			answer("2", `[{"wxDeptId":7,"thirdDeptId":"","deptId":"900719925474099302"}]`, "null"))
		for range 2 {
			result, _ := client.UpdateDepartments(t.Context(), []tuzhan.Department{a, b})
			assert.Equal(t, []int{1}, indexes(result.Failed), "wxDeptId identifies nothing here")
		}
	})
	t.Run("employees", func(t *testing.T) {
		t.Parallel()
		a, b := employee("U1"), employee("U2")
		a.WxUserID, b.ChannelID = "zhangsan", big
		for row, want := range map[string][]int{
			`{"wxUserid":"zhangsan","thirdUserId":null,"channelId":900719925474099301}`: {0},
			`{"wxUserid":null,"thirdUserId":"U1"}`:                                      {0},
			`{"wxUserid":"lisi","thirdUserId":"U2"}`:                                    {1}, // filled in by the vendor
			`{"wxUserid":"","thirdUserId":"","channelId":900719925474099301}`:           {1},
		} {
			client, _ := answering(t, answer("2", "["+row+"]", "null"))
			result, _ := client.UpdateEmployees(t.Context(), []tuzhan.Employee{a, b})
			assert.Equal(t, want, indexes(result.Failed), row)
		}
	})
}

// A chunk that the vendor refuses leaves the others alone; a call of which
// the outcome is unknown, or that no other call could survive, is the last.
func TestOneChunkFails(t *testing.T) {
	t.Parallel()
	const refused = `{"code":"500","errorCode":"ERROR","msg":"系统繁忙","data":[]}`
	for name, c := range map[string]struct {
		second   httpmock.Responder
		calls    int
		want     error
		carryOn  bool
		update   bool
		attempts int
	}{
		"refused":              {second: ok(refused), calls: 3, carryOn: true, attempts: 1},
		"refused, 201":         {second: httpmock.NewStringResponder(201, refused), calls: 3, carryOn: true, attempts: 1},
		"token refused":        {second: ok(`{"code":"100200","msg":"token error"}`), calls: 2, want: tuzhan.ErrUnauthorized, attempts: 1},
		"HTTP 403":             {second: httpmock.NewStringResponder(403, ""), calls: 2, want: tuzhan.ErrUnauthorized, attempts: 1},
		"HTTP 502 to an add":   {second: httpmock.NewStringResponder(502, ""), calls: 2, want: tuzhan.ErrOutcomeUnknown, attempts: 1},
		"HTTP 502 to a change": {second: httpmock.NewStringResponder(502, ""), calls: 3, want: tuzhan.ErrOutcomeUnknown, update: true, attempts: 2},
		"HTTP 500 with a code": {second: httpmock.NewStringResponder(500, refused), calls: 2, want: tuzhan.ErrOutcomeUnknown, attempts: 1},
		"HTML":                 {second: ok("<html>"), calls: 2, want: tuzhan.ErrMalformed, attempts: 1},
		"no code":              {second: ok(`{"errorCode":"SUCCESS","data":{"status":1}}`), calls: 2, want: tuzhan.ErrOutcomeUnknown, attempts: 1},
		"no data":              {second: ok(`{"code":200}`), calls: 2, want: tuzhan.ErrOutcomeUnknown, attempts: 1},
		"data null":            {second: ok(`{"code":200,"data":null}`), calls: 2, want: tuzhan.ErrOutcomeUnknown, attempts: 1},
		"data a list":          {second: ok(`{"code":200,"data":[]}`), calls: 2, want: tuzhan.ErrMalformed, attempts: 1},
		"no status":            {second: ok(`{"code":200,"data":{"errorData":null}}`), calls: 2, want: tuzhan.ErrMalformed, attempts: 1},
		"status null":          {second: ok(`{"code":200,"data":{"status":null}}`), calls: 2, want: tuzhan.ErrMalformed, attempts: 1},
		"status a word":        {second: ok(`{"code":200,"data":{"status":"done"}}`), calls: 2, want: tuzhan.ErrMalformed, attempts: 1},
		"texts an object":      {second: ok(`{"code":200,"data":{"status":1,"errorMsg":{}}}`), calls: 2, want: tuzhan.ErrMalformed, attempts: 1},
		"texts of objects":     {second: ok(`{"code":200,"data":{"status":1,"errorMsg":[{}]}}`), calls: 2, want: tuzhan.ErrMalformed, attempts: 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			answers := []httpmock.Responder{ok(done), c.second, c.second, ok(done)}
			if c.carryOn {
				answers = []httpmock.Responder{ok(done), c.second, ok(done)}
			}
			client, sent := fake(t, static(), nil, answers...)
			records := departments(1201)
			push := client.AddDepartments
			if c.update {
				push = client.UpdateDepartments
			}
			result, err := push(t.Context(), records)
			whole(t, records, result, err)
			assert.Equal(t, c.calls, sent.count())
			assert.Len(t, result.Failed, 500)
			for _, item := range result.Failed {
				require.True(t, item.Index >= 500 && item.Index < 1000)
				var e *tuzhan.Error
				require.ErrorAs(t, item.Err, &e)
				assert.Equal(t, c.attempts, e.Attempts)
				if c.want != nil {
					require.ErrorIs(t, item.Err, c.want)
				} else {
					assert.Equal(t, "500", e.Code)
					assert.Equal(t, "系统繁忙", item.Message)
				}
			}
			if c.carryOn {
				assert.Empty(t, result.Unsent)
			} else {
				assert.Len(t, result.Unsent, 201)
				assert.NotErrorIs(t, result.Unsent[0].Err, tuzhan.ErrOutcomeUnknown)
			}
		})
	}
}

func TestCodes(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]error{
		"100100": tuzhan.ErrAppSecret, "100200": tuzhan.ErrToken, "100300": tuzhan.ErrAuthCode,
	} {
		client, _ := answering(t, fmt.Sprintf(`{"code":%s,"errorCode":"SOME_ERROR","msg":null,"data":"none"}`, code))
		result, err := client.DeleteEmployees(t.Context(), []tuzhan.Employee{employee("U1")})
		require.ErrorIs(t, err, want, "a number for a string")
		require.ErrorIs(t, err, tuzhan.ErrUnauthorized)
		var e *tuzhan.Error
		require.ErrorAs(t, result.Failed[0].Err, &e)
		assert.Equal(t, code, e.Code)
		assert.Equal(t, "SOME_ERROR", e.Message, "for want of a msg")
		assert.Equal(t, http.StatusOK, e.HTTPStatus)
		assert.Contains(t, want.Error(), code)
	}
}

func TestMessagesAreScrubbed(t *testing.T) {
	t.Parallel()
	a, b := employee("U1"), employee("U2")
	b.ChannelName, b.Phone = "李四", "13800000002"
	client, _ := answering(t, answer("2", `[{"thirdUserId":"U1"}]`, `["与李四(13800000002)重复,已存在","李四"]`))
	result, err := client.AddEmployees(t.Context(), []tuzhan.Employee{a, b})
	require.NotErrorIs(t, err, tuzhan.ErrExists, "it is about another record")
	assert.Equal(t, "与***(***)重复,已存在", result.Failed[0].Message, "a message about one record may quote another")
	assert.Equal(t, []string{"***"}, result.Messages)
	assert.NotContains(t, err.Error(), "李四")
}

func FuzzAnswer(f *testing.F) {
	f.Add([]byte(done))
	f.Add(testdata(f, "dept_response.json"))
	f.Add(testdata(f, "employee_response.json"))
	f.Add([]byte(answer("2", `[{"thirdDeptId":"D0"},{"thirdDeptId":7}]`, `[null,"a","b"]`)))
	f.Add([]byte(answer("0", "null", `"x"`)))
	f.Add([]byte(`{"code":"100200"}`))
	f.Add([]byte(`{"code":200,"data":{"status":-1.0,"errorData":[{"deptId":{}}]}}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		client, _ := answering(t, string(body))
		records := departments(3)
		result, err := client.AddDepartments(t.Context(), records)
		whole(t, records, result, err)
	})
}
