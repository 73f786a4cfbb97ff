package aiguanhuai_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/aiguanhuai"
	"github.com/orgbridge/orgbridge/aiguanhuai/aiguanhuaitest"
)

func TestNewReportsEverythingAtOnce(t *testing.T) {
	t.Parallel()
	_, err := aiguanhuai.New(
		aiguanhuai.Config{
			Query:  url.Values{"corpId": {"x"}, "taskId": {"y"}},
			Signer: aiguanhuai.SignerFunc(nil),
		},
		aiguanhuai.WithRetry(0, time.Second), aiguanhuai.WithLimiter(nil), aiguanhuai.WithLogger(nil),
		aiguanhuai.WithHook(nil), aiguanhuai.WithClock(nil), aiguanhuai.WithHTTPClient(nil), nil,
	)
	require.ErrorIs(t, err, aiguanhuai.ErrInvalid)
	for _, field := range []string{
		"BaseURL is empty", "CorpID is required", "holds corpId", "holds taskId", "Signer is a nil",
		"WithRetry", "WithLimiter", "WithLogger", "WithHook", "WithClock", "WithHTTPClient", "Option is nil",
	} {
		assert.ErrorContains(t, err, field)
	}
}

func TestBlankIsNoCorpID(t *testing.T) {
	t.Parallel()
	_, err := aiguanhuai.New(aiguanhuai.Config{BaseURL: "https://vendor.example", CorpID: " \n"})
	requireFieldError(t, err, "CorpID")
}

func TestConfigIsCopied(t *testing.T) {
	t.Parallel()
	srv := aiguanhuaitest.NewInMemory(aiguanhuaitest.WithPartnerID("partner-1"))
	defer srv.Close()
	config := srv.Config()
	c, err := aiguanhuai.New(config,
		aiguanhuai.WithHTTPClient(srv.HTTPClient()), aiguanhuai.WithHeader(http.Header{"X-Gateway": {"g"}}))
	require.NoError(t, err)
	config.Query.Set("partnerId", "partner-2")
	_, err = c.PrepareTask(t.Context())
	require.NoError(t, err)
	got := srv.Requests()[0]
	assert.Equal(t, "g", got.Header.Get("X-Gateway"))
	assert.Equal(t, url.Values{"corpId": {srv.Config().CorpID}, "partnerId": {"partner-1"}}, got.Query)
}

func TestConfigPrintsNamesOfTheQueryOnly(t *testing.T) {
	t.Parallel()
	config := aiguanhuai.Config{CorpID: "corp-1", Query: url.Values{"partnerId": {"p"}}}
	assert.Equal(t, "aiguanhuai.Config{corpId=corp-1 query=[partnerId] signer=false}", fmt.Sprintf("%+v", config))
	b, err := json.Marshal(config)
	require.NoError(t, err)
	assert.JSONEq(t, `{"corpId":"corp-1","query":["partnerId"],"signer":false}`, string(b))
	c, err := aiguanhuai.New(aiguanhuai.Config{BaseURL: "https://vendor.example", CorpID: "corp-1"})
	require.NoError(t, err)
	assert.Equal(t, "aiguanhuai.Client{corpId=corp-1}", fmt.Sprint(c))
}

func TestSignerSeesEveryAttempt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := aiguanhuaitest.NewInMemory(aiguanhuaitest.WithVerifier(func(r *http.Request, body []byte) bool {
			return r.URL.Query().Get("sig") == fmt.Sprintf("%s %s %d", r.Method, r.URL.Path, len(body)) &&
				r.Header.Get("X-Stamp") != ""
		}))
		defer srv.Close()
		config := srv.Config()
		stamps := 0
		config.Signer = aiguanhuai.SignerFunc(func(_ context.Context, r *aiguanhuai.SignRequest) error {
			stamps++
			r.Query.Add("sig", fmt.Sprintf("%s %s %d", r.Method, r.Path, len(r.Body)))
			r.Header.Add("X-Stamp", strconv.Itoa(stamps))
			clear(r.Body) // a copy: nothing is lost
			return nil
		})
		c, err := aiguanhuai.New(config, aiguanhuai.WithHTTPClient(srv.HTTPClient()))
		require.NoError(t, err)
		srv.Inject(aiguanhuaitest.SystemError().Times(2))
		_, err = c.UpdatePeople(t.Context(), people(1))
		require.NoError(t, err)
		require.Len(t, srv.Requests(), 3)
		for i, r := range srv.Requests() {
			assert.Equal(t, []string{strconv.Itoa(i + 1)}, r.Header["X-Stamp"], "not added to the last attempt's")
			assert.Len(t, r.Query["sig"], 1)
		}
		assert.Len(t, srv.People(), 1)
	})
}

