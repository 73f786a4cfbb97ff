package simkit

import (
	"context"
	"net"
	"net/http"
	"sync"
	"time"
)

// inMemoryURL is in a top-level domain that never resolves (RFC 2606): a
// client that is not wired to the in-memory transport fails instead of
// reaching somebody.
const inMemoryURL = "http://simulator.invalid"

// A Server serves a vendor's operations, records what it receives and injects
// faults. All methods are safe for concurrent use.
type Server struct {
	mux    *Mux
	rec    recorder
	faults faultQueue
	conns  connTracker

	url    string
	client *http.Client
	http   *http.Server  // nil in memory
	served chan struct{} // closed when the accept loop has ended

	mu          sync.Mutex
	latency     time.Duration
	closed      bool
	inFlight    map[*http.Request]context.CancelFunc
	maxInFlight int

	closeOnce sync.Once
}

// New starts a server for mux on a free port of 127.0.0.1. Like
// httptest.NewServer it panics if the machine cannot listen there. The caller
// must Close it.
func New(mux *Mux) *Server {
	s := newServer(mux)
	var lc net.ListenConfig
	l, err := lc.Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		panic("simkit: cannot listen on loopback: " + err.Error())
	}
	s.url = "http://" + l.Addr().String()
	// Calls that run side by side keep their connections, as a well set up
	// client's do; net/http keeps only two by default.
	s.client = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}
	s.http = &http.Server{
		Handler:           http.HandlerFunc(s.serveSocket),
		ConnState:         s.conns.observe,
		ReadHeaderTimeout: 10 * time.Second,
	}
	s.served = make(chan struct{})
	go func() {
		defer close(s.served)
		_ = s.http.Serve(l) // always ErrServerClosed: Close is the only way out
	}()
	return s
}

// NewInMemory returns a server for mux that opens no socket and starts no
// goroutine. Its Client answers from memory; its URL resolves nowhere else.
func NewInMemory(mux *Mux) *Server {
	s := newServer(mux)
	s.url = inMemoryURL
	s.client = &http.Client{Transport: s.Transport()}
	return s
}

func newServer(mux *Mux) *Server {
	return &Server{mux: mux, inFlight: make(map[*http.Request]context.CancelFunc)}
}

// URL returns the base URL, without a trailing slash.
func (s *Server) URL() string { return s.url }

// Client returns an HTTP client that reaches the server: over its own
// connections, which Close closes, or from memory.
func (s *Server) Client() *http.Client { return s.client }

// SetLatency makes every request from now on wait d before it is served; 0
// ends it. Delay faults come on top.
func (s *Server) SetLatency(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.latency = d
}

// Inject adds faults behind those already waiting; see [Fault] for the order
// in which they strike. It panics if a fault names an operation that the
// server does not have: that fault would never strike and its test prove nothing.
func (s *Server) Inject(faults ...Fault) {
	for _, f := range faults {
		s.mux.mustKnow(f.op)
	}
	s.faults.add(faults)
}

// Pending returns the faults that have strikes left, and those injected with
// Always that have not struck yet. Empty means that every fault took place.
func (s *Server) Pending() []Fault { return s.faults.pending() }

// ClearFaults drops all faults. The latency stays.
func (s *Server) ClearFaults() { s.faults.clear() }

// Requests returns a copy of every request received since the start or the
// last Reset, in order of arrival.
func (s *Server) Requests() []Request { return s.rec.list("") }

// RequestsTo returns a copy of the requests to one operation, in order of
// arrival; "" means all. It panics if the server has no such operation.
func (s *Server) RequestsTo(op string) []Request {
	s.mux.mustKnow(op)
	return s.rec.list(op)
}

// Count returns how many requests one operation received; "" means all. It
// panics if the server has no such operation.
func (s *Server) Count(op string) int {
	s.mux.mustKnow(op)
	return s.rec.count(op)
}

// MaxInFlight returns how many requests were in service at the same time, at
// most, since the start. A request leaves service before its answer is sent, so
// a client that never has more than n calls under way never makes it exceed n.
func (s *Server) MaxInFlight() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.maxInFlight
}

// Reset forgets the requests recorded so far, and with them their memory.
// Faults, latency, counts of connections and the vendor's state stay.
func (s *Server) Reset() { s.rec.reset() }

// Connections reports the TCP connections seen so far; all zero in memory.
func (s *Server) Connections() ConnStats { return s.conns.stats() }

// Close stops the server: it ends the requests in flight, closes every
// connection and returns when the server's goroutines have ended. Later
// requests fail. Calling Close again does nothing.
func (s *Server) Close() { s.closeOnce.Do(s.close) }

func (s *Server) close() {
	s.mu.Lock()
	s.closed = true
	for _, cancel := range s.inFlight {
		cancel()
	}
	s.mu.Unlock()
	if s.http == nil {
		return
	}
	s.conns.refuse()
	_ = s.http.Close()
	<-s.served // from here on no connection is added
	s.conns.wait()
}

// enter admits a request and returns it with a context that Close cancels;
// ok is false after Close. The caller must call leave.
func (s *Server) enter(r *http.Request) (admitted *http.Request, leave func(), ok bool) {
	ctx, cancel := context.WithCancel(r.Context())
	r = r.WithContext(ctx)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		cancel()
		return nil, nil, false
	}
	s.inFlight[r] = cancel
	s.maxInFlight = max(s.maxInFlight, len(s.inFlight))
	return r, func() {
		cancel()
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.inFlight, r)
	}, true
}

func (s *Server) baseLatency() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.latency
}

func (s *Server) isClosed() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.closed
}
