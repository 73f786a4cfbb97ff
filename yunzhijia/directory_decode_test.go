package yunzhijia_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/internal/kernel"
	"github.com/orgbridge/orgbridge/internal/wire"
	"github.com/orgbridge/orgbridge/yunzhijia"
)

// directoryPage returns an answer of person/getall with so many invented people.
func directoryPage(n int) []byte {
	rows := make([]string, n)
	for i := range rows {
		rows[i] = fmt.Sprintf(`{"openId":"6f1d2c3b4a59687786%06d","uid":"9%08d","name":"李示例","gender":"2","phone":"139%08d",`+
			`"isHidePhone":"0","email":"p%05d@example.com","jobNo":"E%05d","jobTitle":"开发工程师,评审员",`+
			`"orgId":"0a1b2c3d-1111-4222-8333-%012d","department":"研发中心\\平台部","orgUserType":"0","weights":"0",`+
			`"birthday":"1990-05-17","hireDate":"2019-03-01","positiveDate":"2019-06-01","staffType":"IN_STAFF","status":"1",`+
			`"photoUrl":"http://static.example/photo?id=%d","contact":"[{\"name\":\"短号\",\"type\":\"O\",\"value\":\"6001\"}]"}`,
			i, i, i, i, i, i%50, i)
	}
	return []byte(`{"success":true,"error":"","errorCode":100,"data":[` + strings.Join(rows, ",") + `]}`)
}

// A page of a thousand people takes few allocations.
func TestDirectoryDecodeAllocations(t *testing.T) { //nolint:paralleltest // counts allocations
	body := directoryPage(1000)
	got := testing.AllocsPerRun(10, func() {
		if rows, err := yunzhijia.DecodeDirectoryPersons(body); err != nil || len(rows) != 1000 {
			t.Fatal("not decoded")
		}
	})
	assert.LessOrEqual(t, got, 40.0)
}

// BenchmarkDecodeDirectoryRatio compares a page with the same work of encoding/json. The
// two take turns, and of each the fastest round counts.
func BenchmarkDecodeDirectoryRatio(b *testing.B) {
	body := directoryPage(1000)
	var answer struct{ Data []yunzhijia.DirectoryPerson }
	rounds := []func() bool{
		func() bool {
			rows, err := yunzhijia.DecodeDirectoryPersons(body)
			return err == nil && len(rows) == 1000
		},
		func() bool { answer.Data = nil; return json.Unmarshal(body, &answer) == nil },
	}
	var fastest [2]time.Duration
	b.ReportAllocs()
	for b.Loop() {
		for i, round := range rounds {
			started := time.Now()
			if !round() {
				b.Fatal("not decoded")
			}
			if taken := time.Since(started); fastest[i] == 0 || taken < fastest[i] {
				fastest[i] = taken
			}
		}
	}
	b.ReportMetric(float64(fastest[0])/float64(fastest[1]), "ratio-to-unmarshal")
}

// FuzzDecodeDirectory feeds answers to the reader of people: it returns rows, a refusal or
// a decoding error.
func FuzzDecodeDirectory(f *testing.F) {
	for _, seed := range []string{
		string(directoryPage(2)), `{"success":true,"data":null}`, `{"success":true,"data":[{"contact":[{"type":"P"}]}]}`,
		`{"success":true,"data":[{"openId":"a","openId":"b"},{"weights":1e400}]}`, `{"success":false,"error":"参数为空"}`, `<html>`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		rows, err := yunzhijia.DecodeDirectoryPersons(body)
		for _, p := range rows {
			p.Contacts()
		}
		if err == nil {
			return
		}
		_, refused := errors.AsType[*kernel.Rejection](err)
		_, unreadable := errors.AsType[*wire.DecodeError](err)
		_, row := errors.AsType[*yunzhijia.RowError](err)
		assert.True(t, refused || unreadable || row, "%T", err)
	})
}

