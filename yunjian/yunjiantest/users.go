package yunjiantest

import (
	"encoding/json"
	"maps"
	"net/http"
	"regexp"
	"strconv"
	"time"

	"github.com/orgbridge/orgbridge/internal/simkit"
	"github.com/orgbridge/orgbridge/yunjian"
)

type pushRequest struct {
	UserNo    *string           `json:"userNo"`
	Account   *string           `json:"account"`
	SessionID *string           `json:"sessionId"`
	Data      []json.RawMessage `json:"data"`
}

// userInfo is the table of the page, with the types it states.
type userInfo struct {
	UserID         *int64                     `json:"userId"`
	UserNo         *string                    `json:"userNo"`
	DepartmentName *string                    `json:"departmentName"`
	DepartmentCode *string                    `json:"departmentCode"`
	CostCenterName *string                    `json:"costCenterName"`
	CostCenterCode *string                    `json:"costCenterCode"`
	BranchName     *string                    `json:"branchName"`
	BranchCode     *string                    `json:"branchCode"`
	Gender         *string                    `json:"gender"`
	Mobile         *string                    `json:"mobile"`
	EmailAddress   *string                    `json:"emailAddress"`
	Level          *string                    `json:"level"`
	LevelName      *string                    `json:"levelName"`
	LevelCode      *string                    `json:"levelCode"`
	IsLeave        *bool                      `json:"isLeave"`
	Birthday       *string                    `json:"birthday"`
	Nationality    *string                    `json:"nationality"`
	FullName       *string                    `json:"fullName"`
	Surname        *string                    `json:"surname"`
	GivenName      *string                    `json:"givenName"`
	ExtraInfo      map[string]json.RawMessage `json:"extraInfo"`
	CardInfo       []cardInfo                 `json:"cardInfo"`
}

type cardInfo struct {
	CardType       *string `json:"cardType"`
	CardTypeID     *int64  `json:"cardTypeId"`
	CardNo         *string `json:"cardNo"`
	ExpirationDate *int64  `json:"expirationDate"`
	GivenName      *string `json:"givenName"`
	Surname        *string `json:"surname"`
}

type pushAnswer struct {
	ResCode int         `json:"resCode"`
	ResMsg  string      `json:"resMsg"`
	Data    []answerRow `json:"data"`
}

type answerRow struct {
	UserID      *int64          `json:"userId,omitempty"`
	UserNo      json.RawMessage `json:"userNo,omitempty"`
	BindID      string          `json:"bindId"`
	Description string          `json:"description,omitempty"`
	Status      int             `json:"status"`
}

// held is a user as the server holds it: the fields that ever came, each with
// its last value.
type held struct {
	bindID string
	fields map[string]json.RawMessage
}

func (h *held) user() yunjian.User {
	var u yunjian.User
	if body, err := json.Marshal(h.fields); err == nil {
		_ = json.Unmarshal(body, &u) // every field had its documented type
	}
	return u
}

// Users returns the users that the server holds, in the order in which they
// first came. A field that a later push left out keeps its value.
func (s *Server) Users() []yunjian.User {
	s.mu.Lock()
	defer s.mu.Unlock()
	users := make([]yunjian.User, len(s.users))
	for i, h := range s.users {
		users[i] = h.user()
	}
	return users
}

// BindID returns the key that the server gave a user, by user number or, in
// digits, userId; "" if it does not hold that user.
func (s *Server) BindID(userNo string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if h, ok := s.byKey[userNo]; ok {
		return h.bindID
	}
	return ""
}

func (s *Server) userSyn(w http.ResponseWriter, r *http.Request) {
	if err := simkit.RequireJSON(r); err != nil {
		http.Error(w, err.Error(), http.StatusUnsupportedMediaType)
		return
	}
	refuse := func(code int, message string) {
		simkit.WriteJSON(w, http.StatusOK, pushAnswer{ResCode: code, ResMsg: message, Data: []answerRow{}})
	}
	var req pushRequest
	if err := simkit.ReadJSON(r, &req); err != nil {
		refuse(CodeRequest, err.Error())
		return
	}
	switch {
	case empty(req.UserNo):
		refuse(CodeRequest, "userNo is missing")
	case empty(req.Account):
		refuse(CodeRequest, "account is missing")
	case empty(req.SessionID):
		refuse(CodeRequest, "sessionId is missing")
	case req.Data == nil:
		refuse(CodeRequest, "data is missing")
	case *req.Account != Account:
		refuse(CodeCredentials, "account is wrong")
	case !s.admits(*req.SessionID):
		refuse(CodeSession, "sessionId is unknown or has expired")
	default:
		simkit.WriteJSON(w, http.StatusOK, s.take(req.Data))
	}
}

