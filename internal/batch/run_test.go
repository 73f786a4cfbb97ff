package batch_test

import (
	"context"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/orgbridge/orgbridge/internal/batch"
)

// after waits in the bubble's time, or until ctx ends.
func after(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// recorder is a vendor that notes what it is sent.
type recorder struct {
	mu       sync.Mutex
	chunks   [][]batch.Record[int]
	inFlight int
	peak     int
	begun    map[int]time.Time // by record index
	ended    map[int]time.Time
}

func newRecorder() *recorder {
	return &recorder{begun: map[int]time.Time{}, ended: map[int]time.Time{}}
}

func (r *recorder) send(ctx context.Context, chunk []batch.Record[int], d time.Duration) {
	r.mu.Lock()
	r.chunks = append(r.chunks, chunk)
	r.inFlight++
	r.peak = max(r.peak, r.inFlight)
	for _, record := range chunk {
		r.begun[record.Index] = time.Now()
	}
	r.mu.Unlock()
	after(ctx, d)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.inFlight--
	for _, record := range chunk {
		r.ended[record.Index] = time.Now()
	}
}

func (r *recorder) flying() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.inFlight
}

// split cuts n indexed records into waves of the given sizes.
func split(sizes ...int) [][]batch.Record[int] {
	total := 0
	for _, n := range sizes {
		total += n
	}
	records := batch.Index(make([]int, total))
	var waves [][]batch.Record[int]
	for _, n := range sizes {
		waves = append(waves, records[:n])
		records = records[n:]
	}
	return waves
}

func indexes(records []batch.Record[int]) []int {
	out := make([]int, 0, len(records))
	for _, record := range records {
		out = append(out, record.Index)
	}
	return out
}

func TestIndex(t *testing.T) {
	t.Parallel()
	values := []string{"a", "b"}
	assert.Equal(t, []batch.Record[string]{{Index: 0, Value: &values[0]}, {Index: 1, Value: &values[1]}}, batch.Index(values))
	assert.Same(t, &values[1], batch.Index(values)[1].Value, "records are not copied")
	assert.Empty(t, batch.Index[string](nil))
}

func TestRunCutsEachWave(t *testing.T) {
	t.Parallel()
	var got [][]int
	unsent := batch.Run(t.Context(), split(5, 0, 1, 4), batch.Options{Size: 2}, func(_ context.Context, chunk []batch.Record[int]) bool {
		assert.Equal(t, len(chunk), cap(chunk), "an append must not reach the next chunk")
		got = append(got, indexes(chunk))
		return true
	})
	assert.Nil(t, unsent)
	assert.Equal(t, [][]int{{0, 1}, {2, 3}, {4}, {5}, {6, 7}, {8, 9}}, got)
}

func TestRunSizeBelowOne(t *testing.T) {
	t.Parallel()
	for _, size := range []int{0, -3} {
		calls := 0
		unsent := batch.Run(t.Context(), split(3), batch.Options{Size: size}, func(_ context.Context, chunk []batch.Record[int]) bool {
			calls++
			return assert.Len(t, chunk, 1)
		})
		assert.Empty(t, unsent)
		assert.Equal(t, 3, calls)
	}
}

func TestRunNothing(t *testing.T) {
	t.Parallel()
	never := func(context.Context, []batch.Record[int]) bool { t.Error("nothing to send"); return true }
	assert.Nil(t, batch.Run(t.Context(), nil, batch.Options{Size: 2, Parallel: 4}, never))
	assert.Nil(t, batch.Run(t.Context(), split(0, 0), batch.Options{Size: 2, Parallel: 4}, never))
}

func TestRunWavesInTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRecorder()
		start := time.Now()
		// 5 chunks at 2 a time take 3 rounds, the single chunk of the second wave one more.
		unsent := batch.Run(t.Context(), split(10, 2), batch.Options{Size: 2, Parallel: 2}, func(ctx context.Context, chunk []batch.Record[int]) bool {
			r.send(ctx, chunk, time.Second)
			return true
		})
		assert.Empty(t, unsent)
		assert.Equal(t, 4*time.Second, time.Since(start))
		assert.Equal(t, 2, r.peak)
	})
}

func TestRunStopsAndWaits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRecorder()
		unsent := batch.Run(t.Context(), split(6, 2), batch.Options{Size: 1, Parallel: 3}, func(ctx context.Context, chunk []batch.Record[int]) bool {
			at := chunk[0].Index
			r.send(ctx, chunk, time.Duration(at+1)*time.Second)
			return at != 0
		})
		assert.Equal(t, []int{3, 4, 5, 6, 7}, indexes(unsent))
		assert.Zero(t, r.flying())
		assert.Len(t, r.ended, 3)
	})
}

func TestRunContext(t *testing.T) {
	t.Parallel()
	t.Run("ended before", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		unsent := batch.Run(ctx, split(2, 1), batch.Options{Size: 1}, func(context.Context, []batch.Record[int]) bool {
			t.Error("sent after the end of the context")
			return true
		})
		assert.Equal(t, []int{0, 1, 2}, indexes(unsent))
	})
	t.Run("ends on the way", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 1500*time.Millisecond)
			defer cancel()
			r := newRecorder()
			unsent := batch.Run(ctx, split(9), batch.Options{Size: 1, Parallel: 2}, func(ctx context.Context, chunk []batch.Record[int]) bool {
				r.send(ctx, chunk, time.Second)
				return true
			})
			assert.Equal(t, []int{4, 5, 6, 7, 8}, indexes(unsent))
			assert.Zero(t, r.flying())
		})
	})
	t.Run("ends after the last", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithCancel(t.Context())
		unsent := batch.Run(ctx, split(1), batch.Options{Size: 1}, func(context.Context, []batch.Record[int]) bool {
			cancel()
			return true
		})
		assert.Nil(t, unsent)
	})
}

