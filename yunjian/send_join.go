package yunjian

import (
	"cmp"
	"errors"
	"strconv"

	"github.com/orgbridge/orgbridge/internal/batch"
)

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

// join assigns the rows of an answer to the users that were sent. The vendor's
// docs let the answer leave out successes, but require every failure. So a user
// it does not mention succeeded, unless some failure has no clear owner: then the
// unmentioned users are in doubt. The docs' own sample, which reports number
// 91228 as done and again as failed where 91229 was meant, is such an answer.
// Without rows there are no verdicts: all succeeded.
//
// Descriptions in rows about none of the users are returned as strangers.
func join(users []batch.Record[User], rows []row) (verdicts []verdict, strangers []string) {
	if len(rows) == 0 {
		return nil, nil
	}
	verdicts = make([]verdict, len(users))
	o := owners{users: users, byPosition: len(rows) == len(users)}
	for i := range rows {
		o.byPosition = o.byPosition && rows[i].anonymous()
	}
	var doubt error // why nothing is known about users that are not mentioned
	for i := range rows {
		row := &rows[i]
		at := o.of(i, row)
		if at < 0 {
			if !row.done() && doubt == nil {
				doubt = cmp.Or(row.bad, errUnassigned)
			}
			if row.description != "" {
				strangers = append(strangers, row.description)
			}
			continue
		}
		v := &verdicts[at]
		if v.mentioned && doubt == nil && (v.failed || v.err != nil || !row.done()) {
			doubt = errUnassigned
		}
		v.add(row)
	}
	for i := range verdicts {
		if !verdicts[i].mentioned {
			verdicts[i].err = doubt
		}
	}
	return verdicts, strangers
}

// add takes one more row about the same user: one failure is enough.
func (v *verdict) add(row *row) {
	v.mentioned = true
	if row.bindID != "" {
		v.bindID = row.bindID
	}
	if row.description != "" && (v.description == "" || !row.done()) {
		v.description = row.description
	}
	switch {
	case row.failed():
		v.failed, v.err = true, nil
	case !row.done() && !v.failed:
		v.err = cmp.Or(row.bad, errStatus)
	}
}

// owners finds the user a row is about: by number, else by 云简's id. Only an
// answer without any ids that has a row for every user is read by position.
type owners struct {
	users        []batch.Record[User]
	byPosition   bool
	next         int            // the user behind the last one found
	numbers, ids map[string]int // nil while rows come in the order of the users
}

// of returns the position of the user that the i-th row is about, -1 for none.
func (o *owners) of(i int, row *row) int {
	if o.byPosition {
		return i
	}
	at := o.find(row)
	o.next = at + 1
	return at
}

func (o *owners) find(row *row) int {
	if o.next < len(o.users) && row.userNo != "" && o.users[o.next].Value.UserNo == row.userNo {
		return o.next // numbers are unique in a chunk
	}
	if o.numbers == nil {
		o.index()
	}
	if at, ok := o.numbers[row.userNo]; ok {
		return at
	}
	if at, ok := o.ids[row.userID]; ok {
		return at
	}
	return -1
}

func (o *owners) index() {
	o.numbers, o.ids = make(map[string]int, len(o.users)), make(map[string]int)
	for i, r := range o.users {
		if r.Value.UserNo != "" { // the id is not sent then
			o.numbers[r.Value.UserNo] = i
		} else if id, ok := r.Value.UserID.Get(); ok {
			o.ids[strconv.FormatInt(id, 10)] = i
		}
	}
}
