package aiguanhuaitest_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/aiguanhuai"
	"github.com/orgbridge/orgbridge/aiguanhuai/aiguanhuaitest"
)

// These tests speak to the server as the page does, without this module's client.

type answer struct {
	status int
	Errno  int
	Error  string
	Body   struct{ TaskID string }
}

func call(t *testing.T, srv *aiguanhuaitest.Server, method, pathAndQuery, contentType, body string) answer {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, srv.URL()+pathAndQuery, strings.NewReader(body))
	require.NoError(t, err)
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	resp, err := srv.HTTPClient().Do(r)
	require.NoError(t, err)
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	a := answer{status: resp.StatusCode}
	if resp.StatusCode == http.StatusOK {
		require.NoError(t, json.Unmarshal(text, &a), "%s", text)
		assert.Contains(t, string(text), `"errno":`)
	}
	return a
}

func get(t *testing.T, srv *aiguanhuaitest.Server, pathAndQuery string) answer {
	t.Helper()
	return call(t, srv, http.MethodGet, pathAndQuery, "", "")
}

func post(t *testing.T, srv *aiguanhuaitest.Server, pathAndQuery, body string) answer {
	t.Helper()
	return call(t, srv, http.MethodPost, pathAndQuery, "application/json", body)
}

func inMemory(t *testing.T, options ...aiguanhuaitest.Option) *aiguanhuaitest.Server {
	t.Helper()
	srv := aiguanhuaitest.NewInMemory(options...)
	t.Cleanup(srv.Close)
	return srv
}

const (
	corp       = "?corpId=corp-demo"
	department = `{"type":"department","data":[{"departmentId":"d1","departmentName":"销售部","status":1,"parentId":"d0"}]}`
	person     = `{"type":"person","data":[{"userId":"u1","account":"zhangsan","realName":"张三","gender":2,` +
		`"email":"zhangsan@example.com","mobile":"13800000001","status":12,"departmentId":["d1"],` +
		`"birthday":"19871219","joinDate":"","position":"测试","orgSource":11}]}`
)

func TestFullPush(t *testing.T) {
	t.Parallel()
	srv := aiguanhuaitest.NewServer()
	t.Cleanup(srv.Close)
	require.Zero(t, post(t, srv, "/v3/oms/update"+corp, strings.ReplaceAll(person, "u1", "u0")).Errno)

	task := get(t, srv, "/v3/oms/add-prepare"+corp).Body.TaskID
	require.NotEmpty(t, task)
	withTask := corp + "&taskId=" + task
	require.Zero(t, post(t, srv, "/v3/oms/add"+withTask, department).Errno)
	require.Zero(t, post(t, srv, "/v3/oms/add"+withTask, person).Errno)
	assert.Equal(t, "u0", srv.People()[0].UserID, "not yet")
	assert.Equal(t, []aiguanhuaitest.Task{{ID: task, Departments: 1, People: 1}}, srv.Tasks())

	require.Zero(t, get(t, srv, "/v3/oms/add-complete"+withTask).Errno)
	assert.Equal(t, []aiguanhuaitest.Task{{ID: task, Departments: 1, People: 1, Completed: true}}, srv.Tasks())
	assert.Equal(t, []aiguanhuai.Department{{
		DepartmentID: "d1", DepartmentName: "销售部", Status: aiguanhuai.StatusActive, ParentID: aiguanhuai.Set("d0"),
	}}, srv.Departments())
	assert.Equal(t, []aiguanhuai.Person{{
		UserID: "u1", Account: "zhangsan", RealName: "张三", Gender: aiguanhuai.Set(aiguanhuai.GenderMale),
		Email: aiguanhuai.Set("zhangsan@example.com"), Mobile: aiguanhuai.Set("13800000001"), Status: aiguanhuai.StatusRetired,
		DepartmentID: aiguanhuai.Set([]string{"d1"}),
		Birthday:     aiguanhuai.Set(aiguanhuai.Date{Year: 1987, Month: time.December, Day: 19}),
		JoinDate:     aiguanhuai.Set(aiguanhuai.Date{}),
		Position:     aiguanhuai.Set("测试"), OrgSource: 11,
	}}, srv.People())

	for _, late := range []answer{
		post(t, srv, "/v3/oms/add"+withTask, person), get(t, srv, "/v3/oms/add-complete"+withTask),
	} {
		assert.Equal(t, 200006, late.Errno, "the task is completed")
	}
	assert.Equal(t, 7, srv.Count(""))
	assert.Equal(t, 1, srv.MaxInFlight())
	assert.Equal(t, 1, srv.Connections().Accepted)
	srv.Reset()
	assert.Empty(t, srv.Requests())
}

