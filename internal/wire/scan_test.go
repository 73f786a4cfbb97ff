package wire_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/orgbridge/orgbridge/internal/wire"
)

// tree reads any document with a scanner: objects, arrays, and all scalars as text.
func tree(s *wire.Scanner) any {
	switch s.Kind() {
	case '{':
		object := map[string]any{}
		for more := s.Begin('{'); more; more = s.More('}') {
			key := string(s.Key())
			object[key] = tree(s)
		}
		return object
	case '[':
		array := []any{}
		for more := s.Begin('['); more; more = s.More(']') {
			array = append(array, tree(s))
		}
		return array
	case 'n':
		s.Null()
		return nil
	}
	return s.Text("value", wire.Lenient)
}

// texts turns what encoding/json made of a document into what tree does.
func texts(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for key, value := range v {
			v[key] = texts(value)
		}
	case []any:
		for i, value := range v {
			v[i] = texts(value)
		}
	case bool:
		if v {
			return "true"
		}
		return "false"
	case json.Number:
		if v == "-0" || strings.ContainsAny(v.String(), ".eE") {
			whole, _ := new(big.Rat).SetString(v.String()) // 1.0 is 1
			return whole.Num().String()
		}
		return v.String()
	case string:
		tidied, _ := wire.Tidy(v)
		return tidied
	}
	return v
}

// agree compares the scanner with encoding/json. They differ in what has a problem:
// fractions, and texts with half a character.
func agree(t require.TestingT, document []byte) {
	s := wire.NewScanner(document)
	s.Skip()
	err := s.End()
	trimmed := bytes.TrimSpace(bytes.TrimPrefix(document, []byte("\xef\xbb\xbf")))
	valid := json.Valid(trimmed) && string(bytes.ToValidUTF8(trimmed, []byte("?"))) == string(trimmed)
	require.Equal(t, valid, err == nil, "%q: %v", document, err)
	if err != nil {
		_, isDecodeError := err.(*wire.DecodeError) //nolint:errorlint // it is returned as it is
		require.True(t, isDecodeError)
		return
	}
	s = wire.NewScanner(document)
	got := tree(s)
	require.NoError(t, s.End())
	if _, problem := s.Problem(); problem != "" {
		return
	}
	d := json.NewDecoder(bytes.NewReader(trimmed))
	d.UseNumber()
	var want any
	require.NoError(t, d.Decode(&want))
	require.Equal(t, texts(want), got, "%q", document)
}

func documents() []string {
	return []string{
		``, ` `, `{`, `}`, `{}`, `[]`, `[`, `[1`, `[1,`, `[1,]`, `{"a"`, `{"a":`, `{"a":1`, `{"a":1,`, `{"a":1,}`, `{,}`, `[,]`,
		`{"a" 1}`, `{"a":1 "b":2}`, `{1:2}`, `{"a":1}x`, `[] []`, `nul`, `null`, `nulL`, `true`, `tru`, `fals`, `false`, `n`,
		`0`, `-0`, `-`, `01`, `1.`, `.1`, `1.0`, `1e`, `1e+`, `1e+5`, `1E-5`, `-1.5e3`, `+1`, `1.2.3`, `0x1`, `Infinity`,
		`"`, `"a`, `"a"`, `"\"`, `"\\"`, `"\q"`, `"\u12"`, `"\u12g4"`, `"\u0041"`, `"\ud842\udfb7"`, `"\ud842"`, `"\udfb7\ud842"`,
		"\"\n\"", "\"\x00\"", "\"\x7f\"", "\"\xff\"", "\"a\u200bb\"", "\"\ufeffa\"", "\"12345678\"", "\"1234567\\\"\"", "\"1234567\x1f\"",
		"\xef\xbb\xbf{}", "\t\r\n [ 1 , 2 ] \n", "\v1", "\u00a01", `<html>`, `{"a":{"b":[{},[],"",0,null,true]}}`, `{"":""}`, `{"a":1,"a":2}`,
		`["张三","李四𠮷","é"]`, strings.Repeat("[", 10_000) + strings.Repeat("]", 10_000), strings.Repeat("[", 10_001) + strings.Repeat("]", 10_001),
	}
}

func TestScannerAgreesWithEncodingJSON(t *testing.T) {
	t.Parallel()
	for _, document := range documents() {
		agree(t, []byte(document))
	}
	rapid.Check(t, func(t *rapid.T) {
		b, err := json.Marshal(map[string]any{
			rapid.String().Draw(t, "key"): []any{
				rapid.String().Draw(t, "text"), rapid.Int64().Draw(t, "n"), rapid.Bool().Draw(t, "flag"),
			},
		})
		require.NoError(t, err)
		if i := rapid.IntRange(0, len(b)).Draw(t, "cut"); rapid.Bool().Draw(t, "cuts") {
			b = b[:i]
		}
		agree(t, b)
	})
}

// FuzzScanner: a scanner takes what encoding/json takes, and reads the same.
func FuzzScanner(f *testing.F) {
	for _, document := range documents() {
		if len(document) < 1000 {
			f.Add([]byte(document))
		}
	}
	f.Fuzz(func(t *testing.T, document []byte) { agree(t, document) })
}

