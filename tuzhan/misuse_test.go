package tuzhan_test

import (
	"context"
	"errors"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/internal/optest"
	"github.com/orgbridge/orgbridge/tuzhan"
)

// refusedAlone pushes a bad record between two good ones: the bad one is a
// *FieldError that names the field, the others go.
func refusedAlone[T any](
	t *testing.T, push func(*tuzhan.Client) func(context.Context, []T) (tuzhan.Result[T], error), first, bad, last T, field string,
) {
	t.Helper()
	client, sent := answering(t, done)
	records := []T{first, bad, last}
	result, err := push(client)(t.Context(), records)
	whole(t, records, result, err)
	require.Equal(t, []int{1}, indexes(result.Failed), field)
	require.ErrorIs(t, err, tuzhan.ErrInvalid)
	var f *tuzhan.FieldError
	require.ErrorAs(t, result.Failed[0].Err, &f)
	assert.Equal(t, "data[1]."+field, f.Field)
	assert.NotEmpty(t, f.Op)
	assert.Len(t, sent.rows(t, 0), 2)
}

func TestBadDepartments(t *testing.T) {
	t.Parallel()
	add := func(c *tuzhan.Client) func(context.Context, []tuzhan.Department) (tuzhan.DepartmentResult, error) {
		return c.AddDepartments
	}
	update := func(c *tuzhan.Client) func(context.Context, []tuzhan.Department) (tuzhan.DepartmentResult, error) {
		return c.UpdateDepartments
	}
	remove := func(c *tuzhan.Client) func(context.Context, []tuzhan.Department) (tuzhan.DepartmentResult, error) {
		return c.DeleteDepartments
	}
	weCom := tuzhan.Department{DeptType: tuzhan.DeptTypeWeCom, DeptName: "部门", CorpID: "wwcorp", WxDeptID: 2}
	first, last := weCom, weCom
	first.WxDeptID, last.WxDeptID = 1, 3

	for _, c := range []struct {
		change func(*tuzhan.Department)
		field  string
	}{
		{func(d *tuzhan.Department) { d.DeptType = "" }, "deptType"},
		{func(d *tuzhan.Department) { d.DeptType = "wecom" }, "deptType"},
		{func(d *tuzhan.Department) { d.DeptName = "" }, "deptName"},
		{func(d *tuzhan.Department) { d.DeptStatus = 3 }, "deptStatus"},
		{func(d *tuzhan.Department) { d.DeptName = "\xb2\xbf" }, "deptName"}, // GBK
		{func(d *tuzhan.Department) { d.CreateUser = tuzhan.Set("\xff") }, "createUser"},
	} {
		bad := department("X", "")
		c.change(&bad)
		refusedAlone(t, add, department("A", ""), bad, department("B", ""), c.field)
		refusedAlone(t, update, department("A", ""), bad, department("B", ""), c.field)
	}
	for _, c := range []struct {
		change func(*tuzhan.Department)
		field  string
	}{
		{func(d *tuzhan.Department) { d.WxDeptID = 0 }, "wxDeptId"},
		{func(d *tuzhan.Department) { d.CorpID = "" }, "corpid"},
	} {
		bad := weCom
		c.change(&bad)
		refusedAlone(t, add, first, bad, last, c.field)
	}
	nameless := department("", "")
	nameless.DeptID = 7
	refusedAlone(t, add, department("A", ""), nameless, department("B", ""), "thirdDeptId")
	nameless.DeptID, nameless.WxDeptID = 0, 7
	refusedAlone(t, update, department("A", ""), nameless, department("B", ""), "thirdDeptId")
	refusedAlone(t, remove, department("A", ""), nameless, department("B", ""), "thirdDeptId")

	// 类型互斥: only one type of tree can exist.
	refusedAlone(t, add, department("A", ""), weCom, department("B", ""), "deptType")
	refusedAlone(t, add, first, department("A", ""), last, "deptType")

	// Whatever tells a department apart for the vendor may come once.
	refusedAlone(t, add, department("A", ""), department("A", "B"), department("B", ""), "thirdDeptId")
	refusedAlone(t, add, first, first, last, "wxDeptId")
	byOwnID := tuzhan.Department{DeptType: tuzhan.DeptTypeExternal, DeptID: 7}
	alsoNamed := department("A", "")
	alsoNamed.DeptID = 7
	refusedAlone(t, remove, byOwnID, alsoNamed, department("B", ""), "deptId")

	refusedAlone(t, add, department("A", ""), department("X", "X"), department("B", ""), "thirdParentId")
}

