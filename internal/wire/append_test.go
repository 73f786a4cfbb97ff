package wire_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/orgbridge/orgbridge/internal/civil"
	"github.com/orgbridge/orgbridge/internal/optest"
	"github.com/orgbridge/orgbridge/internal/wire"
)

// odd is every kind of character that JSON treats in its own way.
var odd = []string{
	"", "张三", "a\"b\\c/", "\x00\x01\b\t\n\v\f\r\x1f\x7f", "<a&b>", "\u2028\u2029\u2027", "\xff", "张\xe5\xbc", "\xe5", "\xed\xa0\x80",
	"\xe3\x80", "\xe3\x80\x80\xec\xbf\xbf\xed\x80\x80", "\xf0\x9f\x98\x80", "\xf0\x9f\x98", "\xc0\x80", "\ufffd", "\ufeff", "é\xe9",
}

// What the versions of encoding/json spell differently.
func TestAppendStringSpelling(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]string{
		"张\xe5\xbc":             `"张\ufffd\ufffd"`,
		"\ufffd":                "\"\ufffd\"",
		"\u2028\u2029<&>\x00\n": `"\u2028\u2029<&>\u0000\n"`,
	} {
		assert.Equal(t, want, string(wire.AppendString(nil, s)))
	}
}

func FuzzAppendString(f *testing.F) {
	for _, s := range odd {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		want, err := wire.Encode(s)
		require.NoError(t, err)
		require.Equal(t, optest.Spelling(want), optest.Spelling(wire.AppendString(nil, s)))
	})
}

func FuzzAppendRaw(f *testing.F) {
	for _, s := range []string{
		` { "a" : [ 1 , "b \" c" , { } ] } `, `"\\"`, `{"a":"\\\""} `, "null", "1e5", "{", "", `{"a":1}x`, "\t[\r\n]", "\"\u2028 <&>\"",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		raw := json.RawMessage(s)
		got, ok := wire.AppendRaw([]byte("x"), raw)
		if len(raw) == 0 {
			require.False(t, ok)
			return
		}
		want, err := wire.Encode(raw)
		require.Equal(t, err == nil, ok)
		require.Equal(t, "x"+optest.Spelling(want), optest.Spelling(got))
	})
}

// Every field that a record can have, as encoding/json writes it.
func TestAppendFields(t *testing.T) {
	t.Parallel()
	type fields struct {
		Text   string           `json:"text"`
		Int    int64            `json:"int"`
		Flag   bool             `json:"flag"`
		Text0  string           `json:"text0,omitzero"`
		Int0   int64            `json:"int0,omitzero"`
		OptS   wire.Opt[string] `json:"optS,omitzero"`
		OptI   wire.Opt[int]    `json:"optI,omitzero"`
		OptL   wire.Opt[int64]  `json:"optL,omitzero"`
		OptB   wire.Opt[bool]   `json:"optB,omitzero"`
		Texts  []string         `json:"texts"`
		Nested struct{}         `json:"nested"`
	}
	texts := rapid.SampledFrom(odd)
	numbers := rapid.OneOf(rapid.Just(int64(0)), rapid.Int64())
	rapid.Check(t, func(t *rapid.T) {
		v := fields{
			Text: texts.Draw(t, "text"), Int: numbers.Draw(t, "int"), Flag: rapid.Bool().Draw(t, "flag"),
			Text0: texts.Draw(t, "text0"), Int0: numbers.Draw(t, "int0"),
			OptS: opt(t, texts), OptI: opt(t, rapid.Int()), OptL: opt(t, numbers), OptB: opt(t, rapid.Bool()),
			Texts: rapid.SliceOf(texts).Draw(t, "texts"),
		}
		want, err := wire.Encode(v)
		require.NoError(t, err)
		b := []byte("before")
		start := len(b)
		b = wire.AppendText(b, `,"text":`, v.Text)
		b = wire.AppendInt(b, `,"int":`, v.Int)
		b = wire.AppendBool(b, `,"flag":`, v.Flag)
		b = wire.AppendNonzeroText(b, `,"text0":`, v.Text0)
		b = wire.AppendNonzeroInt(b, `,"int0":`, v.Int0)
		b = wire.AppendOptText(b, `,"optS":`, v.OptS)
		b = wire.AppendOptInt(b, `,"optI":`, v.OptI)
		b = wire.AppendOptInt(b, `,"optL":`, v.OptL)
		b = wire.AppendOptBool(b, `,"optB":`, v.OptB)
		b = wire.AppendTexts(append(b, `,"texts":`...), v.Texts)
		b = append(b, `,"nested":`...)
		b = wire.CloseObject(b, len(b))
		require.Equal(t, "before"+optest.Spelling(want), optest.Spelling(wire.CloseObject(b, start)))
	})
}

func opt[T any](t *rapid.T, values *rapid.Generator[T]) wire.Opt[T] {
	if rapid.Bool().Draw(t, "set") {
		return wire.Set(values.Draw(t, "value"))
	}
	return wire.Opt[T]{}
}

// Eight bytes at a time, every byte at every place.
func TestAppendStringInWords(t *testing.T) {
	t.Parallel()
	for c := range 256 {
		for at := range 17 {
			s := []byte("0123456789abcdef!")
			s[at] = byte(c)
			want, err := wire.Encode(string(s))
			require.NoError(t, err)
			require.Equal(t, optest.Spelling(want), optest.Spelling(wire.AppendString(nil, string(s))))
		}
	}
}

func TestAppendDate(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := civil.Date{
			Year:  rapid.IntRange(-1, 10001).Draw(t, "year"),
			Month: time.Month(rapid.IntRange(-1, 13).Draw(t, "month")),
			Day:   rapid.IntRange(-1, 32).Draw(t, "day"),
		}
		for separator, text := range map[string]string{"": d.Compact(), "-": d.String()} {
			want, valid := "x", d.IsZero() || d.IsValid()
			if valid {
				want += `"` + text + `"`
			}
			got, ok := wire.AppendDate([]byte("x"), d, separator)
			require.Equal(t, valid, ok)
			require.Equal(t, want, string(got))
		}
	})
	got, ok := wire.AppendDate(nil, civil.Date{}, "-")
	assert.True(t, ok)
	assert.Equal(t, `""`, string(got))
}

func TestAppendingDoesNotAllocate(t *testing.T) { //nolint:paralleltest // AllocsPerRun forbids it
	b := make([]byte, 0, 1<<10)
	name, raw := "张三 \"x\" zhangsan@example.com", json.RawMessage(`{ "a" : [ 1, 2 ] }`)
	assert.Zero(t, testing.AllocsPerRun(100, func() {
		b = wire.AppendText(b[:0], `,"name":`, name)
		b = wire.AppendOptText(b, `,"mail":`, wire.Set(name))
		b, _ = wire.AppendDate(b, civil.Date{Year: 2026, Month: 2, Day: 28}, "-")
		b, _ = wire.AppendRaw(b, raw)
	}))
}
