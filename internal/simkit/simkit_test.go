package simkit_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/internal/simkit"
)

const personJSON = `{"id":"u1","dept":"d1"}`

// vendor is a minimal simulator: one write, one read, one call without an answer body.
type vendor struct {
	*simkit.Server
	writes atomic.Int32
}

func newMux(v *vendor) *simkit.Mux {
	mux := simkit.NewMux()
	mux.Handle("add", http.MethodPost, "/oms/add", func(w http.ResponseWriter, r *http.Request) {
		v.writes.Add(1)
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("X-Echo", string(body))
		simkit.WriteJSON(w, http.StatusOK, json.RawMessage(personJSON))
	})
	mux.Handle("get", http.MethodGet, "/oms/get", func(w http.ResponseWriter, _ *http.Request) {
		simkit.WriteJSON(w, http.StatusOK, json.RawMessage(personJSON))
	})
	mux.Handle("void", http.MethodPost, "/oms/void", func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusNoContent)
	})
	return mux
}

// inBothModes runs a test against a server on a socket and one in memory.
func inBothModes(t *testing.T, test func(t *testing.T, v *vendor)) {
	t.Helper()
	t.Run("socket", func(t *testing.T) {
		t.Parallel()
		v := new(vendor)
		v.Server = simkit.New(newMux(v))
		t.Cleanup(v.Close)
		test(t, v)
	})
	t.Run("memory", func(t *testing.T) {
		t.Parallel()
		v := inMemory()
		t.Cleanup(v.Close)
		test(t, v)
	})
}

func inMemory() *vendor {
	v := new(vendor)
	v.Server = simkit.NewInMemory(newMux(v))
	return v
}

type reply struct {
	*http.Response
	body string
	err  error // of reading the body
}

// call sends a request and reads the answer to its end or error.
func (v *vendor) call(t *testing.T, method, path, body string) (reply, error) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, v.URL()+path, strings.NewReader(body))
	require.NoError(t, err)
	return v.do(req)
}

func (v *vendor) do(req *http.Request) (reply, error) {
	resp, err := v.Client().Do(req)
	if err != nil {
		return reply{}, err
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	return reply{resp, string(body), err}, nil
}

func (v *vendor) add(t *testing.T) (reply, error) {
	t.Helper()
	return v.call(t, http.MethodPost, "/oms/add", "x=1")
}

// mustAdd requires an undisturbed answer.
func (v *vendor) mustAdd(t *testing.T) {
	t.Helper()
	got, err := v.add(t)
	require.NoError(t, err)
	require.NoError(t, got.err)
	assert.Equal(t, http.StatusOK, got.StatusCode)
	assert.Equal(t, personJSON, got.body)
}
