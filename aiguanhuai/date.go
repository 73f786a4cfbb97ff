package aiguanhuai

import "github.com/orgbridge/orgbridge/internal/civil"

// Date is a day of the calendar, without time and zone so that a birthday cannot
// move: a struct of Year, Month and Day. The zero Date is none. It is the same
// type as orgmodel.Date, and as the Date of every package here.
//
//	aiguanhuai.Date{Year: 1987, Month: time.December, Day: 19}
//
// Its methods are IsZero, IsValid (the calendar has the day, in the years 1 to
// 9999), Compare, String (yyyy-MM-dd), Compact (yyyymmdd), MarshalText and
// UnmarshalText (yyyy-MM-dd and, when read, yyyymmdd too). A [Person] sends it as
// yyyymmdd, and the zero Date as "".
type Date = civil.Date

// ParseDate reads yyyymmdd, as this vendor writes a day; "" is the zero Date. The
// error is a *[FieldError].
func ParseDate(s string) (Date, error) {
	if s == "" {
		return Date{}, nil
	}
	d, err := civil.ParseCompact(s)
	if err != nil {
		return Date{}, errDate()
	}
	return d, nil
}

func errDate() error { return &FieldError{Field: "date", Reason: "is not a day written yyyymmdd"} }
