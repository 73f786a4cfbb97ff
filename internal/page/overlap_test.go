package page_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/orgbridge/orgbridge/internal/page"
)

// list is a server whose records change while they are read.
type list struct {
	mu       sync.Mutex
	rows     []int
	begins   []int
	change   map[int]func(rows []int) []int // before the answer to that request, from 1
	latency  time.Duration
	deaf     bool // to begin
	inFlight int
}

func numbers(from, to int) []int {
	var rows []int
	for i := from; i < to; i++ {
		rows = append(rows, i)
	}
	return rows
}

func (l *list) fetch(ctx context.Context, begin, count int) (page.Page[int], error) {
	l.mu.Lock()
	l.begins = append(l.begins, begin)
	if change := l.change[len(l.begins)]; change != nil {
		l.rows = change(slices.Clone(l.rows))
	}
	if l.deaf {
		begin = 0
	}
	begin = min(begin, len(l.rows))
	rows := slices.Clone(l.rows[begin:min(begin+count, len(l.rows))])
	l.inFlight++
	l.mu.Unlock()
	defer func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.inFlight--
	}()
	if l.latency > 0 {
		timer := time.NewTimer(l.latency)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-ctx.Done():
			return page.Page[int]{}, ctx.Err()
		}
	}
	return page.Page[int]{Rows: rows, Records: len(rows)}, nil
}

func (l *list) flying() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.inFlight
}

func equal(a, b int) bool { return a == b }

// overlapping ranges over l to the end.
func overlapping(ctx context.Context, l *list, o page.Options) (rows []int, slid int, err error) {
	for row, e := range page.Overlapping(ctx, l.fetch, o, equal, func() { slid++ }) {
		if e != nil {
			return rows, slid, e
		}
		rows = append(rows, row)
	}
	return rows, slid, nil
}

func unique(rows []int) []int {
	rows = slices.Clone(rows)
	slices.Sort(rows)
	return slices.Compact(rows)
}

func TestOverlapOfAListAtRest(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, prefetch int) {
		for total, begins := range map[int][]int{
			0: {0}, 1: {0}, 9: {0}, 10: {0, 9}, 11: {0, 9}, 18: {0, 9}, 19: {0, 9, 18}, 20: {0, 9, 18}, 25: {0, 9, 18},
		} {
			l := &list{rows: numbers(0, total)}
			for range 2 {
				l.begins = nil
				rows, slid, err := overlapping(t.Context(), l, page.Options{ShortIsEnd: true, Count: 10, Prefetch: prefetch})
				require.NoError(t, err)
				assert.Equal(t, numbers(0, total), rows)
				assert.Zero(t, slid)
				assert.Subset(t, l.begins, begins)
				if prefetch <= 1 {
					assert.Equal(t, begins, l.begins)
				}
			}
		}
	})
}

func TestOverlapOfOne(t *testing.T) {
	t.Parallel()
	l := &list{rows: numbers(0, 3)}
	rows, slid, err := overlapping(t.Context(), l, page.Options{ShortIsEnd: true, Count: 1})
	require.NoError(t, err)
	assert.Equal(t, numbers(0, 3), rows)
	assert.Zero(t, slid)
	assert.Equal(t, []int{0, 1, 2, 3}, l.begins)
}

func TestOverlapOfTwo(t *testing.T) {
	t.Parallel()
	l := &list{rows: numbers(0, 5)}
	rows, _, err := overlapping(t.Context(), l, page.Options{ShortIsEnd: true, Count: 2})
	require.NoError(t, err)
	assert.Equal(t, numbers(0, 5), rows)
	assert.Equal(t, []int{0, 1, 2, 3, 4}, l.begins)
}

