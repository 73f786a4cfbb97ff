//go:build unix

package nightly_test

import (
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/orgbridge/orgbridge/tuzhan/tuzhantest"
	"github.com/orgbridge/orgbridge/yunzhijia/yunzhijiatest"
)

// gateway lets worker processes reach the simulators of many tenants, which live in the
// process of the test: calls say whose they are in a header. It notes when calls to the
// sources were allowed.
type gateway struct {
	sources []*yunzhijiatest.Server
	targets []*tuzhantest.Server

	source, target *httptest.Server

	mu    sync.Mutex
	calls []time.Time
}

func newGateway(t *testing.T, tenants, people int) *gateway {
	t.Helper()
	g := &gateway{}
	for range tenants {
		s, tz := yunzhijiatest.NewInMemory(yunzhijiatest.Seed(5, people), yunzhijiatest.WithContacts()), tuzhantest.NewInMemory()
		g.sources, g.targets = append(g.sources, s), append(g.targets, tz)
		t.Cleanup(func() { s.Close(); tz.Close() })
	}
	g.source = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		g.note(r.Header.Get(headerPermits))
		s := g.sources[number(r.Header.Get(headerTenant))]
		pass(w, r, s.URL(), s.Transport())
	}))
	g.target = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		g.note(r.Header.Get(headerPermits))
		s := g.targets[number(r.Header.Get(headerTenant))]
		pass(w, r, s.URL(), s.Transport())
	}))
	t.Cleanup(func() { g.source.Close(); g.target.Close() })
	return g
}

// note keeps when calls to the sources were allowed.
func (g *gateway) note(permits string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for permit := range strings.SplitSeq(permits, ",") {
		if at, err := strconv.ParseInt(permit, 10, 64); err == nil {
			g.calls = append(g.calls, time.Unix(0, at))
		}
	}
}

// number is that of a tenant named t and a number.
func number(tenant string) int {
	i, _ := strconv.Atoi(tenant[min(1, len(tenant)):])
	return i
}

func pass(w http.ResponseWriter, r *http.Request, to string, through http.RoundTripper) {
	out, err := http.NewRequestWithContext(r.Context(), r.Method, to+r.URL.RequestURI(), r.Body)
	if err == nil {
		out.ContentLength = r.ContentLength
		maps.Copy(out.Header, r.Header)
		var answer *http.Response
		if answer, err = through.RoundTrip(out); err == nil {
			defer answer.Body.Close()
			maps.Copy(w.Header(), answer.Header)
			w.WriteHeader(answer.StatusCode)
			_, _ = io.Copy(w, answer.Body)
			return
		}
	}
	http.Error(w, err.Error(), http.StatusBadGateway)
}

// count returns how many calls there were since the last time, and what part of the rate
// the fullest window had.
func (g *gateway) count(t *testing.T) (calls int, worst float64) {
	t.Helper()
	g.mu.Lock()
	defer g.mu.Unlock()
	slices.SortFunc(g.calls, time.Time.Compare)
	for i := range g.calls {
		for j := i; j < len(g.calls) && g.calls[j].Sub(g.calls[i]) < 20*time.Second; j++ {
			window := g.calls[j].Sub(g.calls[i]) + 100*time.Millisecond // between a permit and the look at the clock
			worst = max(worst, float64(j-i+1)/(callRate*window.Seconds()+callBurst))
		}
	}
	calls = len(g.calls)
	g.calls = nil
	assert.LessOrEqual(t, worst, 1.0, "the rate was exceeded")
	return calls, worst
}
