package yunjian

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/orgbridge/orgbridge/internal/kernel"
)

// HandlerConfig says how a [Handler] works. Access and Sync are required.
type HandlerConfig struct {
	// Access is what you issued to 云简. A Handler serves one account; for
	// several tenants make one Handler each and mount them at different paths.
	Access Access

	// Sync takes one user: creates or updates the record of that number, or
	// disables it when IsLeave is true. Absent optional fields leave the record
	// as it is. The users of a push come one after the other, in their order, on a
	// goroutine that is not the request's; pushes may run concurrently. ctx ends with
	// the request.
	//
	// An error, a panic or runtime.Goexit fails this user only. 云简 is told a neutral
	// text unless the error is made with [Reject], and the Logger its type. If
	// you want the text, which may be personal, log it here.
	Sync func(ctx context.Context, u User) (Ack, error)

	SessionPath string // path that ServeHTTP takes for the session endpoint, default "/session"
	SyncPath    string // path that ServeHTTP takes for the sync endpoint, default "/users"

	SessionTTL      time.Duration // life of a session, default 2 hours
	TimestampWindow time.Duration // how far off, either way, a session request's timestamp may be, default 5 minutes

	// MaxBody is the largest sync body in bytes, unpacked: default 10 MiB, or less if
	// MaxMemory is small.
	MaxBody int64
	// MaxMemory is how many bytes of bodies and answers all requests together may keep,
	// at least 1 MiB and 6 times MaxBody; default 64 MiB, or more if MaxBody is large. Three
	// quarters are for pushes with a valid session. See [Handler] for what happens beyond it.
	MaxMemory int64
	// BodyTimeout is how long a body may take to come, and an answer to go out unless the
	// [http.Server] has a WriteTimeout: default 1 minute. A shorter ReadTimeout of the server
	// counts. It needs a ResponseWriter with SetReadDeadline and SetWriteDeadline, as
	// net/http has it: middleware that wraps one needs the method Unwrap, see
	// [http.ResponseController].
	BodyTimeout time.Duration

	// InvalidSessionCode is the resCode that answers an unknown or expired
	// session, default [CodeSession]. The page names none.
	InvalidSessionCode int

	Logger *slog.Logger     // default: silence
	Now    func() time.Time // default: time.Now
}

// Ack is what a Sync function answers for a user.
type Ack struct {
	// BindID is the user's primary key in your system (商旅平台用户的主键). The page
	// requires it of users that were synced; it may come with an error too.
	BindID string
}

// The resCodes a [Handler] answers. The page documents CodeOK alone, the
// others are ours.
const (
	CodeOK          = 10000 // also when single users failed
	CodeRequest     = 10001 // wrong path, method or content type, or a body that is too large or not the documented JSON; with an HTTP status of 4xx
	CodeCredentials = 10002 // account, secret or sign is wrong
	CodeTimestamp   = 10003 // the timestamp is missing or too far off
	CodeSession     = 10004 // the session is unknown or has ended: get a new one
	CodeBusy        = 10005 // there is no room for the request, with HTTP 503 and Retry-After: send it again later
)

// Handler is the third party's side of 人员同步接口: a session endpoint and a
// sync endpoint. It is safe for concurrent use.
//
// Both endpoints take JSON in UTF-8 by POST, whatever charset the content type
// names, with or without gzip, and answer JSON with resCode and resMsg. A
// refused login and an ended session come with HTTP 200, because resCode is
// what 云简 reads; what 云简 never sends is answered 404, 405, 413, 415 or 400,
// and a body that does not come in time 408.
//
// # Load
//
// All requests together keep no more than MaxMemory. The session of a push is
// looked for while its body comes. Once it is found to be valid, the push has a
// place, for which it waits 10 seconds at most if there are many of them; once it is
// found to be invalid, nothing more is kept. Until then the largest body makes room
// for others when there is too little. A request without room is answered 503 with
// Retry-After. Have sessionId sent before data, as the page's sample does: a large
// push that ends with it is a stranger's until then.
//
// A signed login that comes again gets the session that it got before.
// Sessions are held in memory, at most 10,000. Beyond that late ones that no push
// has used end first: logins alone end neither a session in use nor an earlier one.
// After a restart, or at another instance behind a load balancer, 云简 has to get
// a new one.
//
// The number of connections is the server's: give the [http.Server] a
// ReadHeaderTimeout, and a listener that has a limit if anyone can reach it.
type Handler struct {
	config   HandlerConfig
	sessions *sessions
	budget   *budget
	buffers  sync.Pool // of *[shareBase]byte
}

