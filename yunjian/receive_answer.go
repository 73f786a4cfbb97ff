package yunjian

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"strconv"

	"github.com/orgbridge/orgbridge/internal/wire"
)

// outcome is what the answer says of one user.
type outcome struct {
	bindID      string
	description string // of a failure
	done        bool
}

const (
	statusFailed = 0
	statusDone   = 1
)

// rowIDs are the ids of a row in the form in which they came, the sample's numbers
// included: that is what 云简 compares them with.
type rowIDs struct{ userNo, userID json.RawMessage }

// nextRow reads a row as it is written, and finds its ids, whatever else is in it.
func (l rowList) nextRow(s *wire.Scanner) (raw json.RawMessage, ids rowIDs) {
	start := s.Offset()
	if s.Kind() != '{' {
		s.Skip() // has no ids
	} else {
		for more := s.Begin('{'); more; more = s.More('}') {
			switch string(s.Key()) {
			case "userNo":
				ids.userNo = scalar(s.Raw())
			case "userId":
				ids.userID = scalar(s.Raw())
			default:
				s.Skip()
			}
		}
	}
	if ids.userNo == nil && ids.userID == nil {
		ids.userNo = json.RawMessage(`""`)
	}
	return bytes.TrimSpace(l.data[start:s.Offset()]), ids
}

// scalar returns raw if it can be echoed as an id, a string or a number.
func scalar(raw json.RawMessage) json.RawMessage {
	if len(raw) > 0 && (raw[0] == '"' || raw[0] == '-' || raw[0] >= '0' && raw[0] <= '9') {
		return raw
	}
	return nil
}

// rowList is a list of rows that has been measured.
type rowList struct {
	data   json.RawMessage
	count  int
	echoed int // bytes of all ids
}

// measure counts rows without keeping any, which takes many times their size if they are
// short.
func measure(data json.RawMessage) rowList {
	list := rowList{data: data}
	s := wire.NewScanner(data)
	for more := s.Begin('['); more; more = s.More(']') {
		_, ids := list.nextRow(s)
		list.count++
		list.echoed += len(ids.userNo) + len(ids.userID)
	}
	return list
}

// answerRow is the longest row of an answer, apart from the ids and from what the
// integrator's function returns.
const answerRow = len(`{"userNo":,"userId":,"companyId":,"bindId":"","description":"","status":0},`) + maxDescription

// answer collects the rows of an answer in memory that has been counted: it is there
// before the first user is synced, so that none is synced without being answered.
type answer struct {
	share     *share
	companyID json.RawMessage

	rows            []byte
	users, failures int
}

// reserve makes room for the answer to rows. A push whose session came at its end has its
// place only now.
func (a *answer) reserve(ctx context.Context, rows rowList) bool {
	size := rows.echoed + rows.count*(answerRow+len(a.companyID)) + len("[]")
	if !a.share.join(ctx, int64(size)) || !a.share.reserve(int64(size)) {
		return false
	}
	a.share.settle()
	a.rows = append(make([]byte, 0, size), '[')
	return true
}

func (a *answer) add(ids rowIDs, o outcome) {
	before := cap(a.rows)
	start := len(a.rows)
	b := a.rows
	if ids.userNo != nil {
		b = append(append(b, `,"userNo":`...), ids.userNo...)
	}
	if ids.userID != nil {
		b = append(append(b, `,"userId":`...), ids.userID...)
	}
	if a.companyID != nil {
		b = append(append(b, `,"companyId":`...), a.companyID...)
	}
	b = wire.AppendText(b, `,"bindId":`, o.bindID)
	status := statusDone
	if !o.done {
		status = statusFailed
		a.failures++
		b = wire.AppendText(b, `,"description":`, o.description)
	}
	b = wire.AppendInt(b, `,"status":`, int64(status))
	a.rows = append(wire.CloseObject(b, start), ',')
	a.users++
	if grown := cap(a.rows) - before; grown > 0 { // by long texts of the integrator's
		a.share.exceed(grown)
	}
}

func (a *answer) write(w http.ResponseWriter) {
	message := "success"
	if a.failures > 0 {
		message = "部分员工同步失败"
	}
	rows := a.rows
	if a.users > 0 {
		rows = rows[:len(rows)-1] // the last comma
	}
	writeUsers(w, http.StatusOK, CodeOK, message, append(rows, ']'))
}

// writeUsers writes the answer of the sync endpoint, which has its resCode as an Integer.
func writeUsers(w http.ResponseWriter, status, code int, message string, rows []byte) {
	head := wire.AppendInt(nil, `{"resCode":`, int64(code))
	head = append(wire.AppendText(head, `,"resMsg":`, message), `,"data":`...)
	writeJSON(w, status, head, rows, []byte("}"))
}

// retryAfter is what callers are told that find no room, in seconds.
const retryAfter = "5"

// writeJSON sends an answer in parts.
func writeJSON(w http.ResponseWriter, status int, parts ...[]byte) {
	length := 0
	for _, part := range parts {
		length += len(part)
	}
	header := w.Header()
	header.Set("Content-Type", "application/json; charset=utf-8")
	header.Set("Content-Length", strconv.Itoa(length))
	header.Set("Cache-Control", "no-store")
	header.Set("X-Content-Type-Options", "nosniff")
	if status == http.StatusServiceUnavailable {
		header.Set("Retry-After", retryAfter)
	}
	w.WriteHeader(status)
	for _, part := range parts {
		_, _ = w.Write(part) //nolint:gosec // JSON, and no browser takes it for anything else
	}
}