// TestSignerCannotSpoilOtherCalls: whatever it does to its copies.
func TestSignerCannotSpoilOtherCalls(t *testing.T) {
	t.Parallel()
	srv := aiguanhuaitest.NewInMemory(aiguanhuaitest.WithPartnerID("partner-1"))
	defer srv.Close()
	config := srv.Config()
	config.Signer = aiguanhuai.SignerFunc(func(_ context.Context, r *aiguanhuai.SignRequest) error {
		if assert.Equal(t, []string{"partner-1"}, r.Query["partnerId"]) {
			r.Query["partnerId"][0] = "spoilt"
		}
		if assert.Equal(t, []string{"g"}, r.Header["X-Gateway"]) {
			r.Header["X-Gateway"][0] = "spoilt"
		}
		return nil
	})
	c, err := aiguanhuai.New(config, aiguanhuai.WithHTTPClient(srv.HTTPClient()), aiguanhuai.WithHeader(http.Header{"X-Gateway": {"g"}}))
	require.NoError(t, err)
	for range 2 {
		_, err = c.PrepareTask(t.Context())
		require.ErrorIs(t, err, aiguanhuai.ErrPartnerNotFound)
	}
}

func TestTaskParameterStaysWithTheTask(t *testing.T) {
	t.Parallel()
	srv, c := simulated(t)
	task := prepared(t, c)
	require.NoError(t, task.AddPeople(t.Context(), people(1)))
	require.NoError(t, task.Complete(t.Context()))
	_, err := c.UpdatePeople(t.Context(), people(1))
	require.NoError(t, err)
	for _, r := range srv.Requests() {
		toTask := r.Op == aiguanhuaitest.OpAdd || r.Op == aiguanhuaitest.OpComplete
		assert.Equal(t, toTask, r.Query.Has("taskId"), r.Op)
	}
}

func TestSignerCannotMisdirect(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"corpId", "taskId"} {
		srv := aiguanhuaitest.NewInMemory()
		defer srv.Close()
		config := srv.Config()
		config.Signer = aiguanhuai.SignerFunc(func(_ context.Context, r *aiguanhuai.SignRequest) error {
			r.Query.Set(name, "another")
			return nil
		})
		c, err := aiguanhuai.New(config, aiguanhuai.WithHTTPClient(srv.HTTPClient()))
		require.NoError(t, err)
		task, err := c.ResumeTask(aiguanhuai.Progress{TaskID: "task-1"})
		require.NoError(t, err)
		requireFieldError(t, task.AddDepartments(t.Context(), departments(1)), "Signer")
		assert.Zero(t, srv.Count(""))
	}
}

type keyError struct{ key string }

func (e *keyError) Error() string { return "bad key " + e.key }

func TestSignerErrorIsReachableButNotShown(t *testing.T) {
	t.Parallel()
	srv := aiguanhuaitest.NewInMemory()
	defer srv.Close()
	config := srv.Config()
	failure := &keyError{key: "hunter2"}
	fail := false
	config.Signer = aiguanhuai.SignerFunc(func(context.Context, *aiguanhuai.SignRequest) error {
		if fail {
			return failure
		}
		fail = true
		return nil
	})
	c, err := aiguanhuai.New(config, aiguanhuai.WithHTTPClient(srv.HTTPClient()), aiguanhuai.WithRetry(2, time.Millisecond))
	require.NoError(t, err)
	srv.Inject(aiguanhuaitest.LoseAnswer())
	_, err = c.UpdatePeople(t.Context(), people(1))
	require.ErrorIs(t, err, failure)
	var keyErr *keyError
	require.ErrorAs(t, err, &keyErr)
	assert.NotContains(t, err.Error(), "hunter2")
	require.ErrorIs(t, err, aiguanhuai.ErrOutcomeUnknown, "the first attempt did arrive")
	assert.Equal(t, 1, srv.Count(aiguanhuaitest.OpUpdate))
}

func TestSignerErrorCountsAttempts(t *testing.T) {
	t.Parallel()
	for good := range 3 { // signatures before the first failure
		srv := aiguanhuaitest.NewInMemory()
		defer srv.Close()
		config := srv.Config()
		signed := 0
		config.Signer = aiguanhuai.SignerFunc(func(context.Context, *aiguanhuai.SignRequest) error {
			if signed == good {
				return errors.New("no more")
			}
			signed++
			return nil
		})
		c, err := aiguanhuai.New(config, aiguanhuai.WithHTTPClient(srv.HTTPClient()), aiguanhuai.WithRetry(4, time.Microsecond))
		require.NoError(t, err)
		srv.Inject(aiguanhuaitest.SystemError().Always())
		_, err = c.PrepareTask(t.Context())
		var e *aiguanhuai.Error
		require.ErrorAs(t, err, &e)
		assert.Equal(t, good, e.Attempts)
		assert.Equal(t, "add-prepare", e.Op)
		assert.Equal(t, good, srv.Count(""))
	}
}