// FuzzScannerText: a text is what encoding/json makes of it, cleaned.
func FuzzScannerText(f *testing.F) {
	for _, s := range []string{``, `a`, `\u0041\n`, `\ud842\udfb7`, `\ud842`, "张\u200b三", `\u0000a\u0007`, "\u00ad", `\"\\\/\b\f\n\r\t`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		document := []byte(`"` + s + `"`)
		var want string
		if json.Unmarshal(document, &want) != nil || strings.Contains(want, "\ufffd") {
			return
		}
		scanner := wire.NewScanner(document)
		got := scanner.Text("f", wire.Strict)
		require.NoError(t, scanner.End())
		tidied, control := wire.Tidy(want)
		if control {
			field, problem := scanner.Problem()
			assert.Equal(t, "f holds a control character", field+" "+problem)
			return
		}
		assert.Equal(t, tidied, got)
		assert.True(t, scanner.Sound())
	})
}

// The table of odd inputs, for one text.
func TestScannerText(t *testing.T) {
	t.Parallel()
	for literal, want := range map[string]string{
		`"张三"`: "张三", `"\u5f20\u4e09"`: "张三", `"\ud842\udfb7"`: "𠮷", `""`: "", `null`: "", `true`: "true", `false`: "false",
		`0`: "0", `-7`: "-7", `9007199254740993`: "9007199254740993", `18446744073709551616`: "18446744073709551616",
		`91228.0`: "91228", `9.1E4`: "91000", `1.38E10`: "13800000000", `1.3812345678E+10`: "13812345678", `-0.0`: "0", `9223372036854775807.0`: "9223372036854775807",
		`-0`: "0", `20000e-2`: "200", `-120E-1`: "-12", `0E100`: "0", `0.00e-7`: "0", `0.0912280e+6`: "91228",
		`"91228.0"`: "91228.0", `"9.1E4"`: "9.1E4",
		`" a "`: " a ", `"\u0000a\u0007"`: "a", `"\na\t"`: "a", "\"\u200ba\ufeffb\u2060\"": "ab", "\"\x7fa\u0085\"": "a", "\"\u2028a\u00ad\"": "a", `"\ufeff"`: "",
		"\"é“x”…、。!\"": "é“x”…、。!", `"\ufffd"`: "\ufffd",
	} {
		s := wire.NewScanner([]byte(literal))
		assert.Equal(t, want, s.Text("f", wire.Strict), literal)
		require.NoError(t, s.End(), literal)
		assert.True(t, s.Sound(), literal)
	}
	for literal, want := range map[string]string{
		`1.5`: "cannot be read as text", `12e-1`: "cannot be read as text", `1e-3`: "cannot be read as text", `9223372036854775808.0`: "cannot be read as text", `1e19`: "cannot be read as text",
		`1e999999999`: "cannot be read as text", `{"a":[1]}`: "cannot be read as text", `[{}]`: "cannot be read as text",
		`"\ud842"`: "holds half a character", `"a\udfb7"`: "holds half a character", `"\ud842\u0041"`: "holds half a character", `"\ud842x"`: "holds half a character",
		`"a\u0000b"`: "holds a control character", "\"a\x7fb\"": "holds a control character", `"a\nb"`: "holds a control character", `"a\u2028b"`: "holds a control character",
	} {
		s := wire.NewScanner([]byte(`[` + literal + `,"next"]`))
		require.True(t, s.Array(""))
		assert.Empty(t, s.Text("f", wire.Strict), literal)
		require.True(t, s.More(']'))
		field, problem := s.Problem()
		assert.Equal(t, "f "+want, field+" "+problem, literal)
		assert.Equal(t, "next", s.Text("f", wire.Strict), "what follows is read")
		require.False(t, s.More(']'))
		require.NoError(t, s.End())
	}
	s := wire.NewScanner([]byte(`"a\u0000b\n"`))
	assert.Equal(t, "a\x00b", s.Text("f", wire.Lenient))
	assert.True(t, s.Sound())
}

