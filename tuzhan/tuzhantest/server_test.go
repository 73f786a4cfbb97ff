package tuzhantest_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/tuzhan"
	"github.com/orgbridge/orgbridge/tuzhan/tuzhantest"
)

const (
	deptPath     = "/api/integrate/dept/batchAdd"
	employeePath = "/api/integrate/channel/employee/batchAdd"
	tokenPath    = "/api/open/app/getOrgAccessToken"
)

// caller talks to a simulator as the vendor's page says, without our client.
type caller struct {
	*tuzhantest.Server
	t     *testing.T
	token string
}

func newCaller(t *testing.T, options ...tuzhantest.Option) *caller {
	t.Helper()
	srv := tuzhantest.NewInMemory(options...)
	t.Cleanup(srv.Close)
	return &caller{Server: srv, t: t, token: srv.IssueToken()}
}

type result struct {
	Code      any    `json:"code"`
	ErrorCode string `json:"errorCode"`
	Msg       string `json:"msg"`
	Data      *struct {
		Status    int              `json:"status"`
		ErrorData []map[string]any `json:"errorData"`
		ErrorMsg  []string         `json:"errorMsg"`
	} `json:"data"`
}

func (c *caller) send(method, path, contentType, body string) (status int, answer string) {
	c.t.Helper()
	r, err := http.NewRequestWithContext(c.t.Context(), method, c.URL()+path, strings.NewReader(body))
	require.NoError(c.t, err)
	r.Header.Set("X-Token", c.token)
	r.Header.Set("Content-Type", contentType)
	resp, err := c.HTTPClient().Do(r)
	require.NoError(c.t, err)
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	require.NoError(c.t, err)
	return resp.StatusCode, string(text)
}

func (c *caller) post(path, body string) result {
	c.t.Helper()
	status, text := c.send(http.MethodPost, path, "application/json", body)
	require.Equal(c.t, http.StatusOK, status)
	var r result
	require.NoError(c.t, json.Unmarshal([]byte(text), &r), text)
	return r
}

// batch sends rows and returns errorMsg.
func (c *caller) batch(path, opt string, rows ...string) []string {
	c.t.Helper()
	r := c.post(path, fmt.Sprintf(`{"publicParams":{"optType":%q},"data":[%s]}`, opt, strings.Join(rows, ",")))
	require.Equal(c.t, "200", r.Code, r.Msg)
	assert.Equal(c.t, "SUCCESS", r.ErrorCode)
	require.Len(c.t, r.Data.ErrorData, len(r.Data.ErrorMsg))
	want := 2
	switch len(r.Data.ErrorMsg) {
	case 0:
		want = 1
	case len(rows):
		want = -1
	}
	assert.Equal(c.t, want, r.Data.Status)
	return r.Data.ErrorMsg
}

// one sends one row and returns its message.
func (c *caller) one(path, opt, row string) string {
	c.t.Helper()
	return strings.Join(c.batch(path, opt, row), "|")
}

func dept(id, parent string) string {
	row := fmt.Sprintf(`{"deptType":"outchannel","deptName":"部门","serialNum":0,"thirdDeptId":%q`, id)
	if parent != "" {
		row += fmt.Sprintf(`,"thirdParentId":%q`, parent)
	}
	return row + "}"
}

func person(id string, more ...string) string {
	return fmt.Sprintf(`{"thirdUserId":%q,"userType":1,"channelName":"张三","phone":"13800000001","thirdDeptId":"A",`+
		`"roleKeys":["GENERAL_EMPLOYE"],"updateTime":"2026-01-02 03:04:05"%s}`, id, strings.Join(more, ""))
}

func TestVendorSamples(t *testing.T) {
	t.Parallel()
	c := newCaller(t)
	sample := func(name string) string {
		body, err := os.ReadFile("../testdata/" + name)
		require.NoError(t, err)
		return string(body)
	}
	require.Equal(t, "D001", func() string {
		r := c.post(deptPath, sample("dept_request.json")) // quoted numbers
		require.Equal(t, 1, r.Data.Status)
		return c.Departments()[0].ThirdDeptID
	}())

	// D001 is there now, D002 no longer: that is what the sample answer answers.
	c.one(deptPath, "delete", dept("D002", ""))
	_, text := c.send(http.MethodPost, deptPath, "application/json", sample("dept_request.json"))
	var got, want map[string]any
	require.NoError(t, json.Unmarshal([]byte(text), &got))
	require.NoError(t, json.Unmarshal([]byte(sample("dept_response.json")), &want))
	row := got["data"].(map[string]any)["errorData"].([]any)[0].(map[string]any)
	for _, name := range []string{"corpid", "wxDeptId", "wxParentId"} { // fields of the table that the sample lacks
		assert.Nil(t, row[name])
		delete(row, name)
	}
	assert.Equal(t, want, got)

	// The sample of employees lacks userType, which the table requires.
	r := c.post(employeePath, sample("employee_request.json"))
	assert.Equal(t, []string{"userType只能是1或2", "userType只能是1或2"}, r.Data.ErrorMsg)
	complete := strings.ReplaceAll(sample("employee_request.json"), `"thirdUserId"`, `"userType":1,"thirdUserId"`)
	_, text = c.send(http.MethodPost, employeePath, "application/json", complete)
	assert.JSONEq(t, sample("employee_response.json"), text)
}

