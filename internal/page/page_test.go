package page_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/internal/page"
)

// each runs a test without and with prefetch: the rules are the same.
func each(t *testing.T, test func(t *testing.T, prefetch int)) {
	t.Helper()
	for _, prefetch := range []int{0, 1, 2, 4, 9} {
		t.Run(fmt.Sprint("prefetch ", prefetch), func(t *testing.T) {
			t.Parallel()
			test(t, prefetch)
		})
	}
}

func TestAllYieldsEveryRowInOrderAndAgain(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, prefetch int) {
		v := &vendor{total: 25}
		seq := page.All(t.Context(), v.fetch, page.Options{Count: 10, Prefetch: prefetch, ShortIsEnd: true})
		assert.Zero(t, v.calls(), "nothing is requested before the range")
		for range 2 {
			rows, errs := collect(seq)
			require.Empty(t, errs)
			require.Len(t, rows, 25)
			for i, r := range rows {
				require.Equal(t, i, r.Record)
			}
		}
	})
}

func TestAllEnds(t *testing.T) {
	t.Parallel()
	capped := func(n int) func(int, int) int { return func(int, int) int { return n } }
	for name, c := range map[string]struct {
		vendor *vendor
		short  bool
		want   int // rows
		begins []int
	}{
		"empty list":                             {&vendor{}, true, 0, []int{0}},
		"short page is the end":                  {&vendor{total: 14}, true, 14, []int{0, 10}},
		"multiple of the page: an empty page":    {&vendor{total: 20}, true, 20, []int{0, 10, 20}},
		"short page is not the end":              {&vendor{total: 14}, false, 14, []int{0, 10, 14}},
		"server caps its pages":                  {&vendor{total: 14, size: capped(6)}, false, 14, []int{0, 6, 12, 14}},
		"server caps its pages, short is end":    {&vendor{total: 14, size: capped(6)}, true, 6, []int{0}},
		"server sends more than it is asked for": {&vendor{total: 30, size: capped(15)}, true, 30, []int{0, 15, 30}},
		"rows of a page without records": {&vendor{answer: func(int, int) page.Page[row] {
			return page.Page[row]{Rows: []row{{1, 1}}}
		}}, false, 1, []int{0}},
		"page without rows is not the end": {&vendor{total: 20, parts: func(record int) int { return record / 10 }}, true, 10, []int{0, 10, 20}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, prefetch := range []int{4, 1} {
				c.vendor.begins = nil
				rows, errs := collect(page.All(t.Context(), c.vendor.fetch, page.Options{Count: 10, Prefetch: prefetch, ShortIsEnd: c.short}))
				assert.Empty(t, errs)
				assert.Len(t, rows, c.want)
				assert.Subset(t, c.vendor.begins, c.begins)
			}
			assert.Equal(t, c.begins, c.vendor.begins, "one after the other nothing is asked for in vain")
		})
	}
}

func TestAllErrors(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, prefetch int) {
		v := &vendor{total: 100, fail: func(begin int) error {
			if begin >= 20 {
				return errVendor
			}
			return nil
		}}
		rows, errs := collect(page.All(t.Context(), v.fetch, page.Options{Count: 10, Prefetch: prefetch}))
		assert.Len(t, rows, 20)
		require.Len(t, errs, 1)
		require.ErrorIs(t, errs[0], errVendor)
		require.EqualError(t, errs[0], "page 3 at record 20: vendor refused")
		assert.Zero(t, v.flying())
	})
}

func TestAllErrorBeyondTheEnd(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, prefetch int) {
		v := &vendor{total: 15, fail: func(begin int) error {
			if begin > 15 {
				return errVendor
			}
			return nil
		}}
		rows, errs := collect(page.All(t.Context(), v.fetch, page.Options{Count: 10, Prefetch: prefetch, ShortIsEnd: true}))
		assert.Len(t, rows, 15)
		assert.Empty(t, errs)
	})
}

func TestAllErrorYieldsZeroAndStopsFirst(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, prefetch int) {
		synctest.Test(t, func(t *testing.T) {
			v := &vendor{
				fail:    func(int) error { return errVendor },
				latency: func(begin int) time.Duration { return latency * time.Duration(1+begin) },
			}
			for r, err := range page.All(t.Context(), v.fetch, page.Options{Count: 10, Prefetch: prefetch}) {
				require.ErrorIs(t, err, errVendor)
				assert.Zero(t, r)
				assert.Zero(t, v.flying(), "nothing goes on while the consumer handles the error")
			}
		})
	})
}

