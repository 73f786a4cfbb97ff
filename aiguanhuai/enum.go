package aiguanhuai

import (
	"slices"
	"strconv"
)

// Status is the status of a record. It is required although the page calls it
// optional, because the vendor takes a record without one for disabled (默认:11).
// The zero Status is refused before anything is sent.
type Status int

// The documented statuses.
const (
	StatusActive   Status = 1  // 启用, 在职
	StatusDisabled Status = 11 // 禁用, 离职
	StatusRetired  Status = 12 // 退休; people only. In the page's sample, not in its table.
)

// String returns "active", "disabled", "retired", or "Status(n)".
func (s Status) String() string {
	switch s {
	case StatusActive:
		return "active"
	case StatusDisabled:
		return "disabled"
	case StatusRetired:
		return "retired"
	default:
		return "Status(" + strconv.Itoa(int(s)) + ")"
	}
}

func (s Status) check(known ...Status) (field, reason string) {
	if s == 0 {
		return "status", "is required (without it the vendor disables the record)"
	}
	if !slices.Contains(known, s) {
		return "status", "is not a documented value"
	}
	return "", ""
}

// Gender is a person's gender. 1 is female here, which is the reverse of 云之家.
type Gender int

// The documented genders.
const (
	GenderUnknown Gender = 0 // 未知
	GenderFemale  Gender = 1 // 女
	GenderMale    Gender = 2 // 男
)

// String returns "unknown", "female", "male", or "Gender(n)".
func (g Gender) String() string {
	switch g {
	case GenderUnknown:
		return "unknown"
	case GenderFemale:
		return "female"
	case GenderMale:
		return "male"
	default:
		return "Gender(" + strconv.Itoa(int(g)) + ")"
	}
}
