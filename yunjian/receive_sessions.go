package yunjian

import (
	"container/list"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"sync"
	"time"
)

const (
	// maxSessions bounds the memory of a [Handler]: some 3 MB. A caller that logs in for
	// every employee needs thousands, hardly more.
	maxSessions = 10_000
	// maxEarly is how many of them need not have been used to be kept.
	maxEarly = maxSessions / 4
	// maxInUse is how many of them pushes can keep from making room for logins.
	maxInUse = maxSessions / 2
)

// sessions holds the sessions of one account. Ids are kept as hashes only:
// looking one up takes a time that tells nothing about the ids that exist, and
// a memory dump shows none.
//
// Logins, however many, end neither a session that a push has used nor one that was there
// before the many: those make room that came late and have not been used, the oldest of them
// first, so that a new session has the time to be used. Half of the places are for
// those in use; beyond it the one makes room whose last push is longest ago.
type sessions struct {
	secret [sha256.Size]byte // ids are made with

	mu    sync.Mutex
	held  map[sessionKey]*list.Element
	early list.List // of *session that no push has used, oldest login first
	late  list.List // the same, of those that came when there were enough early ones
	inUse list.List // of *session, the one whose last push is longest ago first
}

type sessionKey [sha256.Size]byte

type session struct {
	key    sessionKey
	in     *list.List
	ends   time.Time
	forget time.Time // until then its login may come again
}

func newSessions() *sessions {
	s := &sessions{held: make(map[sessionKey]*list.Element)}
	_, _ = rand.Read(s.secret[:]) // never fails
	return s
}

// login returns the session of a login, which its signature tells from others: an id of
// 256 bits, and when it ends. The same login has the same session, however often it
// comes, and none once that has ended.
func (s *sessions) login(sign string, now, ends, forget time.Time) (id string, until time.Time, ok bool) {
	mac := hmac.New(sha256.New, s.secret[:])
	_, _ = mac.Write([]byte(sign))
	id = base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
	key := sessionKey(sha256.Sum256([]byte(id)))

	s.mu.Lock()
	defer s.mu.Unlock()
	if e, again := s.held[key]; again {
		old, _ := e.Value.(*session)
		return id, old.ends, now.Before(old.ends)
	}
	s.makeRoom(now)
	if ends.After(forget) {
		forget = ends
	}
	in := &s.early
	if in.Len() >= maxEarly {
		in = &s.late
	}
	s.held[key] = in.PushBack(&session{key: key, in: in, ends: ends, forget: forget})
	return id, ends, true
}

// makeRoom makes room for one more.
func (s *sessions) makeRoom(now time.Time) {
	for _, l := range []*list.List{&s.early, &s.late, &s.inUse} {
		for e := l.Front(); e != nil; e = l.Front() {
			if old, _ := e.Value.(*session); now.Before(old.forget) {
				break
			}
			s.remove(e)
		}
	}
	switch {
	case len(s.held) < maxSessions:
	case s.inUse.Len() > maxInUse:
		s.remove(s.inUse.Front())
	default:
		s.remove(s.late.Front())
	}
}

func (s *sessions) remove(e *list.Element) {
	old, _ := e.Value.(*session)
	old.in.Remove(e)
	delete(s.held, old.key)
}

// use reports whether id is a session that has not ended, and remembers that a push came
// with it.
func (s *sessions) use(id string, now time.Time) bool {
	key := sessionKey(sha256.Sum256([]byte(id)))
	s.mu.Lock()
	defer s.mu.Unlock()
	e, ok := s.held[key]
	if !ok {
		return false
	}
	used, _ := e.Value.(*session)
	if !now.Before(used.ends) {
		return false
	}
	used.in.Remove(e)
	used.in = &s.inUse
	s.held[key] = s.inUse.PushBack(used)
	return true
}