func TestMissingStatusDisables(t *testing.T) {
	t.Parallel()
	srv := inMemory(t)
	require.Zero(t, post(t, srv, "/v3/oms/update"+corp, department).Errno)
	require.Zero(t, post(t, srv, "/v3/oms/update"+corp, person).Errno)
	require.Zero(t, post(t, srv, "/v3/oms/update"+corp, `{"type":"department","data":[{"departmentId":"d1","departmentName":"市场部"}]}`).Errno)
	require.Zero(t, post(t, srv, "/v3/oms/update"+corp, `{"type":"person","data":[{"userId":"u1","account":"z","realName":"张三","orgSource":1}]}`).Errno)
	d, p := srv.Departments()[0], srv.People()[0]
	assert.Equal(t, aiguanhuai.StatusDisabled, d.Status, "默认:11")
	assert.Equal(t, "市场部", d.DepartmentName)
	assert.Equal(t, aiguanhuai.Set("d0"), d.ParentID, "what did not come stays")
	assert.Equal(t, aiguanhuai.StatusDisabled, p.Status)
	assert.Equal(t, 1, p.OrgSource)
	assert.Equal(t, aiguanhuai.Set("13800000001"), p.Mobile)
}

func TestCompletingAnEmptyTaskRemovesEverybody(t *testing.T) {
	t.Parallel()
	srv := inMemory(t)
	require.Zero(t, post(t, srv, "/v3/oms/update"+corp, person).Errno)
	task := get(t, srv, "/v3/oms/add-prepare"+corp).Body.TaskID
	require.Zero(t, get(t, srv, "/v3/oms/add-complete"+corp+"&taskId="+task).Errno)
	assert.Empty(t, srv.People())
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	with := func(old, changed string) string { return strings.Replace(person, old, changed, 1) }
	dept := func(old, changed string) string { return strings.Replace(department, old, changed, 1) }
	many := func(n int) string {
		record := `{"departmentId":"d%d","departmentName":"部门"},`
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, record, i)
		}
		return `{"type":"department","data":[` + strings.TrimSuffix(b.String(), ",") + `]}`
	}
	srv := inMemory(t)
	for name, c := range map[string]struct {
		errno int
		body  string
	}{
		"2000 records":              {0, many(2000)},
		"2001 records":              {200008, many(2001)},
		"no data":                   {200009, `{"type":"person","data":[]}`},
		"data left out":             {200009, `{"type":"person"}`},
		"null data":                 {200008, `{"type":"person","data":null}`},
		"data as object":            {200008, `{"type":"person","data":{}}`},
		"empty body":                {200008, ``},
		"form":                      {200008, `type=person`},
		"unknown type":              {200008, dept(`"department"`, `"dept"`)},
		"no type":                   {200008, dept(`"type":"department",`, ``)},
		"unknown top field":         {200008, dept(`"type"`, `"x":1,"type"`)},
		"unknown field":             {200008, with(`"mobile"`, `"phone"`)},
		"letter case":               {200008, with(`"userId"`, `"userid"`)},
		"field twice":               {200008, with(`"status"`, `"status":1,"status"`)},
		"person as department":      {200008, with(`"person"`, `"department"`)},
		"null record":               {200008, `{"type":"person","data":[null]}`},
		"text record":               {200008, `{"type":"person","data":["u1"]}`},
		"no userId":                 {200008, with(`"userId":"u1",`, ``)},
		"number as userId":          {200008, with(`"u1"`, `1`)},
		"empty account":             {200008, with(`"zhangsan"`, `""`)},
		"blank realName":            {200008, with(`"张三"`, `" "`)},
		"gender 3":                  {200008, with(`"gender":2`, `"gender":3`)},
		"gender as text":            {200008, with(`"gender":2`, `"gender":"2"`)},
		"null email":                {200008, with(`"zhangsan@example.com"`, `null`)},
		"status 2":                  {200008, with(`"status":12`, `"status":2`)},
		"status 0":                  {200008, with(`"status":12`, `"status":0`)},
		"status as text":            {200008, with(`"status":12`, `"status":"1"`)},
		"departmentId as text":      {200008, with(`["d1"]`, `"d1"`)},
		"departmentId of numbers":   {200008, with(`["d1"]`, `[1]`)},
		"empty departmentId":        {200008, with(`["d1"]`, `[""]`)},
		"no departments":            {0, with(`["d1"]`, `[]`)},
		"date with dashes":          {200008, with(`19871219`, `1987-12-19`)},
		"no such day":               {200008, with(`19871219`, `19870230`)},
		"no orgSource":              {200008, with(`,"orgSource":11`, ``)},
		"orgSource 2":               {200008, with(`"orgSource":11`, `"orgSource":2`)},
		"orgSource of the sample":   {0, with(`"orgSource":11`, `"orgSource":1`)},
		"no departmentId":           {200008, dept(`"departmentId":"d1",`, ``)},
		"no departmentName":         {200008, dept(`"departmentName":"销售部",`, ``)},
		"retired department":        {200008, dept(`"status":1`, `"status":12`)},
		"text behind the data":      {200008, department + `x`},
		"the sample with a comment": {200008, strings.Replace(person, `,"account"`, "//人员id\n,\"account\"", 1)},
	} {
		got := post(t, srv, "/v3/oms/update"+corp, c.body)
		assert.Equal(t, c.errno, got.Errno, "%s: %s", name, got.Error)
		for _, value := range []string{"13800000001", "zhangsan", "张三", "1987"} {
			assert.NotContains(t, got.Error, value, name)
		}
	}
	form := call(t, srv, http.MethodPost, "/v3/oms/update"+corp, "application/x-www-form-urlencoded", person)
	assert.Equal(t, 200008, form.Errno)
}