func TestRunPanicStopsTheOthers(t *testing.T) {
	t.Parallel()
	for _, parallel := range []int{1, 3} {
		synctest.Test(t, func(t *testing.T) {
			r := newRecorder()
			assert.PanicsWithValue(t, "refused", func() {
				batch.Run(t.Context(), split(9), batch.Options{Size: 1, Parallel: parallel}, func(ctx context.Context, chunk []batch.Record[int]) bool {
					// That of the caller's own goroutine; the next test has the others.
					if strings.Contains(string(debug.Stack()), "batch.Run[") {
						r.send(ctx, chunk, time.Second)
						panic("refused")
					}
					r.send(ctx, chunk, 2*time.Second)
					return true
				})
			})
			assert.Len(t, r.chunks, parallel, "nothing begins behind a panic")
			assert.Zero(t, r.flying())
		})
	}
}

// What a helper's send panics with is the caller's to recover, and a helper that ends without
// a panic ends the caller: the records of its chunk have no outcome.
func TestRunPanicOfAHelper(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(){"panic": func() { panic("refused") }, "goexit": runtime.Goexit} {
		synctest.Test(t, func(t *testing.T) {
			r := newRecorder()
			var recovered any
			returned := false
			ended := make(chan struct{})
			go func() {
				defer close(ended)
				defer func() { recovered = recover() }()
				batch.Run(t.Context(), split(9), batch.Options{Size: 1, Parallel: 3}, func(ctx context.Context, chunk []batch.Record[int]) bool {
					if !strings.Contains(string(debug.Stack()), "batch.Run[") {
						r.send(ctx, chunk, time.Second)
						end()
					}
					r.send(ctx, chunk, 2*time.Second)
					return true
				})
				returned = true
			}()
			<-ended
			assert.False(t, returned, name)
			if name == "panic" {
				assert.Equal(t, "refused", recovered)
			} else {
				assert.Nil(t, recovered)
			}
			assert.Len(t, r.chunks, 3, "nothing begins behind it")
			assert.Zero(t, r.flying())
		})
	}
}

func TestRunProperties(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		sizes := rapid.SliceOfN(rapid.IntRange(0, 12), 0, 5).Draw(rt, "waves")
		o := batch.Options{Size: rapid.IntRange(1, 5).Draw(rt, "size"), Parallel: rapid.IntRange(0, 5).Draw(rt, "parallel")}
		waves := split(sizes...)
		all := slices.Concat(waves...)
		delays := rapid.SliceOfN(rapid.IntRange(0, 4), len(all), len(all)).Draw(rt, "delays")
		refuse := rapid.IntRange(-1, len(all)).Draw(rt, "refuse") // the chunk that holds this record says no
		timeout := rapid.IntRange(0, 40).Draw(rt, "timeout")

		rapid.SyncTest(rt, func(rt *rapid.T) {
			ctx, cancel := context.WithTimeout(rt.Context(), time.Duration(timeout)*time.Second+time.Millisecond)
			defer cancel()
			r := newRecorder()
			var over time.Time // when the run was told to stop
			var mu sync.Mutex
			context.AfterFunc(ctx, func() {
				mu.Lock()
				defer mu.Unlock()
				if over.IsZero() {
					over = time.Now()
				}
			})
			unsent := batch.Run(ctx, waves, o, func(ctx context.Context, chunk []batch.Record[int]) bool {
				r.send(ctx, chunk, time.Duration(delays[chunk[0].Index])*time.Second)
				if slices.Contains(indexes(chunk), refuse) {
					mu.Lock()
					defer mu.Unlock()
					if over.IsZero() {
						over = time.Now()
					}
					return false
				}
				return true
			})
			synctest.Wait()
			mu.Lock()
			defer mu.Unlock()

			require.Zero(rt, r.flying(), "Run waits for what it began")
			require.LessOrEqual(rt, r.peak, max(o.Parallel, 1))
			var sent []int
			for _, chunk := range r.chunks {
				require.NotEmpty(rt, chunk)
				require.LessOrEqual(rt, len(chunk), o.Size)
				sent = append(sent, indexes(chunk)...)
			}
			left := indexes(unsent)
			require.True(rt, slices.IsSorted(left), "unsent is in wave order")
			every := append([]int{}, left...)
			every = append(every, sent...)
			slices.Sort(every)
			require.Equal(rt, indexes(all), every, "each record is either sent or unsent, once")
			if over.IsZero() {
				require.Empty(rt, left)
			}
			for i := range r.begun {
				if !over.IsZero() {
					require.False(rt, r.begun[i].After(over), "nothing begins after the stop")
				}
			}
			var before time.Time // end of the waves before
			for _, wave := range waves {
				latest := before
				for _, record := range wave {
					if begun, ok := r.begun[record.Index]; ok {
						require.False(rt, begun.Before(before), "a wave starts after the one before it")
						if ended := r.ended[record.Index]; ended.After(latest) {
							latest = ended
						}
					}
				}
				before = latest
			}
		})
	})
}
