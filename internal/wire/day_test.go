package wire_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"

	"github.com/orgbridge/orgbridge/internal/wire"
)

func TestParseDay(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]wire.Day{
		"":         {},
		"19871219": {Year: 1987, Month: time.December, Day: 19},
		"20240229": {Year: 2024, Month: time.February, Day: 29},
		"00010101": {Year: 1, Month: time.January, Day: 1},
	} {
		got, ok := wire.ParseDay("20060102", text)
		assert.True(t, ok, text)
		assert.Equal(t, want, got)
	}
	for _, text := range []string{"20230229", "2023-01-01", "2023010", "202301011", " 20230101", "20231301", "00000101", "abcdefgh"} {
		_, ok := wire.ParseDay("20060102", text)
		assert.False(t, ok, text)
	}
}

func TestDayText(t *testing.T) {
	t.Parallel()
	for _, d := range []wire.Day{{Year: 2023, Month: 2, Day: 30}, {Year: 10000, Month: 1, Day: 1}, {Year: -1, Month: 1, Day: 1}, {Day: 1}} {
		_, ok := d.Text(time.DateOnly)
		assert.False(t, ok)
		assert.False(t, d.IsValid())
	}
	assert.True(t, wire.Day{}.IsZero())
	assert.False(t, wire.Day{}.IsValid())
	rapid.Check(t, func(t *rapid.T) {
		layout := rapid.SampledFrom([]string{time.DateOnly, "20060102"}).Draw(t, "layout")
		at := time.Unix(rapid.Int64Range(-60_000_000_000, 200_000_000_000).Draw(t, "at"), 0).UTC()
		d, ok := wire.ParseDay(layout, at.Format(layout))
		assert.True(t, ok)
		text, ok := d.Text(layout)
		assert.True(t, ok)
		assert.Equal(t, at.Format(layout), text)
	})
}
