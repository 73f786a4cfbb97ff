package yunjian_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/orgbridge/orgbridge/yunjian"
)

const (
	mib       = 1 << 20
	flooders  = 100
	floodSize = 9 * mib
)

// floodBody is a push of 9 MiB, which begins with whatever is put before its rows. They hold
// long texts: the test is about memory.
func floodBody(before string) []byte {
	long := row(map[string]string{"extraInfo": `{"x":"` + strings.Repeat("x", mib/4) + `"}`})
	return []byte(`{` + before + `"data":[` + strings.Repeat(long+",", floodSize/len(long)-1) + long + `]}`)
}

// held is a body that comes at once except for its end: then it says so, and waits.
type held struct {
	io.Reader

	came    func()
	release <-chan struct{}
}

func (h *held) Read(p []byte) (int, error) {
	n, err := h.Reader.Read(p)
	if err != nil {
		h.came()
		<-h.release
	}
	return n, err
}

// flood sends many bodies at once. While all of them wait, it calls meanwhile; then it
// returns how often each HTTP status came.
func flood(t testing.TB, h http.Handler, body []byte, meanwhile func()) map[int]int {
	t.Helper()
	var came, done sync.WaitGroup
	release := make(chan struct{})
	statuses := make([]int, flooders)
	came.Add(flooders)
	for i := range flooders {
		done.Go(func() {
			var once sync.Once
			here := func() { once.Do(came.Done) }
			r := request(t, "/users", "")
			r.ContentLength = int64(len(body))
			r.Body = io.NopCloser(&held{bytes.NewReader(body), here, release})
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			here() // it may have been refused before its end
			statuses[i] = w.Code
			assert.Equal(t, w.Code == http.StatusServiceUnavailable, w.Header().Get("Retry-After") != "")
		})
	}
	came.Wait()
	meanwhile()
	close(release)
	done.Wait()
	counts := map[int]int{}
	for _, status := range statuses {
		counts[status]++
	}
	return counts
}

func heap() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// A hundred bodies of 9 MiB without a session keep no more than the budget, and 云简's own
// pushes go on: whether their session comes first or last.
func TestFloodWithoutASession(t *testing.T) { //nolint:paralleltest // it measures the heap
	h := newHandler(t, nil)
	body := floodBody("")
	session := login(t, h, vectorTime)
	before := heap()
	statuses := flood(t, h, body, func() {
		grown := int64(heap()) - int64(before)
		assert.Less(t, grown, int64(70*mib), "64 MiB, and what a request takes")
		t.Logf("%d MiB while %d bodies of 9 MiB wait", grown/mib, flooders)
		for _, own := range []string{
			pushBody(session, "["+row(nil)+"]"),
			`{"data":[` + strings.Repeat(row(nil)+",", 2000) + row(nil) + `],"sessionId":"` + session + `"}`,
		} {
			status, answer := post(t, h, "/users", own)
			assert.Equal(t, http.StatusOK, status)
			assert.Contains(t, answer, `"resCode":10000`)
		}
		assert.NotEmpty(t, login(t, h, vectorTime))
	})
	assert.Equal(t, flooders, statuses[http.StatusServiceUnavailable]+statuses[http.StatusOK])
	assert.GreaterOrEqual(t, statuses[http.StatusServiceUnavailable], 90)
	assert.Less(t, int64(heap())-int64(before), int64(mib), "everything is given back")
}

// A session that is found to be wrong ends the keeping: all are read to their end and told
// so, and nothing is kept.
func TestFloodWithAWrongSession(t *testing.T) { //nolint:paralleltest // it measures the heap
	h := newHandler(t, nil)
	body := floodBody(`"companyId":38,"sessionId":"121312",`)
	before := heap()
	statuses := flood(t, h, body, func() {
		grown := int64(heap()) - int64(before)
		assert.Less(t, grown, int64(6*mib))
		t.Logf("%d KiB while %d bodies of 9 MiB wait", grown/1024, flooders)
	})
	assert.Equal(t, map[int]int{http.StatusOK: flooders}, statuses)
}

