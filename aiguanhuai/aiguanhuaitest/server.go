package aiguanhuaitest

import (
	"net/http"
	"net/url"

	"github.com/orgbridge/orgbridge/aiguanhuai"
	"github.com/orgbridge/orgbridge/internal/simkit"
)

// DefaultCorpID is the company that a [Server] knows unless [WithCorpID] names
// another one.
const DefaultCorpID = "corp-demo"

// Names of the operations, for [Fault].On, [Server.RequestsTo] and [Server.Count].
const (
	OpPrepare  = "add-prepare"
	OpAdd      = "add"
	OpComplete = "add-complete"
	OpUpdate   = "update"
)

// Option changes what a [Server] demands of requests.
type Option func(*rules)

// WithCorpID sets the one company that the server knows (else 200005).
func WithCorpID(id string) Option { return func(r *rules) { r.corpID = id } }

// WithPartnerID makes the query parameter partnerId required, with that value
// (else 200004).
func WithPartnerID(id string) Option { return func(r *rules) { r.partnerID = id } }

// WithVerifier makes every request pass verify (else 200003). verify must be safe
// for concurrent use. The page does not say how requests are signed, so there is
// none by default; body is what was sent, r.Body is used up.
func WithVerifier(verify func(r *http.Request, body []byte) bool) Option {
	return func(r *rules) { r.verify = verify }
}

// Server simulates the vendor for one company. All methods are safe for
// concurrent use.
type Server struct {
	sim   *simkit.Server
	rules rules
	state *state
}

// NewServer starts a simulator on a free port of the loopback interface. Like
// httptest.NewServer it panics if the machine cannot listen there. Close it.
func NewServer(options ...Option) *Server { return start(simkit.New, options) }

// NewInMemory returns a simulator without a socket: only [Server.HTTPClient] and
// [Server.Transport] reach it. It works inside a testing/synctest bubble.
func NewInMemory(options ...Option) *Server { return start(simkit.NewInMemory, options) }

func start(listen func(*simkit.Mux) *simkit.Server, options []Option) *Server {
	s := &Server{rules: rules{corpID: DefaultCorpID}, state: newState()}
	for _, option := range options {
		option(&s.rules)
	}
	mux := simkit.NewMux()
	mux.Handle(OpPrepare, http.MethodGet, "/v3/oms/add-prepare", s.handle(s.prepare))
	mux.Handle(OpAdd, http.MethodPost, "/v3/oms/add", s.handle(s.add))
	mux.Handle(OpComplete, http.MethodGet, "/v3/oms/add-complete", s.handle(s.complete))
	mux.Handle(OpUpdate, http.MethodPost, "/v3/oms/update", s.handle(s.update))
	s.sim = listen(mux)
	return s
}

// Config returns the configuration of a client for the server, without a Signer.
func (s *Server) Config() aiguanhuai.Config {
	c := aiguanhuai.Config{BaseURL: s.URL(), CorpID: s.rules.corpID}
	if s.rules.partnerID != "" {
		c.Query = url.Values{"partnerId": {s.rules.partnerID}}
	}
	return c
}

// Departments returns what the vendor now holds, sorted by id. Every Status is
// set: 11 where the record came without one.
func (s *Server) Departments() []aiguanhuai.Department { return s.state.departments() }

// People returns what the vendor now holds, sorted by id. Every Status is set: 11
// where the record came without one.
func (s *Server) People() []aiguanhuai.Person { return s.state.people() }

// Tasks returns all tasks prepared so far, in that order.
func (s *Server) Tasks() []Task { return s.state.list() }