// Rows go away or come while a page is read. Every row that was there all the time is found.
func TestOverlapOfAListThatChanges(t *testing.T) {
	t.Parallel()
	drop := func(from, to int) func([]int) []int {
		return func(rows []int) []int { return slices.Delete(rows, from, to) }
	}
	put := func(at, n int) func([]int) []int {
		return func(rows []int) []int { return slices.Insert(rows, at, numbers(-n, 0)...) }
	}
	for name, c := range map[string]struct {
		total  int
		change map[int]func([]int) []int
		begins []int // without prefetch
		slid   bool
		lost   []int // of those that were there all the time
	}{
		"early rows go with page 2": {35, map[int]func([]int) []int{2: drop(0, 6)}, []int{0, 9, 0, 9, 18, 27}, false, nil},
		"early rows go with page 3": {35, map[int]func([]int) []int{3: drop(0, 6)}, []int{0, 9, 18, 9, 18, 27}, false, nil},
		"the last row read goes":    {35, map[int]func([]int) []int{3: drop(18, 19)}, []int{0, 9, 18, 9, 18, 27}, false, nil},
		"both borders go":           {35, map[int]func([]int) []int{3: drop(9, 19)}, []int{0, 9, 18, 9, 0, 9, 18}, false, nil},
		"more than a page goes":     {60, map[int]func([]int) []int{4: drop(0, 12)}, []int{0, 9, 18, 27, 18, 9, 18, 27, 36, 45}, false, nil},
		"the rest goes":             {35, map[int]func([]int) []int{3: drop(12, 35)}, []int{0, 9, 18, 9}, false, nil},
		"all go":                    {35, map[int]func([]int) []int{3: drop(0, 35)}, []int{0, 9, 18, 9, 0}, false, nil},
		"rows go three times": {60, map[int]func([]int) []int{3: drop(0, 6), 5: drop(0, 6), 7: drop(0, 6)},
			[]int{0, 9, 18, 9, 18, 9, 18, 9, 18, 27, 36}, false, nil},
		"rows go four times": {80, map[int]func([]int) []int{3: drop(0, 6), 5: drop(0, 6), 7: drop(0, 6), 9: drop(0, 6)},
			[]int{0, 9, 18, 9, 18, 9, 18, 9, 18, 27, 36, 45, 54}, true, numbers(37, 42)},
		"rows come near":       {35, map[int]func([]int) []int{3: put(0, 3)}, []int{0, 9, 18, 9, 0, 9, 18, 27, 36}, false, nil},
		"rows come far back":   {80, map[int]func([]int) []int{6: put(0, 3)}, []int{0, 9, 18, 27, 36, 45, 36, 27, 18, 27, 36, 45, 54, 63, 72, 81}, true, nil},
		"a page of rows comes": {35, map[int]func([]int) []int{3: put(0, 9)}, []int{0, 9, 18, 9, 0, 9, 18, 27, 36}, false, nil},
		"rows come at the end": {35, map[int]func([]int) []int{3: func(rows []int) []int { return append(rows, 99) }},
			[]int{0, 9, 18, 27}, false, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			each(t, func(t *testing.T, prefetch int) {
				l := &list{rows: numbers(0, c.total), change: c.change}
				rows, slid, err := overlapping(t.Context(), l, page.Options{ShortIsEnd: true, Count: 10, Prefetch: prefetch})
				require.NoError(t, err)
				if prefetch > 1 {
					if slid == 0 {
						for _, row := range l.rows {
							assert.True(t, row < 0 || row >= c.total || slices.Contains(rows, row), "%d is lost", row)
						}
					}
					return
				}
				assert.Equal(t, c.begins, l.begins)
				assert.Equal(t, c.slid, slid == 1)
				var lost []int
				for _, row := range l.rows {
					if row >= 0 && !slices.Contains(rows, row) {
						lost = append(lost, row)
					}
				}
				assert.Equal(t, c.lost, lost)
			})
		})
	}
}

