package yunjian

import (
	"github.com/orgbridge/orgbridge/internal/wire"
)

// AppendJSON appends the user to b as a [Client] sends it, byte for byte: UserID
// only where there is no UserNo. CardInfo is there, although a Client sends it
// only if Config.SendCards says so. If Birthday does not exist in the calendar,
// or ExtraInfo is not JSON, it returns an error and leaves b as it was.
func (u User) AppendJSON(b []byte) ([]byte, error) { return u.appendTo(b, true) }

func (u *User) appendTo(b []byte, cards bool) ([]byte, error) {
	start := len(b)
	if u.UserNo != "" {
		b = wire.AppendText(b, `,"userNo":`, u.UserNo)
	} else {
		b = wire.AppendOptInt(b, `,"userId":`, u.UserID)
	}
	b = wire.AppendText(b, `,"fullName":`, u.FullName)
	b = wire.AppendText(b, `,"mobile":`, u.Mobile)
	b = wire.AppendBool(b, `,"isLeave":`, u.IsLeave)
	b = wire.AppendOptText(b, `,"departmentName":`, u.DepartmentName)
	b = wire.AppendOptText(b, `,"departmentCode":`, u.DepartmentCode)
	b = wire.AppendOptText(b, `,"costCenterName":`, u.CostCenterName)
	b = wire.AppendOptText(b, `,"costCenterCode":`, u.CostCenterCode)
	b = wire.AppendOptText(b, `,"branchName":`, u.BranchName)
	b = wire.AppendOptText(b, `,"branchCode":`, u.BranchCode)
	b = wire.AppendOptText(b, `,"gender":`, u.Gender)
	b = wire.AppendOptText(b, `,"emailAddress":`, u.EmailAddress)
	b = wire.AppendOptText(b, `,"level":`, u.Level)
	b = wire.AppendOptText(b, `,"levelName":`, u.LevelName)
	b = wire.AppendOptText(b, `,"levelCode":`, u.LevelCode)
	if d, set := u.Birthday.Get(); set {
		var ok bool
		if b, ok = wire.AppendDate(append(b, `,"birthday":`...), d, "-"); !ok {
			return b[:start], errDate()
		}
	}
	b = wire.AppendOptText(b, `,"nationality":`, u.Nationality)
	b = wire.AppendOptText(b, `,"surname":`, u.Surname)
	b = wire.AppendOptText(b, `,"givenName":`, u.GivenName)
	if len(u.ExtraInfo) > 0 {
		var ok bool
		if b, ok = wire.AppendRaw(append(b, `,"extraInfo":`...), u.ExtraInfo); !ok {
			return b[:start], &FieldError{Field: "extraInfo", Reason: "is not JSON"}
		}
	}
	if cards && len(u.CardInfo) > 0 {
		b = appendCards(append(b, `,"cardInfo":`...), u.CardInfo)
	}
	return wire.CloseObject(b, start), nil
}

func appendCards(b []byte, cards []Card) []byte {
	list := len(b)
	for i := range cards {
		c := &cards[i]
		b = append(b, ',')
		start := len(b)
		b = wire.AppendText(b, `,"cardType":`, c.CardType)
		b = wire.AppendOptInt(b, `,"cardTypeId":`, c.CardTypeID)
		b = wire.AppendText(b, `,"cardNo":`, c.CardNo)
		b = wire.AppendOptInt(b, `,"expirationDate":`, c.ExpirationDate)
		b = wire.AppendOptText(b, `,"givenName":`, c.GivenName)
		b = wire.AppendOptText(b, `,"surname":`, c.Surname)
		b = wire.CloseObject(b, start)
	}
	b[list] = '['
	return append(b, ']')
}