// answered makes one call against one answer.
func answered(t testing.TB, body string) error {
	t.Helper()
	c, m := mocked(t)
	m.RegisterResponder(http.MethodPost, "https://vendor.example/v3/oms/update", httpmock.NewStringResponder(http.StatusOK, body))
	_, err := c.UpdatePeople(t.Context(), people(1))
	return err
}

func TestErrno(t *testing.T) {
	t.Parallel()
	for _, success := range []string{`{"errno":0}`, `{"errno":"0"}`, `{"errno":0,"error":null,"body":[1]}`, `{"errno":0.0}`} {
		require.NoError(t, answered(t, success), success)
	}
	for _, malformed := range []string{
		`{}`, `{"errno":null}`, `{"errno":""}`, `{"error":"","body":{}}`, `{"errno":"ok"}`, `{"errno":false}`, `{"errno":{}}`, `[]`, `0`,
	} {
		err := answered(t, malformed)
		require.ErrorIs(t, err, aiguanhuai.ErrMalformed, malformed)
		require.ErrorIs(t, err, aiguanhuai.ErrOutcomeUnknown, malformed)
	}
	for _, refusal := range []string{
		`{"errno":200005,"error":"公司不存在"}`, `{"errno":"200005","error":"公司不存在","body":null}`,
		`{"errno":200005,"error":{"text":"x"},"body":"x"}`, `{"errno":200005}`,
	} {
		err := answered(t, refusal)
		require.ErrorIs(t, err, aiguanhuai.ErrCorpNotFound, refusal)
		require.NotErrorIs(t, err, aiguanhuai.ErrOutcomeUnknown, refusal)
	}
}

// Whatever is odd about an answer, it is not taken for a success that it does not state.
func TestOddAnswers(t *testing.T) {
	t.Parallel()
	for _, success := range []string{
		"\ufeff" + `{"errno":0}`, `{"Errno":200005,"errno":0,"ERRNO":1}`, `{"errno":0,"x":1,"x":2}`, `{"errno":0,"error":"\ud842"}`,
		`{"errno":0e2}`, ` { "errno" : "0" } `,
	} {
		require.NoError(t, answered(t, success), success)
	}
	for malformed, field := range map[string]string{
		`{"errno":200005,"errno":0}`:                   "errno",
		`{"errno":0,"\u0065rrno":0}`:                   "errno",
		`{"errno":0,"error":"","error":""}`:            "error",
		`{"errno":0,"body":null,"body":null}`:          "body",
		`{"Errno":0}`:                                  "errno",
		`{"errno":0.5}`:                                "errno",
		`{"errno":18446744073709551616}`:               "errno",
		`{"errno":0} {"errno":0}`:                      "",
		`{"errno":0,}`:                                 "",
		"{\"errno\":0,\"error\":\"\xb3\xc9\xb9\xa6\"}": "",
	} {
		err := answered(t, malformed)
		require.ErrorIs(t, err, aiguanhuai.ErrMalformed, malformed)
		require.ErrorIs(t, err, aiguanhuai.ErrOutcomeUnknown, malformed)
		if field != "" {
			require.ErrorContains(t, err, `"`+field+`"`)
		}
	}
	for _, refusal := range []string{
		`{"errno":200005,"Errno":0}`, `{"errno":200005,"error":"\ud842"}`, `{"errno":"2.00005e5","error":[]}`,
		`{"errno":200005.0,"error":"公司不存在","body":{"taskId":{}}}`,
	} {
		require.ErrorIs(t, answered(t, refusal), aiguanhuai.ErrCorpNotFound, refusal)
	}
}

func TestOddTasks(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		`{"taskId":"t 1"}`: "t 1", `{"taskId":9.1E4}`: "91000", `{"taskId":17,"taskID":"x","TaskId":null}`: "17",
		`{"taskId":"\u5f20"}`: "张",
		`null`:                "", `{}`: "", `{"taskId":null}`: "", `{"taskId":""}`: "", `[]`: "", `"t"`: "", `{"taskId":{}}`: "",
		`{"taskId":"a","taskId":"b"}`: "", `{"taskId":"\ud842"}`: "", `{"taskId":1.5}`: "", `{"TaskId":"t"}`: "",
	} {
		c, m := mocked(t)
		m.RegisterResponder(http.MethodGet, "https://vendor.example/v3/oms/add-prepare",
			httpmock.NewStringResponder(http.StatusOK, `{"errno":0,"error":"","body":`+body+`}`))
		task, err := c.PrepareTask(t.Context())
		if want == "" {
			require.ErrorIs(t, err, aiguanhuai.ErrMalformed, body)
			require.ErrorContains(t, err, `"body.taskId"`, body)
			continue
		}
		require.NoError(t, err, body)
		assert.Equal(t, want, task.ID())
	}
}