func TestRequestsThatAreNotAsDocumented(t *testing.T) {
	t.Parallel()
	c := newCaller(t)
	rows := func(n int) string {
		list := make([]string, n)
		for i := range list {
			list[i] = dept(fmt.Sprint("D", i), "")
		}
		return strings.Join(list, ",")
	}
	for name, body := range map[string]string{
		"no body":             ``,
		"not JSON":            `publicParams=1`,
		"no publicParams":     `{"data":[` + dept("A", "") + `]}`,
		"no optType":          `{"publicParams":{},"data":[` + dept("A", "") + `]}`,
		"unknown optType":     `{"publicParams":{"optType":"upsert"},"data":[` + dept("A", "") + `]}`,
		"boolean flag":        `{"publicParams":{"optType":"delete","deleteSubDepartmentFlag":true},"data":[` + dept("A", "") + `]}`,
		"flag of its own":     `{"publicParams":{"optType":"delete","deleteSubDepartmentFlag":"yes"},"data":[` + dept("A", "") + `]}`,
		"no data":             `{"publicParams":{"optType":"add"}}`,
		"empty data":          `{"publicParams":{"optType":"add"},"data":[]}`,
		"501 rows":            `{"publicParams":{"optType":"add"},"data":[` + rows(501) + `]}`,
		"unknown field":       `{"publicParams":{"optType":"add"},"data":[{"departmentName":"x"}]}`,
		"other letter case":   `{"publicParams":{"optType":"add"},"data":[{"corpId":"x"}]}`,
		"a number for a text": `{"publicParams":{"optType":"add"},"data":[{"deptName":5}]}`,
		"a text for a number": `{"publicParams":{"optType":"add"},"data":[{"serialNum":"first"}]}`,
		"a fraction":          `{"publicParams":{"optType":"add"},"data":[{"serialNum":1.5}]}`,
	} {
		r := c.post(deptPath, body)
		assert.Equal(t, tuzhantest.CodeBadRequest, r.Code, name)
		assert.NotEmpty(t, r.Msg, name)
		assert.Nil(t, r.Data, name)
	}
	assert.Empty(t, c.Departments())
	assert.Equal(t, "200", c.post(deptPath, `{"publicParams":{"optType":"add"},"data":[`+rows(500)+`]}`).Code)

	status, _ := c.send(http.MethodPost, deptPath, "application/x-www-form-urlencoded", "a=b")
	assert.Equal(t, http.StatusUnsupportedMediaType, status)
	status, _ = c.send(http.MethodPut, deptPath, "application/json", "{}")
	assert.Equal(t, http.StatusMethodNotAllowed, status)
	status, _ = c.send(http.MethodPost, "/api/integrate/dept/list", "application/json", "{}")
	assert.Equal(t, http.StatusNotFound, status)
}

