package wire

import "time"

// Day is a day of the calendar, without time and zone, behind the vendors' date
// types: they differ in how a day is written, and in nothing else.
type Day struct {
	Year  int
	Month time.Month
	Day   int
}

// ParseDay reads a day in a layout of package time; "" is the zero Day. ok is
// false for anything else, such as a day that the calendar does not have.
func ParseDay(layout, s string) (d Day, ok bool) {
	if s == "" {
		return Day{}, true
	}
	t, err := time.Parse(layout, s)
	if err != nil {
		return Day{}, false
	}
	d = dayOf(t)
	return d, d.IsValid()
}

func dayOf(t time.Time) (d Day) {
	d.Year, d.Month, d.Day = t.Date()
	return d
}

func (d Day) midnight() time.Time { return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC) }

// IsZero reports whether d is no day at all.
func (d Day) IsZero() bool { return d == Day{} }

// IsValid reports whether the calendar has the day, in the years 1 to 9999. The
// zero Day is not valid.
func (d Day) IsValid() bool {
	return d.Year >= 1 && d.Year <= 9999 && d.Month >= time.January && d.Month <= time.December &&
		d.Day >= 1 && d.Day <= daysIn(d.Year, d.Month)
}

// Text writes a valid day in the layout and the zero Day as ""; ok is false for
// any other.
func (d Day) Text(layout string) (text string, ok bool) {
	switch {
	case d.IsZero():
		return "", true
	case !d.IsValid():
		return "", false
	}
	return d.midnight().Format(layout), true
}
