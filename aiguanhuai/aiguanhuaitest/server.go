package aiguanhuaitest

import (
	"net/http"
	"net/url"
	"time"

	"github.com/orgbridge/orgbridge/aiguanhuai"
	"github.com/orgbridge/orgbridge/internal/simkit"
)

// DefaultCorpID is the company that a [Server] knows unless [WithCorpID] names
// another one.
const DefaultCorpID = "corp-demo"

// Option changes a [Server] that is being made.
type Option func(*Server)

// WithClock sets the clock of [Request].At and of the clients that [Server.Client] makes;
// the default is [time.Now]. Nothing that the vendor does depends on the time.
func WithClock(now func() time.Time) Option { return func(s *Server) { s.now = now } }

// WithCorpID sets the one company that the server knows (else 200005).
func WithCorpID(id string) Option { return func(s *Server) { s.rules.corpID = id } }

// WithPartnerID makes the query parameter partnerId required, with that value
// (else 200004).
func WithPartnerID(id string) Option { return func(s *Server) { s.rules.partnerID = id } }

// WithVerifier makes every request pass verify (else 200003). verify must be safe
// for concurrent use. The page does not say how requests are signed, so there is
// none by default; body is what was sent, r.Body is used up.
func WithVerifier(verify func(r *http.Request, body []byte) bool) Option {
	return func(s *Server) { s.rules.verify = verify }
}

// Server simulates the vendor for one company. All methods are safe for
// concurrent use.
type Server struct {
	sim   *simkit.Server
	now   func() time.Time
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
	s := &Server{now: time.Now, rules: rules{corpID: DefaultCorpID}, state: newState()}
	for _, option := range options {
		option(s)
	}
	mux := simkit.NewMux()
	mux.Now = s.now
	mux.Handle(OpPrepare, http.MethodGet, "/v3/oms/add-prepare", s.handle(s.prepare))
	mux.Handle(OpAdd, http.MethodPost, "/v3/oms/add", s.handle(s.add))
	mux.Handle(OpComplete, http.MethodGet, "/v3/oms/add-complete", s.handle(s.complete))
	mux.Handle(OpUpdate, http.MethodPost, "/v3/oms/update", s.handle(s.update))
	s.sim = listen(mux)
	return s
}

// Client returns a client of the simulator, which goes by the simulator's clock. The
// options come on top. It panics if one of them is wrong. It signs nothing: for a server
// [WithVerifier], make a client from [Server.Config] with a Signer.
func (s *Server) Client(options ...aiguanhuai.Option) *aiguanhuai.Client {
	return simkit.NewClient(s.sim, aiguanhuai.New, s.Config(), options)
}

// Config returns the configuration of a client of the simulator, without a Signer.
// [Server.Client] makes one; any other needs [Server.HTTPClient] too if the simulator is in
// memory.
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
