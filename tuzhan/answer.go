package tuzhan

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"github.com/orgbridge/orgbridge/internal/kernel"
	"github.com/orgbridge/orgbridge/internal/redact"
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
	Status    wire.Opt[int64] `json:"status"` // an absent one must not look like 0
	ErrorData []echo          `json:"errorData"`
	ErrorMsg  messages        `json:"errorMsg"`
}

func (a *answer) missing() string {
	if !a.Status.IsSet() {
		return "status"
	}
	return ""
}

// echo is what tells a row of errorData: the ids of the record that was sent,
// those that it has not as null or "".
type echo struct {
	DeptID      wire.Text `json:"deptId"`
	ThirdDeptID wire.Text `json:"thirdDeptId"`
	WxDeptID    wire.Text `json:"wxDeptId"`
	ChannelID   wire.Text `json:"channelId"`
	ThirdUserID wire.Text `json:"thirdUserId"`
	WxUserID    wire.Text `json:"wxUserid"`
}

// messages reads errorMsg, which the vendor's page shows in a sample and
// leaves out of its table: a list, one text, or null.
type messages []string

// UnmarshalJSON implements [json.Unmarshaler].
func (m *messages) UnmarshalJSON(b []byte) error {
	var list []wire.Text
	if len(b) > 0 && b[0] == '[' {
		if err := json.Unmarshal(b, &list); err != nil {
			return err
		}
	} else {
		var one wire.Text
		if err := one.UnmarshalJSON(b); err != nil {
			return err
		}
		if one != "" {
			list = append(list, one)
		}
	}
	*m = make(messages, len(list))
	for i, text := range list {
		(*m)[i] = string(text)
	}
	return nil
}

// at returns the text of the i-th row, "" where the list is shorter.
func (m messages) at(i int) string {
	if i < len(m) {
		return m[i]
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
	v := verdict{failed: make(map[int]string, len(a.ErrorData))}
	unmatched := false
	for i, row := range a.ErrorData {
		text := a.ErrorMsg.at(i)
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
	if len(a.ErrorMsg) > len(a.ErrorData) {
		v.extra = append(v.extra, a.ErrorMsg[len(a.ErrorData):]...)
	}
	v.extra = slices.DeleteFunc(v.extra, func(text string) bool { return text == "" })
	v.rest = a.rest(unmatched)
	return v
}

func (a *answer) rest(unmatched bool) fate {
	if unmatched {
		// One of them failed, and nobody can say which.
		return fate{why: errUnmatchedRow, unknown: true}
	}
	listed := len(a.ErrorData) > 0
	switch status, _ := a.Status.Get(); status {
	case statusDone:
		return fate{}
	case statusPending:
		return fate{why: ErrPending, pending: true}
	case statusFailed:
		if listed {
			return fate{}
		}
		return fate{why: errFailed, message: strings.Join(a.ErrorMsg, "; ")}
	case statusPartly:
		if listed {
			return fate{}
		}
		return fate{why: errNoRows, unknown: true}
	default:
		return fate{why: errUnknownStatus, unknown: true}
	}
}

// reason tells what a message means to whoever must choose between adding and
// updating.
func reason(message string) error {
	switch {
	case strings.Contains(message, "已存在"):
		return ErrExists
	case strings.Contains(message, "不存在"):
		return ErrNotExists
	case message == "":
		return errFailed
	}
	return nil
}

// scrubber masks in the vendor's messages whatever the request held, not only
// what the record in question holds: one may quote another.
func scrubber(body []byte) func(message string) string {
	var values []string
	return func(message string) string {
		if message == "" {
			return ""
		}
		if values == nil {
			values = kernel.SentValues("application/json", body)
			slices.Sort(values)
			values = slices.Compact(values)
		}
		var quoted []string
		for _, v := range values {
			if strings.Contains(message, v) {
				quoted = append(quoted, v)
			}
		}
		return redact.Scrub(message, quoted...)
	}
}
