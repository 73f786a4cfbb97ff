package yunzhijia_test

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/internal/kernel"
	"github.com/orgbridge/orgbridge/internal/optest"
	"github.com/orgbridge/orgbridge/yunzhijia"
)

const openimport = "https://www.yunzhijia.com/gateway/openimport/open/"

// directoryMock returns a client with a given token whose requests go to the mock.
func directoryMock(t *testing.T) (*httpmock.MockTransport, *yunzhijia.Client) {
	t.Helper()
	mock := httpmock.NewMockTransport()
	return mock, newClient(t,
		yunzhijia.Config{EID: syncEID, Credentials: yunzhijia.AccessToken("a-given-token")},
		yunzhijia.WithHTTPClient(&http.Client{Transport: mock}))
}

func directoryAnswering(t *testing.T, data string) *yunzhijia.Client {
	t.Helper()
	mock, c := directoryMock(t)
	mock.RegisterNoResponder(httpmock.NewStringResponder(http.StatusOK, `{"success":true,"error":"","errorCode":100`+data+`}`))
	return c
}

// Every sample of the page, the request as well as the answer.
func TestDirectoryGolden(t *testing.T) {
	t.Parallel()
	for name, op := range directoryOperations() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := load(t, name)
			mock, client := directoryMock(t)
			mock.RegisterResponder(http.MethodPost, "https://www.yunzhijia.com"+s.Path,
				func(r *http.Request) (*http.Response, error) {
					assert.Equal(t, "application/x-www-form-urlencoded", r.Header.Get("Content-Type"))
					assert.Equal(t, url.Values{"accessToken": {"a-given-token"}}, r.URL.Query())
					body, err := io.ReadAll(r.Body)
					assert.NoError(t, err)
					form, err := url.ParseQuery(string(body))
					assert.NoError(t, err)
					assert.Equal(t, url.Values{"eid": {s.Form["eid"]}, "data": {s.Form["data"]}}, form)
					return httpmock.NewBytesResponse(http.StatusOK, s.Response), nil
				})
			got, err := op.call(t.Context(), client)
			require.NoError(t, err)
			assert.Equal(t, op.want, got)
			assert.Equal(t, 1, mock.GetTotalCallCount())
		})
	}
}

func TestDirectoryGoldenToken(t *testing.T) {
	t.Parallel()
	s := load(t, "getSyncToken")
	mock := httpmock.NewMockTransport()
	mock.RegisterResponder(http.MethodPost, "https://www.yunzhijia.com"+s.Path,
		func(r *http.Request) (*http.Response, error) {
			assert.Equal(t, "application/json", r.Header.Get("Content-Type"))
			body, err := io.ReadAll(r.Body)
			assert.NoError(t, err)
			assert.JSONEq(t, string(s.Body), string(body))
			return httpmock.NewBytesResponse(http.StatusOK, s.Response), nil
		})
	mock.RegisterResponder(http.MethodPost, openimport+"dept/getall", func(r *http.Request) (*http.Response, error) {
		assert.Equal(t, "accessToken=a1b2c3d4e5f60718293a4b5c6d7e8f90", r.URL.RawQuery)
		return httpmock.NewBytesResponse(http.StatusOK, load(t, "dept/getall").Response), nil
	})
	client := newClient(t,
		yunzhijia.Config{Credentials: yunzhijia.SyncCredentials(syncEID, "0f1e2d3c4b5a69788796a5b4c3d2e1f0")},
		yunzhijia.WithHTTPClient(&http.Client{Transport: mock}),
		yunzhijia.WithClock(func() time.Time { return time.UnixMilli(1735689600000) }))
	assert.Equal(t, syncEID, client.EID(), "the credentials name the team")
	_, err := client.ListDirectoryOrgs(t.Context())
	require.NoError(t, err)
}

func TestDirectorySweep(t *testing.T) {
	t.Parallel()
	s := suite()
	s.Token = func(r *http.Request) (string, bool) {
		return tokenAnswer, strings.HasSuffix(r.URL.Path, "/getAccessToken")
	}
	operations := directoryOperations()
	byPhone := operations["person/get"]
	byPhone.call = func(ctx context.Context, c *yunzhijia.Client) (any, error) {
		return c.GetDirectoryPersonsByPhone(ctx, []string{optest.Mobile})
	}
	canaries := strings.NewReplacer(
		"李示例", optest.Name, "王示例", optest.Name, "周示例", optest.Name, "13900000001", optest.Mobile,
		"137****0002", optest.Mobile, "13900000009", optest.Mobile, "li.shili@example.com", optest.Email)
	add := func(label, name string, op operation) {
		s.Ops = append(s.Ops, optest.Op{
			Name: label, Good: canaries.Replace(string(load(t, name).Response)),
			Call: func(ctx context.Context, options ...kernel.Option) (any, error) {
				c, err := yunzhijia.New(yunzhijia.Config{Credentials: yunzhijia.SyncCredentials(syncEID, optest.Secret)}, options...)
				if err != nil {
					return nil, err
				}
				result, err := op.call(ctx, c)
				return first(result), err
			},
		})
	}
	for name, op := range operations {
		add(name, name, op)
	}
	s.Run(t)
	s.Ops = nil
	add("person/get", "person/get", byPhone)
	t.Run("by phone", s.Run)
}

