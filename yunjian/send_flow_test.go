package yunjian_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/orgbridge/orgbridge/yunjian"
	"github.com/orgbridge/orgbridge/yunjian/yunjiantest"
)

// fake answers every request with 200 and a JSON text.
type fake func(*http.Request) string

func (f fake) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{
		StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}},
		Body: io.NopCloser(strings.NewReader(f(r))), Request: r,
	}, nil
}

func simulated(t testing.TB, options ...yunjiantest.Option) *yunjiantest.Server {
	t.Helper()
	s := yunjiantest.NewInMemory(options...)
	t.Cleanup(s.Close)
	return s
}

func clientOf(t testing.TB, s *yunjiantest.Server, change func(*yunjian.Config), options ...yunjian.Option) *yunjian.Client {
	t.Helper()
	config := s.Config()
	if change != nil {
		change(&config)
	}
	c, err := yunjian.New(config, append([]yunjian.Option{yunjian.WithHTTPClient(s.HTTPClient())}, options...)...)
	require.NoError(t, err)
	return c
}

func TestPushToTheSimulator(t *testing.T) {
	t.Parallel()
	s := simulated(t)
	c := clientOf(t, s, func(c *yunjian.Config) { c.ChunkSize = 2 })
	list := users(5)
	list[3].Level, list[3].Birthday = yunjian.Set("P6"), yunjian.Set(yunjian.Date{Year: 1990, Month: 1, Day: 2})
	result, err := c.SyncUsers(t.Context(), list)
	require.NoError(t, err)
	assert.Equal(t, list, s.Users())
	assert.Equal(t, 3, s.Count(yunjiantest.OpSyncUsers))
	assert.Equal(t, 1, s.Count(yunjiantest.OpGetSession), "one session for all chunks")
	for i, item := range result.Succeeded {
		assert.Equal(t, i, item.Index)
		assert.Equal(t, s.BindID(strconv.Itoa(i)), item.Ref)
	}

	// An absent field leaves what is held, a cleared one clears it.
	change := user("3")
	change.Level, change.IsLeave = yunjian.Set(""), true
	_, err = c.SyncUsers(t.Context(), []yunjian.User{change})
	require.NoError(t, err)
	held := s.Users()[3]
	assert.Equal(t, yunjian.Set(""), held.Level)
	assert.True(t, held.Birthday.IsSet())
	assert.True(t, held.IsLeave)
}

func TestPushWithFailures(t *testing.T) {
	t.Parallel()
	for _, omit := range []bool{false, true} {
		for _, numbers := range []bool{false, true} {
			t.Run(fmt.Sprint(omit, numbers), func(t *testing.T) {
				t.Parallel()
				s := simulated(t)
				s.OmitSuccesses(omit)
				s.AnswerNumbers(numbers)
				s.RefuseRecord("1", "职级未维护,同步失败")
				result, err := clientOf(t, s, nil).SyncUsers(t.Context(), users(3))
				require.ErrorIs(t, err, yunjian.ErrUserFailed)
				require.Len(t, result.Failed, 1)
				assert.Equal(t, 1, result.Failed[0].Index)
				assert.Equal(t, "职级未维护,同步失败", result.Failed[0].Message)
				require.Len(t, result.Succeeded, 2)
				assert.Equal(t, omit, result.Succeeded[0].Ref == "")
				assert.Equal(t, err, result.Err())
			})
		}
	}
}

func TestCardsAreSentOnRequestOnly(t *testing.T) {
	t.Parallel()
	s := simulated(t)
	list := []yunjian.User{canaryUser()}
	_, err := clientOf(t, s, nil).SyncUsers(t.Context(), list)
	require.NoError(t, err)
	assert.Empty(t, s.Users()[0].CardInfo)
	_, err = clientOf(t, s, func(c *yunjian.Config) { c.SendCards = true }).SyncUsers(t.Context(), list)
	require.NoError(t, err)
	assert.Equal(t, list[0].CardInfo, s.Users()[0].CardInfo)
}