// A stray record of the other type does not take the rest with it, even if it
// comes first.
func TestTypeOfMostRecords(t *testing.T) {
	t.Parallel()
	client, sent := answering(t, done)
	records := []tuzhan.Department{
		{DeptType: tuzhan.DeptTypeWeCom, DeptName: "部门", CorpID: "wwcorp", WxDeptID: 2}, department("A", ""), department("B", "A"),
	}
	result, err := client.AddDepartments(t.Context(), records)
	whole(t, records, result, err)
	assert.Equal(t, []int{0}, indexes(result.Failed))
	assert.Len(t, sent.rows(t, 0), 1)

	result, err = client.AddDepartments(t.Context(), records[:2])
	whole(t, records[:2], result, err)
	assert.Equal(t, []int{1}, indexes(result.Failed), "of as many, the first")
}

func TestRecordsKnownByLesserIDs(t *testing.T) {
	t.Parallel()
	client, _ := answering(t, done)
	_, err := client.UpdateDepartments(t.Context(), []tuzhan.Department{
		{DeptType: tuzhan.DeptTypeExternal, DeptID: 7, DeptName: "部门"},
	})
	require.NoError(t, err)
	_, err = client.UpdateDepartments(t.Context(), []tuzhan.Department{
		{DeptType: tuzhan.DeptTypeWeCom, ThirdDeptID: "A", DeptName: "部门", CorpID: "wwcorp"},
		{DeptType: tuzhan.DeptTypeWeCom, DeptID: 7, DeptName: "部门", CorpID: "wwcorp"},
	})
	require.NoError(t, err)
	byChannel := employee("")
	byChannel.ChannelID = 7
	_, err = client.UpdateEmployees(t.Context(), []tuzhan.Employee{byChannel})
	require.NoError(t, err)
}

func TestCyclesAreRefused(t *testing.T) {
	t.Parallel()
	client, sent := answering(t, done)
	records := []tuzhan.Department{
		department("A", ""), department("B", "C"), department("C", "B"), department("D", "A"), department("E", "B"),
	}
	result, err := client.AddDepartments(t.Context(), records)
	whole(t, records, result, err)
	assert.Equal(t, []int{0, 3}, indexes(result.Succeeded))
	assert.Equal(t, 2, sent.count())
	require.ErrorContains(t, result.Failed[0].Err, "data[1].thirdParentId leads into a cycle of parents")
}

