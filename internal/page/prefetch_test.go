package page_test

import (
	"context"
	"fmt"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/orgbridge/orgbridge/internal/page"
)

const latency = 50 * time.Millisecond

// pause is a consumer that takes its time.
func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

func TestPrefetchTakesTheTimeOfTheRounds(t *testing.T) {
	t.Parallel()
	for _, prefetch := range []int{1, 2, 3, 4, 8, 16} {
		t.Run(fmt.Sprint("prefetch ", prefetch), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				v := &vendor{total: 100*10 - 1, latency: constant(latency)}
				start := time.Now()
				rows, errs := collect(page.All(t.Context(), v.fetch, page.Options{Count: 10, Prefetch: prefetch, ShortIsEnd: true}))
				assert.Empty(t, errs)
				assert.Len(t, rows, v.total)
				assert.Equal(t, prefetch, v.peak)
				rounds := (100 + prefetch - 1) / prefetch
				assert.Equal(t, time.Duration(rounds)*latency, time.Since(start))
				assert.Less(t, v.calls(), 100+prefetch, "fewer requests in vain than slots")
			})
		})
	}
}

func TestPrefetchRunsAheadOfASlowPage(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		// Every fourth page takes twice as long: 125 page times in all, at best 31.25 rounds of
		// four.
		v := &vendor{total: 100*10 - 1, latency: func(begin int) time.Duration {
			if begin/10%4 == 0 {
				return 2 * latency
			}
			return latency
		}}
		start := time.Now()
		rows, errs := collect(page.All(t.Context(), v.fetch, page.Options{Count: 10, Prefetch: 4, ShortIsEnd: true}))
		assert.Empty(t, errs)
		assert.Len(t, rows, v.total)
		assert.LessOrEqual(t, time.Since(start), 33*latency, "window by window it would be 50")
		assert.Equal(t, 4, v.peak)
	})
}

func TestPrefetchLearnsTheServersCap(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := &vendor{total: 400, latency: constant(latency), size: func(int, int) int { return 4 }}
		start := time.Now()
		rows, errs := collect(page.All(t.Context(), v.fetch, page.Options{Count: 10, Prefetch: 4}))
		assert.Empty(t, errs)
		assert.Len(t, rows, v.total)
		assert.Equal(t, 26*latency, time.Since(start), "one page shows the cap, the other 99 and the empty one take 25 rounds")
		assert.LessOrEqual(t, v.calls(), 101+3+3, "the first window and the last")
	})
}

func TestPrefetchHoldsFewPagesForASlowConsumer(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		first time.Duration // latency of the first page
		most  int           // pages begun beyond the one in hand
	}{
		"pages in order":  {latency, 4},
		"first page last": {time.Hour, 2*4 - 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				v := &vendor{total: 1000, latency: func(begin int) time.Duration {
					if begin == 0 {
						return c.first
					}
					return latency + time.Duration(begin)*time.Microsecond
				}}
				most := 0
				for r, err := range page.All(t.Context(), v.fetch, page.Options{Count: 10, Prefetch: 4, ShortIsEnd: true}) {
					require.NoError(t, err)
					if r.Record%10 == 0 {
						pause(t.Context(), time.Hour)
						most = max(most, v.calls()-r.Record/10-1)
					}
					if r.Record > 300 {
						break
					}
				}
				assert.Equal(t, c.most, most)
				assert.Zero(t, v.flying())
			})
		})
	}
}

func TestPrefetchGoesOnWhileTheConsumerWorks(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		// A consumer just as fast as one slot in two: its own time is all that is left beside the
		// first page's.
		v := &vendor{total: 199, latency: constant(latency)}
		start := time.Now()
		for r, err := range page.All(t.Context(), v.fetch, page.Options{Count: 10, Prefetch: 2, ShortIsEnd: true}) {
			require.NoError(t, err)
			if r.Record%10 == 0 {
				pause(t.Context(), latency/2)
			}
		}
		assert.Equal(t, latency+20*latency/2, time.Since(start))
	})
}

