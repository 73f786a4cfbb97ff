package yunzhijiatest

import (
	"net/http"
	"sync"
	"time"

	"github.com/orgbridge/orgbridge/internal/simkit"
	"github.com/orgbridge/orgbridge/yunzhijia"
)

const (
	firstEID  = "10001"
	appID     = "500000001"
	appSecret = "simulator-app-secret"

	// syncSecret is the key of openimport of every team, each with tokens of its own.
	syncSecret = "simulator-sync-secret"
)

// Server plays 云之家 for one app. It embeds the app's first team; [Server.AddTeam]
// makes more. All methods are safe for concurrent use.
type Server struct {
	*Team

	sim      *simkit.Server
	now      func() time.Time
	contacts bool
	tokens   tokens
	masked   bool // phones of openimport
	rooted   bool // dept/getall lists the root
	seeds    []func(*Team)

	mu    sync.Mutex
	teams map[string]*Team
}

// Option changes a server that is being made.
type Option func(*Server)

// WithClock sets the clock of tokens, events, data.time and [Request].At; the default is
// [time.Now].
func WithClock(now func() time.Time) Option { return func(s *Server) { s.now = now } }

// WithTokenLife sets how long a token lives; the default is 2 hours.
func WithTokenLife(life time.Duration) Option { return func(s *Server) { s.tokens.life = life } }

// WithContacts opens phone and email to the app: both come whole, in every
// answer that has people.
func WithContacts() Option { return func(s *Server) { s.contacts = true } }

// WithMaskedPhones masks the phones of openimport ("137****0002"), which are whole
// otherwise, whatever [WithContacts] says of the other calls.
func WithMaskedPhones() Option { return func(s *Server) { s.masked = true } }

// WithListedRoot makes dept/getall list the root, too. As in the vendor's sample, it is
// left out otherwise, and dept/get has it.
func WithListedRoot() Option { return func(s *Server) { s.rooted = true } }

// NewServer starts a server on a free port of 127.0.0.1. The caller must Close
// it.
func NewServer(options ...Option) *Server { return start(simkit.New, options) }

// NewInMemory returns a server without a socket: only [Server.HTTPClient] and
// [Server.Transport] reach it.
func NewInMemory(options ...Option) *Server { return start(simkit.NewInMemory, options) }

func start(listen func(*simkit.Mux) *simkit.Server, options []Option) *Server {
	s := &Server{now: time.Now, tokens: tokens{life: 2 * time.Hour}, teams: map[string]*Team{}}
	s.Team = s.AddTeam(firstEID, "示例工作圈")
	for _, option := range options {
		option(s)
	}
	for _, seed := range s.seeds { // now that the clock is set
		seed(s.Team)
	}
	s.sim = listen(s.routes())
	return s
}

// Client returns a client of the simulator for the first team, which goes by the
// simulator's clock. The options come on top. It panics if one of them is wrong. For another
// team, see [yunzhijia.Client.Team].
func (s *Server) Client(options ...yunzhijia.Option) *yunzhijia.Client {
	return simkit.NewClient(s.sim, yunzhijia.New, s.Config(), options)
}

// SyncClient returns a client of openimport for the first team, see [Server.Client].
func (s *Server) SyncClient(options ...yunzhijia.Option) *yunzhijia.Client {
	return s.Team.SyncClient(options...)
}

// Config returns the configuration of a client for the first team. [Server.Client] makes
// one; any other needs [Server.HTTPClient] too if the simulator is in memory.
func (s *Server) Config() yunzhijia.Config {
	return yunzhijia.Config{
		BaseURL: s.URL(), EID: s.EID(), Credentials: yunzhijia.AppCredentials(appID, appSecret),
	}
}

// SyncConfig returns the configuration of a client of openimport for the first team.
func (s *Server) SyncConfig() yunzhijia.Config { return s.Team.SyncConfig() }

// AddTeam adds a team of the same app, or returns the one with that eid.
func (s *Server) AddTeam(eid, name string) *Team {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.teams[eid] == nil {
		s.teams[eid] = newTeam(s, eid, name)
	}
	return s.teams[eid]
}

func (s *Server) team(eid string) *Team {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.teams[eid]
}

// ExpireTokens ends the tokens that are out. They are refused from now on, and the
// next ones asked for are others.
func (s *Server) ExpireTokens() {
	s.tokens.expire()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, t := range s.teams {
		t.tokens.expire()
	}
}

// URL returns the base URL, without a trailing slash.
func (s *Server) URL() string { return s.sim.URL() }

// HTTPClient returns a client that reaches the server.
func (s *Server) HTTPClient() *http.Client { return s.sim.Client() }

// Transport answers requests, to whatever host, without a socket.
func (s *Server) Transport() http.RoundTripper { return s.sim.Transport() }

// Close stops the server and ends the requests in flight.
func (s *Server) Close() { s.sim.Close() }
