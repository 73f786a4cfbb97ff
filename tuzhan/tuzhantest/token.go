package tuzhantest

import (
	"crypto/subtle"
	"fmt"
	"net/http"
	"time"

	"github.com/orgbridge/orgbridge/internal/simkit"
)

type tokenData struct {
	Expire          int64  `json:"expire"`
	OrgAccessToken  string `json:"orgAccessToken"`
	OrgRefreshToken string `json:"orgRefreshToken"`
}

// getOrgAccessToken is docs.tuzhanai.com pageId=986242. instanceSecrect is the
// vendor's spelling.
func (s *Server) getOrgAccessToken(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	if !equal(q.Get("instanceAppid"), InstanceAppID) || !equal(q.Get("instanceSecrect"), InstanceSecret) {
		refuse(w, codeAppSecret, "instanceAppid或instanceSecrect错误")
		return
	}
	data := tokenData{Expire: int64(s.tokenLife / time.Second), OrgAccessToken: s.IssueToken()}
	data.OrgRefreshToken = "refresh-" + data.OrgAccessToken
	simkit.WriteJSON(w, http.StatusOK, response{Code: codeSuccess, ErrorCode: "0", Msg: "操作成功", Data: data})
}

// IssueToken returns a new access token, for clients that are given one. Whether
// the vendor ends earlier tokens is not known; the simulator does not.
func (s *Server) IssueToken() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.issued++
	token := fmt.Sprintf("simulated-org-access-token-%d", s.issued)
	s.tokens[token] = s.now().Add(s.tokenLife)
	return token
}

// ExpireTokens ends all access tokens given out so far.
func (s *Server) ExpireTokens() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.tokens)
}

// admit answers a request whose token is not good, and reports whether it is.
func (s *Server) admit(w http.ResponseWriter, r *http.Request) bool {
	s.mu.Lock()
	end, known := s.tokens[r.Header.Get("X-Token")]
	s.mu.Unlock()
	switch {
	case known && s.now().Before(end):
		return true
	case s.unauthorized:
		http.Error(w, http.StatusText(http.StatusUnauthorized), http.StatusUnauthorized)
	default:
		refuse(w, codeToken, "token错误或已过期")
	}
	return false
}

func equal(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }
