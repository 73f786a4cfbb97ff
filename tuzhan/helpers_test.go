package tuzhan_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/tuzhan"
	"github.com/orgbridge/orgbridge/tuzhan/tuzhantest"
)

const (
	deptURL     = "https://integrate.rabbitpre.com/api/integrate/dept/batchAdd"
	employeeURL = "https://integrate.rabbitpre.com/api/integrate/channel/employee/batchAdd"
	tokenURL    = "https://integrate.rabbitpre.com/api/open/app/getOrgAccessToken"

	done = `{"code":"200","errorCode":"SUCCESS","msg":"ok","data":{"status":1,"errorData":null,"errorMsg":null}}`
)

// sent is what a fake vendor received.
type sent struct {
	mu     sync.Mutex
	bodies [][]byte
	header []http.Header
}

func (s *sent) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.bodies)
}

// rows returns the data of the i-th request.
func (s *sent) rows(t *testing.T, i int) []map[string]any {
	t.Helper()
	var request struct {
		Data []map[string]any `json:"data"`
	}
	dec := json.NewDecoder(bytes.NewReader(s.bodies[i]))
	dec.UseNumber()
	require.NoError(t, dec.Decode(&request))
	return request.Data
}

// fake returns a client whose calls are answered by answers in turn, the last
// one over and over.
func fake(t testing.TB, config tuzhan.Config, options []tuzhan.Option, answers ...httpmock.Responder) (*tuzhan.Client, *sent) {
	t.Helper()
	s := &sent{}
	respond := func(r *http.Request) (*http.Response, error) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		s.mu.Lock()
		s.bodies = append(s.bodies, body)
		s.header = append(s.header, r.Header)
		answer := answers[min(len(s.bodies), len(answers))-1]
		s.mu.Unlock()
		return answer(r)
	}
	transport := httpmock.NewMockTransport()
	transport.RegisterResponder(http.MethodPost, deptURL, respond)
	transport.RegisterResponder(http.MethodPost, employeeURL, respond)
	transport.RegisterResponder(http.MethodGet, tokenURL, httpmock.NewStringResponder(200, string(testdata(t, "token_response.json"))))
	options = append([]tuzhan.Option{
		tuzhan.WithHTTPClient(&http.Client{Transport: transport}),
		tuzhan.WithRetry(2, time.Millisecond),
	}, options...)
	client, err := tuzhan.New(config, options...)
	require.NoError(t, err)
	return client, s
}

// answering is fake with a static token and 200 answers.
func answering(t testing.TB, bodies ...string) (*tuzhan.Client, *sent) {
	t.Helper()
	var answers []httpmock.Responder
	for _, body := range bodies {
		answers = append(answers, httpmock.NewStringResponder(200, body))
	}
	return fake(t, static(), nil, answers...)
}

func static() tuzhan.Config { return tuzhan.Config{Credentials: tuzhan.AccessToken("test-token")} }

// simulator starts the vendor in memory and a client of it.
func simulator(t testing.TB, parallel int, options ...tuzhan.Option) (*tuzhantest.Server, *tuzhan.Client) {
	t.Helper()
	srv := tuzhantest.NewInMemory()
	t.Cleanup(srv.Close)
	config := srv.Config()
	config.Parallel = parallel
	client, err := tuzhan.New(config, append([]tuzhan.Option{tuzhan.WithHTTPClient(srv.HTTPClient())}, options...)...)
	require.NoError(t, err)
	return srv, client
}

func testdata(t testing.TB, name string) []byte {
	t.Helper()
	body, err := os.ReadFile(filepath.Join("testdata", name))
	require.NoError(t, err)
	return body
}

func department(id, parent string) tuzhan.Department {
	return tuzhan.Department{
		DeptType: tuzhan.DeptTypeExternal, DeptName: "部门" + id, ThirdDeptID: id, ThirdParentID: parent, SerialNum: 1,
	}
}

func departments(n int) []tuzhan.Department {
	list := make([]tuzhan.Department, n)
	for i := range list {
		list[i] = department("D"+strconv.Itoa(i), "")
	}
	return list
}

func employee(id string) tuzhan.Employee {
	return tuzhan.Employee{
		ThirdUserID: id, UserType: tuzhan.UserTypeOfficialAccount, ChannelName: "张三", Phone: "13800000001",
		ThirdDeptID: "D1", RoleKeys: []tuzhan.RoleKey{tuzhan.RoleEmployee},
	}
}

func indexes[T any](items []tuzhan.Item[T]) []int {
	out := []int{}
	for _, item := range items {
		out = append(out, item.Index)
	}
	return out
}

// whole checks that every record is in exactly one list, in order, with its
// index and an error where it belongs.
func whole[T any](t require.TestingT, records []T, result tuzhan.Result[T], err error) {
	seen := make([]int, len(records))
	for name, items := range map[string][]tuzhan.Item[T]{
		"succeeded": result.Succeeded, "failed": result.Failed, "pending": result.Pending, "unsent": result.Unsent,
	} {
		last := -1
		for _, item := range items {
			require.Greater(t, item.Index, last, "%s is in input order", name)
			last = item.Index
			require.Equal(t, records[item.Index], item.Record)
			require.Equal(t, name == "succeeded", item.Err == nil)
			require.Equal(t, name == "pending", errors.Is(item.Err, tuzhan.ErrPending))
			require.Equal(t, name == "unsent", errors.Is(item.Err, tuzhan.ErrNotSent))
			seen[item.Index]++
		}
	}
	for i, n := range seen {
		require.Equal(t, 1, n, "record %d is in exactly one list", i)
	}
	require.Equal(t, len(result.Succeeded) == len(records), err == nil)
	require.Equal(t, result.Err(), err)
}

func ok(body string) httpmock.Responder { return httpmock.NewStringResponder(200, body) }
