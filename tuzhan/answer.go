package tuzhan

import (
	"errors"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/orgbridge/orgbridge/internal/kernel"
	"github.com/orgbridge/orgbridge/internal/wire"
)

// The vendor's task states (任务状态).
const (
	statusFailed  = -1
	statusPending = 0
	statusDone    = 1
	statusPartly  = 2
)

// answer is the data of a batch call's answer.
type answer struct {
	status    wire.Opt[int64] // an absent one must not look like 0
	errorData []echo
	errorMsg  []string // may be shorter or longer than errorData

	scrub kernel.Scrubber // for the vendor's texts; one may quote another record
}

// echo is what tells a row of errorData: the ids of the record that was sent, ""
// for those that it has not. A row that cannot be read has none, and so means no
// record.
type echo struct {
	deptID, thirdDeptID, wxDeptID    string
	channelID, thirdUserID, wxUserID string
}

// scan reads the data.
func (a *answer) scan(s *wire.Scanner) {
	var seen wire.Seen
	for more := s.Object("data"); more; more = s.More('}') {
		switch string(s.Key()) {
		case "status":
			seen.Once(s, 0, "data.status")
			a.status = s.OptInt("data.status")
		case "errorData":
			seen.Once(s, 1, "data.errorData")
			a.errorData = readRows(s)
		case "errorMsg":
			seen.Once(s, 2, "data.errorMsg")
			a.errorMsg = readTexts(s)
		default:
			s.Skip()
		}
	}
	if s.Sound() && !a.status.IsSet() {
		s.Bad("data.status", "is missing")
	}
}

// readRows reads errorData: a list, or null.
func readRows(s *wire.Scanner) (rows []echo) {
	if s.Null() {
		return nil
	}
	var row echo
	scan := func() { row.scan(s) } // one function for all rows
	for more := s.Array("data.errorData"); more; more = s.More(']') {
		row = echo{}
		if unreadable := s.Apart(scan); unreadable != nil {
			row = echo{}
		}
		rows = append(rows, row)
	}
	return rows
}

func (e *echo) scan(s *wire.Scanner) {
	var seen wire.Seen
	id := func(into *string, number int, name string) {
		seen.Once(s, number, name)
		*into = s.Verbatim(name)
	}
	for more := s.Object(""); more; more = s.More('}') {
		switch string(s.Key()) {
		case "deptId":
			id(&e.deptID, 0, "deptId")
		case "thirdDeptId":
			id(&e.thirdDeptID, 1, "thirdDeptId")
		case "wxDeptId":
			id(&e.wxDeptID, 2, "wxDeptId")
		case "channelId":
			id(&e.channelID, 3, "channelId")
		case "thirdUserId":
			id(&e.thirdUserID, 4, "thirdUserId")
		case "wxUserid":
			id(&e.wxUserID, 5, "wxUserid")
		default:
			s.Skip()
		}
	}
}

// readTexts reads errorMsg, which the vendor's page shows in a sample and leaves
// out of its table: a list, one text, or null.
func readTexts(s *wire.Scanner) (texts []string) {
	if s.Kind() != '[' {
		if text := readText(s); text != "" {
			texts = append(texts, text)
		}
		return texts
	}
	for more := s.Begin('['); more; more = s.More(']') {
		texts = append(texts, readText(s))
	}
	return texts
}

// readText reads a text of errorMsg. One that is broken says nothing; what is no text
// at all may mean anything.
func readText(s *wire.Scanner) string {
	if kind := s.Kind(); kind == '{' || kind == '[' {
		s.Bad("data.errorMsg", "cannot be read as text")
	}
	return s.Remark()
}

// text returns the text of the i-th row, "" where the list is shorter.
func (a *answer) text(i int) string {
	if i < len(a.errorMsg) {
		return a.errorMsg[i]
	}
	return ""
}

