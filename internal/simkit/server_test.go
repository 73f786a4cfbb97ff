package simkit_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/internal/simkit"
)

func TestRouting(t *testing.T) {
	t.Parallel()
	inBothModes(t, func(t *testing.T, v *vendor) {
		for _, c := range []struct {
			method, path string
			status       int
			allow        string
		}{
			{http.MethodPost, "/oms/add", 200, ""},
			{http.MethodPost, "/oms/add/", 404, ""},
			{http.MethodPost, "/oms/ADD", 404, ""},
			{http.MethodGet, "/oms/add", 405, "POST"},
			{http.MethodHead, "/oms/get", 405, "GET"},
		} {
			got, err := v.call(t, c.method, c.path, "")
			require.NoError(t, err)
			assert.Equal(t, c.status, got.StatusCode, c.path)
			assert.Equal(t, c.allow, got.Header.Get("Allow"))
		}
		assert.Equal(t, 5, v.Count(""))
		assert.Equal(t, 1, v.Count("add"))
		assert.Equal(t, "GET (no operation) 405", v.Requests()[3].String())
	})
}

func TestMuxRefusesAmbiguity(t *testing.T) {
	t.Parallel()
	mux := simkit.NewMux()
	mux.Handle("a", http.MethodPost, "/a", http.NotFound)
	mux.Handle("a", http.MethodPost, "/v2/a", http.NotFound)
	mux.Handle("b", http.MethodGet, "/a", http.NotFound)
	assert.Panics(t, func() { mux.Handle("c", http.MethodPost, "/a", http.NotFound) })
	assert.Panics(t, func() { mux.Handle("", http.MethodPost, "/c", http.NotFound) })
	assert.Equal(t, []string{"a", "b"}, mux.Operations())
}

func TestRecordsRequests(t *testing.T) {
	t.Parallel()
	inBothModes(t, func(t *testing.T, v *vendor) {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, v.URL()+"/oms/add?token=s3cret&a=1&a=2", strings.NewReader("mobile=13800000001"))
		require.NoError(t, err)
		req.Header.Set("X-Token", "s3cret")
		_, err = v.do(req)
		require.NoError(t, err)
		_, err = v.call(t, http.MethodGet, "/oms/get", "")
		require.NoError(t, err)

		all := v.Requests()
		require.Len(t, all, 2)
		r := all[0]
		assert.Equal(t, []int{0, 1}, []int{r.Index, all[1].Index})
		assert.Equal(t, []string{"add", "POST", "/oms/add"}, []string{r.Op, r.Method, r.Path})
		assert.Equal(t, url.Values{"token": {"s3cret"}, "a": {"1", "2"}}, r.Query)
		assert.Equal(t, "s3cret", r.Header.Get("X-Token"))
		assert.NotEmpty(t, r.Header.Get("User-Agent"))
		assert.Equal(t, "mobile=13800000001", string(r.Body))
		assert.Equal(t, http.StatusOK, r.Status)
		assert.WithinDuration(t, time.Now(), r.At, time.Minute)
		assert.False(t, all[1].At.Before(r.At))

		r.Query["a"][0], r.Body[0] = "changed", '!'
		r.Header.Set("X-Token", "changed")
		again := v.RequestsTo("add")
		require.Len(t, again, 1)
		assert.Equal(t, "1", again[0].Query.Get("a"), "the record is a copy")
		assert.Equal(t, "mobile=13800000001", string(again[0].Body))
		assert.Equal(t, "s3cret", again[0].Header.Get("X-Token"))

		assert.Panics(t, func() { v.RequestsTo("nope") })
		assert.Panics(t, func() { v.Count("nope") })
		v.Reset()
		assert.Empty(t, v.Requests())
		v.mustAdd(t)
		assert.Zero(t, v.Requests()[0].Index)
	})
}

func TestRequestPrintsNoSecrets(t *testing.T) {
	t.Parallel()
	r := simkit.Request{
		Op: "getperson", Method: http.MethodPost, Path: "/s3cret", Status: 200,
		Query: url.Values{"token": {"s3cret"}}, Header: http.Header{"X-Token": {"s3cret"}}, Body: []byte("s3cret"),
	}
	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", slog.Any("one", r), slog.Any("many", []simkit.Request{r}))
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", slog.Any("one", r), slog.Any("many", []simkit.Request{r}))
	asJSON, err := json.Marshal(struct{ R []simkit.Request }{[]simkit.Request{r}})
	require.NoError(t, err)
	all := log.String() + string(asJSON)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x"} {
		all += fmt.Sprintf(verb, r) + fmt.Sprintf(verb, []simkit.Request{r}) + fmt.Sprintf(verb, &r)
	}
	assert.NotContains(t, all, "s3cret")
	assert.NotContains(t, all, fmt.Sprintf("%x", "s3cret"))
	assert.Equal(t, "POST getperson 200", fmt.Sprintf("%+v", r))
	assert.Contains(t, log.String(), `"one":{"op":"getperson","method":"POST","status":200}`)
}

