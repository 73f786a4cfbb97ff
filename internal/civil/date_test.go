package civil_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/orgbridge/orgbridge/internal/civil"
)

func TestDaysOfTheCalendar(t *testing.T) {
	t.Parallel()
	for _, year := range []int{1, 4, 100, 400, 1900, 2000, 2023, 2024, 2100, 9999} {
		for month := range time.Month(14) {
			for day := range 33 {
				at := time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
				want := at.Year() == year && at.Month() == month && at.Day() == day
				require.Equal(t, want, civil.Date{Year: year, Month: month, Day: day}.IsValid(), at)
			}
		}
	}
}

// Package time reads and writes the same days.
func TestFormsAreThoseOfPackageTime(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		at := time.Unix(rapid.Int64Range(-62_135_596_800, 253_402_300_799).Draw(t, "at"), 0).UTC()
		d := civil.Of(at)
		require.Equal(t, at.Format(time.DateOnly), d.String())
		require.Equal(t, at.Format("20060102"), d.Compact())
		for _, text := range []string{d.String(), d.Compact()} {
			got, err := civil.Parse(text)
			require.NoError(t, err)
			require.Equal(t, d, got)
		}
	})
}

func TestEachFormIsReadAlone(t *testing.T) {
	t.Parallel()
	want := civil.Date{Year: 2024, Month: time.February, Day: 29}
	got, err := civil.ParseCompact("20240229")
	require.NoError(t, err)
	assert.Equal(t, want, got)
	got, err = civil.ParseDashed("2024-02-29")
	require.NoError(t, err)
	assert.Equal(t, want, got)
	for _, text := range []string{"", "2024-02-29", "20230229", " 20240229", "2024022９", "202402290", "00000101", "2024-2-9"} {
		_, err := civil.ParseCompact(text)
		require.ErrorIs(t, err, civil.ErrInvalid)
	}
	for _, text := range []string{"", "20240229", "2023-02-29", "2024-02-29 ", "2024/02/29", "0000-01-01", "2024-2-029"} {
		_, err := civil.ParseDashed(text)
		require.ErrorIs(t, err, civil.ErrInvalid)
	}
}

// What the calendar does not have is written nowhere.
func TestNoSuchDay(t *testing.T) {
	t.Parallel()
	for _, d := range []civil.Date{{Year: 2023, Month: 2, Day: 30}, {Year: 10000, Month: 1, Day: 1}, {Year: -1, Month: 1, Day: 1}, {Day: 1}} {
		assert.Empty(t, d.String())
		assert.Empty(t, d.Compact())
		_, err := json.Marshal(d)
		require.ErrorIs(t, err, civil.ErrInvalid)
		b, ok := d.Append([]byte("x"), "-")
		assert.False(t, ok)
		assert.Equal(t, "x", string(b))
	}
}
