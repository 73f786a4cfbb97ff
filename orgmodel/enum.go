package orgmodel

import "errors"

var (
	errGender = errors.New("orgmodel: not a gender")
	errStatus = errors.New("orgmodel: not a status")
)

// Gender is the gender of a person. Vendors number it differently (云之家 1 is
// male, 爱关怀 1 is female), so their numbers stay in the adapters.
type Gender uint8

// The genders. GenderUnknown is the zero value: a person whose gender is known
// to be GenderUnknown is one of whom the source says "不确定".
const (
	GenderUnknown Gender = iota
	GenderMale
	GenderFemale
)

// String returns "unknown", "male" or "female", and "invalid" for anything else.
func (g Gender) String() string {
	names := [...]string{GenderUnknown: "unknown", GenderMale: "male", GenderFemale: "female"}
	if int(g) >= len(names) {
		return "invalid"
	}
	return names[g]
}

// MarshalText returns what String returns; a value that is no gender is an error.
func (g Gender) MarshalText() ([]byte, error) {
	if g > GenderFemale {
		return nil, errGender
	}
	return []byte(g.String()), nil
}

// UnmarshalText reads what MarshalText writes and nothing else.
func (g *Gender) UnmarshalText(text []byte) error {
	for candidate := GenderUnknown; candidate <= GenderFemale; candidate++ {
		if string(text) == candidate.String() {
			*g = candidate
			return nil
		}
	}
	return errGender
}

// Status is the standing of a person or a department at its source.
type Status uint8

// The statuses. The zero value is StatusUnknown. A status is never cleared: a
// record that claims to know StatusUnknown is reported by [Directory.Validate].
const (
	StatusUnknown  Status = iota
	StatusActive          // in service (在职), or a department in use (启用)
	StatusLeft            // left the company (离职)
	StatusDisabled        // still there, but switched off (禁用)
	StatusRetired         // retired (退休)
)

// String returns the lower-case name, such as "active", and "invalid" for a
// value that is no status.
func (s Status) String() string {
	names := [...]string{
		StatusUnknown: "unknown", StatusActive: "active", StatusLeft: "left",
		StatusDisabled: "disabled", StatusRetired: "retired",
	}
	if int(s) >= len(names) {
		return "invalid"
	}
	return names[s]
}

// isOne reports whether s is a status at all.
func (s Status) isOne() bool { return s >= StatusActive && s <= StatusRetired }

// MarshalText returns what String returns; a value that is no status is an error.
func (s Status) MarshalText() ([]byte, error) {
	if s > StatusRetired {
		return nil, errStatus
	}
	return []byte(s.String()), nil
}

// UnmarshalText reads what MarshalText writes and nothing else.
func (s *Status) UnmarshalText(text []byte) error {
	for candidate := StatusUnknown; candidate <= StatusRetired; candidate++ {
		if string(text) == candidate.String() {
			*s = candidate
			return nil
		}
	}
	return errStatus
}