func TestOversizedRequestIsRefused(t *testing.T) {
	t.Parallel()
	inBothModes(t, func(t *testing.T, v *vendor) {
		got, err := v.call(t, http.MethodPost, "/oms/add", strings.Repeat("x", 16<<20+1))
		require.NoError(t, err)
		assert.Equal(t, http.StatusRequestEntityTooLarge, got.StatusCode)
		assert.Zero(t, v.writes.Load())
		assert.Len(t, v.Requests()[0].Body, 16<<20)
	})
}

func TestConcurrentCallsAndConnections(t *testing.T) {
	t.Parallel()
	inBothModes(t, func(t *testing.T, v *vendor) {
		const workers, calls = 4, 25
		if tr, ok := v.Client().Transport.(*http.Transport); ok {
			tr.MaxConnsPerHost = workers
		}
		v.Inject(simkit.Status(503).Times(10), simkit.Delay(time.Microsecond).Always())
		var wg sync.WaitGroup
		for range workers {
			wg.Go(func() {
				for range calls {
					_, err := v.add(t)
					assert.NoError(t, err)
					_, _ = v.Requests(), v.Pending()
				}
			})
		}
		wg.Wait()
		refused := 0
		for i, r := range v.RequestsTo("add") {
			assert.Equal(t, i, r.Index)
			if r.Status == 503 {
				refused++
			}
		}
		assert.Equal(t, 10, refused)
		assert.Equal(t, int32(workers*calls-10), v.writes.Load())
		assert.LessOrEqual(t, v.MaxInFlight(), workers)
		assert.Positive(t, v.MaxInFlight())
		stats := v.Connections()
		if v.URL() == "http://simulator.invalid" {
			assert.Zero(t, stats)
			return
		}
		assert.LessOrEqual(t, stats.MaxOpen, workers)
		assert.GreaterOrEqual(t, stats.Accepted, stats.MaxOpen)
		assert.Positive(t, stats.MaxOpen)
		assert.Positive(t, stats.Open)
		v.Close()
		assert.Zero(t, v.Connections().Open)
	})
}

func TestResetConnectionsAreCountedAsClosed(t *testing.T) {
	t.Parallel()
	v := new(vendor)
	v.Server = simkit.New(newMux(v))
	defer v.Close()
	v.Inject(simkit.ResetConnection().Times(3))
	for range 3 {
		_, err := v.add(t)
		require.Error(t, err)
	}
	v.mustAdd(t)
	v.Close()
	assert.Equal(t, simkit.ConnStats{Accepted: 4, MaxOpen: v.Connections().MaxOpen}, v.Connections())
}

func TestLatencyAndDelay(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := inMemory()
		defer v.Close()
		v.SetLatency(50 * time.Millisecond)
		start := time.Now()
		for range 100 {
			v.mustAdd(t)
		}
		assert.Equal(t, 5*time.Second, time.Since(start))

		start = time.Now()
		v.Inject(simkit.Delay(time.Hour).On("add"), simkit.Delay(time.Minute), simkit.Status(503))
		assert.Equal(t, []int{503, 200}, v.statuses(t, 2))
		assert.Equal(t, time.Hour+time.Minute+100*time.Millisecond, time.Since(start))
		v.SetLatency(0)
		start = time.Now()
		v.mustAdd(t)
		assert.Zero(t, time.Since(start))
		all := v.Requests()
		assert.Equal(t, 50*time.Millisecond, all[1].At.Sub(all[0].At))
	})
}

func TestMaxInFlight(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := inMemory()
		defer v.Close()
		v.SetLatency(time.Second)
		for _, n := range []int{2, 7, 3} {
			var wg sync.WaitGroup
			for range n {
				wg.Go(func() { v.mustAdd(t) })
			}
			wg.Wait()
		}
		assert.Equal(t, 7, v.MaxInFlight())
	})
}

