package optest

import (
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/orgbridge/orgbridge/internal/civil"
	"github.com/orgbridge/orgbridge/internal/wire"
)

// DrawText draws texts of every kind, such as JSON escapes and broken UTF-8.
func DrawText() *rapid.Generator[string] {
	return rapid.OneOf(
		rapid.String(),
		rapid.SampledFrom([]string{"", "", "张三", "A&B <\"研发\">\\", "\u2028\x00\t\x7f", "张\xe5\xbc"}),
		rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) }),
	)
}

// DrawOpt draws a field that is set or absent.
func DrawOpt[T any](t *rapid.T, values *rapid.Generator[T], label string) wire.Opt[T] {
	if rapid.Bool().Draw(t, label+" set") {
		return wire.Set(values.Draw(t, label))
	}
	return wire.Opt[T]{}
}

// DrawDate draws days, the 31st of June among them, and none.
func DrawDate() *rapid.Generator[civil.Date] {
	return rapid.Custom(func(t *rapid.T) civil.Date {
		if rapid.Bool().Draw(t, "none") {
			return civil.Date{}
		}
		return civil.Date{
			Year: rapid.IntRange(1, 9999).Draw(t, "year"), Month: time.Month(rapid.IntRange(1, 12).Draw(t, "month")),
			Day: rapid.IntRange(1, 31).Draw(t, "day"),
		}
	})
}

// Appender is what callers find in a record of any vendor.
type Appender interface {
	AppendJSON(b []byte) ([]byte, error)
}

// SameJSON requires that a record appends what encoding/json writes of travelling, the record
// as it is sent, or fails if that fails.
func SameJSON(t *rapid.T, record Appender, travelling any) {
	want, wantErr := wire.Encode(travelling)
	got, err := record.AppendJSON([]byte("before"))
	require.Equal(t, wantErr == nil, err == nil)
	require.Equal(t, "before"+Spelling(want), Spelling(got))
}
