package yunjian

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"

	"github.com/orgbridge/orgbridge/internal/wire"
)

// rowReader reads a UserInfo as 云简 sends it: the table says String, Boolean and
// Integer, the sample has a number, "Y" and "1".
type rowReader struct {
	s       *wire.Scanner
	seen    wire.Seen
	u       User
	isLeave bool // the field has a value
}

func (r *rowReader) read() {
	for more := r.s.Object(""); more; more = r.s.More('}') {
		i, known := userFields[string(r.s.Key())] // without a copy of the key
		if !known {
			r.s.Skip()
			continue
		}
		key := userFieldNames[i]
		r.seen.Once(r.s, i, key)
		r.field(key)
	}
}

// userFieldNames are the fields of a row.
var userFieldNames = []string{
	"userNo", "userId", "fullName", "mobile", "isLeave", "departmentName", "departmentCode", "costCenterName",
	"costCenterCode", "branchName", "branchCode", "gender", "emailAddress", "level", "levelName", "levelCode", "birthday",
	"nationality", "surname", "givenName", "extraInfo", "cardInfo",
}

var cardFieldNames = []string{"cardType", "cardTypeId", "cardNo", "expirationDate", "givenName", "surname"}

// Their numbers.
var (
	userFields = numbered(userFieldNames)
	cardFields = numbered(cardFieldNames)
)

func numbered(names []string) map[string]int {
	numbers := make(map[string]int, len(names))
	for i, name := range names {
		numbers[name] = i
	}
	return numbers
}

func (r *rowReader) field(key string) {
	s, u := r.s, &r.u
	switch key {
	case "userNo":
		u.UserNo = label(s, key)
	case "userId":
		u.UserID = number(s, key)
	case "fullName":
		u.FullName = label(s, key)
	case "mobile":
		u.Mobile = label(s, key)
	case "isLeave":
		u.IsLeave, r.isLeave = s.Flag(key)
	case "birthday":
		u.Birthday = date(s, key)
	case "extraInfo":
		u.ExtraInfo = extra(s)
	case "cardInfo":
		sound := s.Sound()
		u.CardInfo = readCards(s)
		s.Within(sound, key)
	default:
		*u.text(key) = s.OptText(key, wire.Strict)
	}
}

// text returns where an optional text field is kept.
func (u *User) text(key string) *Opt[string] {
	switch key {
	case "departmentName":
		return &u.DepartmentName
	case "departmentCode":
		return &u.DepartmentCode
	case "costCenterName":
		return &u.CostCenterName
	case "costCenterCode":
		return &u.CostCenterCode
	case "branchName":
		return &u.BranchName
	case "branchCode":
		return &u.BranchCode
	case "gender":
		return &u.Gender
	case "emailAddress":
		return &u.EmailAddress
	case "level":
		return &u.Level
	case "levelName":
		return &u.LevelName
	case "levelCode":
		return &u.LevelCode
	case "nationality":
		return &u.Nationality
	case "surname":
		return &u.Surname
	default:
		return &u.GivenName
	}
}

// label reads a text or a number that tells people apart: it is never true or
// false.
func label(s *wire.Scanner, field string) string {
	if kind := s.Kind(); kind == 't' || kind == 'f' {
		s.Bad(field, "cannot be read as text")
	}
	return s.Text(field, wire.Strict)
}

// number reads an id of digits. 91228.0 in quotes is not one: a spreadsheet wrote it.
func number(s *wire.Scanner, field string) Opt[int64] {
	if s.Kind() != '"' {
		return s.OptInt(field)
	}
	text := strings.TrimSpace(s.Text(field, wire.Strict))
	if text == "" {
		return Opt[int64]{}
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		s.Bad(field, "cannot be read as an integer")
		return Opt[int64]{}
	}
	return Set(n)
}

// extra reads what is the caller's to understand, byte for byte. "" is none, as null is.
func extra(s *wire.Scanner) json.RawMessage {
	if s.Null() {
		return nil
	}
	raw := s.Raw()
	if string(raw) == `""` {
		return nil
	}
	return bytes.Clone(raw) // which is a part of the whole body
}

func date(s *wire.Scanner, field string) Opt[Date] {
	if s.Null() {
		return Opt[Date]{}
	}
	d, err := ParseDate(s.Text(field, wire.Strict))
	if err != nil {
		s.Bad(field, "cannot be read as a day")
	}
	return Set(d)
}

// maxCards bounds what one row may grow to; no one has that many documents.
const maxCards = 100

// readCards reads a list of cards.
func readCards(s *wire.Scanner) []Card {
	if s.Null() {
		return nil
	}
	var cards []Card
	for more := s.Array(""); more; more = s.More(']') {
		if len(cards) == maxCards {
			s.Bad("", "holds too many")
			s.Skip()
			continue
		}
		cards = append(cards, readCard(s))
	}
	return cards
}

func readCard(s *wire.Scanner) (c Card) {
	var seen wire.Seen
	for more := s.Object(""); more; more = s.More('}') {
		i, known := cardFields[string(s.Key())]
		if !known {
			s.Skip()
			continue
		}
		key := cardFieldNames[i]
		seen.Once(s, i, key)
		switch key {
		case "cardType":
			c.CardType = label(s, key)
		case "cardTypeId":
			c.CardTypeID = s.OptInt(key)
		case "cardNo":
			c.CardNo = label(s, key)
		case "expirationDate":
			c.ExpirationDate = s.OptInt(key)
		case "givenName":
			c.GivenName = s.OptText(key, wire.Strict)
		default:
			c.Surname = s.OptText(key, wire.Strict)
		}
	}
	return c
}

// Descriptions of rows that never reach the integrator. 云简's staff read them.
const (
	problemRow     = "该条数据格式错误"
	problemField   = "字段格式错误: "
	problemMissing = "缺少必填字段: "

	// maxDescription is at least the length of any of them, with a field's name.
	maxDescription = 64
)

// readRow reads one row. A problem is the description to answer; the user
// then must not be used.
func readRow(raw json.RawMessage) (u User, problem string) {
	r := rowReader{s: wire.NewScanner(raw)}
	r.read()
	field, bad := r.s.Problem()
	switch {
	case r.s.End() != nil || bad != "" && field == "":
		return User{}, problemRow
	case bad != "":
		return User{}, problemField + field
	}
	if field := r.u.missing(r.isLeave); field != "" {
		return User{}, problemMissing + field
	}
	return r.u, ""
}

// missing names the first required field that is not there. An isLeave that
// is absent must not read as "in service".
func (u User) missing(isLeave bool) string {
	switch {
	case blank(u.UserNo) && !u.UserID.IsSet():
		return "userNo"
	case blank(u.FullName):
		return "fullName"
	case blank(u.Mobile):
		return "mobile"
	case !isLeave:
		return "isLeave"
	}
	for _, c := range u.CardInfo {
		if field := c.missing(); field != "" {
			return "cardInfo." + field
		}
	}
	return ""
}

func (c Card) missing() string {
	switch {
	case blank(c.CardType):
		return "cardType"
	case !c.CardTypeID.IsSet():
		return "cardTypeId"
	case blank(c.CardNo):
		return "cardNo"
	}
	return ""
}

func blank(s string) bool { return strings.TrimSpace(s) == "" }

func isNull(raw json.RawMessage) bool { return len(raw) == 0 || raw[0] == 'n' }
