package yunjian

import (
	"context"
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

// sessionAnswer has resCode as a String, which it is here and nowhere else.
type sessionAnswer struct {
	ResCode   string `json:"resCode"`
	ResMsg    string `json:"resMsg"`
	SessionID string `json:"sessionId,omitempty"`
	TimeLimit int64  `json:"timeLimit,omitempty"` // the instant the session ends, in milliseconds
}

// serveSession answers 云简's getSessionId
// (https://tmc-doc.cloudpense.com/base/getSessionId.html).
func (h *Handler) serveSession(w http.ResponseWriter, r *http.Request) {
	refuse := func(ctx context.Context, status, code int, message string) {
		h.config.Logger.LogAttrs(ctx, slog.LevelWarn, "session refused", slog.String("vendor", vendor),
			slog.String("op", opGetSession), slog.Int("status", status), slog.Int("code", code))
		writeJSON(w, status, sessionAnswer{ResCode: strconv.Itoa(code), ResMsg: message})
	}
	body, bad := readBody(w, r, maxSessionBody)
	if bad != nil {
		refuse(r.Context(), bad.status, CodeRequest, bad.message)
		return
	}
	fields, bad := sessionFields(body)
	if bad != nil {
		refuse(r.Context(), bad.status, CodeRequest, bad.message)
		return
	}
	now := h.config.Now()
	if !fresh(fields["timestamp"].text, now, h.config.TimestampWindow) {
		refuse(r.Context(), http.StatusOK, CodeTimestamp, "timestamp is missing or too far from now")
		return
	}
	if !h.config.Access.admits(fields) {
		refuse(r.Context(), http.StatusOK, CodeCredentials, "account, secret or sign is wrong")
		return
	}
	// Whole milliseconds: the session ends when timeLimit says, not later.
	ends := now.Add(h.config.SessionTTL).Truncate(time.Millisecond)
	writeJSON(w, http.StatusOK, sessionAnswer{
		ResCode: strconv.Itoa(CodeOK), ResMsg: "success",
		SessionID: h.sessions.create(now, ends), TimeLimit: ends.UnixMilli(),
	})
}

// field is a parameter in the characters it came with.
type field struct {
	text string
	null bool
}

// sessionFields reads the parameters, whatever their names: the signature is
// over all of them.
func sessionFields(body []byte) (map[string]field, *badRequest) {
	s := wire.NewScanner(body)
	fields := map[string]field{}
	for more := s.Object(""); more; more = s.More('}') {
		name := string(s.Key())
		if _, twice := fields[name]; twice {
			return nil, &badRequest{http.StatusBadRequest, "body has a field twice"}
		}
		if len(fields) == maxSessionFields {
			return nil, &badRequest{http.StatusBadRequest, "body has too many fields"}
		}
		value := s.Raw()
		if s.Failed() {
			break
		}
		if c := value[0]; c == '-' || c >= '0' && c <= '9' {
			fields[name] = field{text: string(value)} // what is signed are the digits as they came
			continue
		}
		var text wire.Text // not cleaned: it is signed
		if bad := decodeBody(value, &text); bad != nil {
			return nil, bad
		}
		fields[name] = field{text: string(text), null: isNull(value)}
	}
	if bad := ended(s); bad != nil {
		return nil, bad
	}
	return fields, nil
}

// fresh reports whether a timestamp in milliseconds is within window of now.
func fresh(timestamp string, now time.Time, window time.Duration) bool {
	ms, err := strconv.ParseInt(timestamp, 10, 64)
	return err == nil && now.Sub(time.UnixMilli(ms)).Abs() <= window
}

// readings are the ways in which the signature may treat a parameter that is
// null or empty; the vendor does not say which. Each returns the text that is
// signed, and whether the parameter is signed at all.
var readings = []func(field) (string, bool){
	func(f field) (string, bool) { return f.text, true },         // all, null as ""
	func(f field) (string, bool) { return f.text, f.text != "" }, // neither null nor ""
	func(f field) (string, bool) { return f.text, !f.null },      // not null
	func(f field) (string, bool) { return orNull(f), true },      // all, null as Java prints it
}

func orNull(f field) string {
	if f.null {
		return "null"
	}
	return f.text
}

// admits checks account, secret and signature. The time it takes does not
// depend on where they differ, nor on which of them is wrong.
func (a Access) admits(fields map[string]field) bool {
	signed := 0
	for _, reading := range readings {
		params := make(map[string]string, len(fields))
		for name, f := range fields {
			if text, ok := reading(f); ok {
				params[name] = text
			}
		}
		want := Sign(a.signKey.Reveal(), params)
		signed |= subtle.ConstantTimeCompare([]byte(want), []byte(fields["sign"].text))
	}
	account := subtle.ConstantTimeCompare([]byte(a.account), []byte(fields["account"].text))
	secret := subtle.ConstantTimeCompare([]byte(a.secret.Reveal()), []byte(fields["secret"].text))
	return account&secret&signed == 1
}
