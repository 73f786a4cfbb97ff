package yunjiantest_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/yunjian"
	"github.com/orgbridge/orgbridge/yunjian/yunjiantest"
)

var clock = time.UnixMilli(1618708800000)

func now() time.Time { return clock }

func server(t *testing.T, options ...yunjiantest.Option) *yunjiantest.Server {
	t.Helper()
	s := yunjiantest.NewInMemory(append(options, yunjiantest.WithClock(now))...)
	t.Cleanup(s.Close)
	return s
}

// post sends a body by hand: the simulator is for other clients too.
func post(t *testing.T, s *yunjiantest.Server, address, contentType, body string) (status int, answer string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address, strings.NewReader(body))
	require.NoError(t, err)
	r.Header.Set("Content-Type", contentType)
	resp, err := s.HTTPClient().Do(r)
	require.NoError(t, err)
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return resp.StatusCode, string(b)
}

const js = "application/json"

// login returns the JSON of a signed login; a nil change removes a parameter.
func login(changes map[string]any) string {
	fields := map[string]any{
		"account": yunjiantest.Account, "secret": yunjiantest.Secret, "timestamp": clock.UnixMilli(), "source": "tmc",
	}
	for name, v := range changes {
		fields[name] = v
		if v == nil {
			delete(fields, name)
		}
	}
	params := make(map[string]string)
	for name, v := range fields {
		b, _ := json.Marshal(v)
		params[name] = strings.Trim(string(b), `"`)
	}
	if _, set := fields["sign"]; !set {
		fields["sign"] = yunjian.Sign(yunjiantest.SignKey, params)
	}
	b, _ := json.Marshal(fields)
	return string(b)
}

func session(t *testing.T, s *yunjiantest.Server) string {
	t.Helper()
	_, answer := post(t, s, s.SessionURL(), js, login(nil))
	var a struct{ SessionID string }
	require.NoError(t, json.Unmarshal([]byte(answer), &a))
	require.NotEmpty(t, a.SessionID, answer)
	return a.SessionID
}