func TestSentinels(t *testing.T) {
	t.Parallel()
	kinds := map[int]error{
		200003: aiguanhuai.ErrSignature,
		200004: aiguanhuai.ErrPartnerNotFound,
		200005: aiguanhuai.ErrCorpNotFound,
		200006: aiguanhuai.ErrTaskNotFound,
		200008: aiguanhuai.ErrDataFormat,
		200009: aiguanhuai.ErrDataEmpty,
	}
	for errno := range kinds {
		srv, c := simulated(t)
		srv.Inject(aiguanhuaitest.Refuse(errno))
		_, err := c.PrepareTask(t.Context())
		for other, kind := range kinds {
			assert.Equal(t, other == errno, errors.Is(err, kind), "%d is %v", errno, kind)
		}
		var e *aiguanhuai.Error
		require.ErrorAs(t, err, &e)
		assert.Equal(t, strconv.Itoa(errno), e.Code)
		assert.NotEmpty(t, e.Message)
		assert.Equal(t, 1, srv.Count(""), "refusals are not repeated")
		assert.Contains(t, fmt.Sprint(e.LogValue()), e.Code)
	}
}

func TestSystemErrorIsRepeatedWithinHTTP200(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv, c := simulated(t)
		srv.Inject(aiguanhuaitest.SystemError().Times(3))
		task, err := c.PrepareTask(t.Context())
		require.NoError(t, err)
		assert.Equal(t, "task-1", task.ID())
		assert.Equal(t, 4, srv.Count(aiguanhuaitest.OpPrepare))

		srv.Inject(aiguanhuaitest.SystemError().Always())
		_, err = c.UpdatePeople(t.Context(), people(1))
		require.ErrorIs(t, err, aiguanhuai.ErrSystem)
		require.NotErrorIs(t, err, aiguanhuai.ErrOutcomeUnknown, "the vendor said no")
		assert.Equal(t, 6, srv.Count(aiguanhuaitest.OpUpdate))
	})
}

func TestThrottledCallWaits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv, c := simulated(t)
		srv.Inject(aiguanhuaitest.RateLimited(7 * time.Second))
		start := time.Now()
		_, err := c.UpdatePeople(t.Context(), people(1))
		require.NoError(t, err)
		assert.Equal(t, 7*time.Second, time.Since(start))
	})
}

func TestTaskIDIsTextOrNumber(t *testing.T) {
	t.Parallel()
	for answer, want := range map[string]string{
		`{"errno":0,"body":{"taskId":"t-1"}}`:              "t-1",
		`{"errno":0,"body":{"taskId":900719925474099301}}`: "900719925474099301",
		`{"errno":0,"body":{"taskId":""}}`:                 "",
		`{"errno":0,"body":{"taskId":null}}`:               "",
		`{"errno":0,"body":{"task_id":"t-1"}}`:             "",
		`{"errno":0,"body":null}`:                          "",
		`{"errno":0}`:                                      "",
		`{"errno":0,"body":"t-1"}`:                         "",
		`{"errno":0,"body":{"taskId":{}}}`:                 "",
	} {
		c, m := mocked(t)
		m.RegisterResponder(http.MethodGet, "https://vendor.example/v3/oms/add-prepare", httpmock.NewStringResponder(http.StatusOK, answer))
		task, err := c.PrepareTask(t.Context())
		if want == "" {
			require.ErrorIs(t, err, aiguanhuai.ErrMalformed, answer)
			assert.Nil(t, task)
			continue
		}
		require.NoError(t, err, answer)
		assert.Equal(t, want, task.ID())
	}
}

func FuzzAnswer(f *testing.F) {
	for _, seed := range []string{okAnswer, `{"errno":"0","body":{"taskId":1}}`, `{"errno":200007,"error":"系统错误"}`, `{`, `<html>`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, answer []byte) {
		m := httpmock.NewMockTransport()
		m.RegisterResponder(http.MethodGet, "https://vendor.example/v3/oms/add-prepare", httpmock.NewBytesResponder(http.StatusOK, answer))
		c, err := aiguanhuai.New(aiguanhuai.Config{BaseURL: "https://vendor.example", CorpID: "corp-1"},
			aiguanhuai.WithHTTPClient(&http.Client{Transport: m}), aiguanhuai.WithRetry(1, time.Second))
		require.NoError(t, err)
		task, err := c.PrepareTask(t.Context())
		if err == nil {
			assert.NotEmpty(t, task.ID(), "success is never without a task")
			return
		}
		var e *aiguanhuai.Error
		require.ErrorAs(t, err, &e)
		assert.True(t, e.Code != "" || e.Err != nil)
	})
}