func TestAllRepeatedPage(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, prefetch int) {
		v := &vendor{answer: func(_, count int) page.Page[row] {
			return page.Page[row]{Rows: []row{{1, 1}, {2, 2}}, Records: count}
		}}
		rows, errs := collect(page.All(t.Context(), v.fetch, page.Options{Count: 2, Prefetch: prefetch}))
		assert.Len(t, rows, 2, "the repeated rows are not yielded")
		require.Len(t, errs, 1)
		require.ErrorIs(t, errs[0], page.ErrRepeatedPage)
		require.EqualError(t, errs[0], "page 2 at record 2: page repeats the page before it")
	})
}

func TestAllRepeatedShortPage(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, prefetch int) {
		v := &vendor{answer: func(int, int) page.Page[row] {
			return page.Page[row]{Rows: []row{{1, 1}}, Records: 1}
		}}
		rows, errs := collect(page.All(t.Context(), v.fetch, page.Options{Count: 2, Prefetch: prefetch}))
		assert.Len(t, rows, 1)
		require.Len(t, errs, 1)
		require.ErrorIs(t, errs[0], page.ErrRepeatedPage)
	})
}

func TestAllPagesWithoutRowsDoNotRepeat(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, prefetch int) {
		v := &vendor{total: 30, parts: func(int) int { return 0 }}
		rows, errs := collect(page.All(t.Context(), v.fetch, page.Options{Count: 10, Prefetch: prefetch}))
		assert.Empty(t, rows)
		assert.Empty(t, errs)
	})
}

func TestAllTooManyPages(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, prefetch int) {
		v := &vendor{total: 1000}
		rows, errs := collect(page.All(t.Context(), v.fetch, page.Options{Count: 10, Prefetch: prefetch, MaxPages: 3}))
		assert.Len(t, rows, 30)
		require.Len(t, errs, 1)
		require.ErrorIs(t, errs[0], page.ErrTooManyPages)
		assert.Equal(t, 3, v.calls(), "no page beyond the cap is asked for")

		// The list ends just with the last page that is allowed.
		v = &vendor{total: 20}
		rows, errs = collect(page.All(t.Context(), v.fetch, page.Options{Count: 10, Prefetch: prefetch, MaxPages: 3}))
		assert.Len(t, rows, 20)
		assert.Empty(t, errs)
	})
}

func TestAllDefaultPageCap(t *testing.T) {
	t.Parallel()
	v := &vendor{total: page.DefaultMaxPages + 1}
	rows, errs := collect(page.All(t.Context(), v.fetch, page.Options{Count: 1, MaxPages: -1}))
	assert.Len(t, rows, page.DefaultMaxPages)
	require.Len(t, errs, 1)
	require.ErrorIs(t, errs[0], page.ErrTooManyPages)
}

func TestAllBadNumbers(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, prefetch int) {
		for _, count := range []int{0, -1} {
			v := &vendor{total: 3}
			_, errs := collect(page.All(t.Context(), v.fetch, page.Options{Count: count, Prefetch: prefetch}))
			require.Len(t, errs, 1)
			require.ErrorContains(t, errs[0], "Count")
			assert.Zero(t, v.calls())
		}
		v := &vendor{answer: func(int, int) page.Page[row] { return page.Page[row]{Records: -1} }}
		_, errs := collect(page.All(t.Context(), v.fetch, page.Options{Count: 1, Prefetch: prefetch}))
		require.Len(t, errs, 1)
		require.ErrorContains(t, errs[0], "-1 records")
	})
}

func TestAllContext(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, prefetch int) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		v := &vendor{total: 100}
		var rows, errs int
		for r, err := range page.All(ctx, v.fetch, page.Options{Count: 10, Prefetch: prefetch}) {
			if err != nil {
				errs++
				require.ErrorIs(t, err, context.Canceled)
				require.ErrorContains(t, err, "page 3 at record 20")
				continue
			}
			rows++
			if r.Record == 15 {
				cancel()
			}
		}
		assert.Equal(t, 20, rows, "a page in hand is yielded to its end")
		assert.Equal(t, 1, errs)

		v = &vendor{total: 100}
		_, got := collect(page.All(ctx, v.fetch, page.Options{Count: 10, Prefetch: prefetch}))
		require.Len(t, got, 1)
		require.ErrorIs(t, got[0], context.Canceled)
		assert.Zero(t, v.calls(), "an ended context asks for nothing")
	})
}