func TestBadEmployees(t *testing.T) {
	t.Parallel()
	add := func(c *tuzhan.Client) func(context.Context, []tuzhan.Employee) (tuzhan.EmployeeResult, error) {
		return c.AddEmployees
	}
	update := func(c *tuzhan.Client) func(context.Context, []tuzhan.Employee) (tuzhan.EmployeeResult, error) {
		return c.UpdateEmployees
	}
	remove := func(c *tuzhan.Client) func(context.Context, []tuzhan.Employee) (tuzhan.EmployeeResult, error) {
		return c.DeleteEmployees
	}
	for _, c := range []struct {
		change func(*tuzhan.Employee)
		field  string
	}{
		{func(e *tuzhan.Employee) { e.ThirdUserID = "" }, "thirdUserId"},
		{func(e *tuzhan.Employee) { e.UserType = 0 }, "userType"},
		{func(e *tuzhan.Employee) { e.UserType = 3 }, "userType"},
		{func(e *tuzhan.Employee) { e.UserType = tuzhan.UserTypeWeCom }, "wxUserid"},
		{func(e *tuzhan.Employee) { e.ChannelName = "" }, "channelName"},
		{func(e *tuzhan.Employee) { e.Phone = "" }, "phone"},
		{func(e *tuzhan.Employee) { e.ThirdDeptID = "" }, "thirdDeptId"},
		{func(e *tuzhan.Employee) { e.RoleKeys = nil }, "roleKeys"},
		{func(e *tuzhan.Employee) { e.RoleKeys = []tuzhan.RoleKey{"GENERAL_EMPLOYEE"} }, "roleKeys"},
		{func(e *tuzhan.Employee) { e.RoleKeys = []tuzhan.RoleKey{tuzhan.RoleCustom} }, "roleId"},
		{func(e *tuzhan.Employee) { e.DeputyDeptIDs = tuzhan.Set([]string{"D1,D2"}) }, "deputyDeptIds"},
		{func(e *tuzhan.Employee) { e.DeputyDeptIDs = tuzhan.Set([]string{""}) }, "deputyDeptIds"},
		{func(e *tuzhan.Employee) { e.ChannelName = "\xd5\xc5" }, "channelName"}, // GBK
		{func(e *tuzhan.Employee) { e.Job = tuzhan.Set("\xff") }, "job"},
		{func(e *tuzhan.Employee) { e.DeputyDeptIDs = tuzhan.Set([]string{"\xff"}) }, "deputyDeptIds"},
		{func(e *tuzhan.Employee) { e.ThirdUserID = "A" }, "thirdUserId"},
	} {
		bad := employee("X")
		c.change(&bad)
		refusedAlone(t, add, employee("A"), bad, employee("B"), c.field)
		refusedAlone(t, update, employee("A"), bad, employee("B"), c.field)
	}
	refusedAlone(t, add, employee("A"), func() tuzhan.Employee {
		known := employee("")
		known.ChannelID = 7
		return known
	}(), employee("B"), "thirdUserId")
	refusedAlone(t, remove, employee("A"), tuzhan.Employee{ChannelName: "张三"}, employee("B"), "thirdUserId")
}

func TestDuplicateNamesTheEarlierOne(t *testing.T) {
	t.Parallel()
	client, sent := answering(t, done)
	records := []tuzhan.Employee{employee(""), employee("A"), employee("A")}
	result, err := client.AddEmployees(t.Context(), records)
	whole(t, records, result, err)
	require.EqualError(t, result.Failed[1].Err, "channel/employee/batchAdd add: data[2].thirdUserId duplicates data[1]")
	assert.Len(t, sent.rows(t, 0), 1)
}

func TestNothingToSend(t *testing.T) {
	t.Parallel()
	client, sent := answering(t, done)
	for _, records := range [][]tuzhan.Department{nil, {}, {{}}, {{DeptType: "x"}, {}}} {
		result, err := client.AddDepartments(t.Context(), records)
		whole(t, records, result, err)
	}
	_, err := client.AddEmployees(t.Context(), nil)
	require.NoError(t, err)
	assert.Zero(t, sent.count())
}

