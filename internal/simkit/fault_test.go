package simkit_test

import (
	"io"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/internal/simkit"
)

func TestFaultsThatAnswer(t *testing.T) {
	t.Parallel()
	at := time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)
	cases := []struct {
		name       string
		fault      simkit.Fault
		status     int
		body       string
		header     string
		value      string
		handlerRan bool
	}{
		{"status", simkit.Status(503), 503, "Service Unavailable\n", "Content-Type", "text/plain; charset=utf-8", false},
		{"rate limited", simkit.RateLimited(1500 * time.Millisecond), 429, "Too Many Requests\n", "Retry-After", "2", false},
		{"rate limited until", simkit.RateLimitedUntil(at), 429, "Too Many Requests\n", "Retry-After", "Wed, 02 Jan 2030 03:04:05 GMT", false},
		{"header", simkit.Status(503).WithHeader("Retry-After", "7").WithHeader("X-A", "b"), 503, "Service Unavailable\n", "Retry-After", "7", false},
		{"body", simkit.Body(202, "text/csv", "a,b"), 202, "a,b", "Content-Type", "text/csv", false},
		{"respond", simkit.Respond(func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(w, r.Body)
		}), 200, "x=1", "Content-Length", "3", false},
		{"empty", simkit.EmptyBody(), 200, "", "Content-Length", "0", true},
		{"truncated", simkit.TruncateBody(), 200, personJSON[:11], "Content-Length", "11", true},
		{"padded", simkit.PadBody(100), 200, strings.Repeat(" ", 100) + personJSON, "Content-Length", "123", true},
		{"mutated", simkit.MutateBody(func(b []byte) []byte { return append(b, '!') }), 200, personJSON + "!", "X-Echo", "x=1", true},
		{"header on the vendor's answer", simkit.Delay(0).WithHeader("X-A", "b"), 200, personJSON, "X-A", "b", true},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			inBothModes(t, func(t *testing.T, v *vendor) {
				v.Inject(c.fault)
				got, err := v.add(t)
				require.NoError(t, err)
				require.NoError(t, got.err)
				assert.Equal(t, c.status, got.StatusCode)
				assert.Equal(t, c.body, got.body)
				assert.Equal(t, c.value, got.Header.Get(c.header))
				assert.Equal(t, int64(len(c.body)), got.ContentLength)
				assert.Equal(t, c.handlerRan, v.writes.Load() == 1)
				assert.Equal(t, c.status, v.Requests()[0].Status)
				assert.Empty(t, v.Pending())
				v.mustAdd(t)
			})
		})
	}
}

func TestHTMLFault(t *testing.T) {
	t.Parallel()
	inBothModes(t, func(t *testing.T, v *vendor) {
		v.Inject(simkit.HTML())
		got, err := v.add(t)
		require.NoError(t, err)
		assert.Equal(t, http.StatusOK, got.StatusCode)
		assert.Equal(t, "text/html; charset=utf-8", got.Header.Get("Content-Type"))
		assert.Contains(t, got.body, "<html>")
	})
}

func TestCutBody(t *testing.T) {
	t.Parallel()
	inBothModes(t, func(t *testing.T, v *vendor) {
		v.Inject(simkit.CutBody(), simkit.EmptyBody(), simkit.CutBody())
		got, err := v.add(t)
		require.NoError(t, err)
		require.ErrorIs(t, got.err, io.ErrUnexpectedEOF)
		assert.Equal(t, personJSON[:11], got.body)
		assert.Equal(t, int64(len(personJSON)), got.ContentLength)
		assert.Equal(t, int32(1), v.writes.Load())

		got, err = v.add(t)
		require.NoError(t, err)
		require.NoError(t, got.err, "the second request is the EmptyBody fault's")

		v.ClearFaults()
		v.Inject(simkit.CutBody())
		got, err = v.call(t, http.MethodPost, "/oms/void", "")
		require.NoError(t, err)
		require.NoError(t, got.err, "204 has no body to cut")
		assert.Equal(t, http.StatusNoContent, got.StatusCode)
		v.mustAdd(t)
	})
}

func TestCutOfOneByteStillCuts(t *testing.T) {
	t.Parallel()
	inBothModes(t, func(t *testing.T, v *vendor) {
		v.Inject(simkit.CutBody())
		got, err := v.call(t, http.MethodPost, "/nowhere", "")
		require.NoError(t, err)
		require.ErrorIs(t, got.err, io.ErrUnexpectedEOF)
		assert.Equal(t, http.StatusNotFound, got.StatusCode)
	})
}

