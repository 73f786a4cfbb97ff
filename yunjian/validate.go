package yunjian

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"
)

// check names the first field with which u cannot be sent, as it is called in
// the document, and what is wrong with it.
func (u User) check(cards bool) (field, reason string) {
	if field := u.withoutCards().missing(true); field != "" {
		return field, "is required"
	}
	for _, t := range u.texts(cards) {
		if !utf8.ValidString(t.text) {
			return t.field, "is not UTF-8"
		}
	}
	if masked(u.Mobile) {
		return "mobile", "is masked"
	}
	if masked(u.FullName) {
		return "fullName", "is masked"
	}
	if d, ok := u.Birthday.Get(); ok && !d.IsZero() && !d.IsValid() {
		return "birthday", "is not a calendar date"
	}
	if code := u.Nationality.Or(""); code != "" && !isCountry(code) {
		return "nationality", "is not a code of three letters"
	}
	if len(u.ExtraInfo) > 0 && !isObject(u.ExtraInfo) {
		return "extraInfo", "is not a JSON object"
	}
	if !cards {
		return "", ""
	}
	for i, c := range u.CardInfo {
		if field, reason := c.check(); field != "" {
			return fmt.Sprintf("cardInfo[%d].%s", i, field), reason
		}
	}
	return "", ""
}

type text struct{ field, text string }

// texts lists what is sent as text. Bytes of another encoding (a spreadsheet's
// GBK) would arrive as replacement characters in people's names.
func (u User) texts(cards bool) []text {
	texts := []text{
		{"userNo", u.UserNo},
		{"fullName", u.FullName},
		{"mobile", u.Mobile},
		{"departmentName", u.DepartmentName.Or("")},
		{"departmentCode", u.DepartmentCode.Or("")},
		{"costCenterName", u.CostCenterName.Or("")},
		{"costCenterCode", u.CostCenterCode.Or("")},
		{"branchName", u.BranchName.Or("")},
		{"branchCode", u.BranchCode.Or("")},
		{"gender", u.Gender.Or("")},
		{"emailAddress", u.EmailAddress.Or("")},
		{"level", u.Level.Or("")},
		{"levelName", u.LevelName.Or("")},
		{"levelCode", u.LevelCode.Or("")},
		{"surname", u.Surname.Or("")},
		{"givenName", u.GivenName.Or("")},
		{"extraInfo", string(u.ExtraInfo)},
	}
	if !cards {
		return texts
	}
	for i, c := range u.CardInfo {
		prefix := fmt.Sprintf("cardInfo[%d].", i)
		texts = append(texts, text{prefix + "cardType", c.CardType}, text{prefix + "cardNo", c.CardNo},
			text{prefix + "givenName", c.GivenName.Or("")}, text{prefix + "surname", c.Surname.Or("")})
	}
	return texts
}

func (c Card) check() (field, reason string) {
	if field := c.missing(); field != "" {
		return field, "is required"
	}
	if masked(c.CardNo) {
		return "cardNo", "is masked"
	}
	if ms, ok := c.ExpirationDate.Get(); ok && (ms < 1e12 || ms >= 1e13) {
		return "expirationDate", "is not a 13-digit timestamp"
	}
	return "", ""
}

func (u User) withoutCards() User {
	u.CardInfo = nil
	return u
}

// outgoing is u as it is sent: one of the two ids, userNo by preference, and
// no cards unless they are wanted.
func (u User) outgoing(cards bool) User {
	if u.UserNo != "" {
		u.UserID = Opt[int64]{}
	}
	if !cards {
		return u.withoutCards()
	}
	return u
}

// masked tells a value that some source hid in part ("1326*******4"): it would
// overwrite the true one.
func masked(s string) bool { return strings.Contains(s, "*") }

func isCountry(s string) bool {
	return len(s) == 3 && strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
}

func isObject(raw json.RawMessage) bool {
	return json.Valid(raw) && bytes.HasPrefix(bytes.TrimSpace(raw), []byte("{"))
}
