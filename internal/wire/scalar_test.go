package wire_test

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/orgbridge/orgbridge/internal/wire"
)

// row is one field in the depth at which the vendors' answers have theirs.
type row[T any] struct {
	Data struct {
		Rows []struct {
			Field T `json:"field"`
		} `json:"rows"`
	} `json:"data"`
}

func decodeField[T any](t *testing.T, literal string) (T, error) {
	t.Helper()
	var got row[T]
	got.Data.Rows = nil
	err := wire.Decode([]byte(`{"data":{"rows":[{"field":`+literal+`}]}}`), &got)
	if err != nil {
		var zero T
		return zero, err
	}
	require.Len(t, got.Data.Rows, 1)
	return got.Data.Rows[0].Field, nil
}

// refused checks that the error names the field with its path and nothing of
// the content.
func refused(t *testing.T, err error, content string) {
	t.Helper()
	var bad *wire.DecodeError
	require.ErrorAs(t, err, &bad)
	assert.Contains(t, bad.Field, "data.rows.")
	assert.Regexp(t, `\.field$`, bad.Field)
	assert.False(t, bad.Truncated())
	assert.NotContains(t, err.Error(), content)
}

func TestText(t *testing.T) {
	t.Parallel()
	for literal, want := range map[string]wire.Text{
		`"张三"`:                 "张三",
		`"\u5f20\u4e09"`:       "张三",
		`"a\"b\\c"`:            `a"b\c`,
		`""`:                   "",
		`null`:                 "",
		`0`:                    "0",
		`9007199254740993`:     "9007199254740993",
		`18446744073709551616`: "18446744073709551616",
		`1.0`:                  "1",
		`1e3`:                  "1000",
		`-0.0`:                 "0",
		`9.1228E4`:             "91228",
		`"1.0"`:                "1.0",
		`"\ud842\udfb7"`:       "𠮷",
		`"\ufffd"`:             "\ufffd",
		`-7`:                   "-7",
		`true`:                 "true",
		`false`:                "false",
	} {
		got, err := decodeField[wire.Text](t, literal)
		require.NoError(t, err, literal)
		assert.Equal(t, want, got, literal)
	}
	for _, literal := range []string{`{"a":"geheimnis"}`, `["geheimnis"]`, `{}`, `[]`, `1.5`, `1e-3`, `1e19`, `"\ud842"`, `"a\udfb7\ufffd"`} {
		_, err := decodeField[wire.Text](t, literal)
		refused(t, err, "geheimnis")
	}
}

func TestInt(t *testing.T) {
	t.Parallel()
	for literal, want := range map[string]wire.Int{
		`0`:                      0,
		`-0`:                     0,
		`42`:                     42,
		`"42"`:                   42,
		`" 42 "`:                 42,
		`"007"`:                  7,
		`9007199254740993`:       9007199254740993, // 2^53 + 1
		`"9007199254740993"`:     9007199254740993,
		`9223372036854775807`:    math.MaxInt64,
		`-9223372036854775808`:   math.MinInt64,
		`9223372036854775807.00`: math.MaxInt64,
		`1.0`:                    1,
		`"1."`:                   1,
		`1e3`:                    1000,
		`1E+3`:                   1000,
		`-1.50e1`:                -15,
		`1.6187088E12`:           1618708800000,
		`0.1e1`:                  1,
		`100e-2`:                 1,
		`0E100`:                  0,
		`-0.0e-5`:                0,
		`null`:                   0,
		`""`:                     0,
	} {
		got, err := decodeField[wire.Int](t, literal)
		require.NoError(t, err, literal)
		assert.Equal(t, want, got, literal)
	}
	for _, literal := range []string{
		`1.5`, `1e-3`, `1.5e0`, `9223372036854775808`, `-9223372036854775809`, `1e19`, `9.3e18`, `1e999999999`, `123456e99999999999999`,
		`"0x10"`, `"1_000"`, `"1,000"`, `"13812345678a"`, `".5"`, `"e5"`, `"1e"`, `"--1"`, `"1.-5e2"`, `"null"`, `"NaN"`, `true`, `{"a":138123}`, `[138123]`,
	} {
		_, err := decodeField[wire.Int](t, literal)
		refused(t, err, "13812")
		refused(t, err, "999999")
	}
}

func TestBool(t *testing.T) {
	t.Parallel()
	for literal, want := range map[string]wire.Bool{
		`true`: true, `"true"`: true, `"TRUE"`: true, `1`: true, `"1"`: true, `"Y"`: true, `"y"`: true, `" Yes "`: true,
		`false`: false, `"false"`: false, `0`: false, `"0"`: false, `"N"`: false, `"no"`: false, `null`: false, `""`: false,
	} {
		got, err := decodeField[wire.Bool](t, literal)
		require.NoError(t, err, literal)
		assert.Equal(t, want, got, literal)
	}
	for _, literal := range []string{`2`, `-1`, `1.5`, `"geheim"`, `"t"`, `{"a":"geheim"}`, `["geheim"]`} {
		_, err := decodeField[wire.Bool](t, literal)
		refused(t, err, "geheim")
	}
}

func TestScalarsCalledDirectly(t *testing.T) {
	t.Parallel()
	var (
		text wire.Text
		n    wire.Int
		flag wire.Bool
	)
	for _, b := range []string{``, `"`, `"\x"`, `"a\`} {
		require.Error(t, text.UnmarshalJSON([]byte(b)), "%q", b)
		require.Error(t, n.UnmarshalJSON([]byte(b)), "%q", b)
		require.Error(t, flag.UnmarshalJSON([]byte(b)), "%q", b)
	}
}

func TestScalarRoundTrips(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Int64().Draw(t, "n")
		for _, literal := range []string{strconv.FormatInt(n, 10), strconv.Quote(strconv.FormatInt(n, 10)), strconv.FormatInt(n, 10) + ".0"} {
			var got wire.Int
			require.NoError(t, wire.Decode([]byte(literal), &got), literal)
			require.EqualValues(t, n, got)
		}
		b, err := wire.Encode(wire.Int(n))
		require.NoError(t, err)
		require.Equal(t, strconv.FormatInt(n, 10), string(b))

		s := rapid.String().Draw(t, "s")
		b, err = wire.Encode(wire.Text(s))
		require.NoError(t, err)
		var text wire.Text
		require.NoError(t, wire.Decode(b, &text))
		require.Equal(t, s, string(text))
		ascii, err := json.Marshal(s) // the other way to escape it
		require.NoError(t, err)
		require.NoError(t, wire.Decode(ascii, &text))
		require.Equal(t, s, string(text))
	})
}

// What a double writes is read only if it is the integer itself.
func TestIntNeverRounds(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		whole := rapid.Int64Range(-1<<53, 1<<53).Draw(t, "whole")
		for _, verb := range []byte{'e', 'f'} {
			var got wire.Int
			literal := strconv.FormatFloat(float64(whole), verb, -1, 64)
			if err := wire.Decode([]byte(literal), &got); err != nil {
				t.Fatalf("%s: %v", literal, err)
			}
			require.EqualValues(t, whole, got, literal)
		}
		var got wire.Int
		part := rapid.IntRange(1, 999).Draw(t, "part")
		require.Error(t, wire.Decode(fmt.Appendf(nil, "%d.%03d", whole, part), &got))
	})
}