func TestNewReportsEverything(t *testing.T) {
	t.Parallel()
	_, err := tuzhan.New(tuzhan.Config{BaseURL: "ftp://example.com", Parallel: -1}, tuzhan.WithClock(nil), nil)
	require.ErrorIs(t, err, tuzhan.ErrInvalid)
	for _, field := range []string{"BaseURL", "Credentials", "Parallel", "WithClock", "Option"} {
		require.ErrorContains(t, err, field)
	}
	for _, credentials := range []tuzhan.Credentials{
		tuzhan.AppCredentials("", ""), tuzhan.AppCredentials("app", ""), tuzhan.AppCredentials("", "secret"),
		tuzhan.AccessToken(""), tuzhan.TokenFunc(nil),
	} {
		_, err = tuzhan.New(tuzhan.Config{Credentials: credentials})
		var f *tuzhan.FieldError
		require.ErrorAs(t, err, &f)
		assert.Equal(t, "Credentials", f.Field)
	}
	_, err = tuzhan.New(static(), tuzhan.WithHTTPClient(nil), tuzhan.WithLogger(nil), tuzhan.WithHook(nil), tuzhan.WithLimiter(nil),
		tuzhan.WithRetry(0, 0), tuzhan.WithTokenStore(nil), tuzhan.WithHeader(http.Header{"X-Gateway": {"g"}}))
	require.Error(t, err)
	joined, isJoined := err.(interface{ Unwrap() []error })
	require.True(t, isJoined)
	assert.NotEmpty(t, joined.Unwrap())
}

func TestPartialErrorReachesEveryRecord(t *testing.T) {
	t.Parallel()
	client, _ := answering(t, answer("2", `[{"thirdUserId":"B"}]`, `["不存在"]`))
	_, err := client.UpdateEmployees(t.Context(), []tuzhan.Employee{employee("A"), employee(""), employee("B")})
	var partial *tuzhan.PartialError
	require.ErrorAs(t, err, &partial)
	assert.Equal(t, 3, partial.Total)
	assert.Len(t, partial.Errs, 2)
	_, isField := errors.AsType[*tuzhan.FieldError](err)
	_, isError := errors.AsType[*tuzhan.Error](err)
	assert.True(t, isField && isError)
}

func TestNoContextNoClient(t *testing.T) {
	t.Parallel()
	client, sent := answering(t, done)
	optest.Misused(t, client)
	for _, bad := range []*tuzhan.Client{nil, {}} {
		_, err := bad.With()
		require.ErrorIs(t, err, tuzhan.ErrInvalid)
	}
	records := []tuzhan.Department{department("A", ""), department("B", "A")}
	result, err := client.AddDepartments(nil, records) //nolint:staticcheck // that is the point
	whole(t, records, result, err)
	assert.Len(t, result.Unsent, 2)
	require.ErrorIs(t, err, tuzhan.ErrNotSent)
	assert.Zero(t, sent.count())
}

// What is blank is missing.
func TestBlankTexts(t *testing.T) {
	t.Parallel()
	for _, blank := range []string{" ", "\t", "\u3000"} {
		for field, change := range map[string]func(*tuzhan.Employee){
			"thirdUserId": func(e *tuzhan.Employee) { e.ThirdUserID = blank },
			"channelName": func(e *tuzhan.Employee) { e.ChannelName = blank },
			"phone":       func(e *tuzhan.Employee) { e.Phone = blank },
			"thirdDeptId": func(e *tuzhan.Employee) { e.ThirdDeptID = blank },
			"wxUserid":    func(e *tuzhan.Employee) { e.UserType, e.WxUserID = tuzhan.UserTypeWeCom, blank },
			"deputyDeptIds": func(e *tuzhan.Employee) {
				e.DeputyDeptIDs = tuzhan.Set([]string{"D2", blank})
			},
		} {
			bad := employee("U2")
			change(&bad)
			refusedAlone(t, func(c *tuzhan.Client) func(context.Context, []tuzhan.Employee) (tuzhan.EmployeeResult, error) {
				return c.AddEmployees
			}, employee("U1"), bad, employee("U3"), field)
		}
		for field, change := range map[string]func(*tuzhan.Department){
			"thirdDeptId": func(d *tuzhan.Department) { d.ThirdDeptID = blank },
			"deptName":    func(d *tuzhan.Department) { d.DeptName = blank },
		} {
			bad := department("X", "")
			change(&bad)
			refusedAlone(t, func(c *tuzhan.Client) func(context.Context, []tuzhan.Department) (tuzhan.DepartmentResult, error) {
				return c.AddDepartments
			}, department("A", ""), bad, department("B", ""), field)
		}
	}
}