// Pushes with a session wait for the integrator's function. They cannot take all there is.
func TestPushesLeaveRoomForLogins(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		h := newHandler(t, func(c *yunjian.HandlerConfig) {
			c.MaxMemory = 12 * mib
			c.Sync = func(context.Context, yunjian.User) (yunjian.Ack, error) {
				<-release
				return yunjian.Ack{BindID: "b"}, nil
			}
		})
		session := login(t, h, vectorTime)
		body := pushBody(session, "["+row(map[string]string{"extraInfo": `{"x":"` + strings.Repeat("x", 2*mib-1000) + `"}`})+"]")
		var done sync.WaitGroup
		for range 3 {
			done.Go(func() {
				status, _ := post(t, h, "/users", body)
				assert.Equal(t, http.StatusOK, status)
			})
			synctest.Wait()
		}
		start := time.Now()
		w := httptest.NewRecorder()
		h.ServeHTTP(w, request(t, "/users", body))
		assert.Equal(t, http.StatusServiceUnavailable, w.Code)
		assert.Equal(t, "5", w.Header().Get("Retry-After"))
		assert.Equal(t, yunjian.CodeBusy, decodePush(t, w.Body.String()).ResCode)
		assert.Equal(t, 10*time.Second, time.Since(start), "it waits for a while")
		assert.NotEmpty(t, login(t, h, vectorTime))

		time.AfterFunc(5*time.Second, func() { close(release) })
		status, _ := post(t, h, "/users", body)
		assert.Equal(t, http.StatusOK, status, "its turn came")
		done.Wait()
	})
}

// The longest push there can be has room, and one more is refused before the first user of
// it is synced: none is synced without an answer.
func TestThereIsRoomForTheAnswerFirst(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var synced atomic.Int32
		release := make(chan struct{})
		h := newHandler(t, func(c *yunjian.HandlerConfig) {
			c.MaxMemory = 6 * mib
			c.Sync = func(context.Context, yunjian.User) (yunjian.Ack, error) {
				if synced.Add(1) == 1 {
					<-release
				}
				return yunjian.Ack{}, yunjian.Reject("职级未维护")
			}
		})
		const shortest = `{"userNo":1,"mobile":"1","fullName":"x","isLeave":true},`
		head := `{"sessionId":"` + login(t, h, vectorTime) + `","companyId":12345678901234567890123456789012,"data":[`
		rows := (mib - len(head)) / len(shortest)
		body := head + strings.Repeat(shortest, rows)
		body = body[:len(body)-1] + "]}"
		var done sync.WaitGroup
		done.Go(func() {
			status, answer := post(t, h, "/users", body)
			assert.Equal(t, http.StatusOK, status)
			assert.Len(t, decodePush(t, answer).Data, rows)
		})
		synctest.Wait()
		for _, own := range []string{body, strings.Replace(head, `"data"`, `"x":"`+strings.Repeat("x", mib/2)+`","data"`, 1) + row(nil) + "]}"} {
			status, _ := post(t, h, "/users", own)
			assert.Equal(t, http.StatusServiceUnavailable, status)
		}
		assert.EqualValues(t, 1, synced.Load())
		close(release)
		done.Wait()
		assert.EqualValues(t, rows, synced.Load())
	})
}

// What an answer repeats is bounded: 110 KB must not become 1 GB.
func TestAnswersAreBounded(t *testing.T) {
	t.Parallel()
	h := newHandler(t, nil)
	session := login(t, h, vectorTime)
	empty := "[" + strings.Repeat("{},", 19_999) + "{}]"
	for companyID, want := range map[string]int{
		strings.Repeat("9", 50_000): 400, `"` + strings.Repeat("9", 50_000) + `"`: 400, `{"a":1}`: 400, `[38]`: 400, `true`: 400,
		`38`: 200, `"38"`: 200, `38.0`: 200, `null`: 200,
	} {
		status, answer := post(t, h, "/users", `{"sessionId":"`+session+`","companyId":`+companyID+`,"data":`+empty+`}`)
		assert.Equal(t, want, status)
		assert.Less(t, len(answer), 3*mib)
		if want == 200 {
			assert.Len(t, decodePush(t, answer).Data, 20_000)
			continue
		}
		assert.Contains(t, answer, "companyId")
	}
	// The worst that can be asked for: as many rows as a body may have, none of them good.
	h = newHandler(t, func(c *yunjian.HandlerConfig) { c.MaxBody = mib })
	status, answer := post(t, h, "/users", pushBody(login(t, h, vectorTime), "["+strings.Repeat("0,", 18_000)+"0]"))
	assert.Equal(t, http.StatusOK, status)
	assert.Len(t, decodePush(t, answer).Data, 18_001)
}

// BenchmarkFlood reports how much memory a flood takes at its worst.
func BenchmarkFlood(b *testing.B) {
	for name, before := range map[string]string{"no-session": "", "wrong-session": `"sessionId":"121312",`} {
		b.Run(name, func(b *testing.B) {
			h := newHandler(b, func(c *yunjian.HandlerConfig) { c.Now = time.Now })
			body := floodBody(before)
			start := heap()
			var peak uint64
			for b.Loop() {
				flood(b, h, body, func() {
					var m runtime.MemStats
					runtime.ReadMemStats(&m) // garbage included
					peak = max(peak, m.HeapAlloc-min(start, m.HeapAlloc))
				})
			}
			b.ReportMetric(float64(peak)/mib, "peak-MiB")
			b.ReportMetric(float64(flooders*len(body))/mib, "sent-MiB/op")
		})
	}
}
