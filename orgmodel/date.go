package orgmodel

import (
	"cmp"
	"errors"
	"fmt"
	"time"

	"github.com/orgbridge/orgbridge/internal/wire"
)

// ErrInvalidDate says that a text or a number triple is no calendar date. It
// never repeats the input, which may be a birthday.
var ErrInvalidDate = errors.New("orgmodel: not a calendar date (want yyyy-MM-dd or yyyymmdd)")

// Date is a day of the calendar. It has no time and no zone, so that a birthday
// cannot move by a day on its way between systems. The zero Date is none.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// NewDate returns the date, or [ErrInvalidDate] when the calendar has no such
// day or the year is outside 1 to 9999.
func NewDate(year int, month time.Month, day int) (Date, error) {
	d := Date{year, month, day}
	if !d.IsValid() {
		return Date{}, ErrInvalidDate
	}
	return d, nil
}

// DateOf returns the day on which t falls in t's own location.
func DateOf(t time.Time) Date {
	year, month, day := t.Date()
	return Date{year, month, day}
}

// ParseDate reads yyyy-MM-dd and yyyymmdd, the two forms the vendors use.
// Anything else is [ErrInvalidDate], the empty text included.
func ParseDate(s string) (Date, error) {
	if len(s) == 10 && s[4] == '-' && s[7] == '-' {
		s = s[:4] + s[5:7] + s[8:]
	}
	if len(s) != 8 {
		return Date{}, ErrInvalidDate
	}
	number := 0
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return Date{}, ErrInvalidDate
		}
		number = number*10 + int(s[i]-'0')
	}
	return NewDate(number/10000, time.Month(number/100%100), number%100)
}

// IsZero reports whether d is no date at all.
func (d Date) IsZero() bool { return d == Date{} }

// IsValid reports whether d is a day of the calendar. The zero Date is not.
func (d Date) IsValid() bool {
	return wire.Day(d).IsValid()
}

// Compare returns -1, 0 or +1 as d is before, on or after e.
func (d Date) Compare(e Date) int {
	return cmp.Or(cmp.Compare(d.Year, e.Year), cmp.Compare(d.Month, e.Month), cmp.Compare(d.Day, e.Day))
}

// String returns yyyy-MM-dd, and "" for the zero Date.
func (d Date) String() string {
	if d.IsZero() {
		return ""
	}
	return fmt.Sprintf("%04d-%02d-%02d", d.Year, int(d.Month), d.Day)
}

// Compact returns yyyymmdd, and "" for the zero Date.
func (d Date) Compact() string {
	if d.IsZero() {
		return ""
	}
	return fmt.Sprintf("%04d%02d%02d", d.Year, int(d.Month), d.Day)
}

// MarshalText returns yyyy-MM-dd, and "" for the zero Date.
func (d Date) MarshalText() ([]byte, error) {
	if !d.IsZero() && !d.IsValid() {
		return nil, ErrInvalidDate
	}
	return []byte(d.String()), nil
}

// UnmarshalText reads what [ParseDate] reads; the empty text is the zero Date.
func (d *Date) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*d = Date{}
		return nil
	}
	parsed, err := ParseDate(string(text))
	if err != nil {
		return err
	}
	*d = parsed
	return nil
}
