package yunzhijiatest

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/orgbridge/orgbridge/internal/simkit"
)

// stampWindow is how far a token request's timestamp may be off.
const stampWindow = 3 * time.Minute

// tokens issues access tokens: one at a time, the same until it ends.
type tokens struct {
	life time.Duration
	kind string // tells tokens of several teams apart

	mu      sync.Mutex
	issued  int
	current string
	ends    time.Time
}

func (t *tokens) issue(now time.Time, life time.Duration) (access, refresh string, left time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.current == "" || !now.Before(t.ends) {
		t.issued++
		t.current, t.ends = opaque(t.kind+"access", t.issued), now.Add(life)
	}
	return t.current, opaque(t.kind+"refresh", t.issued), t.ends.Sub(now)
}

func (t *tokens) valid(access string, now time.Time) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return access != "" && access == t.current && now.Before(t.ends)
}

func (t *tokens) expire() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.current = ""
}

// opaque returns 32 characters, as long as the vendor's tokens are.
func opaque(kind string, n int) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %d", kind, n))
	return hex.EncodeToString(sum[:16])
}

type tokenRequest struct {
	AppID     *string `json:"appId"`
	EID       *string `json:"eid"`
	Secret    *string `json:"secret"`
	Timestamp *int64  `json:"timestamp"` // milliseconds
	Scope     *string `json:"scope"`
}

type tokenAnswer struct {
	AccessToken  string `json:"accessToken"`
	ExpireIn     int64  `json:"expireIn"` // seconds
	RefreshToken string `json:"refreshToken"`
}

// getAccessToken has a JSON body, unlike all other calls.
func (s *Server) getAccessToken(w http.ResponseWriter, r *http.Request) {
	data, refusal := s.grant(r)
	if refusal != nil {
		refuse(w, refusal)
		return
	}
	succeed(w, codeTokenSuccess, data)
}

func (s *Server) grant(r *http.Request) (any, *refusal) {
	var in tokenRequest
	if err := simkit.ReadJSON(r, &in); err != nil {
		return nil, badParameter(err.Error())
	}
	if in.Secret == nil || in.Timestamp == nil || in.Scope == nil {
		return nil, badParameter("secret, timestamp and scope are required")
	}
	now := s.now()
	issuer, refused := s.issuer(in)
	switch off := now.Sub(time.UnixMilli(*in.Timestamp)); {
	case refused != nil:
		return nil, refused
	case off > stampWindow || off < -stampWindow:
		return nil, &refusal{codeAuthentication, "timestamp is more than 3 minutes off"}
	}
	access, refresh, left := issuer.issue(now, s.tokens.life)
	return tokenAnswer{AccessToken: access, ExpireIn: int64(left / time.Second), RefreshToken: refresh}, nil
}

// issuer returns who issues tokens of the level that is asked for: the app, or a team.
func (s *Server) issuer(in tokenRequest) (*tokens, *refusal) {
	switch *in.Scope {
	case "app":
		switch {
		case in.AppID == nil:
			return nil, badParameter("appId is required")
		case in.EID != nil:
			return nil, badParameter("unknown field: scope app has no eid")
		case *in.AppID != appID || *in.Secret != appSecret:
			return nil, &refusal{codeAuthentication, "appId or secret is wrong"}
		}
		return &s.tokens, nil
	case "resGroupSecret":
		switch {
		case in.EID == nil:
			return nil, badParameter("eid is required")
		case in.AppID != nil:
			return nil, badParameter("unknown field: scope resGroupSecret has no appId")
		}
		team := s.team(*in.EID)
		if team == nil || *in.Secret != syncSecret {
			return nil, &refusal{codeAuthentication, "eid or secret is wrong"}
		}
		return &team.tokens, nil
	}
	return nil, badParameter("scope is neither app nor resGroupSecret")
}