func TestDirectoryTolerance(t *testing.T) {
	t.Parallel()
	for data, want := range map[string][]yunzhijia.DirectoryPerson{
		`,"data":null`: nil,
		`,"data":[]`:   nil,
		`,"data":[{"openId":7,"status":1,"weights":10,"isHidePhone":true}]`: {{OpenID: "7", Status: "1", Weights: "10", IsHidePhone: "true"}},
		`,"data":[{"openId":"a","contact":[{"type":"P"}],"shoeSize":43}]`:   {{OpenID: "a", Contact: `[{"type":"P"}]`}},
		`,"data":[{"openId":"a","birthday":null,"contact":null}]`:           {{OpenID: "a"}},
	} {
		people, err := directoryAnswering(t, data).ListDirectoryPersons(t.Context(), yunzhijia.PageRequest{})
		require.NoError(t, err, data)
		assert.Equal(t, want, people, data)
	}
	_, err := directoryAnswering(t, ``).ListDirectoryPersons(t.Context(), yunzhijia.PageRequest{})
	require.ErrorIs(t, err, yunzhijia.ErrMalformed, "an answer without data is no empty list")

	// One row that cannot be read spoils no other.
	people, err := directoryAnswering(t, `,"data":[{"openId":"a"},{"openId":"b","name":[]},null,{"openId":"c"}]`).
		ListDirectoryPersons(t.Context(), yunzhijia.PageRequest{})
	require.ErrorIs(t, err, yunzhijia.ErrMalformed)
	assert.Equal(t, []yunzhijia.DirectoryPerson{{OpenID: "a"}, {OpenID: "c"}}, people)

	orgs, err := directoryAnswering(t, `,"data":[{"id":"a","parentId":null,"weights":"7","businessUnit":"1"},{"id":"b","parentId":"a"}]`).
		ListDirectoryOrgs(t.Context())
	require.NoError(t, err)
	assert.Equal(t, []yunzhijia.DirectoryOrg{{ID: "a", Weights: 7, BusinessUnit: true}, {ID: "b", ParentID: "a"}}, orgs)

	jobs, err := directoryAnswering(t, `,"data":[{"openId":"a","masterInfo":null,"slaveInfos":null}]`).ListPersonJobs(t.Context(), []string{"a"})
	require.NoError(t, err)
	assert.Equal(t, []yunzhijia.PersonJobs{{OpenID: "a"}}, jobs)
	_, err = directoryAnswering(t, `,"data":[{"openId":"a"}]`).ListPersonJobs(t.Context(), []string{"a"})
	require.ErrorIs(t, err, yunzhijia.ErrMalformed, "side jobs that did not come are not none")
}

// Answers about others say nothing about those who were asked for.
func TestDirectoryForeignRecords(t *testing.T) {
	t.Parallel()
	c := directoryAnswering(t, `,"data":[{"openId":"other","id":"other","slaveInfos":[]}]`)
	_, err := c.GetDirectoryPersons(t.Context(), []string{"a"})
	require.ErrorIs(t, err, yunzhijia.ErrMalformed)
	_, err = c.GetDirectoryOrgs(t.Context(), []string{"a"})
	require.ErrorIs(t, err, yunzhijia.ErrMalformed)
	_, err = c.ListPersonJobs(t.Context(), []string{"a"})
	require.ErrorIs(t, err, yunzhijia.ErrMalformed)
}

func TestContacts(t *testing.T) {
	t.Parallel()
	assert.Equal(t, []yunzhijia.Contact{
		{Name: "邮箱", Type: "E", PublicID: "VIRTUAL", Permission: "R", Value: "li.shili@example.com"},
		{Name: "短号", Type: "O", PublicID: "77aa", Permission: "W", Value: "6001"},
	}, li().Contacts())
	for _, broken := range []string{"", "[]", "[{", "null", "{}", `"x"`} {
		assert.Empty(t, yunzhijia.DirectoryPerson{Contact: broken}.Contacts(), broken)
	}
}

// The one known code has a sentinel; words alone have none.
func TestDirectoryRefusals(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]bool{
		`{"success":false,"errorCode":10000401,"error":"认证失败","data":null}`: true,
		`{"success":false,"errorCode":"10000401","error":"认证失败"}`:           true,
		`{"success":false,"errorCode":500,"error":"鉴权失败","data":[]}`:        false,
	} {
		mock, c := directoryMock(t)
		mock.RegisterNoResponder(func(*http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: readCloser(body)}, nil
		})
		_, err := c.ListDirectoryOrgs(t.Context())
		require.Error(t, err)
		assert.Equal(t, want, errors.Is(err, yunzhijia.ErrWrongKey), body)
		assert.Equal(t, 1, mock.GetTotalCallCount())
	}
}

func TestDirectoryClock(t *testing.T) {
	t.Parallel()
	at := time.Date(2025, 1, 2, 3, 4, 5, 0, time.UTC)
	assert.Equal(t, at, yunzhijia.DirectoryClock(http.Header{"Date": {"Thu, 02 Jan 2025 03:04:05 GMT"}}))
	assert.Equal(t, yunzhijia.Cursor("2025-01-02 11:04:05"), yunzhijia.CursorAt(at, nil), "Beijing")
	for _, none := range []string{"", "yesterday", "2025-01-02 03:04:05"} {
		assert.Zero(t, yunzhijia.DirectoryClock(http.Header{"Date": {none}}))
	}
}