func TestDepartments(t *testing.T) {
	t.Parallel()
	c := newCaller(t)
	const add, update, remove = "add", "update", "delete"
	steps := []struct{ opt, row, want string }{
		{add, dept("B", "A"), "父部门不存在"},
		{add, dept("A", ""), ""},
		{add, dept("A", ""), "部门已存在"},
		{add, dept("B", "A"), ""},
		{add, dept("C", "B"), ""},
		{add, dept("", ""), "匹配标识必传一种"},
		{add, `{"deptType":"outchannel","deptName":"部门","serialNum":0,"deptId":7}`, "thirdDeptId不能为空"},
		{add, `{"deptType":"outchannel","deptName":"部门","thirdDeptId":"X"}`, "serialNum不能为空"},
		{add, `{"deptType":"outchannel","serialNum":0,"thirdDeptId":"X"}`, "deptName不能为空"},
		{add, `{"deptName":"部门","serialNum":0,"thirdDeptId":"X"}`, "deptType只能是qywx或outchannel"},
		{add, strings.Replace(dept("X", ""), "{", `{"deptStatus":3,`, 1), "deptStatus只能是1或2"},
		{add, strings.Replace(dept("X", ""), "{", `{"createTime":"2026-01-02",`, 1), "时间格式必须是yyyy-MM-dd HH:mm:ss"},
		{add, `{"deptType":"qywx","deptName":"部门","serialNum":0,"wxDeptId":1,"corpid":"ww"}`, "部门类型互斥,只能存在一种类型的组织架构"},
		{update, dept("X", ""), "部门不存在"},
		{update, dept("A", "C"), "父部门不能是本部门或其子部门"},
		{update, dept("A", "A"), "父部门不能是本部门或其子部门"},
		{update, dept("C", "X"), "父部门不存在"},
		{update, dept("C", "A"), ""},
		{remove, dept("A", ""), "存在子部门,无法删除"},
		{remove, dept("X", ""), "部门不存在"},
		{remove, `{"deptType":"outchannel","thirdDeptId":"B"}`, ""}, // an identity will do
		{update, strings.Replace(dept("C", ""), "}", `,"thirdParentId":""}`, 1), ""},
		{remove, dept("A", ""), ""},
		{remove, dept("C", ""), ""},
	}
	for i, step := range steps {
		assert.Equal(t, step.want, c.one(deptPath, step.opt, step.row), "step %d", i)
	}
	assert.Empty(t, c.Departments())
	// With nothing left, the company may turn to the other type.
	assert.Equal(t, "corpid不能为空", c.one(deptPath, add, `{"deptType":"qywx","deptName":"部门","serialNum":0,"wxDeptId":1}`))
	assert.Equal(t, "wxDeptId不能为空", c.one(deptPath, add, `{"deptType":"qywx","deptName":"部门","serialNum":0,"thirdDeptId":"A","corpid":"ww"}`))
	assert.Empty(t, c.batch(deptPath, add,
		`{"deptType":"qywx","deptName":"部门","serialNum":"0","wxDeptId":"900719925474099301","thirdDeptId":"A","corpid":"ww"}`,
		`{"deptType":"qywx","deptName":"部门","serialNum":1,"wxDeptId":2,"wxParentId":900719925474099301,"corpid":"ww"}`))
	held := c.Departments()
	require.Len(t, held, 2)
	assert.Equal(t, int64(900719925474099301), held[0].WxDeptID)
	assert.Equal(t, int64(900719925474099301), held[1].WxParentID)
}

func TestUpdatesKeepWhatIsAbsent(t *testing.T) {
	t.Parallel()
	c := newCaller(t)
	full := `{"deptType":"outchannel","deptName":"部门","serialNum":3,"thirdDeptId":"A","deptStatus":1,"createUser":"admin",` +
		`"createTime":"2026-01-02 03:04:05","updateUser":"admin","updateTime":"2026-01-02 03:04:05"}`
	require.Empty(t, c.batch(deptPath, "add", full, dept("B", "A")))
	id := c.Departments()[0].DeptID
	require.Empty(t, c.one(deptPath, "update",
		fmt.Sprintf(`{"deptType":"outchannel","deptName":"新名","serialNum":4,"deptId":%d,"updateUser":""}`, id)))
	held := c.Departments()
	require.Len(t, held, 2)
	assert.Equal(t, tuzhan.Department{
		DeptID: id, DeptType: "outchannel", DeptName: "新名", SerialNum: 4, ThirdDeptID: "A", DeptStatus: tuzhan.DeptActive,
		CreateUser: tuzhan.Set("admin"), CreateTime: held[0].CreateTime, UpdateUser: tuzhan.Set(""), UpdateTime: held[0].UpdateTime,
	}, held[0], "first still, and the first to have arrived")
	assert.Equal(t, int64(1767294245), held[0].CreateTime.Unix(), "Beijing time")

	// An id cannot be taken over.
	assert.Equal(t, "部门已存在", c.one(deptPath, "update", fmt.Sprintf(
		`{"deptType":"outchannel","deptName":"部门","serialNum":0,"thirdDeptId":"B","deptId":%d}`, id)))
}

