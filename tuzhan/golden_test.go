package tuzhan_test

import (
	"encoding/json"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/tuzhan"
)

func decoded(t *testing.T, body []byte) map[string]any {
	t.Helper()
	var v map[string]any
	require.NoError(t, json.Unmarshal(body, &v))
	return v
}

func TestDepartmentSample(t *testing.T) {
	t.Parallel()
	client, sent := answering(t, string(testdata(t, "dept_response.json")))
	result, err := client.AddDepartments(t.Context(), []tuzhan.Department{
		{DeptType: tuzhan.DeptTypeExternal, DeptName: "测试部门1", ThirdDeptID: "D001", DeptStatus: tuzhan.DeptActive},
		{DeptType: tuzhan.DeptTypeExternal, DeptName: "测试部门2", ThirdDeptID: "D002", DeptStatus: tuzhan.DeptActive},
	})

	want := decoded(t, testdata(t, "dept_request.json"))
	// The sample quotes deptStatus and serialNum, the table calls them Integer,
	// and the answer echoes numbers: numbers it is.
	for _, row := range want["data"].([]any) {
		fields := row.(map[string]any)
		for _, name := range []string{"deptStatus", "serialNum"} {
			n, err := strconv.ParseFloat(fields[name].(string), 64)
			require.NoError(t, err)
			fields[name] = n
		}
	}
	require.Equal(t, 1, sent.count())
	assert.Equal(t, want, decoded(t, sent.bodies[0]))
	assert.Equal(t, "test-token", sent.header[0].Get("X-Token"))
	assert.Equal(t, "application/json", sent.header[0].Get("Content-Type"))

	require.ErrorIs(t, err, tuzhan.ErrExists)
	assert.Equal(t, []int{1}, indexes(result.Succeeded))
	require.Equal(t, []int{0}, indexes(result.Failed))
	assert.Equal(t, "部门已存在", result.Failed[0].Message)
	assert.Equal(t, "D001", result.Failed[0].Record.ThirdDeptID)
	assert.Empty(t, result.Messages)
	assert.EqualError(t, err, "1 of 2 records did not succeed: data[0]: tuzhan dept/batchAdd add: 部门已存在: exists already")
}

func TestEmployeeSample(t *testing.T) {
	t.Parallel()
	client, sent := answering(t, string(testdata(t, "employee_response.json")))
	at := time.Date(2020, 10, 23, 4, 0, 0, 0, time.UTC) // 12:00 in Beijing
	result, err := client.AddEmployees(t.Context(), []tuzhan.Employee{
		{
			ThirdUserID: "U001", UserType: tuzhan.UserTypeOfficialAccount, ChannelName: "测试渠道1", Phone: "15000000000",
			Job: tuzhan.Set("经理"), ThirdDeptID: "D001", UpdateTime: at,
			RoleKeys: []tuzhan.RoleKey{tuzhan.RoleAdmin, tuzhan.RoleEmployee},
		},
		{
			ThirdUserID: "U002", UserType: tuzhan.UserTypeOfficialAccount, ChannelName: "测试渠道2", Phone: "15000000001",
			Job: tuzhan.Set("经理"), ThirdDeptID: "D001", UpdateTime: at, DeptManager: tuzhan.Set(true),
			RoleKeys: []tuzhan.RoleKey{tuzhan.RoleEmployee},
		},
	})
	require.NoError(t, err)
	assert.Len(t, result.Succeeded, 2)

	want := decoded(t, testdata(t, "employee_request.json"))
	// The sample leaves userType out, the table says it is required: it is sent.
	for _, row := range want["data"].([]any) {
		row.(map[string]any)["userType"] = 1.0
	}
	assert.Equal(t, want, decoded(t, sent.bodies[0]))
}

