package tuzhan_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/orgbridge/orgbridge/internal/optest"
	"github.com/orgbridge/orgbridge/tuzhan"
)

func drawID() *rapid.Generator[int64] { return rapid.OneOf(rapid.Just(int64(0)), rapid.Int64()) }

func drawTime() *rapid.Generator[time.Time] {
	return rapid.OneOf(rapid.Just(time.Time{}), rapid.Map(rapid.Int64Range(-1<<37, 1<<39), func(s int64) time.Time {
		return time.Unix(s, 0).In(time.FixedZone("", 9*60*60))
	}))
}

func drawEmployee(t *rapid.T) tuzhan.Employee {
	text, id := optest.DrawText(), drawID()
	return tuzhan.Employee{
		ChannelID: id.Draw(t, "channelId"), ThirdUserID: text.Draw(t, "thirdUserId"),
		UserType: tuzhan.UserType(id.Draw(t, "userType")),
		AppID:    text.Draw(t, "appId"), OpenID: text.Draw(t, "openid"), WxUserID: text.Draw(t, "wxUserid"),
		UnionID: text.Draw(t, "unionid"), ChannelName: text.Draw(t, "channelName"), Phone: text.Draw(t, "phone"),
		Job: optest.DrawOpt(t, text, "job"), DeptID: id.Draw(t, "deptId"), ThirdDeptID: text.Draw(t, "thirdDeptId"),
		WxDeptID: id.Draw(t, "wxDeptId"), DeptManager: optest.DrawOpt(t, rapid.Bool(), "deptManagerFlag"),
		RoleKeys: rapid.SliceOf(rapid.Map(text, func(s string) tuzhan.RoleKey { return tuzhan.RoleKey(s) })).Draw(t, "roleKeys"),
		RoleID:   id.Draw(t, "roleId"), UpdateTime: drawTime().Draw(t, "updateTime"),
		DeputyDeptIDs: optest.DrawOpt(t, rapid.SliceOf(text), "deputyDeptIds"),
		SerialNum:     optest.DrawOpt(t, rapid.Int(), "serialNum"),
	}
}

func drawDepartment(t *rapid.T) tuzhan.Department {
	text, id := optest.DrawText(), drawID()
	return tuzhan.Department{
		DeptID: id.Draw(t, "deptId"), ParentID: id.Draw(t, "parentId"), DeptType: tuzhan.DeptType(text.Draw(t, "deptType")),
		DeptName: text.Draw(t, "deptName"), ThirdDeptID: text.Draw(t, "thirdDeptId"), ThirdParentID: text.Draw(t, "thirdParentId"),
		CorpID: text.Draw(t, "corpid"), WxDeptID: id.Draw(t, "wxDeptId"), WxParentID: id.Draw(t, "wxParentId"),
		DeptStatus: tuzhan.DeptStatus(id.Draw(t, "deptStatus")), SerialNum: int(id.Draw(t, "serialNum")),
		CreateUser: optest.DrawOpt(t, text, "createUser"), CreateTime: drawTime().Draw(t, "createTime"),
		UpdateUser: optest.DrawOpt(t, text, "updateUser"), UpdateTime: drawTime().Draw(t, "updateTime"),
	}
}

// employeeRow and departmentRow are the records in the vendor's form: their own
// fields take the place of the embedded ones of the same name.
type employeeRow struct {
	tuzhan.Employee

	UpdateTime    string             `json:"updateTime,omitzero"`
	DeputyDeptIDs tuzhan.Opt[string] `json:"deputyDeptIds,omitzero"`
}

type departmentRow struct {
	tuzhan.Department

	CreateTime string `json:"createTime,omitzero"`
	UpdateTime string `json:"updateTime,omitzero"`
}

func beijing(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(time.FixedZone("", 8*60*60)).Format(time.DateTime)
}

func rowOfEmployee(e tuzhan.Employee) employeeRow {
	row := employeeRow{Employee: e, UpdateTime: beijing(e.UpdateTime)}
	if ids, ok := e.DeputyDeptIDs.Get(); ok {
		row.DeputyDeptIDs = tuzhan.Set(strings.Join(ids, ","))
	}
	return row
}

// The reflective encoding of the rows is what the appenders must write.
func TestAppendJSONIsTheEncodingOfTheRow(t *testing.T) {
	t.Parallel()
	require.Equal(t, 19, reflect.TypeFor[tuzhan.Employee]().NumField(), "drawEmployee knows every field")
	require.Equal(t, 15, reflect.TypeFor[tuzhan.Department]().NumField(), "drawDepartment knows every field")
	rapid.Check(t, func(t *rapid.T) {
		e, d := drawEmployee(t), drawDepartment(t)
		optest.SameJSON(t, e, rowOfEmployee(e))
		optest.SameJSON(t, d, departmentRow{Department: d, CreateTime: beijing(d.CreateTime), UpdateTime: beijing(d.UpdateTime)})
		for _, record := range []optest.Appender{e, d} {
			_, err := record.AppendJSON(nil)
			require.NoError(t, err)
		}
	})
}

func TestAppendJSONDoesNotAllocate(t *testing.T) { //nolint:paralleltest // AllocsPerRun forbids it
	e, d := employee("U1"), department("D1", "D0")
	e.UpdateTime, d.UpdateTime = time.Unix(1_800_000_000, 0), time.Unix(1_800_000_000, 0)
	e.DeputyDeptIDs = tuzhan.Set([]string{"D2", "D3"})
	b := make([]byte, 0, 1<<10)
	assert.Zero(t, testing.AllocsPerRun(100, func() {
		b, _ = e.AppendJSON(b[:0])
		b, _ = d.AppendJSON(b)
	}))
}
