package simkit_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/internal/simkit"
)

type base struct {
	CorpID string `json:"corpId"`
}

type person struct {
	base
	*extra
	UserID   string            `json:"userId"`
	Age      int               `json:"age,omitempty"`
	Depts    []dept            `json:"depts"`
	Main     *dept             `json:"main"`
	ByID     map[string]dept   `json:"byId"`
	Free     any               `json:"free"`
	Num      json.Number       `json:"num"`
	Since    time.Time         `json:"since"`
	Labels   map[string]string `json:"labels"`
	Plain    bool
	Hidden   string `json:"-"`
	internal string
}

type extra struct {
	Note string `json:"note"`
}

type dept struct {
	DeptID string `json:"deptId"`
}

func TestStrictJSON(t *testing.T) {
	t.Parallel()
	for _, body := range []string{
		`{"userId":"u","corpId":"c","depts":[{"deptId":"d"},{"deptId":"e"}],"main":{"deptId":"d"},"byId":{"A":{"deptId":"x"}}}`,
		`{"free":{"Any":1,"any":[{"x":1}]},"num":12345678901234567890,"since":"2030-01-02T03:04:05Z","labels":{"a":"1","A":"2"},"Plain":true}`,
		`{"depts":null,"main":null}` + " \n",
		`null`, `{}`,
	} {
		require.NoError(t, simkit.StrictJSON([]byte(body), new(person)), body)
	}
	for body, want := range map[string]string{
		``:                             "empty body",
		`{"userId":"13800000001`:       "truncated JSON",
		`{"userId":13800000001`:        "truncated JSON",
		`{"userId":"u"} x`:             "data after the JSON value",
		`{"userId":"u"}{}`:             "data after the JSON value",
		`{"nope":1}`:                   `json: unknown field "nope"`,
		`{"Hidden":"x"}`:               `json: unknown field "Hidden"`,
		`{"internal":"x"}`:             `json: unknown field "internal"`,
		`{"userid":"u"}`:               `unknown field "userid"`,
		`{"CorpId":"u"}`:               `unknown field "CorpId"`,
		`{"plain":true}`:               `unknown field "plain"`,
		`{"depts":[{"deptID":"d"}]}`:   `unknown field "deptID"`,
		`{"byId":{"a":{"DeptId":""}}}`: `unknown field "DeptId"`,
		`{"userId":"u","userId":"v"}`:  `field "userId" comes twice`,
		`{"free":{"a":1,"a":2}}`:       `field "a" comes twice`,
		`{"userId":13800000001}`:       `field "userId": JSON number is not a string`,
		`{"age":13800000001.5}`:        `field "age": JSON number is not a int`,
		`{"since":"13800000001"}`:      "a value has the wrong form",
	} {
		require.EqualError(t, simkit.StrictJSON([]byte(body), new(person)), want, body)
	}
	// Paths, offsets and words that differ between the engines of encoding/json.
	require.Error(t, simkit.StrictJSON([]byte(`{"num":"13800000001x"}`), new(person)))
	require.ErrorContains(t, simkit.StrictJSON([]byte(`{"userId":"u",}`), new(person)), "malformed JSON at byte 1")
	require.ErrorContains(t, simkit.StrictJSON([]byte(`{"byId":{"a":{"DeptId":1}}}`), new(person)), "JSON number is not a string")
	var list []person
	require.EqualError(t, simkit.StrictJSON([]byte(`[{"userId":""},{"USERID":""}]`), &list), `unknown field "USERID"`)
	assert.Empty(t, person{}.internal)
}

func FuzzStrictJSON(f *testing.F) {
	f.Add([]byte(`{"userId":"u","depts":[{"deptId":"d"}],"free":[[{}]]}`))
	f.Add([]byte(`{"userId":"u","userId":1}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		if simkit.StrictJSON(body, new(person)) == nil {
			require.True(t, json.Valid(body))
		}
	})
}

func request(contentType, body string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/?q=1", strings.NewReader(body))
	r.Header.Set("Content-Type", contentType)
	return r
}

func TestForm(t *testing.T) {
	t.Parallel()
	form, err := simkit.Form(request("application/x-www-form-urlencoded; charset=UTF-8", "eid=1&eid=2&n=%E5%BC%A0"))
	require.NoError(t, err)
	assert.Equal(t, map[string][]string{"eid": {"1", "2"}, "n": {"张"}}, map[string][]string(form))

	for _, contentType := range []string{"", "application/json", "multipart/form-data", "application/x-www-form-urlencoded; charset=gbk", "a/b/c"} {
		_, err := simkit.Form(request(contentType, "eid=1"))
		require.ErrorIs(t, err, simkit.ErrContentType, contentType)
	}
	_, err = simkit.Form(request("application/x-www-form-urlencoded", "mobile=%zz13800000001"))
	require.EqualError(t, err, "malformed form")
	r := request("application/x-www-form-urlencoded", "")
	r.Body = &body{Reader: errReader{}}
	_, err = simkit.Form(r)
	require.ErrorIs(t, err, assert.AnError)
}

func TestReadJSON(t *testing.T) {
	t.Parallel()
	var d dept
	require.NoError(t, simkit.ReadJSON(request("application/json;charset=utf-8", `{"deptId":"d"}`), &d))
	assert.Equal(t, dept{"d"}, d)
	require.ErrorIs(t, simkit.ReadJSON(request("text/plain", `{}`), &d), simkit.ErrContentType)
	require.EqualError(t, simkit.ReadJSON(request("application/json", `{"x":1}`), &d), `json: unknown field "x"`)
	r := request("application/json", "")
	r.Body = &body{Reader: errReader{}}
	require.ErrorIs(t, simkit.ReadJSON(r, &d), assert.AnError)
}

func TestWriteJSON(t *testing.T) {
	t.Parallel()
	w := httptest.NewRecorder()
	simkit.WriteJSON(w, http.StatusAccepted, map[string]string{"name": "张三 <a&b>"})
	assert.Equal(t, http.StatusAccepted, w.Code)
	assert.Equal(t, "application/json;charset=UTF-8", w.Header().Get("Content-Type"))
	assert.Equal(t, `{"name":"张三 <a&b>"}`, w.Body.String())

	w = httptest.NewRecorder()
	simkit.WriteJSON(w, http.StatusOK, make(chan int))
	assert.Equal(t, http.StatusInternalServerError, w.Code)
}
