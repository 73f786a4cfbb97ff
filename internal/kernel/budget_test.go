package kernel_test

import (
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/internal/kernel"
)

// However many calls meet a vendor that is down, together they send one attempt each
// and the retries of the budget.
func TestRetryBudget(t *testing.T) {
	t.Parallel()
	for name, down := range map[string]responder{
		"503": always(503, ""), "429": always(429, ""), "reset": failing(syscall.ECONNRESET), "dial": failing(opError("dial", syscall.ECONNREFUSED)),
		"cut": cutBody(syscall.ECONNRESET), "busy": always(200, refusal("busy", "")),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				const calls, budget = 200, 100
				rt := &fake{answer: down}
				c := newClient(t, rt)
				var spent atomic.Int32
				var wg sync.WaitGroup
				for range calls {
					wg.Go(func() {
						e := failure(t, c.Do(t.Context(), call(kernel.Read)))
						if e.BudgetSpent {
							spent.Add(1)
							assert.ErrorIs(t, e, kernel.ErrRetryBudget)
							assert.Contains(t, e.Error(), "(retry budget used up)")
							assert.Contains(t, fmt.Sprint(e.LogValue()), "budgetSpent=true")
						} else {
							assert.NotErrorIs(t, e, kernel.ErrRetryBudget)
						}
					})
				}
				wg.Wait()
				assert.Equal(t, calls+budget, rt.sent())
				assert.Positive(t, spent.Load())

				e := failure(t, c.Do(t.Context(), call(kernel.Read)))
				assert.True(t, e.BudgetSpent, "time alone fills nothing")
				assert.Equal(t, 1, e.Attempts)
			})
		})
	}
}

// Five calls that need no retry earn one; a retry that succeeds costs nothing.
func TestRetryBudgetRecovers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		up := false
		rt := &fake{answer: func(_ int, r *http.Request) (*http.Response, error) {
			if up {
				return respond(r, 200, good), nil
			}
			return respond(r, 503, ""), nil
		}}
		c := newClient(t, rt, kernel.WithRetryBudget(3))
		down := func() int {
			up = false
			return failure(t, c.Do(t.Context(), call(kernel.Read))).Attempts
		}
		assert.Equal(t, 4, down())
		assert.Equal(t, 1, down())
		for range 4 {
			up = true
			require.NoError(t, c.Do(t.Context(), call(kernel.Read)))
		}
		assert.Equal(t, 1, down())
		up = true
		require.NoError(t, c.Do(t.Context(), call(kernel.Read)))
		assert.Equal(t, 2, down(), "five successes have earned one retry")
		for range 100 {
			up = true
			require.NoError(t, c.Do(t.Context(), call(kernel.Read)))
		}
		assert.Equal(t, 4, down(), "but no more than there was")

		once := &fake{answer: func(n int, r *http.Request) (*http.Response, error) {
			return respond(r, []int{200, 503}[n%2], good), nil
		}}
		c = newClient(t, once, kernel.WithRetryBudget(1))
		for range 50 {
			require.NoError(t, c.Do(t.Context(), call(kernel.Read)))
		}
		assert.Equal(t, 100, once.sent(), "every second attempt failed, and none of the calls")
	})
}

func TestRetryBudgetOff(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		rt := &fake{answer: always(503, "")}
		c := newClient(t, rt, kernel.WithRetryBudget(0))
		for range 50 {
			assert.False(t, failure(t, c.Do(t.Context(), call(kernel.Read))).BudgetSpent)
		}
		assert.Equal(t, 300, rt.sent())
	})
}

// The last attempt that a call may make anyway is not the budget's fault, nor is a
// failure that is not repeated; and the replay with another token is free.
func TestRetryBudgetIsNotBlamed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for _, answer := range []responder{always(400, ""), always(200, refusal("7", "")), always(503, "", "Retry-After", "3600")} {
			c := newClient(t, &fake{answer: answer}, kernel.WithRetryBudget(1))
			for range 3 {
				assert.False(t, failure(t, c.Do(t.Context(), call(kernel.Read))).BudgetSpent)
			}
		}
		c := newClient(t, &fake{answer: always(503, "")}, kernel.WithRetry(1, time.Second), kernel.WithRetryBudget(1))
		assert.False(t, failure(t, c.Do(t.Context(), call(kernel.Read))).BudgetSpent)

		rt := &fake{answer: byToken(401, "", "new")}
		c = newClient(t, rt, kernel.WithRetryBudget(1))
		for range 10 {
			require.NoError(t, c.Do(t.Context(), withTokens(kernel.Read, tokens("old", "new"))))
		}
		assert.Equal(t, 20, rt.sent())
	})
}
