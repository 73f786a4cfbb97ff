package wire_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/orgbridge/orgbridge/internal/wire"
)

type document struct {
	embedded

	Success wire.Bool `json:"success"`
	Code    wire.Text `json:"code"`
	Data    struct {
		Total   wire.Int `json:"total"`
		Persons []struct {
			Name  string           `json:"name"`
			Depts []int            `json:"depts"`
			Extra map[string]int   `json:"extra"`
			Phone wire.Opt[string] `json:"phone"`
		} `json:"persons"`
	} `json:"data"`
}

type embedded struct {
	Inner wire.Int `json:"inner"`
	Never int      `json:"-"`
	Own   picky    `json:"own"`
	Plain *bool
}

// picky refuses with an error of its own, which quotes what it saw.
type picky struct{}

func (*picky) UnmarshalJSON(b []byte) error { return fmt.Errorf("picky: %s", b) }

// named refuses with the field's name.
type named struct{}

func (*named) UnmarshalJSON([]byte) error {
	return fmt.Errorf("wrapped: %w", &wire.DecodeError{Field: "data.date", Problem: "is not a date"})
}

func TestDecodeProblems(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		answer    string
		into      any
		problem   string
		truncated bool
	}{
		"empty":                {"", &document{}, "is empty", true},
		"blank":                {" \r\n\t", &document{}, "is empty", true},
		"only a BOM":           {"\xef\xbb\xbf", &document{}, "is empty", true},
		"HTML":                 {"<html>13812345678</html>", &document{}, "is HTML, not JSON", false},
		"XML behind space":     {"\n <?xml?>", &document{}, "is HTML, not JSON", false},
		"GBK":                  {"{\"code\":\"\xd5\xc5\xc8\xfd\"}", &document{}, "is not UTF-8", false},
		"words":                {"Bad Gateway 13812345678", &document{}, "is not JSON", false},
		"cut object":           {`{"success":true`, &document{}, "is cut off", true},
		"cut string":           {`{"code":"138123`, &document{}, "is cut off", true},
		"cut within \\u":       {`{"code":"\u5f`, &document{}, "is cut off", true},
		"cut literal":          {`{"success":tr`, &document{}, "is cut off", true},
		"cut array":            {`{"data":{"persons":[{"name":"a"},`, &document{}, "is cut off", true},
		"cut after a key":      {`{"data"`, &document{}, "is cut off", true},
		"two documents":        {`{"success":true}{"success":true}`, &document{}, "is not JSON", false},
		"document and text":    {`{"success":true} 13812345678`, &document{}, "is not JSON", false},
		"document and a start": {`{"success":true} {`, &document{}, "is not JSON", false},
		"trailing comma":       {`{"success":true,}`, &document{}, "is not JSON", false},
		"no pointer":           {`{}`, document{}, "has nowhere to go: not a pointer", false},
		"nil":                  {`{}`, nil, "has nowhere to go: not a pointer", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := wire.Decode([]byte(c.answer), c.into)
			var bad *wire.DecodeError
			require.ErrorAs(t, err, &bad)
			assert.Equal(t, c.problem, bad.Problem)
			assert.Equal(t, c.truncated, bad.Truncated())
			assert.Empty(t, bad.Field)
			assert.Equal(t, "answer: "+c.problem, err.Error())
		})
	}
}

func TestDecodeNamesTheField(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ answer, field, problem string }{
		"text for a list":   {`{"data":{"persons":"13812345678"}}`, `^data\.persons$`, "cannot be read as an array"},
		"number for text":   {`{"data":{"persons":[{"name":13812345678}]}}`, `^data\.persons\.name$`, "cannot be read as text"},
		"text in numbers":   {`{"data":{"persons":[{"depts":[1,"13812345678"]}]}}`, `^data\.persons\.depts$`, "cannot be read as an integer"},
		"text for a record": {`{"data":"13812345678"}`, `^data$`, "cannot be read as an object"},
		"a scalar of ours":  {`{"data":{"total":"13812345678x"}}`, `^data\.total$`, "cannot be read as an integer"},
		"a flag of ours":    {`{"success":"13812345678"}`, `^success$`, "cannot be read as true or false"},
		"an option":         {`{"data":{"persons":[{"phone":{"a":"13812345678"}}]}}`, `^data\.persons\.phone$`, "cannot be read as text"},
		"an embedded one":   {`{"inner":"13812345678x"}`, `^inner$`, "cannot be read as an integer"},
		"a foreign error":   {`{"own":"13812345678"}`, `^own$`, "cannot be read as what is documented"},
		"another case":      {`{"DATA":{"TOTAL":true}}`, `^data\.total$`, "cannot be read as an integer"},
		"without a tag":     {`{"plain":"13812345678"}`, `^Plain$`, "cannot be read as true or false"},
		"no object":         {`["13812345678"]`, `^$`, "cannot be read as an object"},
		"the value of a map": {`{"data":{"persons":[{"extra":{"张三":"13812345678"}}]}}`, `^data\.persons\.extra\.\*$`,
			"cannot be read as an integer"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got document
			err := wire.Decode([]byte(c.answer), &got)
			var bad *wire.DecodeError
			require.ErrorAs(t, err, &bad)
			assert.Regexp(t, c.field, bad.Field)
			assert.Equal(t, c.problem, bad.Problem)
			assert.NotContains(t, err.Error(), "13812")
			assert.NotContains(t, err.Error(), "张")
			if bad.Field != "" {
				assert.Equal(t, fmt.Sprintf("answer field %q: %s", bad.Field, bad.Problem), err.Error())
			}
		})
	}
}

