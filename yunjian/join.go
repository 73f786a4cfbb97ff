package yunjian

import (
	"errors"
	"strconv"
	"strings"

	"github.com/orgbridge/orgbridge/internal/wire"
)

// resultRow is a UserInfo of the answer. userNo and userId come as String or
// number.
type resultRow struct {
	UserNo      wire.Text   `json:"userNo"`
	UserID      wire.Text   `json:"userId"`
	BindID      wire.Text   `json:"bindId"`
	Description wire.Text   `json:"description"`
	Status      Opt[string] `json:"status"`
}

func (r resultRow) anonymous() bool { return r.UserNo == "" && r.UserID == "" }

func (r resultRow) done() bool { return r.Status.Or("") == strconv.Itoa(statusDone) }

func (r resultRow) failed() bool { return r.Status.Or("") == strconv.Itoa(statusFailed) }

// readResult reads the rows of an answer. Their absence altogether is not the
// documented "no failures", which is an empty list.
func readResult(body []byte) (rows []resultRow, err error) {
	data, err := readEnvelope(body)
	if err != nil {
		return nil, err
	}
	if len(data) == 0 {
		return nil, &wire.DecodeError{Field: "data", Problem: "is missing"}
	}
	err = wire.Decode(data, &rows)
	if bad, ok := errors.AsType[*wire.DecodeError](err); ok {
		bad.Field = strings.TrimSuffix("data."+bad.Field, ".")
	}
	return rows, err
}

// verdict is what an answer says about one user.
type verdict struct {
	mentioned           bool
	bindID, description string
	failed              bool
	err                 error // why the outcome is unknown, nil if it is known
}

var (
	errStatus     = errors.New("the answer gives this user no status of 0 or 1")
	errUnassigned = errors.New("the answer reports a failure that it does not assign to one user, and does not mention this one")
)

// join assigns the rows of an answer to the users that were sent. The page
// lets the answer leave successes out, but demands every failure, so a user
// it does not mention succeeded, unless some failure has no clear owner: then
// the unmentioned users are in doubt. The page's own sample, which reports
// number 91228 as done and again as failed where 91229 was meant, is such an
// answer.
func join(users []User, rows []resultRow) []verdict {
	verdicts := make([]verdict, len(users))
	owner := owners(users, rows)
	doubt := false
	for i, row := range rows {
		at := owner(i, row)
		if at < 0 {
			doubt = doubt || !row.done()
			continue
		}
		v := &verdicts[at]
		if v.mentioned {
			doubt = doubt || v.failed || v.err != nil || !row.done()
		}
		v.add(row)
	}
	for i := range verdicts {
		if !verdicts[i].mentioned && doubt {
			verdicts[i].err = errUnassigned
		}
	}
	return verdicts
}

// add takes one more row about the same user: one failure is enough.
func (v *verdict) add(row resultRow) {
	v.mentioned = true
	if row.BindID != "" {
		v.bindID = string(row.BindID)
	}
	if row.Description != "" && (v.description == "" || !row.done()) {
		v.description = string(row.Description)
	}
	switch {
	case row.failed():
		v.failed, v.err = true, nil
	case !row.done() && !v.failed:
		v.err = errStatus
	}
}

// owners returns the function that finds the user a row is about, -1 for none:
// by number, else by 云简's id. Only an answer without any ids that has a row
// for every user is read by position.
func owners(users []User, rows []resultRow) func(i int, row resultRow) int {
	byPosition := len(rows) == len(users)
	for _, row := range rows {
		byPosition = byPosition && row.anonymous()
	}
	if byPosition {
		return func(i int, _ resultRow) int { return i }
	}
	numbers, ids := make(map[string]int, len(users)), make(map[string]int)
	for i, u := range users {
		if u.UserNo != "" {
			numbers[u.UserNo] = i
		}
		if id, ok := u.UserID.Get(); ok {
			ids[strconv.FormatInt(id, 10)] = i
		}
	}
	return func(_ int, row resultRow) int {
		if at, ok := numbers[string(row.UserNo)]; ok {
			return at
		}
		if at, ok := ids[string(row.UserID)]; ok {
			return at
		}
		return -1
	}
}
