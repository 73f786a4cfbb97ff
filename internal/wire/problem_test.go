package wire_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/internal/wire"
)

// What is wrong with a document as a whole.
func TestProblemsOfDocuments(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		document, problem string
		truncated         bool
	}{
		"empty":                {"", "is empty", true},
		"blank":                {" \r\n\t", "is empty", true},
		"only a BOM":           {"\xef\xbb\xbf", "is empty", true},
		"HTML":                 {"<html>13812345678</html>", "is HTML, not JSON", false},
		"XML behind space":     {"\n <?xml?>", "is HTML, not JSON", false},
		"GBK":                  {"{\"code\":\"\xd5\xc5\xc8\xfd\"}", "is not UTF-8", false},
		"UTF-16":               {"\xff\xfe{\x00}\x00", "is not UTF-8", false},
		"UTF-16 without a BOM": {"{\x00}\x00", "is not JSON", false},
		"words":                {"Bad Gateway 13812345678", "is not JSON", false},
		"cut object":           {`{"success":true`, "is cut off", true},
		"cut string":           {`{"code":"138123`, "is cut off", true},
		"cut within \\u":       {`{"code":"\u5f`, "is cut off", true},
		"cut literal":          {`{"success":tr`, "is cut off", true},
		"cut array":            {`{"data":{"persons":[{"name":"a"},`, "is cut off", true},
		"cut after a key":      {`{"data"`, "is cut off", true},
		"two documents":        {`{"success":true}{"success":true}`, "is not JSON", false},
		"document and text":    {`{"success":true} 13812345678`, "is not JSON", false},
		"document and a start": {`{"success":true} {`, "is not JSON", false},
		"trailing comma":       {`{"success":true,}`, "is not JSON", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := wire.NewScanner([]byte(c.document))
			s.Skip()
			err := s.End()
			var bad *wire.DecodeError
			require.ErrorAs(t, err, &bad)
			assert.Equal(t, c.problem, bad.Problem)
			assert.Equal(t, c.truncated, bad.Truncated())
			assert.Empty(t, bad.Field)
			assert.Equal(t, "answer: "+c.problem, err.Error())
		})
	}
	err := &wire.DecodeError{Field: "data.total", Problem: "is missing"}
	assert.Equal(t, `answer field "data.total": is missing`, err.Error())
}

// The problems of a part are its own, and those around it stay.
func TestScannerApart(t *testing.T) {
	t.Parallel()
	s := wire.NewScanner([]byte(`[{},1.5,"a",{}]`))
	require.True(t, s.Array(""))
	s.Text("first", wire.Strict)
	require.True(t, s.More(']'))
	bad := s.Apart(func() { s.Text("second", wire.Strict) })
	require.NotNil(t, bad)
	assert.Equal(t, `answer field "second": cannot be read as text`, bad.Error())
	require.True(t, s.More(']'))
	assert.Nil(t, s.Apart(func() { assert.Equal(t, "a", s.Text("third", wire.Strict)) }))
	require.True(t, s.More(']'))
	assert.Empty(t, s.Remark(), "an object says nothing, and is no problem")
	require.False(t, s.More(']'))
	field, problem := s.Problem()
	assert.Equal(t, "first cannot be read as text", field+" "+problem)
	require.NoError(t, s.End())
}

// An id that came back is what was sent, whatever characters it has.
func TestScannerVerbatim(t *testing.T) {
	t.Parallel()
	for literal, want := range map[string]string{
		`"` + "\u200b" + `a\u0000b "`: "\u200ba\x00b ", `"\u0000a\ud842\udfb7\t"`: "\x00a𠮷\t", `17`: "17", `1.7e1`: "17", `true`: "true", `null`: "",
	} {
		s := wire.NewScanner([]byte(literal))
		assert.Equal(t, want, s.Verbatim("f"), literal)
		require.NoError(t, s.End())
		assert.True(t, s.Sound())
	}
	s := wire.NewScanner([]byte(`"\ud842"`))
	assert.Empty(t, s.Verbatim("f"))
	field, problem := s.Problem()
	assert.Equal(t, "f holds half a character", field+" "+problem)
}
