package yunzhijia_test

import (
	"encoding/json"
	"iter"
	"net/http"
	"net/url"
	"os"
	"testing"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/require"
	"golang.org/x/time/rate"

	"github.com/orgbridge/orgbridge/yunzhijia"
	"github.com/orgbridge/orgbridge/yunzhijia/yunzhijiatest"
)

const (
	eid  = "17951708"
	data = "https://www.yunzhijia.com/gateway/opendata-control/data/"
)

var unlimited = rate.NewLimiter(rate.Inf, 0)

// simulate returns a simulator without a socket, and a client for it that
// neither waits nor retries.
func simulate(t *testing.T, options ...yunzhijiatest.Option) (*yunzhijiatest.Server, *yunzhijia.Client) {
	t.Helper()
	srv := yunzhijiatest.NewInMemory(options...)
	t.Cleanup(srv.Close)
	return srv, newClient(t, srv.Config(), yunzhijia.WithHTTPClient(srv.HTTPClient()))
}

func newClient(t *testing.T, config yunzhijia.Config, options ...yunzhijia.Option) *yunzhijia.Client {
	t.Helper()
	c, err := yunzhijia.New(config, append([]yunzhijia.Option{yunzhijia.WithLimiter(unlimited)}, options...)...)
	require.NoError(t, err)
	return c
}

// mocked returns a client with a given token whose requests go to the mock.
func mocked(t *testing.T) (*httpmock.MockTransport, *yunzhijia.Client) {
	t.Helper()
	mock := httpmock.NewMockTransport()
	return mock, newClient(t,
		yunzhijia.Config{EID: eid, Credentials: yunzhijia.AccessToken("a-given-token")},
		yunzhijia.WithHTTPClient(&http.Client{Transport: mock}))
}

// answering returns a client that gets the same answer to everything.
func answering(t *testing.T, body string) (*httpmock.MockTransport, *yunzhijia.Client) {
	t.Helper()
	mock, c := mocked(t)
	mock.RegisterNoResponder(httpmock.NewStringResponder(http.StatusOK, body))
	return mock, c
}

func readJSON(t *testing.T, file string, v any) {
	t.Helper()
	b, err := os.ReadFile(file)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(b, v))
}

// collect ranges to the end; the error is the last element's.
func collect[T any](seq iter.Seq2[T, error]) ([]T, error) {
	var rows []T
	for row, err := range seq {
		if err != nil {
			return rows, err
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// formsTo returns the forms that an operation received.
func formsTo(t *testing.T, srv *yunzhijiatest.Server, op string) []map[string]string {
	t.Helper()
	var forms []map[string]string
	for _, r := range srv.RequestsTo(op) {
		values, err := url.ParseQuery(string(r.Body))
		require.NoError(t, err)
		form := map[string]string{}
		for name := range values {
			form[name] = values.Get(name)
		}
		forms = append(forms, form)
	}
	return forms
}