func TestScannerNumbersAndFlags(t *testing.T) {
	t.Parallel()
	type number struct {
		n   int64
		set bool
	}
	for literal, want := range map[string]number{
		`100e-2`: {1, true}, `0E100`: {0, true}, `-0.0e-5`: {0, true}, `-0`: {0, true}, `" 42 "`: {42, true}, `"007"`: {7, true}, `"1."`: {1, true}, `1E+3`: {1000, true}, `-1.50e1`: {-15, true}, `0.1e1`: {1, true},
		`9007199254740993`: {9007199254740993, true}, `"9007199254740993"`: {9007199254740993, true}, `1.6187088E12`: {1618708800000, true},
		`9223372036854775807.00`: {math.MaxInt64, true}, `-9223372036854775808`: {math.MinInt64, true},
		`7`: {7, true}, `"7"`: {7, true}, `1.0`: {1, true}, `"1E3"`: {1000, true}, `0.0`: {0, true}, `10000.0`: {10000, true}, `null`: {}, `""`: {}, `" "`: {},
	} {
		s := wire.NewScanner([]byte(literal))
		n, set := s.Int("f")
		assert.Equal(t, want, number{n, set}, literal)
		assert.True(t, s.Sound(), literal)
	}
	type flag struct{ value, set bool }
	for literal, want := range map[string]flag{
		`"TRUE"`: {true, true}, `" Yes "`: {true, true}, `"N"`: {false, true}, `"0"`: {false, true},
		`true`: {true, true}, `"Y"`: {true, true}, `1`: {true, true}, `1.0`: {true, true}, `0.0`: {false, true}, `-0.0`: {false, true}, `100e-2`: {true, true}, `"no"`: {false, true}, `null`: {}, `""`: {},
	} {
		s := wire.NewScanner([]byte(literal))
		value, set := s.Flag("f")
		assert.Equal(t, want, flag{value, set}, literal)
		assert.True(t, s.Sound(), literal)
	}
	for _, literal := range []string{
		`1e-3`, `1.5e0`, `-9223372036854775809`, `1e19`, `9.3e18`, `1e999999999`, `123456e99999999999999`, `"0x10"`, `"1_000"`, `"1,000"`,
		`"13812345678a"`, `".5"`, `"e5"`, `"1e"`, `"--1"`, `"1.-5e2"`, `"null"`, `"NaN"`, `"geheim"`, `1.5`, `{}`, `["1"]`, `9223372036854775808`,
	} {
		s := wire.NewScanner([]byte(literal))
		s.Int("f")
		field, problem := s.Problem()
		assert.Equal(t, "f cannot be read as an integer", field+" "+problem, literal)
		s = wire.NewScanner([]byte(literal))
		s.Flag("f")
		field, problem = s.Problem()
		assert.Equal(t, "f cannot be read as true or false", field+" "+problem, literal)
	}
}

// What a double writes is read only if it is the integer itself.
func TestIntegersAreNeverRounded(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		whole := rapid.Int64Range(-1<<53, 1<<53).Draw(t, "whole")
		for _, verb := range []byte{'e', 'f'} {
			literal := strconv.FormatFloat(float64(whole), verb, -1, 64)
			n, set := wire.NewScanner([]byte(literal)).Int("f")
			require.True(t, set, literal)
			require.Equal(t, whole, n, literal)
		}
		s := wire.NewScanner(fmt.Appendf(nil, "%d.%03d", whole, rapid.IntRange(1, 999).Draw(t, "part")))
		s.Int("f")
		require.False(t, s.Sound())
	})
}

// Keys match exactly, escapes in them are resolved, and a second one is a problem.
func TestScannerKeys(t *testing.T) {
	t.Parallel()
	s := wire.NewScanner([]byte(`{"Status":"0","\u0073tatus":"1","STATUS":2,"status":"3"}`))
	var seen wire.Seen
	var got []string
	for more := s.Object(""); more; more = s.More('}') {
		if string(s.Key()) != "status" {
			s.Skip()
			continue
		}
		seen.Once(s, 0, "status")
		got = append(got, s.Text("status", wire.Strict))
	}
	require.NoError(t, s.End())
	assert.Equal(t, []string{"1", "3"}, got)
	field, problem := s.Problem()
	assert.Equal(t, "status occurs twice", field+" "+problem)
	seen.Need(s, 1, "other")
	sound := s.Sound()
	s.Within(sound, "never")
	field, problem = s.Problem()
	assert.Equal(t, "other is missing", field+" "+problem)
}

// After an error nothing is read, and nothing loops.
func TestScannerEndsAtAnError(t *testing.T) {
	t.Parallel()
	s := wire.NewScanner([]byte(`{"a":?,"b":1}`))
	for more := s.Object(""); more; more = s.More('}') {
		s.Key()
		s.Skip()
	}
	assert.True(t, s.Failed())
	require.EqualError(t, s.End(), "answer: is not JSON")
	assert.Zero(t, s.Rest())
	assert.Zero(t, s.Kind())
	assert.Nil(t, s.Key())
	assert.False(t, s.Begin('['))
	s.Skip()
	assert.Empty(t, s.Text("f", wire.Strict))
	s = wire.NewScanner([]byte(`[1]`))
	assert.False(t, s.Begin('{'), "a caller who did not ask what comes")
	require.Error(t, s.End())
}

// Values neither point into the document nor keep more than a block of it.
func TestScannerValuesStandAlone(t *testing.T) {
	t.Parallel()
	document := []byte(`["` + strings.Repeat("a", 9000) + `","b","` + strings.Repeat("c", 100_000) + `",1,true]`)
	s := wire.NewScanner(document)
	var got []string
	for more := s.Array(""); more; more = s.More(']') {
		got = append(got, s.Text("f", wire.Strict))
	}
	require.NoError(t, s.End())
	clear(document)
	assert.Equal(t, []string{strings.Repeat("a", 9000), "b", strings.Repeat("c", 100_000), "1", "true"}, got)
}
