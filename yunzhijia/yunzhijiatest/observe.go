package yunzhijiatest

import (
	"time"

	"github.com/orgbridge/orgbridge/internal/simkit"
)

// Request is one request as the server received it. It prints without what it
// holds: take the fields.
type Request = simkit.Request

// ConnStats counts the TCP connections of a server.
type ConnStats = simkit.ConnStats

// Requests returns every request received, in order of arrival.
func (s *Server) Requests() []Request { return s.sim.Requests() }

// RequestsTo returns the requests to one operation, such as [OpGetPerson]. It panics on a
// name that does not exist.
func (s *Server) RequestsTo(op string) []Request { return s.sim.RequestsTo(op) }

// Count returns how many requests one operation received; "" means all. It
// panics on a name that does not exist.
func (s *Server) Count(op string) int { return s.sim.Count(op) }

// Reset forgets the requests received so far.
func (s *Server) Reset() { s.sim.Reset() }

// MaxInFlight returns how many requests were in service at the same time, at
// most.
func (s *Server) MaxInFlight() int { return s.sim.MaxInFlight() }

// Connections reports the TCP connections; all zero in memory.
func (s *Server) Connections() ConnStats { return s.sim.Connections() }

// SetLatency makes every request from now on wait before it is served.
func (s *Server) SetLatency(d time.Duration) { s.sim.SetLatency(d) }

// Inject adds faults behind those already waiting. It panics if one names an
// operation that does not exist: it would never strike.
func (s *Server) Inject(faults ...Fault) { s.sim.Inject(faults...) }

// Pending returns the faults that have not taken place in full.
func (s *Server) Pending() []Fault { return s.sim.Pending() }

// ClearFaults drops all faults.
func (s *Server) ClearFaults() { s.sim.ClearFaults() }
