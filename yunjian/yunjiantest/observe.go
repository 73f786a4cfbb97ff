package yunjiantest

import (
	"net/http"
	"time"
)

// URL returns the address below which the endpoints are.
func (s *Server) URL() string { return s.sim.URL() }

// HTTPClient returns a client that reaches the server.
func (s *Server) HTTPClient() *http.Client { return s.sim.Client() }

// Transport returns a transport that reaches the server without a socket.
func (s *Server) Transport() http.RoundTripper { return s.sim.Transport() }

// Close stops the server.
func (s *Server) Close() { s.sim.Close() }

// SetLatency makes every request wait d from now on.
func (s *Server) SetLatency(d time.Duration) { s.sim.SetLatency(d) }

// Inject adds faults behind those already waiting. It panics if a fault names
// an operation that does not exist.
func (s *Server) Inject(faults ...Fault) { s.sim.Inject(faults...) }

// Pending returns the faults that have yet to strike.
func (s *Server) Pending() []Fault { return s.sim.Pending() }

// ClearFaults drops all faults.
func (s *Server) ClearFaults() { s.sim.ClearFaults() }

// Requests returns a copy of every request received since the start or the
// last Reset.
func (s *Server) Requests() []Request { return s.sim.Requests() }

// RequestsTo returns a copy of the requests to one operation.
func (s *Server) RequestsTo(op string) []Request { return s.sim.RequestsTo(op) }

// Count returns how many requests one operation received; "" means all.
func (s *Server) Count(op string) int { return s.sim.Count(op) }

// MaxInFlight returns how many requests were in service at the same time.
func (s *Server) MaxInFlight() int { return s.sim.MaxInFlight() }

// Connections reports the TCP connections seen so far.
func (s *Server) Connections() ConnStats { return s.sim.Connections() }

// Reset forgets the requests received so far; users and sessions stay.
func (s *Server) Reset() { s.sim.Reset() }
