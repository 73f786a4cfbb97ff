package yunjian

import (
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

const life = 2 * time.Hour

func start() time.Time { return time.Unix(1618708800, 0) }

// logIn logs in n times, each time with another signature.
func logIn(s *sessions, prefix string, n int, now time.Time) (ids []string) {
	for i := range n {
		id, _, _ := s.login(prefix+strconv.Itoa(i), now, now.Add(life), now.Add(5*time.Minute))
		ids = append(ids, id)
	}
	return ids
}

func TestALoginThatComesAgainHasItsSession(t *testing.T) {
	t.Parallel()
	s := newSessions()
	now := start()
	first := logIn(s, "a", 1, now)[0]
	for range 1000 {
		id, ends, ok := s.login("a0", now.Add(time.Minute), now.Add(time.Minute+life), now.Add(6*time.Minute))
		assert.True(t, ok)
		assert.Equal(t, first, id)
		assert.Equal(t, now.Add(life), ends, "and does not live longer")
	}
	assert.Len(t, s.held, 1)
	assert.NotEqual(t, first, logIn(s, "b", 1, now)[0])
	assert.NotEqual(t, first, logIn(newSessions(), "a", 1, now)[0], "ids cannot be guessed from logins")
}

func TestALoginOfAnEndedSessionIsOver(t *testing.T) {
	t.Parallel()
	s := newSessions()
	now := start()
	login := func(now time.Time) bool {
		_, _, ok := s.login("a", now, now.Add(time.Second), start().Add(5*time.Minute))
		return ok
	}
	assert.True(t, login(now))
	assert.False(t, login(now.Add(time.Second)))
	logIn(s, "b", 1, now.Add(2*time.Second))
	assert.False(t, login(now.Add(5*time.Minute-time.Nanosecond)), "as long as it could come again")
}

func TestSessionsAreBounded(t *testing.T) {
	t.Parallel()
	s := newSessions()
	now := start()
	ids := logIn(s, "a", maxSessions+1, now)
	assert.Len(t, s.held, maxSessions)
	assert.True(t, s.use(ids[0], now), "those that came first stay")
	assert.True(t, s.use(ids[maxEarly-1], now))
	assert.False(t, s.use(ids[maxEarly], now), "the oldest of the others made room")
	assert.True(t, s.use(ids[maxEarly+1], now))
	assert.True(t, s.use(ids[maxSessions], now))
	assert.False(t, s.use("", now))
	assert.False(t, s.use(ids[1], now.Add(life)), "ended")

	id := logIn(s, "later", 1, now.Add(life))[0]
	assert.Len(t, s.held, 1, "what has ended is forgotten")
	assert.True(t, s.use(id, now.Add(life)))
	assert.Equal(t, 1, s.inUse.Len())
	assert.Zero(t, s.early.Len()+s.late.Len())
}

func TestLoginsDoNotEndASessionInUse(t *testing.T) {
	t.Parallel()
	s := newSessions()
	now := start()
	logIn(s, "before", 3*maxSessions, now)
	own := logIn(s, "own", 1, now)[0]
	logIn(s, "flood", maxEarly-1, now)
	assert.True(t, s.use(own, now), "there is time for a first push")
	logIn(s, "flood", 3*maxSessions, now)
	assert.True(t, s.use(own, now), "and there is no end afterwards")
	assert.Len(t, s.held, maxSessions)
}

// Sessions in use do not lock others out.
func TestSessionsInUseMakeRoom(t *testing.T) {
	t.Parallel()
	s := newSessions()
	now := start()
	for _, id := range logIn(s, "used", maxSessions, now) {
		assert.True(t, s.use(id, now))
	}
	fresh := logIn(s, "fresh", maxSessions-maxInUse, now)
	assert.True(t, s.use(fresh[0], now), "as many as the rest of the places")
	assert.True(t, s.use(fresh[maxEarly], now), "whether they came early or late")
	assert.Len(t, s.held, maxSessions)
	assert.Equal(t, maxSessions, s.early.Len()+s.late.Len()+s.inUse.Len())
}
