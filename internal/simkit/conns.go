package simkit

import (
	"net"
	"net/http"
	"sync"
)

// ConnStats counts TCP connections. A net/http client without MaxConnsPerHost
// dials ahead of need, so MaxOpen may exceed the number of calls under way;
// [Server.MaxInFlight] does not.
type ConnStats struct {
	Accepted int // since the start
	Open     int // now
	MaxOpen  int // at the same time, at most
}

// connTracker follows connections through http.Server's ConnState hook.
type connTracker struct {
	mu      sync.Mutex
	open    map[net.Conn]struct{}
	counts  ConnStats
	refused bool
	running sync.WaitGroup
}

func (t *connTracker) observe(c net.Conn, state http.ConnState) {
	switch state {
	case http.StateNew:
		t.opened(c)
	case http.StateClosed:
		t.ended(c)
	default: // a hijacked connection stays open until whoever took it calls ended
	}
}

func (t *connTracker) opened(c net.Conn) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.open == nil {
		t.open = make(map[net.Conn]struct{})
	}
	t.open[c] = struct{}{}
	t.running.Add(1)
	t.counts.Accepted++
	t.counts.MaxOpen = max(t.counts.MaxOpen, len(t.open))
	if t.refused {
		// http.Server.Close may have listed the connections before this one.
		_ = c.Close()
	}
}

func (t *connTracker) ended(c net.Conn) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if _, ok := t.open[c]; ok {
		delete(t.open, c)
		t.running.Done()
	}
}

// refuse closes connections accepted from now on.
func (t *connTracker) refuse() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.refused = true
}

func (t *connTracker) wait() { t.running.Wait() }

func (t *connTracker) stats() ConnStats {
	t.mu.Lock()
	defer t.mu.Unlock()
	counts := t.counts
	counts.Open = len(t.open)
	return counts
}