// A server made outside the bubble must not keep fake time from advancing.
func TestServerFromOutsideTheBubble(t *testing.T) {
	t.Parallel()
	v := inMemory()
	defer v.Close()
	v.SetLatency(time.Hour)
	for range 2 {
		synctest.Test(t, func(t *testing.T) { v.mustAdd(t) })
	}
	assert.Equal(t, 2, v.Count("add"))
}

func TestClientGivesUpDuringDelay(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := inMemory()
		defer v.Close()
		v.SetLatency(time.Hour)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, v.URL()+"/oms/add", nil)
		require.NoError(t, err)
		start := time.Now()
		_, err = v.do(req)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Equal(t, time.Second, time.Since(start))

		v.Client().Timeout = 2 * time.Second
		_, err = v.add(t)
		urlErr, ok := errors.AsType[*url.Error](err)
		require.True(t, ok)
		assert.True(t, urlErr.Timeout())
		assert.Equal(t, 3*time.Second, time.Since(start))
		assert.Zero(t, v.writes.Load(), "the handler did not run")
		assert.Zero(t, v.Requests()[0].Status)
	})
}

func TestClientGivesUpOverSocket(t *testing.T) {
	t.Parallel()
	v := new(vendor)
	v.Server = simkit.New(newMux(v))
	defer v.Close()
	v.SetLatency(time.Hour)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, v.URL()+"/oms/add", nil)
	require.NoError(t, err)
	_, err = v.do(req)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	v.Close()
	assert.Zero(t, v.writes.Load())
}

func TestCloseEndsRequestsInFlight(t *testing.T) {
	t.Parallel()
	inBothModes(t, func(t *testing.T, v *vendor) {
		arrived := make(chan struct{})
		v.Inject(simkit.Respond(func(_ http.ResponseWriter, r *http.Request) {
			close(arrived)
			<-r.Context().Done()
		}))
		failed := make(chan error, 1)
		go func() {
			_, err := v.add(t)
			failed <- err
		}()
		<-arrived
		v.Close()
		v.Close()
		require.Error(t, <-failed)
		_, err := v.add(t)
		require.ErrorIs(t, err, syscall.ECONNREFUSED)
		assert.Zero(t, v.Requests()[0].Status)
	})
}

// Not parallel: it counts the goroutines of the process.
func TestCloseLeavesNoGoroutine(t *testing.T) { //nolint:paralleltest // see above
	before := runtime.NumGoroutine()
	for range 5 {
		v := new(vendor)
		v.Server = simkit.New(newMux(v))
		v.Inject(simkit.ResetConnection().After(1))
		v.mustAdd(t)
		_, err := v.add(t)
		require.Error(t, err)
		v.mustAdd(t)
		v.Close()
	}
	before++ // Eventually's own
	assert.Eventually(t, func() bool { return runtime.NumGoroutine() <= before }, 2*time.Second, time.Millisecond)
}

func TestHandlerSeesARealServersRequest(t *testing.T) {
	t.Parallel()
	inBothModes(t, func(t *testing.T, v *vendor) {
		check := func(want int64) simkit.Fault {
			return simkit.Respond(func(w http.ResponseWriter, r *http.Request) {
				body, err := io.ReadAll(r.Body)
				assert.NoError(t, err)
				assert.Equal(t, "x=1", string(body))
				assert.Equal(t, want, r.ContentLength)
				assert.Equal(t, "/oms/add?q=%E5%BC%A0", r.RequestURI)
				assert.Equal(t, "/oms/add?q=%E5%BC%A0", r.URL.String())
				assert.Equal(t, strings.TrimPrefix(v.URL(), "http://"), r.Host)
				assert.Equal(t, "HTTP/1.1", r.Proto)
				assert.NotEmpty(t, r.RemoteAddr)
				w.WriteHeader(http.StatusProcessing)
				w.WriteHeader(299)
				w.WriteHeader(http.StatusTeapot)
			})
		}
		v.Inject(check(3), check(-1))
		for _, body := range []io.Reader{strings.NewReader("x=1"), io.MultiReader(strings.NewReader("x=1"))} {
			req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, v.URL()+"/oms/add?q=%E5%BC%A0#f", body)
			require.NoError(t, err)
			got, err := v.do(req)
			require.NoError(t, err)
			assert.Equal(t, 299, got.StatusCode)
			assert.Equal(t, "299 status code 299", got.Status)
			assert.Equal(t, "HTTP/1.1", got.Proto)
			assert.Same(t, req, got.Request)
			_, err = http.ParseTime(got.Header.Get("Date"))
			require.NoError(t, err)
		}
		assert.Empty(t, v.Pending())
	})
}