// Nothing that was there from begin to end is lost unless the range says so, whenever rows go.
func TestOverlapLosesNothingSilently(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		l := &list{rows: numbers(0, rapid.IntRange(0, 80).Draw(rt, "total")), change: map[int]func([]int) []int{}}
		for range rapid.IntRange(0, 4).Draw(rt, "changes") {
			at := rapid.IntRange(1, 12).Draw(rt, "request")
			from, n := rapid.IntRange(0, 80).Draw(rt, "from"), rapid.IntRange(1, 25).Draw(rt, "n")
			more := rapid.IntRange(0, 3).Draw(rt, "more")
			l.change[at] = func(rows []int) []int {
				from := min(from, len(rows))
				rows = slices.Delete(rows, from, min(from+n, len(rows)))
				for i := range more {
					rows = append(rows, 1000*at+i)
				}
				return rows
			}
		}
		before := slices.Clone(l.rows)
		o := page.Options{ShortIsEnd: true, Count: rapid.IntRange(2, 12).Draw(rt, "count"), Prefetch: rapid.IntRange(0, 5).Draw(rt, "prefetch")}
		rows, slid, err := overlapping(t.Context(), l, o)
		if o.Prefetch > 1 && errors.Is(err, page.ErrRepeatedPage) {
			// A page read ahead may be older than the one before it, which then looks as if
			// rows had come in between. Twice that is an error, and not silent.
			return
		}
		require.NoError(rt, err)
		require.LessOrEqual(rt, slid, 1)
		if slid == 0 {
			for _, row := range before {
				require.True(rt, !slices.Contains(l.rows, row) || slices.Contains(rows, row), "%d is lost", row)
			}
		}
	})
}

func TestOverlapOfAServerThatIgnoresBegin(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, prefetch int) {
		l := &list{rows: numbers(0, 35), deaf: true}
		rows, slid, err := overlapping(t.Context(), l, page.Options{ShortIsEnd: true, Count: 10, Prefetch: prefetch})
		require.ErrorIs(t, err, page.ErrRepeatedPage)
		require.ErrorContains(t, err, "at record 9: page repeats the page before it")
		assert.Equal(t, numbers(0, 10), unique(rows))
		assert.LessOrEqual(t, len(l.begins), 8*(1+prefetch))
		assert.Zero(t, slid)
	})
}

func TestOverlapTooManyPages(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, prefetch int) {
		l := &list{rows: numbers(0, 100)}
		rows, _, err := overlapping(t.Context(), l, page.Options{ShortIsEnd: true, Count: 10, Prefetch: prefetch, MaxPages: 3})
		require.ErrorIs(t, err, page.ErrTooManyPages)
		assert.Equal(t, numbers(0, 28), rows)
		assert.Len(t, l.begins, 3)
	})
}

func TestOverlapStopsWhenLeft(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, prefetch int) {
		synctest.Test(t, func(t *testing.T) {
			l := &list{rows: numbers(0, 1000), latency: latency}
			start := time.Now()
			for row, err := range page.Overlapping(t.Context(), l.fetch, page.Options{ShortIsEnd: true, Count: 10, Prefetch: prefetch}, equal, func() {}) {
				require.NoError(t, err)
				if row == 15 {
					break
				}
			}
			assert.Zero(t, l.flying())
			assert.LessOrEqual(t, time.Since(start), 2*latency)

			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			var last error
			for row, err := range page.Overlapping(ctx, l.fetch, page.Options{ShortIsEnd: true, Count: 10, Prefetch: prefetch}, equal, func() {}) {
				require.NoError(t, last, "nothing comes after an error")
				last = err
				if row == 5 {
					cancel()
				}
			}
			require.ErrorIs(t, last, context.Canceled)
			assert.Zero(t, l.flying())
		})
	})
}

// Guesses take the overlap into account: a list at rest costs no wasted request except those beyond
// the end.
func TestOverlapPrefetchTakesTheTimeOfTheRounds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := &list{rows: numbers(0, 100*9), latency: latency}
		start := time.Now()
		rows, _, err := overlapping(t.Context(), l, page.Options{ShortIsEnd: true, Count: 10, Prefetch: 4})
		require.NoError(t, err)
		assert.Equal(t, numbers(0, 900), rows)
		assert.Equal(t, 25*latency, time.Since(start))
		assert.Len(t, unique(l.begins), len(l.begins), "no page is read twice")
	})
}

func TestOverlapRefusesGroups(t *testing.T) {
	t.Parallel()
	fetch := func(context.Context, int, int) (page.Page[int], error) {
		return page.Page[int]{Rows: []int{1}, Records: 2}, nil
	}
	_, err := func() (row int, err error) {
		for row, err = range page.Overlapping(t.Context(), fetch, page.Options{ShortIsEnd: true, Count: 2}, equal, func() {}) {
			break
		}
		return row, err
	}()
	require.ErrorContains(t, err, "2 records cannot have 1 rows")
}
