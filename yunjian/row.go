package yunjian

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"strings"

	"github.com/orgbridge/orgbridge/internal/wire"
)

// rowWire is a UserInfo as 云简 sends it: the table says String, Boolean and
// Integer, the sample has a number, "Y" and "1".
type rowWire struct {
	UserNo         label           `json:"userNo"`
	UserID         Opt[int64]      `json:"userId"`
	FullName       label           `json:"fullName"`
	Mobile         label           `json:"mobile"`
	IsLeave        Opt[bool]       `json:"isLeave"`
	DepartmentName Opt[string]     `json:"departmentName"`
	DepartmentCode Opt[string]     `json:"departmentCode"`
	CostCenterName Opt[string]     `json:"costCenterName"`
	CostCenterCode Opt[string]     `json:"costCenterCode"`
	BranchName     Opt[string]     `json:"branchName"`
	BranchCode     Opt[string]     `json:"branchCode"`
	Gender         Opt[string]     `json:"gender"`
	EmailAddress   Opt[string]     `json:"emailAddress"`
	Level          Opt[string]     `json:"level"`
	LevelName      Opt[string]     `json:"levelName"`
	LevelCode      Opt[string]     `json:"levelCode"`
	Birthday       Opt[Date]       `json:"birthday"`
	Nationality    Opt[string]     `json:"nationality"`
	Surname        Opt[string]     `json:"surname"`
	GivenName      Opt[string]     `json:"givenName"`
	ExtraInfo      json.RawMessage `json:"extraInfo"`
	CardInfo       json.RawMessage `json:"cardInfo"`
}

type cardWire struct {
	CardType       label       `json:"cardType"`
	CardTypeID     Opt[int64]  `json:"cardTypeId"`
	CardNo         label       `json:"cardNo"`
	ExpirationDate Opt[int64]  `json:"expirationDate"`
	GivenName      Opt[string] `json:"givenName"`
	Surname        Opt[string] `json:"surname"`
}

// label is a text or a number, by which somebody is told from others: unlike a
// [wire.Text] it is never true or false.
type label string

// UnmarshalJSON implements [json.Unmarshaler].
func (l *label) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && (b[0] == 't' || b[0] == 'f') {
		return &json.UnmarshalTypeError{Value: "bool", Type: reflect.TypeFor[label]()}
	}
	return (*wire.Text)(l).UnmarshalJSON(b)
}

func (w rowWire) user() User {
	u := User{
		UserNo: string(w.UserNo), UserID: w.UserID,
		FullName: string(w.FullName), Mobile: string(w.Mobile), IsLeave: w.IsLeave.Or(false),
		DepartmentName: w.DepartmentName, DepartmentCode: w.DepartmentCode,
		CostCenterName: w.CostCenterName, CostCenterCode: w.CostCenterCode,
		BranchName: w.BranchName, BranchCode: w.BranchCode,
		Gender: w.Gender, EmailAddress: w.EmailAddress,
		Level: w.Level, LevelName: w.LevelName, LevelCode: w.LevelCode,
		Birthday: w.Birthday, Nationality: w.Nationality,
		Surname: w.Surname, GivenName: w.GivenName,
	}
	if !isNull(w.ExtraInfo) {
		u.ExtraInfo = w.ExtraInfo
	}
	return u
}

// maxCards bounds what one row may grow to; nobody has that many documents.
const maxCards = 100

// readCards reads a list of cards. The error names the field at fault.
func readCards(list json.RawMessage) ([]Card, error) {
	if isNull(list) {
		return nil, nil
	}
	if list[0] != '[' {
		return nil, &wire.DecodeError{Field: "cardInfo"}
	}
	raws, err := splitRows(list, maxCards)
	if err != nil {
		return nil, &wire.DecodeError{Field: "cardInfo"}
	}
	var cards []Card
	for _, raw := range raws {
		var c cardWire
		if err := wire.Decode(raw, &c); err != nil {
			field := "cardInfo"
			if bad, ok := errors.AsType[*wire.DecodeError](err); ok && bad.Field != "" {
				field += "." + bad.Field
			}
			return nil, &wire.DecodeError{Field: field}
		}
		cards = append(cards, Card{
			CardType: string(c.CardType), CardTypeID: c.CardTypeID, CardNo: string(c.CardNo),
			ExpirationDate: c.ExpirationDate, GivenName: c.GivenName, Surname: c.Surname,
		})
	}
	return cards, nil
}

// Descriptions of rows that never reach the integrator. 云简's staff read them.
const (
	problemRow     = "该条数据格式错误"
	problemField   = "字段格式错误: "
	problemMissing = "缺少必填字段: "
)

// readRow reads one row. A problem is the description to answer; the user
// then must not be used.
func readRow(raw json.RawMessage) (u User, problem string) {
	if len(raw) == 0 || raw[0] != '{' {
		return User{}, problemRow
	}
	var w rowWire
	err := wire.Decode(raw, &w)
	if err == nil {
		u = w.user()
		u.CardInfo, err = readCards(w.CardInfo)
	}
	if err != nil {
		if bad, ok := errors.AsType[*wire.DecodeError](err); ok && bad.Field != "" {
			return User{}, problemField + bad.Field
		}
		return User{}, problemRow
	}
	if field := u.missing(w.IsLeave.IsSet()); field != "" {
		return User{}, problemMissing + field
	}
	return u, ""
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

// scalar returns raw if it can be echoed as an id, a string or a number.
func scalar(raw json.RawMessage) json.RawMessage {
	if len(raw) > 0 && (raw[0] == '"' || raw[0] == '-' || raw[0] >= '0' && raw[0] <= '9') {
		return raw
	}
	return nil
}

var errTooManyRows = errors.New("too many rows")

// splitRows cuts a list into its elements without reading them, so that one
// bad row spoils no other, and stops at limit: a body of "0,0,0,…" would
// otherwise grow to many times its size.
func splitRows(list json.RawMessage, limit int) ([]json.RawMessage, error) {
	dec := json.NewDecoder(bytes.NewReader(list))
	if _, err := dec.Token(); err != nil {
		return nil, err
	}
	var rows []json.RawMessage
	for dec.More() {
		if len(rows) == limit {
			return nil, errTooManyRows
		}
		var raw json.RawMessage
		if err := dec.Decode(&raw); err != nil {
			return nil, err
		}
		rows = append(rows, raw)
	}
	return rows, nil
}