func TestDecodeKeepsAnOwnError(t *testing.T) {
	t.Parallel()
	err := wire.Decode([]byte(`{"X":"20260101"}`), &struct{ X named }{})
	var bad *wire.DecodeError
	require.ErrorAs(t, err, &bad)
	assert.Equal(t, "data.date", bad.Field)
}

func TestDecodeIsTolerant(t *testing.T) {
	t.Parallel()
	var got document
	require.NoError(t, wire.Decode([]byte("\xef\xbb\xbf \n{\"unknown\":[{}],\"success\":\"1\",\"code\":100,\"data\":{\"persons\":null}}\n "), &got))
	assert.True(t, bool(got.Success))
	assert.Equal(t, wire.Text("100"), got.Code)
	assert.Empty(t, got.Data.Persons)
}

func TestKindsInWords(t *testing.T) {
	t.Parallel()
	for want, into := range map[string]any{
		"text":               new(string),
		"true or false":      new(bool),
		"an integer":         new(uint8),
		"a number":           new(float64),
		"an array":           new([2]int),
		"an object":          new(map[string]int),
		"what is documented": new(chan int),
	} {
		literal := `{"a":1}`
		if want == "an object" {
			literal = `[1]`
		}
		err := wire.Decode([]byte(literal), into)
		require.Error(t, err)
		assert.Contains(t, err.Error(), want)
	}
}

func TestEncode(t *testing.T) {
	t.Parallel()
	b, err := wire.Encode(map[string]string{"name": "研发 <A&B> 部"})
	require.NoError(t, err)
	assert.Equal(t, `{"name":"研发 <A&B> 部"}`, string(b))

	_, err = wire.Encode(map[string]any{"13812345678": make(chan int)})
	require.Error(t, err)
	assert.NotContains(t, err.Error(), "138")
}

func TestDecodeUndoesEncode(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		want := rapid.MapOf(rapid.String(), rapid.String()).Draw(t, "map")
		b, err := wire.Encode(want)
		require.NoError(t, err)
		require.False(t, strings.HasSuffix(string(b), "\n"))
		got := map[string]string{}
		require.NoError(t, wire.Decode(b, &got))
		require.Equal(t, want, got)
	})
}

// FuzzDecode feeds arbitrary answers: never a panic, never an error without
// kind, never a piece of the content in its text.
func FuzzDecode(f *testing.F) {
	for _, seed := range []string{
		``, `null`, `"13812345678"`, `{"success":"Y","code":100,"data":{"total":"1e3","persons":[{"name":"张三","phone":"13812345678"}]}}`,
		`{"data":{"persons":[{"extra":{"13812345678":"x"}}]}}`, `{"data":{"total":"secret-value"}}`, "\xef\xbb\xbf{}", `<html>`, `[`, `{"code":"\ud800"}`,
		"{\"code\":\"\xff\"}", `{"data":{"total":1e999999999}}`, `{"DATA":{"PERSONS":[{"EXTRA":{"secret-value":{}}}]}}`,
	} {
		f.Add([]byte(seed))
	}
	// Every text that an error may consist of.
	names := regexp.MustCompile(`^$|^(success|code|inner|own|Plain|data|persons|total|name|depts|extra|phone|\*|\.)+$`)
	problems := regexp.MustCompile(`^(is (empty|cut off|HTML, not JSON|not UTF-8|not JSON)|` +
		`cannot be read as (text|true or false|an integer|an array|an object|what is documented))$`)
	f.Fuzz(func(t *testing.T, answer []byte) {
		var got document
		err := wire.Decode(answer, &got)
		if err == nil {
			if !json.Valid([]byte(strings.TrimPrefix(strings.TrimSpace(string(answer)), "\xef\xbb\xbf"))) {
				t.Fatal("accepted what is not JSON")
			}
			return
		}
		bad, ok := errors.AsType[*wire.DecodeError](err)
		if !ok {
			t.Fatalf("%T", err)
		}
		if !names.MatchString(bad.Field) || !problems.MatchString(bad.Problem) {
			t.Fatalf("%q quotes the input", err)
		}
	})
}
