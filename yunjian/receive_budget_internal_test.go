package yunjian

import (
	"context"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// FuzzFindSession: what is found in the beginning of a push is what the whole of it says.
func FuzzFindSession(f *testing.F) {
	for _, body := range []string{
		`{"companyId": 38,"sessionId": "121312","userId":91228,"data":[{"userNo":1}]}`, `{"data":[{"sessionId":"x"}],"sessionId":121312}`,
		"\xef\xbb\xbf{\"sessionId\":\"张三\",\"data\":[]}", `{"sessionId":1213.0,"data":[]}`, `{"sessionId":"\ud842","data":[]}`,
		`{"\u0073essionId":"a","sessionId":"b"}`, `{"sessionId":null}`, `{"sessionId":{"a":1},"data":[]}`, `[{"sessionId":1}]`, `<html>`, "{\xff", ``,
		`{"SessionId":"a","x":"\"sessionId\":\"b\"","sessionId":"c"}`, `{"sessionId":true}`, `{"sessionId":-`, `{"a":tru}`, `{"a":1 "b":2}`,
	} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		body = body[:min(len(body), 1000)] // each of its beginnings is read
		p, bad := readPush(body)
		found := false
		for n := range len(body) + 1 {
			id, here, broken := findSession(body[:n])
			if broken {
				require.NotNil(t, bad, "%q after %d bytes", body, n)
			}
			if here && bad == nil {
				require.Equal(t, p.sessionID, id, "%q after %d bytes", body, n)
			}
			require.False(t, found && !here && !broken, "%q: found and lost after %d bytes", body, n)
			found = here
		}
		if bad == nil && p.sessionID != "" {
			require.True(t, found, "%q", body)
		}
	})
}

// Whatever requests do, what is counted is what they keep, and never more than there is.
func TestBudgetAddsUp(t *testing.T) {
	t.Parallel()
	impatient, cancel := context.WithCancel(t.Context())
	cancel()
	rapid.Check(t, func(t *rapid.T) {
		const limit = 1 << 20
		b := newBudget(limit)
		var open []*share
		woken := 0
		for range rapid.IntRange(1, 200).Draw(t, "steps") {
			action := rapid.IntRange(0, 8).Draw(t, "action")
			if action == 0 || len(open) == 0 {
				if s := b.open(func() { woken++ }); s != nil {
					open = append(open, s)
				}
				continue
			}
			i := rapid.IntRange(0, len(open)-1).Draw(t, "which")
			s := open[i]
			switch action {
			case 1:
				s.close()
				open = append(open[:i], open[i+1:]...)
			case 2:
				s.join(impatient, int64(rapid.IntRange(0, limit/4).Draw(t, "need")))
			case 8:
				s.settle()
			case 3:
				s.drop()
			case 4:
				s.reserve(int64(rapid.IntRange(0, limit/4).Draw(t, "bytes")))
			default:
				s.write(make([]byte, rapid.IntRange(1, limit/4).Draw(t, "bytes")), limit/2)
			}
			var used, members int64
			strangers, lost := 0, 0
			for _, s := range open {
				used += s.size
				switch {
				case s.lost:
					lost++
					require.Nil(t, s.body)
				case s.place == nil:
					members += s.size
				default:
					strangers++
				}
				require.GreaterOrEqual(t, s.size, int64(cap(s.body))+s.spare)
				require.GreaterOrEqual(t, s.spare, int64(0))
			}
			require.Equal(t, used, b.used)
			require.Equal(t, members, b.held)
			require.Equal(t, strangers, b.strangers.Len())
			require.LessOrEqual(t, used, int64(limit))
			require.LessOrEqual(t, members, b.members)
			require.GreaterOrEqual(t, woken, lost)
		}
		for _, s := range open {
			s.close()
		}
		require.Zero(t, b.used)
		require.Zero(t, b.held)
		require.Zero(t, b.waiting.Len())
	})
}

func TestTheLargestStrangerMakesRoom(t *testing.T) {
	t.Parallel()
	b := newBudget(10 * shareBase)
	part := make([]byte, 2*shareBase)
	open := func() *share { return b.open(func() {}) }
	old, large, young := open(), open(), open()
	assert.True(t, large.write(part, int64(len(part))))
	for range 5 {
		assert.NotNil(t, open())
	}
	assert.NotNil(t, open(), "the large one makes room")
	assert.True(t, large.lost)
	assert.Nil(t, large.body)
	assert.False(t, large.write(part, int64(len(part))))
	assert.False(t, old.lost)
	assert.NotNil(t, open(), "of which there is some left")
	assert.NotNil(t, open())
	assert.False(t, old.lost)
	assert.NotNil(t, open())
	assert.True(t, old.lost, "the oldest among equals")
	assert.False(t, young.write(part, int64(len(part))), "one that would be the largest has to wait")
	assert.False(t, young.lost)
	assert.True(t, young.join(t.Context(), 0))
	assert.True(t, young.write(part, int64(len(part))), "but not if it has a session")
	assert.False(t, young.reserve(5*shareBase), "three quarters are for those")
	young.exceed(5 * shareBase)
	assert.EqualValues(t, 8*shareBase, young.size)
	young.close()
	young.close()
	assert.Zero(t, b.held)
}

// Pushes with a session wait for each other, in their order, but not for long.
func TestMembersWaitTheirTurn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBudget(100 * shareBase)
		open := func() *share { return b.open(func() {}) }
		first := open()
		assert.True(t, first.join(t.Context(), 50*shareBase))
		assert.True(t, first.join(t.Context(), 50*shareBase), "again is no more")
		assert.True(t, first.write(make([]byte, 20*shareBase), 20*shareBase))
		assert.EqualValues(t, 51*shareBase, first.size, "from what it has taken")

		type entry struct {
			name string
			in   bool
			at   time.Duration
		}
		var mu sync.Mutex
		var entries []entry
		told := func() []entry {
			synctest.Wait()
			mu.Lock()
			defer mu.Unlock()
			return slices.Clone(entries)
		}
		start := time.Now()
		join := func(ctx context.Context, name string, s *share, need int64) {
			go func() {
				in := s.join(ctx, need)
				mu.Lock()
				defer mu.Unlock()
				entries = append(entries, entry{name, in, time.Since(start)})
			}()
			synctest.Wait()
		}
		hasty, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		second, third, fourth, fifth, sixth := open(), open(), open(), open(), open()
		join(hasty, "hasty", open(), 70*shareBase)
		join(t.Context(), "second", second, 40*shareBase)
		join(t.Context(), "small, but later", third, 1)
		<-time.After(2 * time.Second)
		assert.Equal(t, []entry{{"hasty", false, time.Second}}, told())
		first.settle()
		assert.ElementsMatch(t, []entry{{"second", true, 2 * time.Second}, {"small, but later", true, 2 * time.Second}}, told()[1:])
		join(t.Context(), "too late", fourth, 50*shareBase)
		<-time.After(time.Second)
		join(t.Context(), "behind it", fifth, shareBase)
		<-time.After(maxWait)
		assert.ElementsMatch(t, []entry{{"too late", false, 2*time.Second + maxWait}, {"behind it", true, 2*time.Second + maxWait}}, told()[3:])
		join(t.Context(), "evicted", sixth, 50*shareBase)
		b.mu.Lock()
		b.evict(sixth)
		b.mu.Unlock()
		second.close()
		assert.Equal(t, entry{"evicted", false, 3*time.Second + maxWait}, told()[5])
	})
}