const (
	defaultSessionTTL      = 2 * time.Hour
	defaultTimestampWindow = 5 * time.Minute
	defaultMaxBody         = 10 << 20
	defaultMaxMemory       = 64 << 20
	defaultBodyTimeout     = time.Minute

	// memoryPerBody is how many bodies MaxMemory has to hold: the largest push and the answer
	// to it, with as many rows as can be, fit into what pushes may take.
	memoryPerBody = 6
	// minMemory is what makes the rest of a request small against its body.
	minMemory = 1 << 20
)

// NewHandler checks config as a whole and returns its Handler.
func NewHandler(config HandlerConfig) (*Handler, error) {
	c := config
	c.SessionPath = cmp.Or(c.SessionPath, "/session")
	c.SyncPath = cmp.Or(c.SyncPath, "/users")
	c.SessionTTL = cmp.Or(c.SessionTTL, defaultSessionTTL)
	c.TimestampWindow = cmp.Or(c.TimestampWindow, defaultTimestampWindow)
	if c.MaxMemory == 0 {
		c.MaxMemory = max(defaultMaxMemory, memoryPerBody*c.MaxBody)
	}
	if c.MaxBody == 0 {
		c.MaxBody = min(defaultMaxBody, c.MaxMemory/memoryPerBody)
	}
	c.BodyTimeout = cmp.Or(c.BodyTimeout, defaultBodyTimeout)
	c.InvalidSessionCode = cmp.Or(c.InvalidSessionCode, CodeSession)
	c.Logger = cmp.Or(c.Logger, slog.New(slog.DiscardHandler))
	if c.Now == nil {
		c.Now = time.Now
	}
	if err := c.check(); err != nil {
		return nil, err
	}
	return &Handler{config: c, sessions: newSessions(), budget: newBudget(c.MaxMemory)}, nil
}

func (c HandlerConfig) check() error {
	errs := c.Access.check("Access")
	bad := func(wrong bool, field, reason string) {
		if wrong {
			errs = append(errs, &FieldError{Field: field, Reason: reason})
		}
	}
	bad(c.Sync == nil, "Sync", "is required")
	bad(kernel.IsNil(c.Logger.Handler()), "Logger", "has no handler: make it with slog.New")
	bad(!strings.HasPrefix(c.SessionPath, "/"), "SessionPath", "does not begin with a slash")
	bad(!strings.HasPrefix(c.SyncPath, "/"), "SyncPath", "does not begin with a slash")
	bad(c.SessionPath == c.SyncPath, "SyncPath", "is the same as SessionPath")
	bad(c.SessionTTL < 0, "SessionTTL", "is negative")
	bad(c.TimestampWindow < 0, "TimestampWindow", "is negative")
	bad(c.MaxBody < 0, "MaxBody", "is negative")
	bad(c.MaxMemory < 0, "MaxMemory", "is negative")
	bad(c.MaxMemory >= 0 && c.MaxMemory/memoryPerBody < c.MaxBody, "MaxMemory", "is less than 6 times MaxBody")
	bad(c.MaxMemory >= 0 && c.MaxMemory < minMemory, "MaxMemory", "is less than 1 MiB")
	bad(c.BodyTimeout < 0, "BodyTimeout", "is negative")
	bad(c.InvalidSessionCode == CodeOK, "InvalidSessionCode", "is the code of success")
	return errors.Join(errs...)
}

// ServeHTTP serves SessionPath and SyncPath. Mount it below a prefix with
// [http.StripPrefix].
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case h.config.SessionPath:
		h.serveSession(w, r)
	case h.config.SyncPath:
		h.serveUsers(w, r)
	default:
		h.refuseUsers(r.Context(), w, badRequest(http.StatusNotFound, "not found"))
	}
}

// Session returns the session endpoint alone, whatever its path.
func (h *Handler) Session() http.Handler { return http.HandlerFunc(h.serveSession) }

// Users returns the sync endpoint alone, whatever its path.
func (h *Handler) Users() http.Handler { return http.HandlerFunc(h.serveUsers) }