func TestEveryFieldOnTheWire(t *testing.T) {
	t.Parallel()
	const big = 900719925474099301 // 2^53 and beyond would be rounded by a float64
	at := time.Date(2026, 1, 1, 0, 30, 0, 0, time.FixedZone("", 9*60*60))

	client, sent := answering(t, done)
	_, err := client.UpdateDepartments(t.Context(), []tuzhan.Department{{
		DeptID: big, ParentID: big + 1, DeptType: tuzhan.DeptTypeWeCom, DeptName: "A&B <研发>", ThirdDeptID: "D1", ThirdParentID: "D0",
		CorpID: "wwcorp", WxDeptID: big + 2, WxParentID: big + 3, DeptStatus: tuzhan.DeptInactive,
		CreateUser: tuzhan.Set("admin"), CreateTime: at, UpdateUser: tuzhan.Set(""), UpdateTime: at,
	}})
	require.NoError(t, err)
	assert.JSONEq(t, `{"publicParams":{"optType":"update"},"data":[{"deptId":900719925474099301,"parentId":900719925474099302,
		"deptType":"qywx","deptName":"A&B <研发>","thirdDeptId":"D1","thirdParentId":"D0","corpid":"wwcorp",
		"wxDeptId":900719925474099303,"wxParentId":900719925474099304,"deptStatus":2,"serialNum":0,"createUser":"admin",
		"createTime":"2025-12-31 23:30:00","updateUser":"","updateTime":"2025-12-31 23:30:00"}]}`, string(sent.bodies[0]))
	assert.Contains(t, string(sent.bodies[0]), `"deptId":900719925474099301,`, "every digit")
	assert.Contains(t, string(sent.bodies[0]), `A&B <研发>`, "names travel unescaped")

	_, err = client.UpdateEmployees(t.Context(), []tuzhan.Employee{{
		ChannelID: big, ThirdUserID: "U1", UserType: tuzhan.UserTypeWeCom, AppID: "wxapp", OpenID: "o1", WxUserID: "zhangsan",
		UnionID: "u1", ChannelName: "张三", Phone: "13800000001", Job: tuzhan.Set(""), DeptID: big + 1, ThirdDeptID: "D1",
		WxDeptID: big + 2, DeptManager: tuzhan.Set(false), RoleKeys: []tuzhan.RoleKey{tuzhan.RoleCustom}, RoleID: big + 3,
		UpdateTime: at, DeputyDeptIDs: tuzhan.Set([]string{"D2", "D3"}), SerialNum: tuzhan.Set(0),
	}})
	require.NoError(t, err)
	assert.JSONEq(t, `{"publicParams":{"optType":"update"},"data":[{"channelId":900719925474099301,"thirdUserId":"U1","userType":2,
		"appId":"wxapp","openid":"o1","wxUserid":"zhangsan","unionid":"u1","channelName":"张三","phone":"13800000001","job":"",
		"deptId":900719925474099302,"thirdDeptId":"D1","wxDeptId":900719925474099303,"deptManagerFlag":false,
		"roleKeys":["CUSTOM_ROLE"],"roleId":900719925474099304,"updateTime":"2025-12-31 23:30:00","deputyDeptIds":"D2,D3",
		"serialNum":0}]}`, string(sent.bodies[1]))
}

func TestDeletionsSendWhatIsFilled(t *testing.T) {
	t.Parallel()
	client, sent := answering(t, done)
	least := []tuzhan.Department{{DeptType: tuzhan.DeptTypeExternal, ThirdDeptID: "D1"}}
	_, err := client.DeleteDepartments(t.Context(), least)
	require.NoError(t, err)
	_, err = client.DeleteDepartmentTrees(t.Context(), []tuzhan.Department{department("D1", "D0")})
	require.NoError(t, err)
	_, err = client.DeleteEmployees(t.Context(), []tuzhan.Employee{{ThirdUserID: "U1", UpdateTime: time.Unix(0, 0)}})
	require.NoError(t, err)

	// deleteSubDepartmentFlag is a String in the table.
	assert.JSONEq(t, `{"publicParams":{"optType":"delete","deleteSubDepartmentFlag":"false"},
		"data":[{"deptType":"outchannel","thirdDeptId":"D1","serialNum":0}]}`, string(sent.bodies[0]))
	assert.JSONEq(t, `{"publicParams":{"optType":"delete","deleteSubDepartmentFlag":"true"},
		"data":[{"deptType":"outchannel","deptName":"部门D1","thirdDeptId":"D1","thirdParentId":"D0","serialNum":1}]}`, string(sent.bodies[1]))
	assert.JSONEq(t, `{"publicParams":{"optType":"delete"},
		"data":[{"thirdUserId":"U1","updateTime":"1970-01-01 08:00:00"}]}`, string(sent.bodies[2]))
}

func TestDeputiesAreAbsentOrWhole(t *testing.T) {
	t.Parallel()
	client, sent := answering(t, done)
	keep, drop := employee("keep"), employee("drop")
	drop.DeputyDeptIDs = tuzhan.Set([]string{})
	_, err := client.UpdateEmployees(t.Context(), []tuzhan.Employee{keep, drop})
	require.NoError(t, err)
	rows := sent.rows(t, 0)
	assert.NotContains(t, rows[0], "deputyDeptIds", "absent leaves them alone")
	assert.Equal(t, "", rows[1]["deputyDeptIds"], "an empty list clears them (全量覆盖)")
}

func TestUpdateTimeFromTheClock(t *testing.T) {
	t.Parallel()
	clock := func() time.Time { return time.Date(2026, 11, 22, 20, 0, 0, 0, time.UTC) }
	client, sent := fake(t, static(), []tuzhan.Option{tuzhan.WithClock(clock)}, ok(done))
	_, err := client.AddEmployees(t.Context(), []tuzhan.Employee{employee("U1")})
	require.NoError(t, err)
	assert.Equal(t, "2026-11-23 04:00:00", sent.rows(t, 0)[0]["updateTime"], "Beijing time")
}
