package yunjian

import (
	"container/list"
	"context"
	"sync"
	"time"
)

const (
	// shareBase is what a request is counted for before any of its body has come: the
	// buffer it reads into and what the server keeps for it.
	shareBase = 16 << 10
	// firstBody is the first capacity of a body.
	firstBody = 4 << 10
	// maxWait is how long a push with a session waits for others to be done.
	maxWait = 10 * time.Second
)

// budget bounds what all requests to a [Handler] together keep in memory.
//
// Requests without a valid session, strangers, can take what is left, and make room for
// others: the largest of them goes first, the oldest among equals. So a request with a small
// body, or with a session, gets through a flood of large ones, and a body that hardly
// moves does not keep its place.
//
// Requests with a session, members, are never thrown out. They take what they will need at
// once, in the order in which they came, and wait if it is too much; so none of them
// waits for another one that waits. They cannot take everything: a login has to find room
// beside them.
type budget struct {
	limit   int64 // of all requests
	members int64 // of those with a session

	mu         sync.Mutex
	used, held int64     // by all requests, by those with a session
	strangers  list.List // of *share, oldest first
	waiting    list.List // of *waiter, oldest first
}

// membersOf is the part of a budget that requests with a session may take.
func membersOf(limit int64) int64 { return limit / 4 * 3 }

func newBudget(limit int64) *budget { return &budget{limit: limit, members: membersOf(limit)} }

// share is what one request keeps. Its body belongs to the budget: it can be dropped
// while the request waits for more of it.
type share struct {
	budget *budget
	wake   func() // interrupts a read that waits; must not block
	size   int64
	spare  int64 // the part of size that is taken, and not yet used
	body   []byte
	place  *list.Element // among the strangers, nil for a member
	lost   bool          // had to make room
}

// waiter is a request that wants to become a member.
type waiter struct {
	share *share
	need  int64
	ready chan struct{} // closed when it is one, or cannot be
}

// open counts a new request, or returns nil if there is no room.
func (b *budget) open(wake func()) *share {
	b.mu.Lock()
	defer b.mu.Unlock()
	s := &share{budget: b, wake: wake}
	s.place = b.strangers.PushBack(s)
	if !b.fit(s, shareBase) {
		b.strangers.Remove(s.place)
		return nil
	}
	return s
}

// fit counts n more bytes for s if there is room, or room can be made.
func (b *budget) fit(s *share, n int64) bool {
	spare := min(n, s.spare)
	n -= spare
	if s.lost || s.place == nil && b.held+n > b.members {
		return false
	}
	for b.used+n > b.limit {
		largest := b.largest(s)
		if largest == nil || s.place != nil && largest.size < s.size+n {
			return false
		}
		b.evict(largest)
	}
	s.spare -= spare
	b.count(s, n)
	return true
}

func (b *budget) count(s *share, n int64) {
	s.size += n
	b.used += n
	if s.place == nil && !s.lost {
		b.held += n
	}
}

// largest returns the stranger that has to make room for s, if there is another one.
func (b *budget) largest(s *share) *share {
	var largest *share
	for e := b.strangers.Front(); e != nil; e = e.Next() {
		if other, _ := e.Value.(*share); other != s && (largest == nil || other.size > largest.size) {
			largest = other
		}
	}
	return largest
}

// evict drops the body of a stranger. Its request notices when its read returns.
func (b *budget) evict(s *share) {
	b.strangers.Remove(s.place)
	b.used -= s.size
	s.place, s.lost, s.size, s.body = nil, true, 0, nil
	s.wake()
}

// enter makes s a member that needs so much more, if there is room for it.
func (b *budget) enter(s *share, need int64) bool {
	if s.lost || b.held+s.size+need > b.members {
		return false
	}
	b.strangers.Remove(s.place)
	s.place = nil
	b.held += s.size
	b.fit(s, need) // strangers make room, so there is some
	s.spare = need
	return true
}

// next lets those in that wait, as far as there is room.
func (b *budget) next() {
	for e := b.waiting.Front(); e != nil; e = b.waiting.Front() {
		w, _ := e.Value.(*waiter)
		if !w.share.lost && !b.enter(w.share, w.need) {
			return
		}
		b.waiting.Remove(e)
		close(w.ready)
	}
}

// join makes the request one with a valid session, which will need so many bytes more than
// it has. It returns false if there is no room even after a while. A member stays one.
func (s *share) join(ctx context.Context, need int64) bool {
	b := s.budget
	b.mu.Lock()
	if s.lost || s.place == nil || b.waiting.Len() == 0 && b.enter(s, need) {
		b.mu.Unlock()
		return !s.lost
	}
	w := &waiter{s, need, make(chan struct{})}
	e := b.waiting.PushBack(w)
	b.mu.Unlock()

	timer := time.NewTimer(maxWait)
	defer timer.Stop()
	select {
	case <-w.ready:
	case <-timer.C:
	case <-ctx.Done():
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	select {
	case <-w.ready:
	default:
		b.waiting.Remove(e)
		b.next() // those behind it may need less
	}
	return !s.lost && s.place == nil
}

// write adds to the body, which will not grow beyond most bytes. It returns false if there
// is no room.
func (s *share) write(part []byte, most int64) bool {
	b := s.budget
	b.mu.Lock()
	defer b.mu.Unlock()
	if s.lost {
		return false
	}
	if need := len(s.body) + len(part); need > cap(s.body) {
		grown := max(need, min(max(2*cap(s.body), firstBody), int(most)))
		if !b.fit(s, int64(grown-cap(s.body))) {
			return false
		}
		s.body = append(make([]byte, 0, grown), s.body...)
	}
	s.body = append(s.body, part...)
	return true
}

// read returns the body as far as it has come.
func (s *share) read() []byte {
	s.budget.mu.Lock()
	defer s.budget.mu.Unlock()
	return s.body
}

// drop lets go of the body.
func (s *share) drop() {
	s.budget.mu.Lock()
	defer s.budget.mu.Unlock()
	if !s.lost {
		s.budget.count(s, -int64(cap(s.body)))
		s.body = nil
		s.budget.next()
	}
}

// reserve counts n more bytes that the request will keep, and returns false if there is
// no room.
func (s *share) reserve(n int64) bool {
	s.budget.mu.Lock()
	defer s.budget.mu.Unlock()
	return s.budget.fit(s, n)
}

// settle gives back what was taken and will not be used.
func (s *share) settle() {
	s.budget.mu.Lock()
	defer s.budget.mu.Unlock()
	s.budget.count(s, -s.spare)
	s.spare = 0
	s.budget.next()
}

// exceed counts n more bytes that the request keeps already.
func (s *share) exceed(n int) {
	s.budget.mu.Lock()
	defer s.budget.mu.Unlock()
	if !s.lost {
		s.budget.count(s, int64(n))
	}
}

// evicted reports whether the request had to make room.
func (s *share) evicted() bool {
	s.budget.mu.Lock()
	defer s.budget.mu.Unlock()
	return s.lost
}

// close gives everything back.
func (s *share) close() {
	b := s.budget
	b.mu.Lock()
	defer b.mu.Unlock()
	if s.lost {
		return
	}
	b.count(s, -s.size)
	if s.place != nil {
		b.strangers.Remove(s.place)
	}
	s.place, s.lost, s.body = nil, true, nil
	b.next()
}
