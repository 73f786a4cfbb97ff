package yunjiantest

import (
	"crypto/md5" //nolint:gosec // the vendor's signature
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/orgbridge/orgbridge/internal/simkit"
)

// The codes of a [Server]. The page names 10000 alone.
const (
	CodeOK          = 10000
	CodeRequest     = 20001 // not the documented request
	CodeCredentials = 20002 // account, secret or sign
	CodeTimestamp   = 20003
	CodeSession     = 20004
)

// window is how far off a timestamp may be.
const window = 5 * time.Minute

type sessionRequest struct {
	Account   *string         `json:"account"`
	Secret    *string         `json:"secret"`
	Timestamp json.RawMessage `json:"timestamp"`
	Platform  *string         `json:"platform"`
	Source    *string         `json:"source"`
	UserID    *int64          `json:"userId"`
	UserNo    *string         `json:"userNo"`
	Sign      *string         `json:"sign"`
}

type sessionAnswer struct {
	ResCode   string `json:"resCode"` // a String, unlike everywhere else
	ResMsg    string `json:"resMsg"`
	SessionID string `json:"sessionId"`
	TimeLimit *int64 `json:"timeLimit"`
}

func (s *Server) getSession(w http.ResponseWriter, r *http.Request) {
	if err := simkit.RequireJSON(r); err != nil {
		http.Error(w, err.Error(), http.StatusUnsupportedMediaType)
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, "body ended early", http.StatusBadRequest)
		return
	}
	answer := s.login(body)
	simkit.WriteJSON(w, http.StatusOK, answer)
}

func (s *Server) login(body []byte) sessionAnswer {
	refuse := func(code int, message string) sessionAnswer {
		return sessionAnswer{ResCode: strconv.Itoa(code), ResMsg: message}
	}
	var req sessionRequest
	if err := simkit.StrictJSON(body, &req); err != nil {
		return refuse(CodeRequest, err.Error())
	}
	for name, value := range map[string]*string{"account": req.Account, "secret": req.Secret, "sign": req.Sign} {
		if value == nil || *value == "" {
			return refuse(CodeRequest, name+" is missing")
		}
	}
	stamp := strings.Trim(string(req.Timestamp), `"`)
	ms, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil {
		return refuse(CodeTimestamp, "timestamp is not a number")
	}
	now := s.now()
	if now.Sub(time.UnixMilli(ms)).Abs() > window {
		return refuse(CodeTimestamp, "timestamp is too far from now")
	}
	if *req.Account != Account || *req.Secret != Secret || *req.Sign != signature(body, SignKey) {
		return refuse(CodeCredentials, "account, secret or sign is wrong")
	}
	id := rand.Text()
	s.mu.Lock()
	defer s.mu.Unlock()
	ends := now.Add(s.life)
	s.sessions[id] = ends
	limit := ends.UnixMilli()
	return sessionAnswer{ResCode: strconv.Itoa(CodeOK), ResMsg: "success", SessionID: id, TimeLimit: &limit}
}

// signature signs the parameters of a request: those that are sent, with
// signKey, sorted by name.
func signature(body []byte, signKey string) string {
	var params map[string]json.RawMessage
	_ = json.Unmarshal(body, &params) // read before, or built by this package
	pairs := []string{"signKey=" + signKey}
	for name, raw := range params {
		if name == "sign" || string(raw) == "null" {
			continue
		}
		text := string(raw)
		var quoted string
		if json.Unmarshal(raw, &quoted) == nil {
			text = quoted
		}
		pairs = append(pairs, name+"="+text)
	}
	// By name alone: "a=" sorts before "a1=" although '=' comes after '1'.
	slices.SortFunc(pairs, func(a, b string) int {
		nameA, _, _ := strings.Cut(a, "=")
		nameB, _, _ := strings.Cut(b, "=")
		return strings.Compare(nameA, nameB)
	})
	sum := md5.Sum([]byte(strings.Join(pairs, "&"))) //nolint:gosec // the vendor's signature
	return hex.EncodeToString(sum[:])
}
