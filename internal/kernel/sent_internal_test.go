package kernel

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// Whatever encoding/json finds in a document is found.
func FuzzJSONValues(f *testing.F) {
	for _, seed := range []string{
		`{"a":[1,"b",true,null],"c":{"d":13800000001}}`, `"x"`, ` -1.5e+3 `, `{"a" : "b\"c\\" ,"d"	:"\u5f20三"}`, `["a:b",":",{"":""}]`, `{"a":"b"`, "null",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		values := jsonValues(body)
		if !json.Valid(body) {
			if values != nil {
				t.Fatal(values)
			}
			return
		}
		var doc any
		dec := json.NewDecoder(bytes.NewReader(body))
		dec.UseNumber()
		if dec.Decode(&doc) != nil || !utf8.Valid(body) {
			return
		}
		for _, want := range leaves(doc) {
			if !slices.Contains(values, want) {
				t.Fatalf("%q is not among %q", want, values)
			}
		}
	})
}

func leaves(doc any) (values []string) {
	switch v := doc.(type) {
	case string:
		return []string{v}
	case json.Number:
		return []string{v.String()}
	case []any:
		for _, e := range v {
			values = append(values, leaves(e)...)
		}
	case map[string]any:
		for _, e := range v {
			values = append(values, leaves(e)...)
		}
	}
	return values
}

// A refusal of a long chunk is worth one look at it, not a copy of every value.
func BenchmarkSentValues(b *testing.B) {
	body := []byte(`{"data":[` + strings.Repeat(`{"name":"张三","mobile":"13800000001","age":30},`, 2000) + `{}]}`)
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		SentValues("application/json", body)
	}
}
