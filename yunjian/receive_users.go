package yunjian

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"runtime"
	"strconv"

	"github.com/orgbridge/orgbridge/internal/wire"
)

// minRow is the length of the shortest row that has what the page requires.
// MaxBody divided by it is the most rows a body can truly hold.
const minRow = len(`{"userNo":1,"mobile":"1","fullName":"x","isLeave":true},`)

// push is the request's envelope, V1.0 to V1.4. The applicant (userNo, or
// userId before V1.2) is of no use here: every row names its own user.
type push struct {
	sessionID string
	account   string
	companyID json.RawMessage
	data      json.RawMessage
}

func readPush(body []byte) (p push, bad *badRequest) {
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
	return p, ended(s)
}

type usersAnswer struct {
	ResCode int         `json:"resCode"`
	ResMsg  string      `json:"resMsg"`
	Data    []answerRow `json:"data"`
}

// answerRow echoes the ids in the form in which they came, the sample's
// numbers included: that is what 云简 compares them with.
type answerRow struct {
	UserNo      json.RawMessage `json:"userNo,omitempty"`
	UserID      json.RawMessage `json:"userId,omitempty"`
	CompanyID   json.RawMessage `json:"companyId,omitempty"`
	BindID      string          `json:"bindId"`
	Description string          `json:"description,omitempty"`
	Status      int             `json:"status"`
}

const (
	statusFailed = 0
	statusDone   = 1
)

func refuseUsers(w http.ResponseWriter, status, code int, message string) {
	writeJSON(w, status, usersAnswer{ResCode: code, ResMsg: message, Data: []answerRow{}})
}

// serveUsers answers 人员同步接口.
func (h *Handler) serveUsers(w http.ResponseWriter, r *http.Request) {
	refuse := func(ctx context.Context, status, code int, message string) {
		h.config.Logger.LogAttrs(ctx, slog.LevelWarn, "push refused", slog.String("vendor", vendor),
			slog.String("op", opUserSyn), slog.Int("status", status), slog.Int("code", code))
		refuseUsers(w, status, code, message)
	}
	body, bad := readBody(w, r, h.config.MaxBody)
	if bad != nil {
		refuse(r.Context(), bad.status, CodeRequest, bad.message)
		return
	}
	p, bad := readPush(body)
	if bad != nil {
		refuse(r.Context(), bad.status, CodeRequest, bad.message)
		return
	}
	if !h.sessions.valid(p.sessionID, h.config.Now()) {
		refuse(r.Context(), http.StatusOK, h.config.InvalidSessionCode, "sessionId is unknown or has expired")
		return
	}
	// V1.0 has companyId in place of the account.
	if p.account != "" && p.account != h.config.Access.account {
		refuse(r.Context(), http.StatusOK, CodeCredentials, "account is not the one of the session")
		return
	}
	if len(p.data) == 0 || p.data[0] != '[' {
		refuse(r.Context(), http.StatusBadRequest, CodeRequest, "data is not a list")
		return
	}
	rows, err := splitRows(p.data, int(h.config.MaxBody)/minRow)
	if err != nil {
		refuse(r.Context(), http.StatusRequestEntityTooLarge, CodeRequest, "data has too many rows")
		return
	}
	writeJSON(w, http.StatusOK, h.syncAll(r.Context(), rows, scalar(p.companyID)))
}

// syncAll answers one row per row, in order.
func (h *Handler) syncAll(ctx context.Context, rows []json.RawMessage, companyID json.RawMessage) usersAnswer {
	answer := usersAnswer{ResCode: CodeOK, ResMsg: "success", Data: make([]answerRow, 0, len(rows))}
	failed := 0
	for i, raw := range rows {
		row := h.syncOne(ctx, i, raw)
		row.CompanyID = companyID
		if row.Status != statusDone {
			failed++
		}
		answer.Data = append(answer.Data, row)
	}
	if failed > 0 {
		answer.ResMsg = "部分员工同步失败"
	}
	h.config.Logger.LogAttrs(ctx, slog.LevelDebug, "push served", slog.String("vendor", vendor),
		slog.String("op", opUserSyn), slog.Int("users", len(rows)), slog.Int("failed", failed))
	return answer
}

func (h *Handler) syncOne(ctx context.Context, index int, raw json.RawMessage) answerRow {
	row := echo(raw)
	u, problem := readRow(raw)
	if problem == "" && ctx.Err() != nil {
		problem = descriptionAborted
	}
	if problem != "" {
		h.logFailed(ctx, index, slog.String("cause", problem))
		row.Description = problem
		return row
	}
	ack, err := h.call(ctx, index, u)
	row.BindID = ack.BindID
	if err == nil {
		row.Status = statusDone
		return row
	}
	var public bool
	row.Description, public = describe(err)
	if !public {
		h.logFailed(ctx, index, slog.String("cause", fmt.Sprintf("%T", err)))
	}
	return row
}

// echo starts the answer of a row: failed, with the ids that it came with.
func echo(raw json.RawMessage) answerRow {
	var userNo, userID json.RawMessage
	s := wire.NewScanner(raw)
	for more := s.Kind() == '{' && s.Begin('{'); more; more = s.More('}') { // others have no ids
		switch string(s.Key()) {
		case "userNo":
			userNo = s.Raw()
		case "userId":
			userID = s.Raw()
		default:
			s.Skip()
		}
	}
	row := answerRow{UserNo: scalar(userNo), UserID: scalar(userID), Status: statusFailed}
	if row.UserNo == nil && row.UserID == nil {
		row.UserNo = json.RawMessage(`""`)
	}
	return row
}

// panicked is the error of a Sync that panicked. The panic's value is dropped:
// it may quote anything.
type panicked struct{}

func (panicked) Error() string { return "Sync panicked" }

// call runs the integrator's function and survives it.
func (h *Handler) call(ctx context.Context, index int, u User) (ack Ack, err error) {
	defer func() {
		if v := recover(); v != nil {
			h.logFailed(ctx, index, slog.String("cause", fmt.Sprintf("panic of %T", v)), slog.Any("stack", frames()))
			ack, err = Ack{}, panicked{}
		}
	}()
	return h.config.Sync(ctx, u)
}

// logFailed names the row, not the user, and no text that others wrote.
func (h *Handler) logFailed(ctx context.Context, index int, attrs ...slog.Attr) {
	attrs = append([]slog.Attr{slog.String("vendor", vendor), slog.String("op", opUserSyn), slog.Int("row", index)}, attrs...)
	h.config.Logger.LogAttrs(ctx, slog.LevelWarn, "user not synced", attrs...)
}

// frames lists where a panic came from; unlike a stack trace it holds no
// arguments.
func frames() []string {
	callers := make([]uintptr, 32)
	stack := runtime.CallersFrames(callers[:runtime.Callers(3, callers)])
	var list []string
	for {
		frame, more := stack.Next()
		list = append(list, frame.Function+":"+strconv.Itoa(frame.Line))
		if !more {
			return list
		}
	}
}