// Why the outcome of records is unknown although an answer came.
var (
	errNoRows        = errors.New("the answer says that some records failed and not which")
	errUnmatchedRow  = errors.New("the answer's errorData has a row that is none of the records")
	errUnknownStatus = errors.New("the answer's status is none of -1, 0, 1 and 2")

	errFailed = errors.New("refused")
)

// verdict is what an answer says of the records of its chunk.
type verdict struct {
	failed map[int]string // texts of those that failed, by position in the chunk
	rest   fate           // of all the others
	extra  []string       // texts that belong to no record
}

// allDone reports whether all records succeeded and nothing was said.
func (v verdict) allDone() bool {
	return len(v.failed) == 0 && len(v.extra) == 0 && v.rest.why == nil && v.rest.message == ""
}

// fate is what became of records that an answer does not name. The zero fate
// is success.
type fate struct {
	why              error
	unknown, pending bool
	message          string
}

// judge reads an answer. find returns the position within the chunk of the
// record that a row means.
func (a *answer) judge(find func(echo) (int, bool)) verdict {
	var v verdict
	if len(a.errorData) > 0 {
		v.failed = make(map[int]string, len(a.errorData))
	}
	unmatched := false
	for i, row := range a.errorData {
		text := a.text(i)
		at, ok := find(row)
		if !ok {
			unmatched = true
			v.extra = append(v.extra, text)
			continue
		}
		if earlier := v.failed[at]; earlier != "" && earlier != text {
			text = earlier + "; " + text
		}
		v.failed[at] = text
	}
	if len(a.errorMsg) > len(a.errorData) {
		v.extra = append(v.extra, a.errorMsg[len(a.errorData):]...)
	}
	v.extra = slices.DeleteFunc(v.extra, func(text string) bool { return text == "" })
	v.rest = a.rest(unmatched)
	return v
}

func (a *answer) rest(unmatched bool) fate {
	if unmatched {
		// One of them failed, and there is no telling which.
		return fate{why: errUnmatchedRow, unknown: true}
	}
	listed := len(a.errorData) > 0
	switch status, _ := a.status.Get(); status {
	case statusDone:
		return fate{}
	case statusPending:
		return fate{why: ErrPending, pending: true}
	case statusFailed:
		if listed {
			return fate{}
		}
		return fate{why: errFailed, unknown: true, message: strings.Join(a.errorMsg, "; ")}
	case statusPartly:
		if listed {
			return fate{}
		}
		return fate{why: errNoRows, unknown: true}
	default:
		return fate{why: errUnknownStatus, unknown: true}
	}
}

// The vendor's free text decides whether a record exists only as a whole message of a
// closed list about the record itself.
var (
	departmentExists = regexp.MustCompile(`^(?:该|此)?(?:部门|记录)?(已存在|已经存在|不存在)$`)
	// A department of such a name must not turn a message about another thing into one
	// about itself.
	otherNoun      = regexp.MustCompile(`部门|企业|公司|组织|应用|角色|权限|上级|父级|租户|渠道`)
	employeeExists = regexp.MustCompile(`^(?:该|此)?(?:员工渠道|员工|渠道|人员|用户|记录)?(已存在|已经存在|不存在)$`)
)

// reason tells what a message means to a caller that must choose between adding and
// updating. list has the messages that count; own are the values of the record, which
// are not part of them.
func reason(message string, list *regexp.Regexp, own []string) error {
	if message == "" {
		return errFailed
	}
	for _, value := range own {
		if utf8.RuneCountInString(value) > 1 && !otherNoun.MatchString(value) {
			message = strings.ReplaceAll(message, value, "")
		}
	}
	message = strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || r == '。' || r == '.' || r == '．' {
			return -1
		}
		return r
	}, message)
	switch found := list.FindStringSubmatch(message); {
	case found == nil:
		return nil
	case found[1] == "不存在":
		return ErrNotExists
	}
	return ErrExists
}

// digits returns a number as a message may quote it, "" for none.
func digits(n int64) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatInt(n, 10)
}
