package yunjian

import (
	"encoding/json"
	"fmt"
	"log/slog"

	"github.com/orgbridge/orgbridge/internal/redact"
	"github.com/orgbridge/orgbridge/internal/wire"
)

// Opt is an optional field: set or absent. An absent field is left out of the
// request and leaves what the receiver holds alone; a field set to "" clears
// it. An Opt prints as "set" or "absent", never as its value.
//
//	func Set[T any](v T) Opt[T]       // an Opt that holds v
//	func (o Opt[T]) Get() (T, bool)   // the value, and whether it is set
//	func (o Opt[T]) Or(fallback T) T  // the value, or fallback when absent
//	func (o Opt[T]) IsSet() bool
//	func (o Opt[T]) IsZero() bool     // absent, for the omitzero tag
//
// As JSON a set Opt is its value, and an absent one null.
type Opt[T any] = wire.Opt[T]

// Set returns an Opt that holds v.
func Set[T any](v T) Opt[T] { return wire.Set(v) }

// User is one employee of 人员同步接口 (UserInfo), the same in both directions.
// Marshalled to JSON it is complete; printed or logged it shows ids and state
// only.
//
// UserNo or UserID, Mobile and FullName are required, and IsLeave always
// travels. Codes of gender and card type are the vendor's appendices 19 and 7,
// which are not published; they pass as they are.
type User struct {
	// UserNo is the user number agreed on with 云简, unique in the company.
	UserNo string `json:"userNo,omitempty"`
	// UserID is 云简's own number, in place of UserNo in old projects. A Client
	// leaves it out when there is a UserNo, which the page prefers.
	UserID Opt[int64] `json:"userId,omitzero"`

	FullName string `json:"fullName"` // 姓名
	Mobile   string `json:"mobile"`   // the receiver checks it and does not sync an invalid one
	IsLeave  bool   `json:"isLeave"`  // true: has left (离职), false: in service (在职)

	DepartmentName Opt[string] `json:"departmentName,omitzero"`
	DepartmentCode Opt[string] `json:"departmentCode,omitzero"`
	CostCenterName Opt[string] `json:"costCenterName,omitzero"`
	CostCenterCode Opt[string] `json:"costCenterCode,omitzero"`
	BranchName     Opt[string] `json:"branchName,omitzero"`
	BranchCode     Opt[string] `json:"branchCode,omitzero"`
	Gender         Opt[string] `json:"gender,omitzero"`       // appendix 19; the sample shows "M"
	EmailAddress   Opt[string] `json:"emailAddress,omitzero"` // some companies have none, or made-up ones
	Level          Opt[string] `json:"level,omitzero"`        // 职级代码, what travel rules go by (since V1.1)
	LevelName      Opt[string] `json:"levelName,omitzero"`    // for display only
	LevelCode      Opt[string] `json:"levelCode,omitzero"`    // for display only; dropped in V1.1, still sent
	Birthday       Opt[Date]   `json:"birthday,omitzero"`
	Nationality    Opt[string] `json:"nationality,omitzero"` // three letters, "CHN"
	Surname        Opt[string] `json:"surname,omitzero"`     // 英文姓
	GivenName      Opt[string] `json:"givenName,omitzero"`   // 英文名

	// ExtraInfo holds the extension fields (since V1.4), byte for byte as they came: an
	// object by the page, and whatever else a company sends. A Client sends an object
	// alone. Nil when there is none.
	ExtraInfo json.RawMessage `json:"extraInfo,omitempty"`
	// CardInfo holds identity documents. The page: 基于个人信息保护法,原则上不传该
	// 部分. A Client sends it only if Config.SendCards says so.
	CardInfo []Card `json:"cardInfo,omitempty"`
}

// Card is an identity document of a [User].
type Card struct {
	CardType string `json:"cardType"` // description, "身份证"
	// CardTypeID is the code of appendix 7. It is required; an Opt, because
	// 0 may be a code.
	CardTypeID     Opt[int64]  `json:"cardTypeId,omitzero"`
	CardNo         string      `json:"cardNo"`
	ExpirationDate Opt[int64]  `json:"expirationDate,omitzero"` // milliseconds since 1970, 13 digits
	GivenName      Opt[string] `json:"givenName,omitzero"`
	Surname        Opt[string] `json:"surname,omitzero"`
}

// LogValue lists ids and state.
func (u User) LogValue() slog.Value {
	attrs := []slog.Attr{slog.String("userNo", u.UserNo)}
	if id, ok := u.UserID.Get(); ok {
		attrs = append(attrs, slog.Int64("userId", id))
	}
	return slog.GroupValue(append(attrs, slog.Bool("isLeave", u.IsLeave))...)
}

// Format prints what LogValue lists, whatever the verb.
func (u User) Format(f fmt.State, _ rune) { redact.Format(f, "yunjian.User", u.LogValue()) }

// LogValue shows nothing but that there is a card.
func (c Card) LogValue() slog.Value { return slog.StringValue(redact.Placeholder) }

// Format prints a placeholder, whatever the verb.
func (c Card) Format(f fmt.State, _ rune) { redact.Format(f, "yunjian.Card", c.LogValue()) }
