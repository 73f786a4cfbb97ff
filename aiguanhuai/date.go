package aiguanhuai

import (
	"time"

	"github.com/orgbridge/orgbridge/internal/wire"
)

const dateLayout = "20060102"

// Date is a day of the calendar, without time and zone so that a birthday
// cannot move. It travels as yyyymmdd. The zero Date is none and travels as "".
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// ParseDate reads yyyymmdd; "" is the zero Date. The error is a *[FieldError].
func ParseDate(s string) (Date, error) {
	d, ok := wire.ParseDay(dateLayout, s)
	if !ok {
		return Date{}, errDate()
	}
	return Date(d), nil
}

func errDate() error { return &FieldError{Field: "date", Reason: "is not a day written yyyymmdd"} }

// IsZero reports whether d is no date at all.
func (d Date) IsZero() bool { return wire.Day(d).IsZero() }

// IsValid reports whether the calendar has the day, in the years 1 to 9999. The
// zero Date is not valid.
func (d Date) IsValid() bool { return wire.Day(d).IsValid() }

// String returns yyyymmdd, "" for the zero Date and for one that is not valid.
func (d Date) String() string {
	text, _ := wire.Day(d).Text(dateLayout)
	return text
}

// MarshalText returns String, or an error if the calendar has no such day.
func (d Date) MarshalText() ([]byte, error) {
	text, ok := wire.Day(d).Text(dateLayout)
	if !ok {
		return nil, errDate()
	}
	return []byte(text), nil
}

// UnmarshalText reads what [ParseDate] reads.
func (d *Date) UnmarshalText(b []byte) (err error) {
	*d, err = ParseDate(string(b))
	return err
}
