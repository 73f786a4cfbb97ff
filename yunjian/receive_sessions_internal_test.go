package yunjian

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

func TestSessionsAreBounded(t *testing.T) {
	t.Parallel()
	s := newSessions()
	now := time.Unix(1618708800, 0)
	first := s.create(now, now.Add(time.Hour))
	second := s.create(now, now.Add(time.Hour))
	for range maxSessions - 1 {
		s.create(now, now.Add(time.Hour))
	}
	assert.Len(t, s.ends, maxSessions)
	assert.False(t, s.valid(first, now), "the oldest made room")
	assert.True(t, s.valid(second, now))

	later := now.Add(time.Hour)
	last := s.create(later, later.Add(time.Hour))
	assert.Len(t, s.ends, 1, "what has ended is forgotten")
	assert.Len(t, s.order, 1)
	assert.True(t, s.valid(last, later))
	assert.False(t, s.valid("", later))
}
