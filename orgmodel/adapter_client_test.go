package orgmodel_test

import (
	"encoding/json"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/aiguanhuai"
	"github.com/orgbridge/orgbridge/orgmodel"
	"github.com/orgbridge/orgbridge/tuzhan"
	"github.com/orgbridge/orgbridge/yunjian"
)

// capture answers every call and keeps what "data" the calls since the last look had.
func capture(t *testing.T, answer string) (*http.Client, func() string) {
	t.Helper()
	var data []json.RawMessage
	transport := httpmock.NewMockTransport()
	transport.RegisterNoResponder(func(r *http.Request) (*http.Response, error) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		var request struct {
			Data []json.RawMessage `json:"data"`
		}
		if err := json.Unmarshal(body, &request); err != nil {
			return nil, err
		}
		data = append(data, request.Data...)
		return httpmock.NewStringResponse(http.StatusOK, answer), nil
	})
	return &http.Client{Transport: transport}, func() string {
		rows, err := json.Marshal(data)
		require.NoError(t, err)
		data = nil
		return string(rows)
	}
}

func convert[T, V any](t *testing.T, there func(T) (V, error), records ...T) []V {
	t.Helper()
	var out []V
	for _, record := range records {
		v, err := there(record)
		require.NoError(t, err)
		out = append(out, v)
	}
	return out
}

// least is what every target is content with.
func least() orgmodel.Person {
	p := person("u2", "李四", "d1")
	p.SetMobile("13800000002")
	return p
}

func root() orgmodel.Department {
	d := department("d0", "", "总部")
	d.SetStatus(orgmodel.StatusActive)
	return d
}

func TestAiguanhuaiClientSendsIt(t *testing.T) {
	t.Parallel()
	client, sent := capture(t, `{"errno":0}`)
	c, err := aiguanhuai.New(aiguanhuai.Config{BaseURL: "https://care.example.com", CorpID: "c1"}, aiguanhuai.WithHTTPClient(client))
	require.NoError(t, err)
	a := orgmodel.Aiguanhuai{}

	_, err = c.UpdatePeople(t.Context(), convert(t, a.FromPerson, full(), least()))
	require.NoError(t, err)
	assert.JSONEq(t, `[
		{"userId":"u1","account":"E7","realName":"张三","gender":1,"email":"zhang@example.com","mobile":"13800000001","status":1,
		 "departmentId":["d1","d2"],"birthday":"19871219","joinDate":"20091103","position":"经理","orgSource":11},
		{"userId":"u2","account":"u2","realName":"李四","mobile":"13800000002","status":1,"departmentId":["d1"],"orgSource":11}
	]`, sent())

	_, err = c.UpdateDepartments(t.Context(), convert(t, a.FromDepartment, root(), inUse()))
	require.NoError(t, err)
	assert.JSONEq(t, `[
		{"departmentId":"d0","departmentName":"总部","status":1},
		{"departmentId":"d1","departmentName":"销售部","status":1,"parentId":"d0"}
	]`, sent())
}

func TestTuzhanClientSendsIt(t *testing.T) {
	t.Parallel()
	client, sent := capture(t, `{"code":"200","errorCode":"SUCCESS","msg":"ok","data":{"status":1,"errorData":null,"errorMsg":null}}`)
	c, err := tuzhan.New(tuzhan.Config{Credentials: tuzhan.AccessToken("t")}, tuzhan.WithHTTPClient(client))
	require.NoError(t, err)
	a := orgmodel.Tuzhan{}

	employees := convert(t, a.FromPerson, full(), least())
	for i := range employees {
		employees[i].UpdateTime = time.Date(2020, 10, 23, 4, 0, 0, 0, time.UTC)
	}
	result, err := c.AddEmployees(t.Context(), employees)
	require.NoError(t, err)
	require.Len(t, result.Succeeded, 2)
	assert.JSONEq(t, `[
		{"thirdUserId":"u1","userType":1,"channelName":"张三","phone":"13800000001","job":"经理","thirdDeptId":"d1","deputyDeptIds":"d2",
		 "roleKeys":["GENERAL_EMPLOYE"],"updateTime":"2020-10-23 12:00:00"},
		{"thirdUserId":"u2","userType":1,"channelName":"李四","phone":"13800000002","thirdDeptId":"d1","deputyDeptIds":"",
		 "roleKeys":["GENERAL_EMPLOYE"],"updateTime":"2020-10-23 12:00:00"}
	]`, sent())

	gone, forgotten := a.PersonRef(full()), a.PersonRef(orgmodel.Person{ID: "u2"})
	gone.UpdateTime, forgotten.UpdateTime = employees[0].UpdateTime, employees[0].UpdateTime
	result, err = c.DeleteEmployees(t.Context(), []tuzhan.Employee{gone, forgotten})
	require.NoError(t, err)
	require.Len(t, result.Succeeded, 2)
	assert.JSONEq(t, `[
		{"thirdUserId":"u1","userType":1,"channelName":"张三","phone":"13800000001","thirdDeptId":"d1","roleKeys":["GENERAL_EMPLOYE"],"updateTime":"2020-10-23 12:00:00"},
		{"thirdUserId":"u2","userType":1,"roleKeys":["GENERAL_EMPLOYE"],"updateTime":"2020-10-23 12:00:00"}
	]`, sent())

	departments, err := c.UpdateDepartments(t.Context(), convert(t, a.FromDepartment, inUse()))
	require.NoError(t, err)
	require.Len(t, departments.Succeeded, 1)
	assert.JSONEq(t, `[{"deptType":"outchannel","deptName":"销售部","thirdDeptId":"d1","thirdParentId":"d0","deptStatus":1,"serialNum":3}]`, sent())

	departments, err = c.DeleteDepartments(t.Context(), []tuzhan.Department{a.DepartmentRef(inUse())})
	require.NoError(t, err)
	require.Len(t, departments.Succeeded, 1)
	assert.JSONEq(t, `[{"deptType":"outchannel","deptName":"销售部","thirdDeptId":"d1","thirdParentId":"d0","serialNum":3}]`, sent())
}

func TestYunjianClientSendsIt(t *testing.T) {
	t.Parallel()
	client, sent := capture(t, `{"resCode":10000,"resMsg":"success","data":[]}`)
	c, err := yunjian.New(yunjian.Config{
		URL: "https://travel.example.com/users", Account: "a", UserNo: "admin", Session: yunjian.SessionID("s"),
	}, yunjian.WithHTTPClient(client))
	require.NoError(t, err)
	gone := least()
	gone.SetStatus(orgmodel.StatusDisabled)

	result, err := c.SyncUsers(t.Context(), convert(t, orgmodel.Yunjian{Lookup: found}.FromPerson, full(), gone))
	require.NoError(t, err)
	require.Len(t, result.Succeeded, 2)
	assert.JSONEq(t, `[
		{"userNo":"E7","fullName":"张三","mobile":"13800000001","isLeave":false,"gender":"F","emailAddress":"zhang@example.com",
		 "birthday":"1987-12-19","departmentCode":"d1","departmentName":"部门d1"},
		{"userNo":"u2","fullName":"李四","mobile":"13800000002","isLeave":true,"departmentCode":"d1","departmentName":"部门d1"}
	]`, sent())
}
