package yunjiantest

import (
	"net/http"
	"sync"
	"time"

	"github.com/orgbridge/orgbridge/internal/simkit"
	"github.com/orgbridge/orgbridge/yunjian"
)

// What a [Server] issues to 云简.
const (
	Account = "demo"
	Secret  = "simulated-secret"
	SignKey = "simulated-sign-key"
)

const (
	sessionPath = "/session"
	syncPath    = "/users"
)

// Server is a third party's endpoint that follows the page to the letter. All
// methods are safe for concurrent use.
type Server struct {
	sim *simkit.Server
	now func() time.Time

	mu       sync.Mutex
	life     time.Duration
	sessions map[string]time.Time // and when they end
	users    []*held
	byKey    map[string]*held
	refused  map[string]string // message by number or id
	omit     bool
	numbers  bool
}

// Option changes how a [Server] is made.
type Option func(*Server)

// WithClock sets the clock that timestamps are held against, by which sessions end, and of
// [Request].At; the default is [time.Now].
func WithClock(now func() time.Time) Option { return func(s *Server) { s.now = now } }

// WithSessionLife sets how long sessions live, default 2 hours.
func WithSessionLife(life time.Duration) Option { return func(s *Server) { s.life = life } }

// NewServer starts a server on a free port of 127.0.0.1. Close it when done.
func NewServer(options ...Option) *Server { return start(simkit.New, options) }

// NewInMemory returns a server without a socket, for use with
// [Server.HTTPClient] or [Server.Transport]: it works inside testing/synctest.
func NewInMemory(options ...Option) *Server { return start(simkit.NewInMemory, options) }

func start(run func(*simkit.Mux) *simkit.Server, options []Option) *Server {
	s := &Server{
		now: time.Now, life: 2 * time.Hour,
		sessions: make(map[string]time.Time), byKey: make(map[string]*held), refused: make(map[string]string),
	}
	for _, option := range options {
		option(s)
	}
	mux := simkit.NewMux()
	mux.Now = s.now
	mux.Handle(OpGetSession, http.MethodPost, sessionPath, s.getSession)
	mux.Handle(OpSyncUsers, http.MethodPost, syncPath, s.userSyn)
	s.sim = run(mux)
	return s
}

// Client returns a client of the simulator, which goes by the simulator's clock. The
// options come on top. It panics if one of them is wrong.
func (s *Server) Client(options ...yunjian.Option) *yunjian.Client {
	return simkit.NewClient(s.sim, yunjian.New, s.Config(), options)
}

// Config returns the configuration of a client of the simulator. [Server.Client] makes
// one; any other needs [Server.HTTPClient] too if the simulator is in memory.
func (s *Server) Config() yunjian.Config {
	return yunjian.Config{
		URL:     s.SyncURL(),
		Account: Account,
		UserNo:  "U001",
		Session: yunjian.Login(yunjian.LoginConfig{URL: s.SessionURL(), Secret: Secret, SignKey: SignKey, Source: "tmc"}),
	}
}

// SessionURL returns the full address of the session endpoint.
func (s *Server) SessionURL() string { return s.sim.URL() + sessionPath }

// SyncURL returns the full address of the sync endpoint.
func (s *Server) SyncURL() string { return s.sim.URL() + syncPath }

// RefuseRecord makes every push of the user with that id fail, with message as the
// description, until it is called with an empty message. User numbers and userIds (in
// digits) count.
func (s *Server) RefuseRecord(id, message string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if message == "" {
		delete(s.refused, id)
		return
	}
	s.refused[id] = message
}

// FailUser is another name of [Server.RefuseRecord].
//
// Deprecated: use [Server.RefuseRecord].
func (s *Server) FailUser(userNo, description string) { s.RefuseRecord(userNo, description) }

// OmitSuccesses leaves users that were synced out of the answers, as the page
// allows (成功的可以不返回).
func (s *Server) OmitSuccesses(on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.omit = on
}

// AnswerNumbers answers user numbers that are whole numbers as JSON numbers,
// as the page's sample does against its table.
func (s *Server) AnswerNumbers(on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.numbers = on
}

// ExpireSessions ends all sessions at once, before the end that was announced.
func (s *Server) ExpireSessions() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.sessions)
}
