// Package civil holds the one date of orgbridge: a day of the calendar. The
// packages of the vendors and orgmodel give it their own name by an alias, so
// that a date passes from one to the other without conversion. How a vendor
// writes a day is the business of that vendor's package.
package civil

import (
	"cmp"
	"errors"
	"time"
)

// ErrInvalid says that a text or a number triple is no day of the calendar. It
// never repeats the input, which may be a birthday.
var ErrInvalid = errors.New("not a calendar date (want yyyy-MM-dd or yyyymmdd)")

// Date is a day of the calendar, without time and zone.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// New returns the date, or [ErrInvalid] when the calendar has no such day or the
// year is outside 1 to 9999.
func New(year int, month time.Month, day int) (Date, error) {
	d := Date{year, month, day}
	if !d.IsValid() {
		return Date{}, ErrInvalid
	}
	return d, nil
}

// Of returns the day on which t falls in t's own location.
func Of(t time.Time) Date {
	year, month, day := t.Date()
	return Date{year, month, day}
}

// Parse reads yyyy-MM-dd and yyyymmdd. Anything else is [ErrInvalid], the empty
// text included.
func Parse(s string) (Date, error) {
	if d, err := ParseDashed(s); err == nil {
		return d, nil
	}
	return ParseCompact(s)
}

// ParseDashed reads yyyy-MM-dd and nothing else.
func ParseDashed(s string) (Date, error) {
	if len(s) != 10 || s[4] != '-' || s[7] != '-' {
		return Date{}, ErrInvalid
	}
	return parse(s[:4], s[5:7], s[8:])
}

// ParseCompact reads yyyymmdd and nothing else.
func ParseCompact(s string) (Date, error) {
	if len(s) != 8 {
		return Date{}, ErrInvalid
	}
	return parse(s[:4], s[4:6], s[6:])
}

func parse(year, month, day string) (Date, error) {
	y, m, d := number(year), number(month), number(day)
	if y < 0 || m < 0 || d < 0 {
		return Date{}, ErrInvalid
	}
	return New(y, time.Month(m), d)
}

// number reads ASCII digits; −1 stands for anything else.
func number(s string) int {
	n := 0
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return -1
		}
		n = n*10 + int(s[i]-'0')
	}
	return n
}

// IsZero reports whether d is no date at all.
func (d Date) IsZero() bool { return d == Date{} }

// IsValid reports whether the calendar has the day, in the years 1 to 9999. The
// zero Date is not valid.
func (d Date) IsValid() bool {
	return d.Year >= 1 && d.Year <= 9999 && d.Month >= time.January && d.Month <= time.December &&
		d.Day >= 1 && d.Day <= daysIn(d.Year, d.Month)
}

func daysIn(year int, month time.Month) int {
	switch month {
	case time.April, time.June, time.September, time.November:
		return 30
	case time.February:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	}
	return 31
}

// Compare returns -1, 0 or +1 as d is before, on or after e.
func (d Date) Compare(e Date) int {
	return cmp.Or(cmp.Compare(d.Year, e.Year), cmp.Compare(d.Month, e.Month), cmp.Compare(d.Day, e.Day))
}

// String returns yyyy-MM-dd, "" for the zero Date and for one that is not valid.
func (d Date) String() string { return d.text("-") }

// Compact returns yyyymmdd, "" for the zero Date and for one that is not valid.
func (d Date) Compact() string { return d.text("") }

func (d Date) text(separator string) string {
	b, _ := d.Append(make([]byte, 0, len("yyyy-MM-dd")), separator)
	return string(b)
}

// Append appends the day, its parts joined by separator, and nothing for the zero
// Date. ok is false, and b unchanged, for a day that the calendar does not have.
func (d Date) Append(b []byte, separator string) (_ []byte, ok bool) {
	if d.IsZero() {
		return b, true
	}
	if !d.IsValid() {
		return b, false
	}
	b = AppendPair(AppendPair(b, d.Year/100), d.Year%100)
	b = AppendPair(append(b, separator...), int(d.Month))
	return AppendPair(append(b, separator...), d.Day), true
}

// AppendPair appends a number below 100 in two digits, as dates and times have it.
func AppendPair(b []byte, n int) []byte {
	const digits = "0123456789"
	return append(b, digits[n/10%10], digits[n%10])
}

// MarshalText returns String, or [ErrInvalid] if the calendar has no such day.
func (d Date) MarshalText() ([]byte, error) {
	b, ok := d.Append(nil, "-")
	if !ok {
		return nil, ErrInvalid
	}
	return b, nil
}

// UnmarshalText reads what [Parse] reads; the empty text is the zero Date.
func (d *Date) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*d = Date{}
		return nil
	}
	parsed, err := Parse(string(text))
	if err != nil {
		return err
	}
	*d = parsed
	return nil
}