func TestExpiredSessionIsRenewedOnce(t *testing.T) {
	t.Parallel()
	s := simulated(t)
	c := clientOf(t, s, nil)
	_, err := c.SyncUsers(t.Context(), users(1))
	require.NoError(t, err)
	s.ExpireSessions()
	_, err = c.SyncUsers(t.Context(), users(1))
	require.NoError(t, err)
	assert.Equal(t, 2, s.Count(yunjiantest.OpGetSession))
	assert.Equal(t, 3, s.Count(yunjiantest.OpSyncUsers))

	// A refusal that has another cause is replayed once, not forever.
	s.Reset()
	s.Inject(yunjiantest.Body(200, "application/json", `{"resCode":20009,"resMsg":"no"}`).On(yunjiantest.OpSyncUsers).Always())
	result, err := c.SyncUsers(t.Context(), users(1))
	require.Error(t, err)
	require.NotErrorIs(t, err, yunjian.ErrOutcomeUnknown)
	assert.Len(t, result.Failed, 1)
	assert.Equal(t, 2, s.Count(yunjiantest.OpSyncUsers))
	assert.Equal(t, 1, s.Count(yunjiantest.OpGetSession))
}

func TestGivenSessionIsNotRenewed(t *testing.T) {
	t.Parallel()
	s := simulated(t)
	c := clientOf(t, s, func(c *yunjian.Config) { c.Session = yunjian.SessionID("121312") })
	_, err := c.SyncUsers(t.Context(), users(1))
	var e *yunjian.Error
	require.ErrorAs(t, err, &e)
	assert.Equal(t, "20004", e.Code)
	assert.Equal(t, 1, s.Count(yunjiantest.OpSyncUsers))
}

func TestTimeLimitIsObeyed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := yunjiantest.NewInMemory(yunjiantest.WithSessionLife(time.Hour))
		defer s.Close()
		c := clientOf(t, s, nil)
		push := func() {
			_, err := c.SyncUsers(t.Context(), users(1))
			require.NoError(t, err)
		}
		push()
		<-time.After(50 * time.Minute)
		push()
		assert.Equal(t, 1, s.Count(yunjiantest.OpGetSession))
		<-time.After(11 * time.Minute)
		push()
		assert.Equal(t, 2, s.Count(yunjiantest.OpGetSession))
		assert.Equal(t, 3, s.Count(yunjiantest.OpSyncUsers), "no push met an ended session")
	})
}

// Without timeLimit a session is kept for minutes, not forever.
func TestMissingTimeLimit(t *testing.T) {
	t.Parallel()
	for _, limit := range []string{``, `,"timeLimit":0`, `,"timeLimit":""`, `,"timeLimit":null`} {
		synctest.Test(t, func(t *testing.T) {
			logins := 0
			c, err := canaryClient(yunjian.WithHTTPClient(&http.Client{Transport: fake(func(r *http.Request) string {
				if isSession(r) {
					logins++
					return fmt.Sprintf(`{"resCode":10000,"resMsg":"success","sessionId":%d%s}`, logins, limit)
				}
				return `{"resCode":10000,"resMsg":"success","data":[]}`
			})}))
			require.NoError(t, err)
			for range 3 {
				_, err = c.SyncUsers(t.Context(), users(1))
				require.NoError(t, err)
			}
			assert.Equal(t, 1, logins)
			<-time.After(10 * time.Minute)
			_, err = c.SyncUsers(t.Context(), users(1))
			require.NoError(t, err)
			assert.Equal(t, 2, logins)
		})
	}
}

func TestRetriesAreStampedAnew(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := yunjiantest.NewInMemory()
		defer s.Close()
		s.Inject(yunjiantest.RateLimited(6 * time.Minute).On(yunjiantest.OpGetSession))
		c := clientOf(t, s, nil, yunjian.WithRetry(2, 10*time.Minute))
		// The token fetch gives up after 30 seconds, so the wait is not made.
		_, err := c.SyncUsers(t.Context(), users(1))
		require.ErrorIs(t, err, yunjian.ErrRateLimited)
		require.ErrorIs(t, err, yunjian.ErrNotSent)
		s.Inject(yunjiantest.RateLimited(20*time.Second).On(yunjiantest.OpGetSession), yunjiantest.Status(503).On(yunjiantest.OpSyncUsers))
		_, err = c.SyncUsers(t.Context(), users(1))
		require.NoError(t, err)
		stamps := s.RequestsTo(yunjiantest.OpGetSession)
		require.Len(t, stamps, 3)
		assert.NotEqual(t, string(stamps[1].Body), string(stamps[2].Body))
	})
}

