package yunzhijia

import (
	"crypto/sha256"
	"net/http"
	"sync"
	"time"
)

// maxSeen bounds how many events are remembered. One that comes again although it was
// forgotten costs another reading and does no harm.
const maxSeen = 10_000

// seenEvents are the events that were taken, until their Date is too old to be accepted.
type seenEvents struct {
	mu    sync.Mutex
	until map[[sha256.Size]byte]time.Time
}

func newSeenEvents() *seenEvents {
	return &seenEvents{until: map[[sha256.Size]byte]time.Time{}}
}

// seenName names a verified event: by its signature, and not as it is, since memory may
// end up in a dump.
func seenName(header http.Header) [sha256.Size]byte {
	return sha256.Sum256([]byte(header.Get("Authorization") + "\n" + header.Get("Date")))
}

func (s *seenEvents) has(name [sha256.Size]byte, now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	until, there := s.until[name]
	return there && !now.After(until)
}

func (s *seenEvents) add(name [sha256.Size]byte, now, until time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.until) >= maxSeen {
		for n, u := range s.until {
			if now.After(u) {
				delete(s.until, n)
			}
		}
	}
	if len(s.until) < maxSeen {
		s.until[name] = until
	}
}
