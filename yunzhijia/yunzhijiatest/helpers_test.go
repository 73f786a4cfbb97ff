package yunzhijiatest_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/yunzhijia/yunzhijiatest"
)

const (
	token    = "/gateway/oauth2/token/getAccessToken"
	people   = "/gateway/opendata-control/data/"
	partners = "/gateway/opendata-control/partner/"
	form     = "application/x-www-form-urlencoded"
)

// envelope is an answer, read without any help of package yunzhijia.
type envelope struct {
	Success   *bool
	Error     *string
	ErrorCode *int
	Data      json.RawMessage
	status    int
}

func start(t *testing.T, options ...yunzhijiatest.Option) *yunzhijiatest.Server {
	t.Helper()
	srv := yunzhijiatest.NewInMemory(options...)
	t.Cleanup(srv.Close)
	return srv
}

func send(t *testing.T, srv *yunzhijiatest.Server, method, path, contentType, body string) envelope {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, srv.URL()+path, strings.NewReader(body))
	require.NoError(t, err)
	req.Header.Set("Content-Type", contentType)
	resp, err := srv.HTTPClient().Do(req)
	require.NoError(t, err)
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	e := envelope{status: resp.StatusCode}
	if resp.StatusCode == http.StatusOK {
		require.NoError(t, json.Unmarshal(b, &e))
		require.NotNil(t, e.Success)
		require.NotNil(t, e.ErrorCode)
	}
	return e
}

func tokenRequest(at time.Time) map[string]any {
	return map[string]any{
		"appId": "500000001", "secret": "simulator-app-secret", "timestamp": at.UnixMilli(), "scope": "app",
	}
}

type tokenData struct {
	AccessToken, RefreshToken string
	ExpireIn                  int
}

func askToken(t *testing.T, srv *yunzhijiatest.Server, request map[string]any) (tokenData, envelope) {
	t.Helper()
	body, err := json.Marshal(request)
	require.NoError(t, err)
	e := send(t, srv, http.MethodPost, token, "application/json", string(body))
	var data tokenData
	if *e.Success {
		require.NoError(t, json.Unmarshal(e.Data, &data))
	}
	return data, e
}

// ask calls an operation with a good token and eid, and these parameters.
func ask(t *testing.T, srv *yunzhijiatest.Server, path string, params ...string) envelope {
	t.Helper()
	data, _ := askToken(t, srv, tokenRequest(time.Now()))
	values := url.Values{"eid": {"10001"}}
	for i := 0; i < len(params); i += 2 {
		values.Set(params[i], params[i+1])
	}
	return send(t, srv, http.MethodPost, path+"?accessToken="+data.AccessToken, form, values.Encode())
}

// must returns the data of a success.
func must(t *testing.T, e envelope) string {
	t.Helper()
	require.True(t, *e.Success, "refused")
	require.Nil(t, e.Error)
	require.Equal(t, 100, *e.ErrorCode)
	return string(e.Data)
}

func requireRefused(t *testing.T, e envelope, message string) {
	t.Helper()
	require.Equal(t, http.StatusOK, e.status, "refusals come with HTTP 200")
	require.False(t, *e.Success)
	require.NotNil(t, e.Error)
	require.Contains(t, *e.Error, message)
	require.NotContains(t, []int{0, 100}, *e.ErrorCode)
	require.Equal(t, "null", string(e.Data))
}