func TestFaultsOfThePush(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fault   yunjiantest.Fault
		is      error
		unknown bool
		goesOn  bool // to the next chunk
	}{
		"reset":        {yunjiantest.ResetConnection(), yunjian.ErrUnavailable, true, false},
		"lost":         {yunjiantest.LoseAnswer(), yunjian.ErrUnavailable, true, false},
		"HTML":         {yunjiantest.HTML(), yunjian.ErrMalformed, true, false},
		"cut":          {yunjiantest.CutBody(), yunjian.ErrMalformed, true, false},
		"unauthorized": {yunjiantest.Status(401), yunjian.ErrUnauthorized, false, false},
		"throttled":    {yunjiantest.RateLimited(time.Hour), yunjian.ErrRateLimited, false, false},
		"down":         {yunjiantest.Status(503), yunjian.ErrUnavailable, true, false},
		"too large":    {yunjiantest.Status(413), nil, false, true},
		"refused":      {yunjiantest.Body(200, "application/json", `{"resCode":1,"resMsg":"x"}`), nil, false, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := simulated(t)
			s.Inject(c.fault.On(yunjiantest.OpSyncUsers).After(1).Times(2)) // the second one against the replay
			cl := clientOf(t, s, func(c *yunjian.Config) { c.ChunkSize = 1 }, yunjian.WithRetry(1, time.Millisecond))
			result, err := cl.SyncUsers(t.Context(), users(3))
			require.Error(t, err)
			if c.is != nil && name != "cut" {
				require.ErrorIs(t, err, c.is)
			}
			require.NotEmpty(t, result.Succeeded)
			assert.Equal(t, 0, result.Succeeded[0].Index)
			require.NotEmpty(t, result.Failed)
			assert.Equal(t, 1, result.Failed[0].Index)
			assert.Equal(t, c.unknown, isUnknown(result.Failed[0].Err))
			require.NotErrorIs(t, result.Failed[0].Err, yunjian.ErrNotSent)
			if c.goesOn {
				assert.Equal(t, 3, len(result.Failed)+len(result.Succeeded))
				for _, item := range result.Failed {
					require.NotErrorIs(t, item.Err, yunjian.ErrNotSent)
				}
				return
			}
			require.Len(t, result.Failed, 1)
			require.Len(t, result.Unsent, 1)
			require.ErrorIs(t, result.Unsent[0].Err, yunjian.ErrNotSent)
			assert.False(t, isUnknown(result.Unsent[0].Err))
		})
	}
}

// The session ends, and cannot be had again, between two attempts of which the
// first may have been carried out.
func TestLostSessionKeepsTheOutcomeUnknown(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := yunjiantest.NewInMemory(yunjiantest.WithSessionLife(20 * time.Second))
		defer s.Close()
		c := clientOf(t, s, nil, yunjian.WithRetry(2, time.Minute))
		s.Inject(
			yunjiantest.Status(503).WithHeader("Retry-After", "30").On(yunjiantest.OpSyncUsers),
			yunjiantest.Status(403).On(yunjiantest.OpGetSession).After(1).Always(),
		)
		result, err := c.SyncUsers(t.Context(), users(1))
		require.ErrorIs(t, err, yunjian.ErrOutcomeUnknown)
		require.ErrorIs(t, err, yunjian.ErrUnauthorized)
		require.NotErrorIs(t, err, yunjian.ErrNotSent)
		var e *yunjian.Error
		require.ErrorAs(t, result.Failed[0].Err, &e)
		assert.Equal(t, "userSyn", e.Op)
	})
	synctest.Test(t, func(t *testing.T) { // here it certainly was not
		s := yunjiantest.NewInMemory(yunjiantest.WithSessionLife(20 * time.Second))
		defer s.Close()
		c := clientOf(t, s, func(c *yunjian.Config) { c.ChunkSize = 1 }, yunjian.WithRetry(2, time.Minute))
		s.Inject(
			yunjiantest.RateLimited(30*time.Second).On(yunjiantest.OpSyncUsers),
			yunjiantest.Body(200, "application/json", `{"resCode":"1","resMsg":"no"}`).On(yunjiantest.OpGetSession).After(1).Always(),
		)
		result, err := c.SyncUsers(t.Context(), users(2))
		require.NotErrorIs(t, err, yunjian.ErrOutcomeUnknown)
		require.ErrorIs(t, result.Unsent[0].Err, yunjian.ErrNotSent)
		assert.Equal(t, 1, s.Count(yunjiantest.OpSyncUsers), "without a session the rest is not tried")
	})
}

