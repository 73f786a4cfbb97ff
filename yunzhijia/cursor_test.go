package yunzhijia_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/orgbridge/orgbridge/yunzhijia"
)

func TestCursorAndTime(t *testing.T) {
	t.Parallel()
	at := time.Date(2019, 12, 19, 5, 50, 57, 999_999_999, time.UTC)
	cursor := yunzhijia.CursorAt(at, nil)
	assert.Equal(t, yunzhijia.Cursor("2019-12-19 13:50:57"), cursor, "Beijing, and never later than the moment")
	assert.Equal(t, yunzhijia.Cursor("2019-12-19 05:50:57"), yunzhijia.CursorAt(at, time.UTC))

	back, err := cursor.Time(nil)
	require.NoError(t, err)
	assert.True(t, back.Equal(at.Truncate(time.Second)))
	_, offset := back.Zone()
	assert.Equal(t, 8*60*60, offset)
	inUTC, err := cursor.Time(time.UTC)
	require.NoError(t, err)
	assert.Equal(t, 8*time.Hour, inUTC.Sub(back))

	zero, err := yunzhijia.Cursor("").Time(time.UTC)
	require.NoError(t, err)
	assert.Equal(t, time.Date(2008, 8, 2, 1, 40, 38, 0, time.UTC), zero)
}

func TestCursorMinus(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		from    yunzhijia.Cursor
		overlap time.Duration
		want    yunzhijia.Cursor
	}{
		{"2026-03-01 00:10:00", 15 * time.Minute, "2026-02-28 23:55:00"},
		{"2026-03-29 03:30:00", time.Hour, "2026-03-29 02:30:00"}, // no summer time, wherever it runs
		{"2026-01-01 00:00:00", time.Nanosecond, "2025-12-31 23:59:59"},
		{"2026-01-01 00:00:00", 0, "2026-01-01 00:00:00"},
		{"", time.Second, "2008-08-02 01:40:37"},
	} {
		got, err := tt.from.Minus(tt.overlap)
		require.NoError(t, err)
		assert.Equal(t, tt.want, got)
	}
	for field, err := range map[string]error{
		"overlap": second(yunzhijia.Beginning.Minus(-1)),
		"Cursor":  second(yunzhijia.Cursor("soon").Minus(1)),
	} {
		var e *yunzhijia.FieldError
		require.ErrorAs(t, err, &e)
		assert.Equal(t, field, e.Field)
	}
}

func TestMalformedCursors(t *testing.T) {
	t.Parallel()
	for _, c := range []yunzhijia.Cursor{
		"2019-12-19", "2019-12-19T13:50:57", "2019-12-19 13:50", "2019-12-19 13:50:57.5", "2019-12-19 3:50:57",
		"2019-12-19 3:50:57.0", "2019-13-19 13:50:57", "2019-02-30 13:50:57", "2019-12-19 25:50:57",
		" 2019-12-19 13:50:57", "2019-12-19 13:50:57 ", "1576734657000",
	} {
		_, err := c.Time(nil)
		require.ErrorIs(t, err, yunzhijia.ErrInvalid, "%s", c)
	}
}

func TestCursorProperties(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		seconds := rapid.Int64Range(0, 7_000_000_000) // 1970 to 2191
		a, b := time.Unix(seconds.Draw(t, "a"), 0), time.Unix(seconds.Draw(t, "b"), 0)
		ca, cb := yunzhijia.CursorAt(a, nil), yunzhijia.CursorAt(b, nil)
		if ca.Compare(cb) != a.Compare(b) {
			t.Fatalf("%s and %s are ordered unlike their times", ca, cb)
		}
		back, err := ca.Time(nil)
		if err != nil || !back.Equal(a) {
			t.Fatalf("%s did not come back", ca)
		}
		overlap := time.Duration(rapid.Int64Range(0, int64(1000*time.Hour)).Draw(t, "overlap"))
		earlier, err := ca.Minus(overlap)
		if err != nil || earlier.Compare(ca) > 0 {
			t.Fatalf("%s is not before %s", earlier, ca)
		}
		if at, _ := earlier.Time(nil); at.After(a.Add(-overlap)) {
			t.Fatalf("the overlap of %s is cut short", overlap)
		}
	})
}

func FuzzCursor(f *testing.F) {
	for _, seed := range []string{"", "2008-08-02 01:40:38", "2019-12-19 3:50:57.0", "0000-00-00 00:00:00", "2019-12-19 13:50:57,5"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		c := yunzhijia.Cursor(text)
		at, err := c.Time(nil)
		if err != nil {
			require.ErrorIs(t, err, yunzhijia.ErrInvalid)
			return
		}
		if text != "" {
			assert.Equal(t, c, yunzhijia.CursorAt(at, nil), "what is accepted is kept to the letter")
		}
	})
}
