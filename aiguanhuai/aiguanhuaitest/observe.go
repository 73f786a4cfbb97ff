package aiguanhuaitest

import (
	"net/http"
	"time"

	"github.com/orgbridge/orgbridge/internal/simkit"
)

// Request is one request as the server received it. It prints without what it
// holds.
type Request = simkit.Request

// ConnStats counts connections.
type ConnStats = simkit.ConnStats

// URL returns the base URL, without a trailing slash.
func (s *Server) URL() string { return s.sim.URL() }

// HTTPClient returns an HTTP client that reaches the server.
func (s *Server) HTTPClient() *http.Client { return s.sim.Client() }

// Transport returns a RoundTripper that serves every request from memory, to
// whatever host it goes.
func (s *Server) Transport() http.RoundTripper { return s.sim.Transport() }

// SetLatency makes every request from now on wait d before it is served.
func (s *Server) SetLatency(d time.Duration) { s.sim.SetLatency(d) }

// Inject adds faults behind those already waiting. It panics if a fault names an
// unknown operation.
func (s *Server) Inject(faults ...Fault) { s.sim.Inject(faults...) }

// Pending returns the faults that have not struck as often as they should.
func (s *Server) Pending() []Fault { return s.sim.Pending() }

// ClearFaults drops all faults.
func (s *Server) ClearFaults() { s.sim.ClearFaults() }

// Requests returns a copy of every request received, in order of arrival.
func (s *Server) Requests() []Request { return s.sim.Requests() }

// RequestsTo returns a copy of the requests to one operation. It panics if there
// is no such operation.
func (s *Server) RequestsTo(op string) []Request { return s.sim.RequestsTo(op) }

// Count returns how many requests one operation received; "" means all.
func (s *Server) Count(op string) int { return s.sim.Count(op) }

// MaxInFlight returns how many requests were in service at the same time, at most.
func (s *Server) MaxInFlight() int { return s.sim.MaxInFlight() }

// Connections reports the TCP connections seen so far; all zero in memory.
func (s *Server) Connections() ConnStats { return s.sim.Connections() }

// Reset forgets the requests received so far. Faults and what the vendor holds
// stay.
func (s *Server) Reset() { s.sim.Reset() }

// Close ends the requests in flight and stops the server.
func (s *Server) Close() { s.sim.Close() }
