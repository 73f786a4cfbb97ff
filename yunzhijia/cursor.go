package yunzhijia

import (
	"cmp"
	"time"
)

// Cursor is a moment in the vendor's own text, "yyyy-MM-dd HH:mm:ss": from
// where a run of the person feed starts, and what it hands back to start the
// next one from. Keep and pass on the text as it is. The zero Cursor means
// [Beginning].
type Cursor string

// Beginning is the moment that the vendor's page names for a first, full run.
const Beginning Cursor = "2008-08-02 01:40:38"

const (
	cursorLayout  = "2006-01-02 15:04:05"
	problemCursor = `is not of the form "yyyy-MM-dd HH:mm:ss"`
)

// Beijing is UTC+8, the zone in which cursors are read unless told otherwise.
// That is an assumption: no page states the zone, but the token page calls its
// own timestamp "current Beijing time".
func Beijing() *time.Location { return time.FixedZone("UTC+8", 8*60*60) }

// CursorAt returns the cursor of a moment on the vendor's wall clock, in zone
// (nil: [Beijing]). A fraction of a second is dropped. Cursors are better taken
// from [PersonFeed.Cursor], which has them from the vendor's clock.
func CursorAt(t time.Time, zone *time.Location) Cursor {
	return Cursor(t.In(orBeijing(zone)).Format(cursorLayout))
}

// Time returns the moment, read as wall clock of zone (nil: [Beijing]). The
// error is a *[FieldError].
func (c Cursor) Time(zone *time.Location) (time.Time, error) {
	text := string(c.orBeginning())
	wall, err := time.Parse(cursorLayout, text)
	// The parser lets more pass than the layout: fractions, missing zeros.
	if err != nil || wall.Format(cursorLayout) != text {
		return time.Time{}, &FieldError{Field: "Cursor", Reason: problemCursor}
	}
	return time.ParseInLocation(cursorLayout, text, orBeijing(zone))
}

// Minus returns the cursor that much earlier, for an overlap between runs. It
// calculates on the wall clock, so it needs no zone; a part of a second counts
// as a whole one. The error is a *[FieldError].
func (c Cursor) Minus(overlap time.Duration) (Cursor, error) {
	if overlap < 0 {
		return "", &FieldError{Field: "overlap", Reason: "is negative"}
	}
	t, err := c.Time(time.UTC)
	if err != nil {
		return "", err
	}
	return CursorAt(t.Add(-overlap), time.UTC), nil
}

// Compare returns -1, 0 or +1 for a cursor that is before, at or after other.
// Both must be well-formed; then the order of the texts is that of the times.
func (c Cursor) Compare(other Cursor) int { return cmp.Compare(c.orBeginning(), other.orBeginning()) }

func (c Cursor) orBeginning() Cursor { return cmp.Or(c, Beginning) }

func orBeijing(zone *time.Location) *time.Location {
	if zone == nil {
		return Beijing()
	}
	return zone
}
