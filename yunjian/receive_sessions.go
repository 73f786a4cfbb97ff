package yunjian

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"sync"
	"time"
)

// maxSessions bounds the memory of a [Handler]: beyond it the oldest session
// ends. Whoever logs in per employee needs thousands, hardly more.
const maxSessions = 10_000

// sessions holds the sessions of one account. Ids are kept as hashes only:
// looking one up takes a time that tells nothing about the ids that exist, and
// a memory dump shows none.
type sessions struct {
	mu    sync.Mutex
	ends  map[sessionKey]time.Time
	order []sessionKey // oldest first; all live equally long
}

type sessionKey [sha256.Size]byte

func newSessions() *sessions { return &sessions{ends: make(map[sessionKey]time.Time)} }

// create returns a new random id of 256 bits.
func (s *sessions) create(now, ends time.Time) string {
	var random [32]byte
	_, _ = rand.Read(random[:]) // never fails
	id := base64.RawURLEncoding.EncodeToString(random[:])

	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.order) > 0 && (len(s.order) >= maxSessions || !now.Before(s.ends[s.order[0]])) {
		delete(s.ends, s.order[0])
		s.order = s.order[1:]
	}
	key := sessionKey(sha256.Sum256([]byte(id)))
	s.ends[key] = ends
	s.order = append(s.order, key)
	return id
}

// valid reports whether id is a session that has not ended.
func (s *sessions) valid(id string, now time.Time) bool {
	key := sessionKey(sha256.Sum256([]byte(id)))
	s.mu.Lock()
	defer s.mu.Unlock()
	ends, ok := s.ends[key]
	return ok && now.Before(ends)
}