func TestEmployees(t *testing.T) {
	t.Parallel()
	c := newCaller(t)
	const add, update, remove = "add", "update", "delete"
	require.Equal(t, "部门不存在", c.one(employeePath, add, person("U1")))
	require.Empty(t, c.batch(deptPath, add, dept("A", ""), dept("B", "A")))
	for i, step := range []struct{ opt, row, want string }{
		{add, person("U1", `,"deptManagerFlag":true,"deputyDeptIds":"B,A","serialNum":2,"job":""`), ""},
		{add, person("U1"), "员工渠道已存在"},
		{add, person("U2", `,"wxUserid":"lisi"`), ""},
		{add, person("U3", `,"wxUserid":"lisi"`), "员工渠道已存在"},
		{add, `{}`, "匹配标识必传一种"},
		{add, person("", `,"channelId":7`), "thirdUserId不能为空"},
		{add, strings.Replace(person("U3"), `"userType":1`, `"userType":2`, 1), "wxUserid不能为空"},
		{add, strings.Replace(person("U3"), `"userType":1`, `"userType":null`, 1), "userType只能是1或2"},
		{add, strings.Replace(person("U3"), "张三", "", 1), "channelName不能为空"},
		{add, strings.Replace(person("U3"), "13800000001", "", 1), "phone不能为空"},
		{add, strings.Replace(person("U3"), `"thirdDeptId":"A",`, "", 1), "部门匹配标识必传一种"},
		{add, strings.Replace(person("U3"), "2026-01-02 03:04:05", "2026-01-02T03:04:05Z", 1), "updateTime格式必须是yyyy-MM-dd HH:mm:ss"},
		{add, strings.Replace(person("U3"), `"GENERAL_EMPLOYE"`, "", 1), "roleKeys不能为空"},
		{add, strings.Replace(person("U3"), "GENERAL_EMPLOYE", "GENERAL_EMPLOYEE", 1), "roleKeys只能是ADMIN、GENERAL_EMPLOYE或CUSTOM_ROLE"},
		{add, strings.Replace(person("U3"), "GENERAL_EMPLOYE", "CUSTOM_ROLE", 1), "roleId不能为空"},
		{update, person("U9"), "员工渠道不存在"},
		{update, strings.Replace(person("U1"), `"A"`, `"X"`, 1), "部门不存在"},
		{update, strings.Replace(person("U1"), `"A"`, `"B"`, 1), ""},
		{remove, `{"thirdUserId":"U9"}`, "员工渠道不存在"},
		{remove, `{"wxUserid":"lisi"}`, ""},
	} {
		assert.Equal(t, step.want, c.one(employeePath, step.opt, step.row), "step %d", i)
	}
	held := c.Employees()
	require.Len(t, held, 1)
	assert.Equal(t, "B", held[0].ThirdDeptID)
	assert.Equal(t, tuzhan.Set([]string{"B", "A"}), held[0].DeputyDeptIDs)
	assert.Equal(t, tuzhan.Set(2), held[0].SerialNum)
	assert.Equal(t, tuzhan.Set(""), held[0].Job)
	assert.Equal(t, tuzhan.Set(true), held[0].DeptManager)

	trees := func() string {
		r := c.post(deptPath, `{"publicParams":{"optType":"delete","deleteSubDepartmentFlag":"true"},"data":[`+dept("A", "")+`]}`)
		return strings.Join(r.Data.ErrorMsg, "|")
	}
	assert.Equal(t, "部门下存在员工渠道,无法删除", c.one(deptPath, remove, dept("B", "")))
	assert.Equal(t, "部门下存在员工渠道,无法删除", trees(), "below it, too")
	assert.Empty(t, c.one(employeePath, remove, `{"thirdUserId":"U1"}`))
	assert.Empty(t, trees())
	assert.Empty(t, c.Departments())
}

func TestRefuseRecord(t *testing.T) {
	t.Parallel()
	c := newCaller(t)
	c.RefuseRecord("B", "部门名称含敏感词")
	c.RefuseRecord("U1", "手机号已被使用")
	assert.Equal(t, []string{"部门名称含敏感词"}, c.batch(deptPath, "add", dept("A", ""), dept("B", "")))
	assert.Equal(t, []string{"手机号已被使用"}, c.batch(employeePath, "add", person("U1"), person("U2")))
	c.RefuseRecord("B", "")
	assert.Empty(t, c.one(deptPath, "add", dept("B", "")))
}

func TestWhatIsSeen(t *testing.T) {
	t.Parallel()
	srv := tuzhantest.NewServer()
	defer srv.Close()
	c := &caller{Server: srv, t: t, token: srv.IssueToken()}
	srv.SetLatency(time.Millisecond)
	c.one(deptPath, "add", dept("A", ""))
	c.one(employeePath, "add", person("U1"))
	require.Len(t, srv.Requests(), 2)
	require.Len(t, srv.RequestsTo(tuzhantest.OpEmployees), 1)
	assert.Contains(t, string(srv.RequestsTo(tuzhantest.OpEmployees)[0].Body), "U1")
	assert.Equal(t, 1, srv.Count(tuzhantest.OpDepartments))
	assert.Equal(t, 1, srv.MaxInFlight())
	assert.Positive(t, srv.Connections().Accepted)
	assert.NotNil(t, srv.Transport())
	srv.Reset()
	assert.Empty(t, srv.Requests())

	printed := fmt.Sprintf("%+v %+v", srv.Employees(), srv.RequestsTo(""))
	assert.NotContains(t, printed, "张三")
	assert.NotContains(t, printed, "13800000001")

	client := srv.Client()
	_, err := client.AddDepartments(t.Context(), []tuzhan.Department{{DeptType: "outchannel", DeptName: "部门", ThirdDeptID: "B"}})
	require.NoError(t, err)
}