func TestParameters(t *testing.T) {
	t.Parallel()
	srv := inMemory(t, aiguanhuaitest.WithCorpID("corp-9"), aiguanhuaitest.WithPartnerID("partner-1"),
		aiguanhuaitest.WithVerifier(func(r *http.Request, body []byte) bool {
			return r.Header.Get("X-Length") == "" || r.Header.Get("X-Length") == strconv.Itoa(len(body)) || r.URL.Query().Has("sig")
		}))
	for query, errno := range map[string]int{
		"?corpId=corp-9&partnerId=partner-1":               0,
		"?corpId=corp-9&partnerId=partner-1&nonce=x":       0, // 公用参数 nobody knows of
		"?corpId=corp-9":                                   200004,
		"?corpId=corp-9&partnerId=partner-2":               200004,
		"?partnerId=partner-1":                             200005,
		"?corpId=corp-1&partnerId=partner-1":               200005,
		"?corpId=corp-9&corpId=corp-9&partnerId=partner-1": 200005,
	} {
		assert.Equal(t, errno, get(t, srv, "/v3/oms/add-prepare"+query).Errno, query)
	}
	assert.Equal(t, aiguanhuai.Config{BaseURL: srv.URL(), CorpID: "corp-9", Query: map[string][]string{"partnerId": {"partner-1"}}}, srv.Config())

	picky := inMemory(t, aiguanhuaitest.WithVerifier(func(_ *http.Request, body []byte) bool { return len(body) == 0 }))
	assert.Zero(t, get(t, picky, "/v3/oms/add-prepare"+corp).Errno)
	assert.Equal(t, 200003, post(t, picky, "/v3/oms/update"+corp, person).Errno)
}

func TestTaskParameter(t *testing.T) {
	t.Parallel()
	srv := inMemory(t)
	task := get(t, srv, "/v3/oms/add-prepare"+corp).Body.TaskID
	for query, errno := range map[string]int{
		"&taskId=" + task:                     0,
		"":                                    200006,
		"&taskId=task-99":                     200006,
		"&task_id=" + task:                    200006, // the sentence's name, not the table's
		"&taskId=" + task + "&taskId=" + task: 200006,
	} {
		assert.Equal(t, errno, post(t, srv, "/v3/oms/add"+corp+query, person).Errno, query)
	}
	assert.Equal(t, 200006, get(t, srv, "/v3/oms/add-complete"+corp).Errno)
	assert.Equal(t, 200008, post(t, srv, "/v3/oms/add"+corp+"&taskId="+task, `{}x`).Errno)
}