func empty(s *string) bool { return s == nil || *s == "" }

func (s *Server) admits(session string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	ends, ok := s.sessions[session]
	return ok && s.now().Before(ends)
}

func (s *Server) take(data []json.RawMessage) pushAnswer {
	s.mu.Lock()
	defer s.mu.Unlock()
	answer := pushAnswer{ResCode: CodeOK, ResMsg: "success", Data: []answerRow{}}
	for _, raw := range data {
		row := s.takeOne(raw)
		if row.Status == 0 {
			answer.ResMsg = "部分员工同步失败"
		}
		if row.Status == 0 || !s.omit {
			answer.Data = append(answer.Data, row)
		}
	}
	return answer
}

// takeOne holds a user, or says why not. The caller holds the lock.
func (s *Server) takeOne(raw json.RawMessage) answerRow {
	var info userInfo
	err := simkit.StrictJSON(raw, &info)
	row := answerRow{UserID: info.UserID}
	if info.UserNo != nil {
		row.UserNo = s.number(*info.UserNo)
	}
	if err != nil {
		row.Description = err.Error()
		return row
	}
	if problem := info.problem(); problem != "" {
		row.Description = problem
		return row
	}
	key := info.key()
	if description, ok := s.refused[key]; ok {
		row.Description = description
		return row
	}
	h, known := s.byKey[key]
	if !known {
		h = &held{bindID: "bind-" + strconv.Itoa(len(s.users)+1), fields: make(map[string]json.RawMessage)}
		s.users = append(s.users, h)
		s.byKey[key] = h
	}
	var fields map[string]json.RawMessage
	_ = json.Unmarshal(raw, &fields) // read strictly above
	maps.DeleteFunc(fields, func(_ string, v json.RawMessage) bool { return string(v) == "null" })
	maps.Copy(h.fields, fields)
	row.BindID, row.Status = h.bindID, 1
	return row
}

func (s *Server) number(userNo string) json.RawMessage {
	if s.numbers && isInteger(userNo) {
		return json.RawMessage(userNo)
	}
	quoted, _ := json.Marshal(userNo) // a string always can be
	return quoted
}

// isInteger reports whether digits are a JSON number that stands for them.
func isInteger(digits string) bool {
	n, err := strconv.ParseInt(digits, 10, 64)
	return err == nil && strconv.FormatInt(n, 10) == digits
}

func (u userInfo) key() string {
	if !empty(u.UserNo) {
		return *u.UserNo
	}
	return strconv.FormatInt(*u.UserID, 10)
}

var (
	mobile  = regexp.MustCompile(`^1\d{10}$`)
	country = regexp.MustCompile(`^[A-Z]{3}$`)
)

// problem names the first thing that the page does not allow.
func (u userInfo) problem() string {
	switch {
	case empty(u.UserNo) && u.UserID == nil:
		return "userNo is missing"
	case empty(u.FullName):
		return "fullName is missing"
	case empty(u.Mobile):
		return "mobile is missing"
	case !mobile.MatchString(*u.Mobile):
		return "mobile is not a mobile number"
	case u.IsLeave == nil:
		return "isLeave is missing"
	case !empty(u.Nationality) && !country.MatchString(*u.Nationality):
		return "nationality is not three letters"
	}
	if !empty(u.Birthday) {
		if _, err := time.Parse(time.DateOnly, *u.Birthday); err != nil {
			return "birthday is not yyyy-MM-dd"
		}
	}
	for _, c := range u.CardInfo {
		switch {
		case empty(c.CardType):
			return "cardInfo.cardType is missing"
		case c.CardTypeID == nil:
			return "cardInfo.cardTypeId is missing"
		case empty(c.CardNo):
			return "cardInfo.cardNo is missing"
		case c.ExpirationDate != nil && len(strconv.FormatInt(*c.ExpirationDate, 10)) != 13:
			return "cardInfo.expirationDate is not 13 digits"
		}
	}
	return ""
}