func TestPrefetchJoinsWhenTheLoopIsLeft(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, prefetch int) {
		for _, deaf := range []bool{false, true} {
			leave := map[string]func(seq func(func(row, error) bool)){
				"break": func(seq func(func(row, error) bool)) {
					for range seq {
						break
					}
				},
				"return": func(seq func(func(row, error) bool)) {
					func() {
						for range seq {
							return
						}
					}()
				},
				"panic": func(seq func(func(row, error) bool)) {
					assert.PanicsWithValue(t, "consumer", func() {
						for range seq {
							panic("consumer")
						}
					})
				},
				"goexit": func(seq func(func(row, error) bool)) {
					gone := make(chan struct{})
					go func() {
						defer close(gone)
						for range seq {
							runtime.Goexit()
						}
					}()
					<-gone
				},
			}
			for name, leave := range leave {
				synctest.Test(t, func(t *testing.T) {
					v := &vendor{total: 1000, deaf: deaf, latency: func(begin int) time.Duration { return latency * time.Duration(1+begin) }}
					start := time.Now()
					leave(page.All(t.Context(), v.fetch, page.Options{Count: 10, Prefetch: prefetch}))
					assert.Zero(t, v.flying(), name)
					calls := v.calls()
					if !deaf {
						assert.Equal(t, latency, time.Since(start), "%s does not wait for pages that nobody wants", name)
					}
					pause(t.Context(), time.Hour)
					assert.Equal(t, calls, v.calls(), name)
				})
			}
		}
	})
}

// A page that is fetched ahead panics where the caller can recover it, and one whose fetch
// ends its goroutine is an error: the range neither hangs nor ends as if the list did.
func TestPrefetchOfAFetchThatDoesNotReturn(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, prefetch int) {
		for name, end := range map[string]func(){"panic": func() { panic("hook") }, "goexit": runtime.Goexit} {
			if name == "goexit" && prefetch <= 1 {
				continue // it ends the caller's goroutine
			}
			synctest.Test(t, func(t *testing.T) {
				v := &vendor{total: 100, latency: constant(latency)}
				fetch := func(ctx context.Context, begin, count int) (page.Page[row], error) {
					if begin == 20 {
						end()
					}
					return v.fetch(ctx, begin, count)
				}
				rows := 0
				var err error
				read := func() {
					for _, e := range page.All(t.Context(), fetch, page.Options{Count: 10, Prefetch: prefetch}) {
						if err = e; err == nil {
							rows++
						}
					}
				}
				if name == "panic" {
					assert.PanicsWithValue(t, "hook", read)
				} else {
					read()
					require.ErrorContains(t, err, "page 3 at record 20: the fetch was aborted")
				}
				assert.Equal(t, 20, rows)
				assert.Zero(t, v.flying())
			})
		}
	})
}

func TestPrefetchStopsBeforeTheLastRows(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := &vendor{total: 5, latency: func(begin int) time.Duration { return latency * time.Duration(1+begin) }}
		for _, err := range page.All(t.Context(), v.fetch, page.Options{Count: 10, Prefetch: 4, ShortIsEnd: true}) {
			require.NoError(t, err)
			require.Zero(t, v.flying())
		}
	})
}

func TestPrefetchAsksForNothingBehindTheEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		// The last page is there long before its turn.
		v := &vendor{total: 15, latency: func(begin int) time.Duration {
			if begin == 0 {
				return time.Hour
			}
			return latency
		}}
		rows, errs := collect(page.All(t.Context(), v.fetch, page.Options{Count: 10, Prefetch: 4, ShortIsEnd: true}))
		assert.Empty(t, errs)
		assert.Len(t, rows, 15)
		assert.Equal(t, 4, v.calls())
	})
}

// scene is a vendor, options, and what a range has to make of them.
type scene struct {
	v     *vendor
	o     page.Options
	rows  []row
	pages int
	err   error
}

