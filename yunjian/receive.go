package yunjian

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"time"
)

// HandlerConfig says how a [Handler] works. Access and Sync are required.
type HandlerConfig struct {
	// Access is what you issued to 云简. A Handler serves one account; for
	// several tenants make one Handler each and mount them at different paths.
	Access Access

	// Sync takes one user: creates or updates the record of that number, or
	// disables it when IsLeave is true. Absent optional fields leave the record
	// as it is. It is called for one user of a push after the other, in their
	// order; pushes may run side by side. ctx ends with the request.
	//
	// An error, or a panic, fails this user only. 云简 is told a neutral text
	// unless the error is made with [Reject], and the Logger its type: whoever
	// wants the text, which may be personal, logs it here.
	Sync func(ctx context.Context, u User) (Ack, error)

	SessionPath string // path that ServeHTTP takes for the session endpoint, default "/session"
	SyncPath    string // path that ServeHTTP takes for the sync endpoint, default "/users"

	SessionTTL      time.Duration // life of a session, default 2 hours
	TimestampWindow time.Duration // how far off, either way, a session request's timestamp may be, default 5 minutes
	MaxBody         int64         // largest sync body in bytes, default 10 MiB

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
)

// Handler is the third party's side of 人员同步接口: a session endpoint and a
// sync endpoint. It is safe for concurrent use.
//
// Both endpoints take JSON by POST, with or without a content type that says so,
// and answer JSON with resCode and resMsg. A
// refused login and an ended session come with HTTP 200, because resCode is
// what 云简 reads; what 云简 never sends is answered 404, 405, 413, 415 or 400.
// No answer has a status of 500 or above.
//
// Sessions are held in memory, at most 10,000: after a restart, or at another
// instance behind a load balancer, 云简 has to get a new one.
type Handler struct {
	config   HandlerConfig
	sessions *sessions
}

const (
	defaultSessionTTL      = 2 * time.Hour
	defaultTimestampWindow = 5 * time.Minute
	defaultMaxBody         = 10 << 20
)

// NewHandler checks config as a whole and returns its Handler.
func NewHandler(config HandlerConfig) (*Handler, error) {
	c := config
	c.SessionPath = cmp.Or(c.SessionPath, "/session")
	c.SyncPath = cmp.Or(c.SyncPath, "/users")
	c.SessionTTL = cmp.Or(c.SessionTTL, defaultSessionTTL)
	c.TimestampWindow = cmp.Or(c.TimestampWindow, defaultTimestampWindow)
	c.MaxBody = cmp.Or(c.MaxBody, defaultMaxBody)
	c.InvalidSessionCode = cmp.Or(c.InvalidSessionCode, CodeSession)
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if err := c.check(); err != nil {
		return nil, err
	}
	return &Handler{config: c, sessions: newSessions()}, nil
}

func (c HandlerConfig) check() error {
	errs := c.Access.check("Access")
	bad := func(wrong bool, field, reason string) {
		if wrong {
			errs = append(errs, &FieldError{Field: field, Reason: reason})
		}
	}
	bad(c.Sync == nil, "Sync", "is required")
	bad(!strings.HasPrefix(c.SessionPath, "/"), "SessionPath", "does not begin with a slash")
	bad(!strings.HasPrefix(c.SyncPath, "/"), "SyncPath", "does not begin with a slash")
	bad(c.SessionPath == c.SyncPath, "SyncPath", "is the same as SessionPath")
	bad(c.SessionTTL < 0, "SessionTTL", "is negative")
	bad(c.TimestampWindow < 0, "TimestampWindow", "is negative")
	bad(c.MaxBody < 0, "MaxBody", "is negative")
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
		refuseUsers(w, http.StatusNotFound, CodeRequest, "not found")
	}
}

// Session returns the session endpoint alone, whatever its path.
func (h *Handler) Session() http.Handler { return http.HandlerFunc(h.serveSession) }

// Users returns the sync endpoint alone, whatever its path.
func (h *Handler) Users() http.Handler { return http.HandlerFunc(h.serveUsers) }
