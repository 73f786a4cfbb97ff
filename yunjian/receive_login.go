package yunjian

import (
	"crypto/subtle"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"github.com/orgbridge/orgbridge/internal/wire"
)

const (
	maxSessionBody   = 64 << 10
	maxSessionFields = 64
)

// serveSession answers 云简's getSessionId
// (https://tmc-doc.cloudpense.com/base/getSessionId.html).
func (h *Handler) serveSession(w http.ResponseWriter, r *http.Request) {
	id, ends, bad := h.login(w, r)
	if bad != nil {
		h.config.Logger.LogAttrs(r.Context(), slog.LevelWarn, "session refused", slog.String("vendor", vendor),
			slog.String("op", opGetSession), slog.Int("status", bad.status), slog.Int("code", bad.code))
		writeJSON(w, bad.status, sessionAnswer(bad.code, bad.message), []byte("}"))
		return
	}
	answer := wire.AppendText(sessionAnswer(CodeOK, "success"), `,"sessionId":`, id)
	writeJSON(w, http.StatusOK, wire.AppendInt(answer, `,"timeLimit":`, ends.UnixMilli()), []byte("}"))
}

// sessionAnswer begins an answer. It has resCode as a String, which it is here and nowhere
// else.
func sessionAnswer(code int, message string) []byte {
	b := wire.AppendText(nil, `{"resCode":`, strconv.Itoa(code))
	return wire.AppendText(b, `,"resMsg":`, message)
}

func (h *Handler) login(w http.ResponseWriter, r *http.Request) (id string, ends time.Time, bad *refusal) {
	s, bad := h.readBody(w, r, maxSessionBody, nil)
	if bad != nil {
		return "", ends, bad
	}
	defer s.close()
	p, bad := readParameters(s.read())
	if bad != nil {
		return "", ends, bad
	}
	now, window := h.config.Now(), h.config.TimestampWindow
	stamp, ok := p["timestamp"].instant()
	if !ok || now.Sub(stamp).Abs() > window {
		return "", ends, &refusal{http.StatusOK, CodeTimestamp, "timestamp is missing or too far from now"}
	}
	if !h.config.Access.admits(p) {
		return "", ends, &refusal{http.StatusOK, CodeCredentials, "account, secret or sign is wrong"}
	}
	// Whole milliseconds: the session ends when timeLimit says, not later.
	ends = now.Add(h.config.SessionTTL).Truncate(time.Millisecond)
	id, ends, ok = h.sessions.login(p["sign"].text, now, ends, stamp.Add(window))
	if !ok {
		return "", ends, &refusal{http.StatusOK, CodeTimestamp, "the session of this login has ended: sign the present time"}
	}
	return id, ends, nil
}

// admits checks account, secret and signature. The time it takes does not
// depend on where they differ, nor on which of them is wrong.
func (a Access) admits(p parameters) bool {
	signed := 0
	for _, reading := range readings {
		want := Sign(a.signKey.Reveal(), p.signed(reading))
		signed |= subtle.ConstantTimeCompare([]byte(want), []byte(p["sign"].text))
	}
	account := subtle.ConstantTimeCompare([]byte(a.account), []byte(p["account"].text))
	secret := subtle.ConstantTimeCompare([]byte(a.secret.Reveal()), []byte(p["secret"].text))
	return account&secret&signed == 1
}
