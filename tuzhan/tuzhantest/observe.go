package tuzhantest

import (
	"net/http"
	"time"

	"github.com/orgbridge/orgbridge/internal/simkit"
)

// Request is one request that the simulator received. It prints operation,
// method and status only: take the fields.
type Request = simkit.Request

// ConnStats counts the TCP connections of a server.
type ConnStats = simkit.ConnStats

// URL returns the base URL, without a trailing slash.
func (s *Server) URL() string { return s.sim.URL() }

// HTTPClient returns a client that reaches the simulator.
func (s *Server) HTTPClient() *http.Client { return s.sim.Client() }

// Transport answers requests, to whatever host, without a socket.
func (s *Server) Transport() http.RoundTripper { return s.sim.Transport() }

// SetLatency makes every request from now on wait d before it is served.
func (s *Server) SetLatency(d time.Duration) { s.sim.SetLatency(d) }

// Inject adds faults behind those already waiting. It panics if one names an
// operation that does not exist: it would never strike.
func (s *Server) Inject(faults ...Fault) { s.sim.Inject(faults...) }

// Pending returns the faults that have not taken place in full.
func (s *Server) Pending() []Fault { return s.sim.Pending() }

// ClearFaults drops all faults.
func (s *Server) ClearFaults() { s.sim.ClearFaults() }

// Requests returns a copy of every request received since the start or the last
// Reset, in order of arrival.
func (s *Server) Requests() []Request { return s.sim.Requests() }

// RequestsTo returns a copy of the requests to one operation. It panics if there
// is no such operation.
func (s *Server) RequestsTo(op string) []Request { return s.sim.RequestsTo(op) }

// Count returns how many requests one operation received; "" means all.
func (s *Server) Count(op string) int { return s.sim.Count(op) }

// Reset forgets the requests received so far. What the company holds stays.
func (s *Server) Reset() { s.sim.Reset() }

// MaxInFlight returns how many requests were in service at the same time, at
// most.
func (s *Server) MaxInFlight() int { return s.sim.MaxInFlight() }

// Connections reports the TCP connections seen so far; all zero in memory.
func (s *Server) Connections() ConnStats { return s.sim.Connections() }

// Close ends the requests in flight and stops the simulator.
func (s *Server) Close() { s.sim.Close() }
