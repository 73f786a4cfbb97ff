package yunjian

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/orgbridge/orgbridge/internal/wire"
)

// check names the first field with which u cannot be sent, as it is called in
// the document, and what is wrong with it.
func (u *User) check(cards bool) (field, reason string) {
	switch {
	case blank(u.UserNo) && !u.UserID.IsSet():
		return "userNo", isRequired
	case blank(u.FullName):
		return "fullName", isRequired
	case blank(u.Mobile):
		return "mobile", isRequired
	}
	if field := u.notUTF8(cards); field != "" {
		return field, "is not UTF-8"
	}
	if wire.Masked(u.Mobile) {
		return "mobile", "is masked"
	}
	if wire.Masked(u.FullName) {
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

const isRequired = "is required"

// notUTF8 names the first text that is not UTF-8, "" if there is none. Bytes of
// another encoding (a spreadsheet's GBK) would arrive as replacement characters
// in people's names.
func (u *User) notUTF8(cards bool) (field string) {
	for _, t := range [...]struct{ field, text string }{
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
	} {
		if t.text != "" && !utf8.ValidString(t.text) {
			return t.field
		}
	}
	if !utf8.Valid(u.ExtraInfo) {
		return "extraInfo"
	}
	if !cards {
		return ""
	}
	for i := range u.CardInfo {
		if field := u.CardInfo[i].notUTF8(); field != "" {
			return fmt.Sprintf("cardInfo[%d].%s", i, field)
		}
	}
	return ""
}

func (c *Card) notUTF8() (field string) {
	for _, t := range [...]struct{ field, text string }{
		{"cardType", c.CardType}, {"cardNo", c.CardNo}, {"givenName", c.GivenName.Or("")}, {"surname", c.Surname.Or("")},
	} {
		if !utf8.ValidString(t.text) {
			return t.field
		}
	}
	return ""
}

func (c Card) check() (field, reason string) {
	if field := c.missing(); field != "" {
		return field, isRequired
	}
	if wire.Masked(c.CardNo) {
		return "cardNo", "is masked"
	}
	if ms, ok := c.ExpirationDate.Get(); ok && (ms < 1e12 || ms >= 1e13) {
		return "expirationDate", "is not a 13-digit timestamp"
	}
	return "", ""
}

// masked tells a value that some source hid in part ("1326*******4"): it would
// overwrite the true one.

func isCountry(s string) bool {
	return len(s) == 3 && strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
}

func isObject(raw json.RawMessage) bool {
	return json.Valid(raw) && bytes.HasPrefix(bytes.TrimSpace(raw), []byte("{"))
}
