package yunjian

import (
	"errors"
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

func (r *resultRow) anonymous() bool { return r.UserNo == "" && r.UserID == "" }

func (r *resultRow) done() bool { return r.Status.Or("") == "1" }

func (r *resultRow) failed() bool { return r.Status.Or("") == "0" }

// readResult reads the rows of an answer: those of users that failed, and of others
// as the third party likes (失败的用户必须需要返回,成功的可以不返回). So an answer
// without data is the empty list of the vendor's sample: all succeeded.
func readResult(body []byte) (rows []resultRow, err error) {
	data, err := readEnvelope(body)
	if err != nil {
		return nil, err
	}
	if len(data) == 0 {
		return nil, nil
	}
	if rows, ok := scanRows(string(data)); ok {
		return rows, nil
	}
	err = wire.Decode(data, &rows)
	if bad, ok := errors.AsType[*wire.DecodeError](err); ok {
		bad.Field = strings.TrimSuffix("data."+bad.Field, ".")
	}
	return rows, err
}

// scanRows reads a list of rows as endpoints write it, even one that lists every
// success: objects of plain values under the names of the vendor's docs. ok is
// false for anything else, which wire.Decode is left to judge. data is JSON.
func scanRows(data string) (rows []resultRow, ok bool) {
	s := scan{rest: data}
	if !s.skip('[') {
		return nil, false
	}
	rows = make([]resultRow, 0, min(strings.Count(data, "{"), MaxBatch))
	if s.skip(']') {
		return rows, true
	}
	for {
		rows = append(rows, resultRow{})
		if !s.row(&rows[len(rows)-1]) {
			return nil, false
		}
		if s.skip(']') {
			return rows, true
		}
		if !s.skip(',') {
			return nil, false
		}
	}
}

// scan is a place in JSON text.
type scan struct{ rest string }

// skip passes over white space and c, and reports whether c was there.
func (s *scan) skip(c byte) bool {
	for s.rest != "" {
		switch s.rest[0] {
		case ' ', '\t', '\n', '\r':
			s.rest = s.rest[1:]
		case c:
			s.rest = s.rest[1:]
			return true
		default:
			return false
		}
	}
	return false
}

func (s *scan) row(row *resultRow) (ok bool) {
	if !s.skip('{') {
		return false
	}
	if s.skip('}') {
		return true
	}
	for {
		key, null, ok := s.scalar()
		if !ok || null || !s.skip(':') {
			return false
		}
		value, null, ok := s.scalar()
		if !ok || !row.set(key, value, null) {
			return false
		}
		if s.skip('}') {
			return true
		}
		if !s.skip(',') {
			return false
		}
	}
}

// scalar reads a string without escapes, a number, true, false or null.
func (s *scan) scalar() (text string, null, ok bool) {
	if s.skip('"') {
		end := strings.IndexByte(s.rest, '"')
		if end < 0 || strings.IndexByte(s.rest[:end], '\\') >= 0 {
			return "", false, false
		}
		text, s.rest = s.rest[:end], s.rest[end+1:]
		return text, false, true
	}
	end := strings.IndexAny(s.rest, ",}:] \t\n\r")
	if end <= 0 || s.rest[0] == '{' || s.rest[0] == '[' {
		return "", false, false
	}
	text, s.rest = s.rest[:end], s.rest[end:]
	switch {
	case text == "null":
		return "", true, true
	case text[0] == '-' || text[0] >= '0' && text[0] <= '9' && strings.ContainsAny(text, ".eE"):
		return "", false, false // it may still be an integer
	}
	return text, false, true
}

// set puts a value in its field. It refuses keys that only differ in case from
// those it knows.
func (r *resultRow) set(key, value string, null bool) bool {
	switch key {
	case "userNo":
		r.UserNo = wire.Text(value)
	case "userId":
		r.UserID = wire.Text(value)
	case "bindId":
		r.BindID = wire.Text(value)
	case "description":
		r.Description = wire.Text(value)
	case "status":
		r.Status = Opt[string]{}
		if !null {
			r.Status = Set(value)
		}
	default:
		for _, known := range [...]string{"userNo", "userId", "bindId", "description", "status"} {
			if strings.EqualFold(key, known) {
				return false
			}
		}
	}
	return true
}
