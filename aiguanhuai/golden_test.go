package aiguanhuai_test

import (
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/aiguanhuai"
)

// The files in testdata are the samples of the vendor's page, letter by letter,
// except for the person in them, who is invented.

// documented returns a sample as JSON: the page has comments in some.
func documented(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name))
	require.NoError(t, err)
	return regexp.MustCompile(`(?m)//.*$`).ReplaceAllString(string(text), "")
}

// exchange answers one documented call and notes its request.
type exchange struct {
	*http.Request
	body string
}

func expect(t *testing.T, m *httpmock.MockTransport, method, path, sample string) *exchange {
	t.Helper()
	got := new(exchange)
	m.RegisterResponder(method, "https://vendor.example"+path, func(r *http.Request) (*http.Response, error) {
		got.Request = r
		if r.Body != nil {
			b, err := io.ReadAll(r.Body)
			if err != nil {
				return nil, err
			}
			got.body = string(b)
		}
		return httpmock.NewStringResponse(http.StatusOK, sample), nil
	})
	return got
}

func sampleDepartment() aiguanhuai.Department {
	return aiguanhuai.Department{
		DepartmentID:   "14a4ce3b8bccbef610d9b8f4b379e1d3",
		DepartmentName: "华东KM二公司_销售部",
		Status:         aiguanhuai.StatusActive,
		ParentID:       aiguanhuai.Set("148678459d747e2da68843c48b191941"),
	}
}

func samplePerson() aiguanhuai.Person {
	return aiguanhuai.Person{
		UserID:       "124ad449954134f171885724c7fb63a1",
		Account:      "zhangsan",
		RealName:     "张三",
		Gender:       aiguanhuai.Set(aiguanhuai.GenderUnknown),
		Email:        aiguanhuai.Set("zhangsan@example.com"),
		Mobile:       aiguanhuai.Set("13800000001"),
		Status:       aiguanhuai.StatusActive,
		DepartmentID: aiguanhuai.Set([]string{"143a04cf9442271505711864597826f7", "14acf08686cba213270baa94cb7acdce"}),
		Birthday:     aiguanhuai.Set(aiguanhuai.Date{Year: 1987, Month: time.December, Day: 19}),
		JoinDate:     aiguanhuai.Set(aiguanhuai.Date{Year: 2009, Month: time.November, Day: 3}),
		Position:     aiguanhuai.Set("测试"),
		OrgSource:    1, // the sample's; the table demands 11, which is the default
	}
}

func TestDocumentedPrepare(t *testing.T) {
	t.Parallel()
	c, m := mocked(t)
	got := expect(t, m, http.MethodGet, "/v3/oms/add-prepare", documented(t, "add-prepare.answer.json"))
	task, err := c.PrepareTask(t.Context())
	require.NoError(t, err)
	assert.Equal(t, "xxxx", task.ID())
	assert.Equal(t, "corpId=corp-1", got.URL.RawQuery)
	assert.Empty(t, got.body)
	assert.Empty(t, got.Header.Get("Content-Type"))
}

func TestDocumentedAdd(t *testing.T) {
	t.Parallel()
	for name, add := range map[string]func(task *aiguanhuai.Task) error{
		"department": func(task *aiguanhuai.Task) error {
			return task.AddDepartments(t.Context(), []aiguanhuai.Department{sampleDepartment()})
		},
		"person": func(task *aiguanhuai.Task) error {
			return task.AddPeople(t.Context(), []aiguanhuai.Person{samplePerson()})
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, m := mocked(t)
			got := expect(t, m, http.MethodPost, "/v3/oms/add", documented(t, "ok.answer.json"))
			task, err := c.ResumeTask(aiguanhuai.Progress{TaskID: "xxxx"})
			require.NoError(t, err)
			require.NoError(t, add(task))
			// The tables say taskId; the sentence above the first one, "task_id",
			// is not followed.
			assert.Equal(t, "corpId=corp-1&taskId=xxxx", got.URL.RawQuery)
			assert.Equal(t, "application/json", got.Header.Get("Content-Type"))
			assert.JSONEq(t, documented(t, name+".request.jsonc"), got.body)
		})
	}
}

func TestDocumentedComplete(t *testing.T) {
	t.Parallel()
	c, m := mocked(t)
	got := expect(t, m, http.MethodGet, "/v3/oms/add-complete", documented(t, "ok.answer.json"))
	task, err := c.ResumeTask(aiguanhuai.Progress{TaskID: "xxxx", Departments: 1, People: 1})
	require.NoError(t, err)
	require.NoError(t, task.Complete(t.Context()))
	assert.Equal(t, "corpId=corp-1&taskId=xxxx", got.URL.RawQuery)
	assert.Empty(t, got.body)
}

func TestDocumentedUpdate(t *testing.T) {
	t.Parallel()
	c, m := mocked(t)
	got := expect(t, m, http.MethodPost, "/v3/oms/update", documented(t, "ok.answer.json"))

	_, err := c.UpdateDepartments(t.Context(), []aiguanhuai.Department{sampleDepartment()})
	require.NoError(t, err)
	assert.JSONEq(t, documented(t, "department.request.jsonc"), got.body)
	assert.Equal(t, "corpId=corp-1", got.URL.RawQuery)

	_, err = c.UpdatePeople(t.Context(), []aiguanhuai.Person{samplePerson()})
	require.NoError(t, err)
	assert.JSONEq(t, documented(t, "person.request.jsonc"), got.body)
}

func TestTableWinsOverSample(t *testing.T) {
	t.Parallel()
	c, m := mocked(t)
	got := expect(t, m, http.MethodPost, "/v3/oms/update", okAnswer)
	_, err := c.UpdatePeople(t.Context(), []aiguanhuai.Person{person("u1")})
	require.NoError(t, err)
	// orgSource 固定值 11, and status although the table calls it optional.
	assert.JSONEq(t, `{"type":"person","data":[
		{"userId":"u1","account":"account-u1","realName":"张三","status":1,"orgSource":11}]}`, got.body)
}