func TestLostConnections(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		fault  simkit.Fault
		path   string
		writes int32
	}{
		{"reset", simkit.ResetConnection(), "/oms/add", 0},
		{"lost", simkit.LoseAnswer(), "/oms/add", 1},
		{"lost without body", simkit.LoseAnswer(), "/oms/void", 0},
		{"reset with header", simkit.ResetConnection().WithHeader("X-A", "b"), "/oms/add", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			inBothModes(t, func(t *testing.T, v *vendor) {
				v.mustAdd(t) // so that the socket's connection is a reused one
				v.Inject(c.fault)
				_, err := v.call(t, http.MethodPost, c.path, "x=1")
				require.ErrorIs(t, err, syscall.ECONNRESET)
				assert.Equal(t, 1+c.writes, v.writes.Load())
				requests := v.Requests()
				require.Len(t, requests, 2, "a POST is not repeated")
				assert.Zero(t, requests[1].Status)
				v.mustAdd(t)
			})
		})
	}
}

// The doc of ResetConnection warns of this.
func TestNetHTTPRepeatsGETOverAReusedConnection(t *testing.T) {
	t.Parallel()
	inBothModes(t, func(t *testing.T, v *vendor) {
		v.mustAdd(t)
		v.Inject(simkit.ResetConnection())
		_, err := v.call(t, http.MethodGet, "/oms/get", "")
		if v.Connections().Accepted == 0 {
			require.ErrorIs(t, err, syscall.ECONNRESET)
			assert.Equal(t, 1, v.Count("get"))
		} else {
			require.NoError(t, err)
			assert.Equal(t, 2, v.Count("get"))
		}
	})
}

// statuses calls add n times and returns what came back.
func (v *vendor) statuses(t *testing.T, n int) []int {
	t.Helper()
	var list []int
	for range n {
		got, err := v.add(t)
		require.NoError(t, err)
		list = append(list, got.StatusCode)
	}
	return list
}

func TestFaultsStrikeInOrder(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		faults []simkit.Fault
		want   []int
	}{
		{"queue", []simkit.Fault{simkit.Status(503).Times(2), simkit.Status(500)}, []int{503, 503, 500, 200}},
		{"after", []simkit.Fault{simkit.Status(503).After(1).Times(2)}, []int{200, 503, 503, 200}},
		{"after counts struck requests", []simkit.Fault{simkit.Status(503).After(1), simkit.Status(500).After(3)}, []int{200, 503, 200, 500, 200}},
		{"blocked one strikes next", []simkit.Fault{simkit.Status(503).Times(2), simkit.Status(500).After(1)}, []int{503, 503, 500, 200}},
		{"other operation", []simkit.Fault{simkit.Status(503).On("get"), simkit.Status(500).On("add")}, []int{500, 200}},
		{"always", []simkit.Fault{simkit.Status(503).Always()}, []int{503, 503, 503, 503, 503}},
		{"at least once", []simkit.Fault{simkit.Status(503).Times(0)}, []int{503, 200}},
		{"delays add to others", []simkit.Fault{simkit.Delay(1).Always(), simkit.Status(503)}, []int{503, 200}},
		{"zero fault", []simkit.Fault{{}}, []int{200}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			v := inMemory()
			defer v.Close()
			v.Inject(c.faults...)
			assert.Equal(t, c.want, v.statuses(t, len(c.want)))
		})
	}
}

func TestPendingTellsWhatDidNotStrike(t *testing.T) {
	t.Parallel()
	v := inMemory()
	defer v.Close()
	pending := func() []string {
		var list []string
		for _, f := range v.Pending() {
			list = append(list, f.String())
		}
		return list
	}
	v.Inject(
		simkit.LoseAnswer().On("add").After(2).Times(3),
		simkit.Status(503).On("get"),
		simkit.Delay(time.Nanosecond).On("add").Always(),
		simkit.HTML().On("void").Always(),
	)
	assert.Equal(t, []string{
		"LoseAnswer on add, 3 times after 2", "Status(503) on get, once",
		"Delay(1ns) on add, always", "HTML on void, always",
	}, pending())
	v.mustAdd(t)
	v.mustAdd(t)
	_, err := v.add(t)
	require.Error(t, err)
	assert.Equal(t, []string{"LoseAnswer on add, 2 times", "Status(503) on get, once", "HTML on void, always"}, pending())
	v.ClearFaults()
	assert.Empty(t, pending())
	v.mustAdd(t)
}

func TestInjectRefusesUnknownOperation(t *testing.T) {
	t.Parallel()
	v := inMemory()
	defer v.Close()
	assert.PanicsWithValue(t, `simkit: no operation "ad"; there are ["add" "get" "void"]`, func() {
		v.Inject(simkit.Status(503).On("ad"))
	})
	assert.Empty(t, v.Pending())
}

func TestFaultModifiersCopy(t *testing.T) {
	t.Parallel()
	base := simkit.Status(503).WithHeader("X-A", "1")
	_ = base.On("get").After(3).Times(9).WithHeader("X-A", "2")
	assert.Equal(t, "Status(503), once", base.String())
	v := inMemory()
	defer v.Close()
	v.Inject(base)
	got, err := v.add(t)
	require.NoError(t, err)
	assert.Equal(t, "1", got.Header.Get("X-A"))
}
