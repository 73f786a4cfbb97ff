package yunjian

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"time"
	"unicode/utf8"

	"github.com/orgbridge/orgbridge/internal/wire"
)

// minRow is the length of the shortest row that has what the page requires.
// MaxBody divided by it is the most rows a body can truly hold.
const minRow = len(`{"userNo":1,"mobile":"1","fullName":"x","isLeave":true},`)

// maxCompanyID bounds what every row of an answer repeats. The page has an Integer.
const maxCompanyID = 32

// push is the request's envelope, V1.0 to V1.4. The applicant (userNo, or
// userId before V1.2) is of no use here: every row names its own user.
type push struct {
	sessionID string
	account   string
	companyID json.RawMessage
	data      json.RawMessage
}

func readPush(body []byte) (p push, bad *refusal) {
	s := wire.NewScanner(body)
	var seen wire.Seen
	for more := s.Object(""); more; more = s.More('}') {
		switch string(s.Key()) {
		case "sessionId":
			seen.Once(s, 0, "sessionId")
			p.sessionID = s.Text("sessionId", wire.Strict)
		case "account":
			seen.Once(s, 1, "account")
			p.account = s.Text("account", wire.Strict)
		case "companyId":
			seen.Once(s, 2, "companyId")
			p.companyID = s.Raw()
		case "data":
			seen.Once(s, 3, "data")
			p.data = s.Raw()
		default:
			s.Skip()
		}
	}
	if s.End() != nil {
		return p, notDocumented(body)
	}
	if field, problem := s.Problem(); field != "" {
		return p, badRequest(http.StatusBadRequest, field+" "+problem)
	} else if problem != "" {
		return p, notDocumented(body)
	}
	return p, nil
}

// findSession looks for the sessionId in the part of a push that has come. A part that
// can be no push, whatever follows, is bad.
func findSession(part []byte) (id string, found, bad bool) {
	s := wire.NewScanner(wholeRunes(part))
	for more := s.Object(""); more; more = s.More('}') {
		if string(s.Key()) == "sessionId" {
			id = s.Text("sessionId", wire.Strict)
			if s.Failed() || s.Rest() == 0 { // digits may follow
				break
			}
			return id, s.Sound(), !s.Sound()
		}
		s.Skip()
	}
	cut, failed := errors.AsType[*wire.DecodeError](s.End())
	return "", false, failed && !cut.Truncated()
}

// wholeRunes leaves out a character that is cut at the end.
func wholeRunes(b []byte) []byte {
	for i := len(b) - 1; i >= 0 && i >= len(b)-utf8.UTFMax; i-- {
		if utf8.RuneStart(b[i]) {
			if !utf8.FullRune(b[i:]) {
				return b[:i]
			}
			break
		}
	}
	return b
}

// lookForSession judges a push by its session as soon as that is there, so that nothing is
// kept for those who have none.
func (h *Handler) lookForSession(b *intake) (done bool, bad *refusal) {
	part := b.share.read()
	id, found, broken := findSession(part)
	switch {
	case broken:
		return true, notDocumented(part)
	case !found:
		return false, nil
	case !h.sessions.use(id, h.config.Now()):
		return true, h.noSession()
	case !b.share.join(b.request.Context(), b.need()):
		return true, busy()
	}
	return true, nil
}

func (h *Handler) noSession() *refusal {
	return &refusal{http.StatusOK, h.config.InvalidSessionCode, "sessionId is unknown or has expired"}
}

// serveUsers answers 人员同步接口.
func (h *Handler) serveUsers(w http.ResponseWriter, r *http.Request) {
	s, bad := h.readBody(w, r, h.config.MaxBody, h.lookForSession)
	if bad != nil {
		h.refuseUsers(r.Context(), w, bad)
		return
	}
	defer s.close()
	rows, a, bad := h.admit(r.Context(), s)
	if bad != nil {
		h.refuseUsers(r.Context(), w, bad)
		return
	}
	h.syncAll(r.Context(), rows, a)
	s.drop() // nothing needs the body any more, and the caller may read slowly
	a.write(h.writable(w, r))
}

// writable gives an answer its own time if the server gives none: what has been counted
// must not wait for a caller who does not read.
func (h *Handler) writable(w http.ResponseWriter, r *http.Request) http.ResponseWriter {
	if server, ok := r.Context().Value(http.ServerContextKey).(*http.Server); !ok || server.WriteTimeout == 0 {
		_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(h.config.BodyTimeout))
	}
	return w
}

// admit checks a push that has come as a whole, and makes room for its answer.
func (h *Handler) admit(ctx context.Context, s *share) (rows rowList, a *answer, bad *refusal) {
	body := s.read()
	if s.evicted() {
		return rows, nil, busy()
	}
	p, bad := readPush(body)
	if bad != nil {
		return rows, nil, bad
	}
	switch {
	case !h.sessions.use(p.sessionID, h.config.Now()):
		return rows, nil, h.noSession()
	// V1.0 has companyId in place of the account.
	case p.account != "" && p.account != h.config.Access.account:
		return rows, nil, &refusal{http.StatusOK, CodeCredentials, "account is not the one of the session"}
	case len(p.data) == 0 || p.data[0] != '[':
		return rows, nil, badRequest(http.StatusBadRequest, "data is not a list")
	}
	a = &answer{share: s}
	if !isNull(p.companyID) {
		if a.companyID = scalar(p.companyID); a.companyID == nil || len(a.companyID) > maxCompanyID {
			return rows, nil, badRequest(http.StatusBadRequest, "companyId is not an integer")
		}
	}
	if rows = measure(p.data); rows.count > int(h.config.MaxBody)/minRow {
		return rows, nil, badRequest(http.StatusRequestEntityTooLarge, "data has too many rows")
	}
	if !a.reserve(ctx, rows) {
		return rows, nil, busy()
	}
	return rows, a, nil
}

func (h *Handler) refuseUsers(ctx context.Context, w http.ResponseWriter, bad *refusal) {
	h.config.Logger.LogAttrs(ctx, slog.LevelWarn, "push refused", slog.String("vendor", vendor),
		slog.String("op", opUserSyn), slog.Int("status", bad.status), slog.Int("code", bad.code))
	writeUsers(w, bad.status, bad.code, bad.message, []byte("[]"))
}