func TestCancelledBetweenChunks(t *testing.T) {
	t.Parallel()
	s := simulated(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var done atomic.Int32
	c := clientOf(t, s, func(c *yunjian.Config) { c.ChunkSize = 1 },
		yunjian.WithHook(func(_ context.Context, a yunjian.Attempt) {
			if a.Op == "userSyn" && done.Add(1) == 2 {
				cancel()
			}
		}))
	result, err := c.SyncUsers(ctx, users(4))
	require.ErrorIs(t, err, context.Canceled)
	assert.Len(t, result.Succeeded, 2)
	require.Len(t, result.Unsent, 2)
	for _, item := range result.Unsent {
		require.ErrorIs(t, item.Err, yunjian.ErrNotSent)
		require.ErrorIs(t, item.Err, context.Canceled)
	}
	assert.Len(t, s.Users(), 2)
}

func TestClientIsSafeForConcurrentUse(t *testing.T) {
	t.Parallel()
	s := simulated(t)
	c := clientOf(t, s, func(c *yunjian.Config) { c.ChunkSize = 3 }, yunjian.WithLimiter(freely{}))
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			list := users(10)
			for j := range list {
				list[j].UserNo = fmt.Sprintf("%d-%d", i, j)
			}
			result, err := c.SyncUsers(t.Context(), list)
			assert.NoError(t, err)
			assert.Len(t, result.Succeeded, 10)
		})
	}
	all.Wait()
	assert.Len(t, s.Users(), 80)
	assert.Equal(t, 1, s.Count(yunjiantest.OpGetSession))
}

type freely struct{}

func (freely) Wait(ctx context.Context) error { return ctx.Err() }

// Whatever is pushed and whatever fails: every user is in one list, in order,
// and what counts as a success is held.
func TestResultIsComplete(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		s := yunjiantest.NewInMemory()
		defer s.Close()
		s.OmitSuccesses(rapid.Bool().Draw(rt, "omit"))
		s.AnswerNumbers(rapid.Bool().Draw(rt, "numbers"))
		numbers := rapid.SliceOfN(rapid.IntRange(0, 30), 0, 40).Draw(rt, "numbers")
		list := make([]yunjian.User, len(numbers))
		for i, n := range numbers {
			list[i] = user(strconv.Itoa(n))
			if n%5 == 0 {
				list[i].Mobile = rapid.SampledFrom([]string{"", "138*", "123"}).Draw(rt, "mobile")
			}
			if n%7 == 0 {
				s.RefuseRecord(strconv.Itoa(n), "no")
			}
		}
		config := s.Config()
		config.ChunkSize = rapid.IntRange(1, 7).Draw(rt, "chunk")
		c, err := yunjian.New(config, yunjian.WithHTTPClient(s.HTTPClient()))
		require.NoError(rt, err)
		result, err := c.SyncUsers(t.Context(), list)
		require.Equal(rt, len(result.Failed)+len(result.Unsent) == 0, err == nil)

		seen := make(map[int]bool)
		for _, part := range [][]yunjian.Item[yunjian.User]{result.Succeeded, result.Failed, result.Unsent} {
			last := -1
			for _, item := range part {
				require.Greater(rt, item.Index, last)
				last = item.Index
				seen[item.Index] = true
				require.Equal(rt, list[item.Index], item.Record)
			}
		}
		require.Len(rt, seen, len(list))
		require.Len(rt, s.Users(), len(result.Succeeded))
		for _, item := range result.Succeeded {
			require.NotEmpty(rt, s.BindID(item.Record.UserNo))
		}
	})
}