// A call is not sent with credentials that cannot fit, and a key is for one team.
func TestDirectoryCredentials(t *testing.T) {
	t.Parallel()
	mock := httpmock.NewMockTransport()
	client := func(config yunzhijia.Config) *yunzhijia.Client {
		return newClient(t, config, yunzhijia.WithHTTPClient(&http.Client{Transport: mock}))
	}
	refused := func(err error, field string) {
		t.Helper()
		require.ErrorIs(t, err, yunzhijia.ErrInvalid)
		var f *yunzhijia.FieldError
		require.ErrorAs(t, err, &f)
		require.Equal(t, field, f.Field)
		require.NotContains(t, err.Error(), optest.Secret)
	}
	sync := yunzhijia.SyncCredentials(syncEID, optest.Secret)
	for name, op := range operations() {
		_, err := op.call(t.Context(), client(yunzhijia.Config{EID: syncEID, Credentials: sync}))
		require.Error(t, err, name)
		refused(err, "Credentials")
	}
	for name, op := range directoryOperations() {
		_, err := op.call(t.Context(), client(yunzhijia.Config{EID: syncEID, Credentials: yunzhijia.AppCredentials("5", optest.Secret)}))
		require.Error(t, err, name)
		refused(err, "Credentials")
	}
	_, err := yunzhijia.New(yunzhijia.Config{EID: "2", Credentials: sync})
	refused(err, "EID")
	_, err = client(yunzhijia.Config{EID: syncEID, Credentials: sync}).Team("2")
	refused(err, "EID")
	for _, bad := range []yunzhijia.Credentials{yunzhijia.SyncCredentials("", optest.Secret), yunzhijia.SyncCredentials(syncEID, "")} {
		_, err = yunzhijia.New(yunzhijia.Config{EID: syncEID, Credentials: bad})
		refused(err, "Credentials")
	}
	assert.Zero(t, mock.GetTotalCallCount())
	optest.Silent(t, "SyncCredentials", sync)
}

// What is wrong with the input is said before anything is sent.
func TestDirectoryMisuse(t *testing.T) {
	t.Parallel()
	mock, c := directoryMock(t)
	many := func(n int) []string { return strings.Split(strings.Repeat("x,", n)+"x", ",") }
	ctx := t.Context()
	over := yunzhijia.PageRequest{Count: 1001}
	for field, call := range map[string]func() error{
		"Count":      func() error { _, err := c.ListDirectoryPersons(ctx, over); return err },
		"Begin":      func() error { _, err := c.ListSideJobs(ctx, yunzhijia.PageRequest{Begin: -1}); return err },
		"Since":      func() error { _, err := c.ListChangedOrgs(ctx, "2025-1-1"); return err },
		"openIDs":    func() error { _, err := c.GetDirectoryPersons(ctx, many(100)); return err },
		"openIDs[1]": func() error { _, err := c.ListPersonJobs(ctx, []string{"a", ""}); return err },
		"phones":     func() error { _, err := c.GetDirectoryPersonsByPhone(ctx, nil); return err },
		"orgIDs":     func() error { _, err := c.GetDirectoryOrgs(ctx, nil); return err },
		"longNames":  func() error { _, err := c.GetDirectoryOrgsByName(ctx, many(100)); return err },
		"relation":   func() error { _, err := c.ListReportingLines(ctx, "BOSS", yunzhijia.PageRequest{}); return err },
		"PageOptions.Count": func() error {
			_, err := collect(c.AllOrgHeads(ctx, yunzhijia.PageOptions{Count: 2000})) // the vendor would cut it silently
			return err
		},
	} {
		err := call()
		require.ErrorIs(t, err, yunzhijia.ErrInvalid, field)
		var f *yunzhijia.FieldError
		require.ErrorAs(t, err, &f)
		assert.Equal(t, field, f.Field)
	}
	_, err := c.ListPersonJobs(ctx, many(200))
	require.ErrorIs(t, err, yunzhijia.ErrInvalid)
	assert.Zero(t, mock.GetTotalCallCount())
}
