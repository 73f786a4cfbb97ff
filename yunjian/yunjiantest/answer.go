package yunjiantest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"github.com/orgbridge/orgbridge/internal/simkit"
)

// Answer is the answer to a push.
type Answer struct {
	ResMsg string
	Rows   []Row // may leave out users that were synced
}

// Row is what the answer says about one user.
type Row struct {
	UserNo      string // "" if the user was named by userId
	UserID      string // in digits, "" if the user was named by userNo
	BindID      string
	Description string // of a failure
	Synced      bool   // status 1
}

type resultInfo struct {
	UserID      json.RawMessage `json:"userId"`
	UserNo      json.RawMessage `json:"userNo"`
	BindID      *string         `json:"bindId"`
	CompanyID   *int64          `json:"companyId"`
	IsLeave     json.RawMessage `json:"isLeave"`
	Description *string         `json:"description"`
	Status      *int            `json:"status"`
}

// readAnswer holds an answer against the page. sent is the list of rows.
func readAnswer(status int, body []byte, sent json.RawMessage) (Answer, error) {
	var a struct {
		ResCode *int         `json:"resCode"` // an Integer, unlike at getSession
		ResMsg  *string      `json:"resMsg"`
		Data    []resultInfo `json:"data"`
	}
	if err := simkit.StrictJSON(body, &a); err != nil {
		return Answer{}, fmt.Errorf("%s: answer: %w", OpSyncUsers, err)
	}
	switch {
	case a.ResCode == nil || a.ResMsg == nil || a.Data == nil:
		return Answer{}, errors.New(OpSyncUsers + ": answer without resCode, resMsg or data")
	case *a.ResCode != CodeOK:
		return Answer{}, &RefusedError{Op: OpSyncUsers, Status: status, Code: strconv.Itoa(*a.ResCode)}
	case status != http.StatusOK:
		return Answer{}, fmt.Errorf("%s: success with HTTP %d", OpSyncUsers, status)
	}
	expected := sentIDs(sent)
	answer := Answer{ResMsg: *a.ResMsg, Rows: make([]Row, 0, len(a.Data))}
	var errs []error
	for i, info := range a.Data {
		if problem := info.problem(expected); problem != "" {
			errs = append(errs, fmt.Errorf("%s: answer row %d: %s", OpSyncUsers, i, problem))
			continue
		}
		answer.Rows = append(answer.Rows, info.row())
	}
	return answer, errors.Join(errs...)
}

// ids names a user in the very JSON that was sent.
type ids struct{ userNo, userID string }

// sentIDs counts how often each user was sent. A row without a usable id may
// be answered with an empty userNo.
func sentIDs(sent json.RawMessage) map[ids]int {
	var rows []json.RawMessage
	_ = json.Unmarshal(sent, &rows) // what is not a list has no ids
	counts := make(map[ids]int, len(rows))
	for _, raw := range rows {
		var row struct {
			UserNo json.RawMessage `json:"userNo"`
			UserID json.RawMessage `json:"userId"`
		}
		_ = json.Unmarshal(raw, &row) // what cannot be read is left out here too
		id := ids{literal(row.UserNo), literal(row.UserID)}
		if id == (ids{}) {
			id.userNo = `""`
		}
		counts[id]++
	}
	return counts
}

// literal returns a string or number as it is written, "" for anything else.
func literal(raw json.RawMessage) string {
	if len(raw) > 0 && bytes.IndexByte([]byte(`{[ntf`), raw[0]) < 0 {
		return string(raw)
	}
	return ""
}

// problem says what about a row is not as documented. It counts the row off
// the expected ones.
func (r resultInfo) problem(expected map[ids]int) string {
	id := ids{literal(r.UserNo), literal(r.UserID)}
	switch {
	case id == (ids{}):
		return "userNo is missing"
	case expected[id] == 0:
		return "userNo is not that of a user sent, in the form sent, or comes too often"
	case r.Status == nil || *r.Status != 0 && *r.Status != 1:
		return "status is not 0 or 1"
	case *r.Status == 0 && empty(r.Description):
		return "a failure without description"
	case r.BindID == nil:
		return "bindId is missing"
	case *r.Status == 1 && empty(r.BindID):
		return "a success without bindId"
	}
	expected[id]--
	return ""
}

func (r resultInfo) row() Row {
	row := Row{
		UserNo: unquoted(r.UserNo), UserID: unquoted(r.UserID),
		BindID: *r.BindID, Synced: *r.Status == 1,
	}
	if r.Description != nil {
		row.Description = *r.Description
	}
	return row
}

func unquoted(raw json.RawMessage) string {
	var s string
	if json.Unmarshal(raw, &s) == nil {
		return s
	}
	return literal(raw)
}
