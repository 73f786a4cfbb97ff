package tuzhantest

import (
	"net/http"
	"sync"
	"time"

	"github.com/orgbridge/orgbridge/internal/simkit"
	"github.com/orgbridge/orgbridge/tuzhan"
)

// Credentials of the one app that the simulator knows.
const (
	InstanceAppID  = "simulator-app"
	InstanceSecret = "simulator-secret"
)

// Server simulates 兔展 for one company. All methods are safe for concurrent use.
type Server struct {
	sim          *simkit.Server
	now          func() time.Time
	tokenLife    time.Duration
	unauthorized bool

	mu          sync.Mutex
	tokens      map[string]time.Time // when each ends
	issued      int
	departments directory[department]
	employees   directory[employee]
	lastID      int64
	refused     map[string]string // message by id
}

// Option changes a [Server] that is being made.
type Option func(*Server)

// WithClock sets the clock of tokens and of [Request].At; the default is [time.Now].
func WithClock(now func() time.Time) Option { return func(s *Server) { s.now = now } }

// WithTokenLife sets how long an access token lives; the default is the
// documented 7,200 seconds. The answer tells it in whole seconds: below one it
// is the expire of 0 that the vendor's sample shows.
func WithTokenLife(life time.Duration) Option { return func(s *Server) { s.tokenLife = life } }

// WithUnauthorized answers a bad token with HTTP 401 in place of code 100200.
// The page lists both.
func WithUnauthorized() Option { return func(s *Server) { s.unauthorized = true } }

// firstID is above 2^53, where a float64 cannot hold every integer.
const firstID = 900_719_925_474_099_300

// NewServer starts a simulator on a free port of 127.0.0.1, without departments
// and employees. Like httptest.NewServer it panics if the machine cannot listen
// there. The caller must Close it.
func NewServer(options ...Option) *Server { return start(simkit.New, options) }

// NewInMemory returns a simulator without a socket: only [Server.HTTPClient] and
// [Server.Transport] reach it. It works inside a testing/synctest bubble.
func NewInMemory(options ...Option) *Server { return start(simkit.NewInMemory, options) }

func start(listen func(*simkit.Mux) *simkit.Server, options []Option) *Server {
	s := &Server{
		now:         time.Now,
		tokenLife:   7200 * time.Second,
		tokens:      make(map[string]time.Time),
		departments: newDirectory[department](),
		employees:   newDirectory[employee](),
		lastID:      firstID,
		refused:     make(map[string]string),
	}
	for _, option := range options {
		option(s)
	}
	mux := simkit.NewMux()
	mux.Now = s.now
	mux.Handle(OpToken, http.MethodGet, "/api/open/app/getOrgAccessToken", s.getOrgAccessToken)
	mux.Handle(OpDepartments, http.MethodPost, "/api/integrate/dept/batchAdd", batchAdd(s, s.applyDepartment))
	mux.Handle(OpEmployees, http.MethodPost, "/api/integrate/channel/employee/batchAdd", batchAdd(s, s.applyEmployee))
	s.sim = listen(mux)
	return s
}

// Client returns a client of the simulator, which goes by the simulator's clock. The
// options come on top. It panics if one of them is wrong.
func (s *Server) Client(options ...tuzhan.Option) *tuzhan.Client {
	return simkit.NewClient(s.sim, tuzhan.New, s.Config(), options)
}

// Config returns the configuration of a client of the simulator. [Server.Client] makes
// one; any other needs [Server.HTTPClient] too if the simulator is in memory.
func (s *Server) Config() tuzhan.Config {
	return tuzhan.Config{
		BaseURL:     s.URL(),
		Credentials: tuzhan.AppCredentials(InstanceAppID, InstanceSecret),
	}
}

// Departments returns the departments held, in order of their arrival.
func (s *Server) Departments() []tuzhan.Department {
	s.mu.Lock()
	defer s.mu.Unlock()
	return list(s.departments, (*department).public)
}

// Employees returns the employees held, in order of their arrival.
func (s *Server) Employees() []tuzhan.Employee {
	s.mu.Lock()
	defer s.mu.Unlock()
	return list(s.employees, (*employee).public)
}

// RefuseRecord makes the vendor refuse, with message, every record that has the
// id as its deptId, thirdDeptId or wxDeptId, or as its channelId, thirdUserId or
// wxUserid, until it is called with an empty message.
func (s *Server) RefuseRecord(id, message string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if message == "" {
		delete(s.refused, id)
		return
	}
	s.refused[id] = message
}

func (s *Server) nextID() int64 {
	s.lastID++
	return s.lastID
}