func drawScene(rt *rapid.T) scene {
	v := &vendor{total: rapid.IntRange(0, 60).Draw(rt, "total")}
	o := page.Options{
		Count:      rapid.IntRange(1, 10).Draw(rt, "count"),
		Prefetch:   rapid.IntRange(0, 6).Draw(rt, "prefetch"),
		MaxPages:   rapid.SampledFrom([]int{1000, 1000, 5, 1}).Draw(rt, "max pages"),
		ShortIsEnd: rapid.Bool().Draw(rt, "short is end"),
	}
	sizes := rapid.SliceOfN(rapid.IntRange(1, 12), 1, 7).Draw(rt, "sizes")
	switch rapid.SampledFrom([]string{"full", "capped", "ragged"}).Draw(rt, "pages") {
	case "capped":
		v.size = func(_, count int) int { return min(count, sizes[0]) }
	case "ragged":
		v.size = func(begin, _ int) int { return sizes[begin%len(sizes)] }
	}
	delays := rapid.SliceOfN(rapid.IntRange(0, 9), 1, 7).Draw(rt, "delays")
	v.latency = func(begin int) time.Duration { return time.Duration(delays[begin%len(delays)]) * time.Millisecond }
	parts := rapid.SliceOfN(rapid.IntRange(0, 2), 1, 5).Draw(rt, "parts")
	v.parts = func(record int) int { return parts[record%len(parts)] }
	v.deaf = rapid.Bool().Draw(rt, "deaf")
	if failing := rapid.IntRange(-40, 60).Draw(rt, "failing"); failing >= 0 {
		v.fail = func(begin int) error {
			if begin >= failing {
				return errVendor
			}
			return nil
		}
	}
	s := scene{v: v, o: o}
	s.rows, s.pages, s.err = v.walk(o)
	return s
}

func TestProperties(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		s := drawScene(rt)
		rapid.SyncTest(rt, func(rt *rapid.T) {
			seq := page.All(rt.Context(), s.v.fetch, s.o)
			for range 2 {
				s.v.begins = nil
				rows, errs := collect(seq)
				require.Zero(rt, s.v.flying())
				require.Equal(rt, s.rows, rows)
				if s.err == nil {
					require.Empty(rt, errs)
				} else {
					require.Len(rt, errs, 1)
					require.ErrorIs(rt, errs[0], s.err)
				}
				require.LessOrEqual(rt, s.v.peak, max(s.o.Prefetch, 1))
				ahead := s.v.calls() - s.pages
				switch {
				case s.o.Prefetch <= 1:
					require.Zero(rt, ahead, "no request in vain")
				case s.v.size == nil:
					require.Less(rt, ahead, 2*s.o.Prefetch, "guesses are right except those behind the end")
				default:
					require.Less(rt, ahead, 2*s.o.Prefetch*s.pages, "a wrong guess costs no more than its window")
				}
			}
		})
	})
}

func TestPropertiesOfBreak(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		s := drawScene(rt)
		at := rapid.IntRange(0, max(len(s.rows)-1, 0)).Draw(rt, "break")
		rapid.SyncTest(rt, func(rt *rapid.T) {
			n := 0
			for r, err := range page.All(rt.Context(), s.v.fetch, s.o) {
				if err != nil {
					require.ErrorIs(rt, err, s.err)
					continue
				}
				require.Equal(rt, s.rows[n], r)
				if n == at {
					break
				}
				n++
			}
			require.Zero(rt, s.v.flying())
			calls := s.v.calls()
			pause(rt.Context(), time.Hour)
			require.Equal(rt, calls, s.v.calls())
		})
	})
}

func TestPropertiesOfCancel(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		s := drawScene(rt)
		timeout := time.Duration(rapid.IntRange(0, 200_000).Draw(rt, "µs")) * time.Microsecond
		work := time.Duration(rapid.IntRange(0, 3).Draw(rt, "work ms")) * time.Millisecond
		rapid.SyncTest(rt, func(rt *rapid.T) {
			ctx, cancel := context.WithTimeout(rt.Context(), timeout)
			defer cancel()
			var rows []row
			var last error
			for r, err := range page.All(ctx, s.v.fetch, s.o) {
				require.NoError(rt, last, "nothing comes behind an error")
				if last = err; err == nil {
					rows = append(rows, r)
					pause(rt.Context(), work)
				}
			}
			require.Zero(rt, s.v.flying())
			require.LessOrEqual(rt, len(rows), len(s.rows))
			for i, r := range rows {
				require.Equal(rt, s.rows[i], r)
			}
			if last == nil {
				require.NoError(rt, s.err)
				require.Equal(rt, s.rows, rows, "a list ends whole or with an error")
			} else if s.err == nil {
				require.ErrorIs(rt, last, context.DeadlineExceeded)
			}
		})
	})
}
