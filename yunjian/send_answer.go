package yunjian

import (
	"strconv"
	"strings"

	"github.com/orgbridge/orgbridge/internal/kernel"
	"github.com/orgbridge/orgbridge/internal/wire"
)

// reply is what an endpoint says to a push or to a login.
type reply struct {
	code, message string
	rows          []row             // of a push
	problem       *wire.DecodeError // of the rows as a list

	session string // of a login
	until   int64  // when it ends, in milliseconds; 0: it does not say
}

// row is a UserInfo of the answer.
type row struct {
	userNo, userID      string // come as String or number
	bindID, description string
	status              string
	bad                 error // why it cannot be read, nil if it can
}

func (r *row) anonymous() bool { return r.bad == nil && r.userNo == "" && r.userID == "" }

func (r *row) done() bool { return r.bad == nil && r.status == "1" }

func (r *row) failed() bool { return r.bad == nil && r.status == "0" }

// readReply reads an answer, or returns the refusal that it is: a resCode, a String
// here and an Integer there, that is not 10000.
func readReply(body []byte) (reply, error) {
	var a reply
	s := wire.NewScanner(body)
	a.scan(s)
	if err := s.End(); err != nil {
		return reply{}, err
	}
	if field, problem := s.Problem(); problem != "" {
		return reply{}, &wire.DecodeError{Field: field, Problem: problem}
	}
	switch code := strings.TrimSpace(a.code); code {
	case "":
		return reply{}, missing("resCode")
	case strconv.Itoa(CodeOK):
		return a, nil
	default:
		return reply{}, &kernel.Rejection{Code: code, Message: a.message}
	}
}

func missing(field string) error { return &wire.DecodeError{Field: field, Problem: "is missing"} }

// readRows reads the answer to a push: rows of users that failed, and of others as
// the third party likes (失败的用户必须需要返回,成功的可以不返回). So an answer
// without data is the empty list of the vendor's sample: all succeeded.
func readRows(body []byte) ([]row, error) {
	a, err := readReply(body)
	if err != nil {
		return nil, err
	}
	if a.problem != nil {
		return nil, a.problem
	}
	return a.rows, nil
}

func (a *reply) scan(s *wire.Scanner) {
	var seen wire.Seen
	for more := s.Object(""); more; more = s.More('}') {
		switch string(s.Key()) {
		case "resCode":
			seen.Once(s, 0, "resCode")
			a.code = s.Text("resCode", wire.Lenient)
		case "resMsg":
			seen.Once(s, 1, "resMsg")
			a.message = s.Remark()
		case "data":
			seen.Once(s, 2, "data")
			a.problem = s.Apart(func() { a.scanRows(s) })
		case "sessionId":
			seen.Once(s, 3, "sessionId")
			a.session = s.Verbatim("sessionId")
		case "timeLimit":
			seen.Once(s, 4, "timeLimit")
			a.until, _ = s.Int("timeLimit")
		default:
			s.Skip()
		}
	}
}

// scanRows reads data. What is wrong with it does not touch a refusal, and a row that
// cannot be read does not touch the others.
func (a *reply) scanRows(s *wire.Scanner) {
	if s.Null() {
		return
	}
	var r *row
	scan := func() { r.scan(s) } // one function for all rows
	for more := s.Array("data"); more; more = s.More(']') {
		a.rows = append(a.rows, row{})
		r = &a.rows[len(a.rows)-1]
		if bad := s.Apart(scan); bad != nil {
			if bad.Field == "userNo" || bad.Field == "userId" {
				r.userNo, r.userID = "", "" // it may be anyone's
			}
			bad.Field = strings.TrimSuffix("data."+bad.Field, ".")
			r.bad = kernel.Malformed(bad)
		}
	}
}

func (r *row) scan(s *wire.Scanner) {
	if s.Null() {
		return
	}
	var seen wire.Seen
	for more := s.Object(""); more; more = s.More('}') {
		switch string(s.Key()) {
		case "userNo":
			seen.Once(s, 0, "userNo")
			r.userNo = s.Verbatim("userNo")
		case "userId":
			seen.Once(s, 1, "userId")
			r.userID = s.Verbatim("userId")
		case "bindId":
			seen.Once(s, 2, "bindId")
			r.bindID = s.Verbatim("bindId")
		case "description":
			seen.Once(s, 3, "description")
			r.description = s.Remark()
		case "status":
			seen.Once(s, 4, "status")
			r.status = s.Text("status", wire.Lenient)
		default:
			s.Skip()
		}
	}
}
