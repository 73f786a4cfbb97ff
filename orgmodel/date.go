package orgmodel

import (
	"time"

	"github.com/orgbridge/orgbridge/internal/civil"
)

// ErrInvalidDate says that a text or a number triple is no calendar date. It
// never repeats the input, which may be a birthday.
var ErrInvalidDate = civil.ErrInvalid

// Date is a day of the calendar. It has no time and no zone, so that a birthday
// cannot move by a day on its way between systems: a struct of Year, Month and
// Day. The zero Date is none. It is the same type as aiguanhuai.Date and
// yunjian.Date.
//
//	orgmodel.Date{Year: 1987, Month: time.December, Day: 19}
//
// Its methods are IsZero, IsValid (the calendar has the day, in the years 1 to
// 9999), Compare (−1, 0 or +1), String (yyyy-MM-dd), Compact (yyyymmdd),
// MarshalText (yyyy-MM-dd, or [ErrInvalidDate] if the calendar has no such day)
// and UnmarshalText (what [ParseDate] reads, and "" as the zero Date). String and
// Compact return "" for the zero Date and for one that is not valid.
type Date = civil.Date

// NewDate returns the date, or [ErrInvalidDate] when the calendar has no such
// day or the year is outside 1 to 9999.
func NewDate(year int, month time.Month, day int) (Date, error) { return civil.New(year, month, day) }

// DateOf returns the day on which t falls in t's own location.
func DateOf(t time.Time) Date { return civil.Of(t) }

// ParseDate reads yyyy-MM-dd and yyyymmdd, the two forms the vendors use.
// Anything else is [ErrInvalidDate], the empty text included.
func ParseDate(s string) (Date, error) { return civil.Parse(s) }