func TestMethodsAndPaths(t *testing.T) {
	t.Parallel()
	srv := inMemory(t)
	assert.Equal(t, http.StatusMethodNotAllowed, post(t, srv, "/v3/oms/add-prepare"+corp, "").status)
	assert.Equal(t, http.StatusMethodNotAllowed, post(t, srv, "/v3/oms/add-complete"+corp, "").status)
	assert.Equal(t, http.StatusMethodNotAllowed, get(t, srv, "/v3/oms/add"+corp).status)
	assert.Equal(t, http.StatusMethodNotAllowed, get(t, srv, "/v3/oms/update"+corp).status)
	assert.Equal(t, http.StatusNotFound, get(t, srv, "/v3/oms/delete"+corp).status)
}

func TestFaults(t *testing.T) {
	t.Parallel()
	srv := inMemory(t)
	srv.SetLatency(time.Microsecond)
	update := func() answer { return post(t, srv, "/v3/oms/update"+corp, person) }

	srv.Inject(aiguanhuaitest.SystemError().On(aiguanhuaitest.OpUpdate), aiguanhuaitest.Refuse(200003), aiguanhuaitest.Status(503),
		aiguanhuaitest.RateLimited(time.Second), aiguanhuaitest.Body(http.StatusTeapot, "text/plain", "x"))
	assert.Equal(t, answer{status: 200, Errno: 200007, Error: "系统错误"}, update())
	assert.Equal(t, answer{status: 200, Errno: 200003, Error: "签名错误"}, update())
	assert.Equal(t, http.StatusServiceUnavailable, update().status)
	assert.Equal(t, http.StatusTooManyRequests, update().status)
	assert.Equal(t, http.StatusTeapot, update().status)
	assert.Empty(t, srv.Pending())
	assert.Empty(t, srv.People(), "none of them took effect")

	srv.Inject(aiguanhuaitest.MutateBody(func([]byte) []byte { return []byte(`{"errno":1}`) }), aiguanhuaitest.Delay(time.Microsecond))
	assert.Equal(t, 1, update().Errno)
	assert.Len(t, srv.People(), 1)
	assert.Len(t, srv.RequestsTo(aiguanhuaitest.OpUpdate), 6)
	assert.Equal(t, "update", srv.Requests()[0].Op)

	hc := &http.Client{Transport: srv.Transport()}
	for _, fault := range []aiguanhuaitest.Fault{
		aiguanhuaitest.LoseAnswer(), aiguanhuaitest.ResetConnection(), aiguanhuaitest.CutBody(), aiguanhuaitest.TruncateBody(),
		aiguanhuaitest.EmptyBody(), aiguanhuaitest.HTML(),
	} {
		srv.Inject(fault)
		var text []byte
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, srv.URL()+"/v3/oms/add-prepare"+corp, nil)
		require.NoError(t, err)
		resp, err := hc.Do(r)
		if err == nil {
			text, err = io.ReadAll(resp.Body)
			_ = resp.Body.Close()
		}
		assert.True(t, err != nil || !json.Valid(text), fault.String())
	}
	srv.Inject(
		aiguanhuaitest.RateLimitedUntil(time.Now()), aiguanhuaitest.PadBody(9),
		aiguanhuaitest.Respond(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusGone) }),
	)
	assert.Equal(t, http.StatusTooManyRequests, update().status)
	assert.Zero(t, update().Errno)
	assert.Equal(t, http.StatusGone, update().status)
	srv.Inject(aiguanhuaitest.Status(500).Always())
	srv.ClearFaults()
	assert.Zero(t, update().Errno)
}

func TestWhatIsReadCannotChangeWhatIsHeld(t *testing.T) {
	t.Parallel()
	srv := inMemory(t)
	require.Zero(t, post(t, srv, "/v3/oms/update"+corp, person).Errno)
	ids, _ := srv.People()[0].DepartmentID.Get()
	ids[0] = "changed"
	assert.Equal(t, aiguanhuai.Set([]string{"d1"}), srv.People()[0].DepartmentID)
}

func TestRefuse(t *testing.T) {
	t.Parallel()
	srv := inMemory(t)
	srv.Inject(aiguanhuaitest.Refuse(1), aiguanhuaitest.Refuse(200005), aiguanhuaitest.Refuse(200005, "公司已停用"))
	for _, want := range []answer{
		{status: 200, Errno: 1}, // the page does not know it
		{status: 200, Errno: 200005, Error: "公司不存在"},
		{status: 200, Errno: 200005, Error: "公司已停用"},
	} {
		assert.Equal(t, want, get(t, srv, "/v3/oms/add-prepare"+corp))
	}
}
