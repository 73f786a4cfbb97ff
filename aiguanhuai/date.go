package aiguanhuai

import (
	"fmt"
	"time"
)

// Date is a day of the calendar, without time and zone so that a birthday
// cannot move. It travels as yyyymmdd. The zero Date is none and travels as "".
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// ParseDate reads yyyymmdd; "" is the zero Date. The error is a *[FieldError].
func ParseDate(s string) (Date, error) {
	if s == "" {
		return Date{}, nil
	}
	var n int
	for _, c := range []byte(s) {
		if c < '0' || c > '9' || len(s) != 8 {
			return Date{}, errDate()
		}
		n = n*10 + int(c-'0')
	}
	d := Date{Year: n / 10000, Month: time.Month(n / 100 % 100), Day: n % 100}
	if !d.IsValid() {
		return Date{}, errDate()
	}
	return d, nil
}

func errDate() error { return &FieldError{Field: "date", Reason: "is not a day written yyyymmdd"} }

// IsZero reports whether d is no date at all.
func (d Date) IsZero() bool { return d == Date{} }

// IsValid reports whether the calendar has the day, in the years 1 to 9999. The
// zero Date is not valid.
func (d Date) IsValid() bool {
	if d.Year < 1 || d.Year > 9999 {
		return false
	}
	year, month, day := time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC).Date()
	return d == Date{year, month, day}
}

// String returns yyyymmdd, "" for the zero Date.
func (d Date) String() string {
	if d.IsZero() {
		return ""
	}
	return fmt.Sprintf("%04d%02d%02d", d.Year, int(d.Month), d.Day)
}

// MarshalText returns String, or an error if the calendar has no such day.
func (d Date) MarshalText() ([]byte, error) {
	if !d.IsZero() && !d.IsValid() {
		return nil, errDate()
	}
	return []byte(d.String()), nil
}

// UnmarshalText reads what [ParseDate] reads.
func (d *Date) UnmarshalText(b []byte) (err error) {
	*d, err = ParseDate(string(b))
	return err
}
