package optest

import (
	"encoding/json"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/url"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"
	"unicode/utf16"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// spellings are the ways in which a vendor may repeat what it was sent.
func spellings() map[string]func(string) string {
	each := func(change func(r rune) string) func(string) string {
		return func(s string) string {
			var b strings.Builder
			for _, r := range s {
				b.WriteString(change(r))
			}
			return b.String()
		}
	}
	followed := func(by string) func(string) string {
		return each(func(r rune) string { return string(r) + by })
	}
	wide := each(func(r rune) string {
		if r > ' ' && r <= '~' {
			r += '！' - '!'
		}
		return string(r)
	})
	percent := each(func(r rune) string { return strings.ToLower(fmt.Sprintf("%%%X", []byte(string(r))[:1])) + rest(r) })
	return map[string]func(string) string{
		"as it is":           func(s string) string { return s },
		"upper case":         strings.ToUpper,
		"lower case":         strings.ToLower,
		"full width":         wide,
		"full width, spaced": func(s string) string { return followed("　")(wide(s)) },
		"spaced":             followed(" "),
		"two blanks":         followed("  "),
		"no-break spaces":    followed("\u00a0"),
		"dashes":             followed("-"),
		"long dashes":        followed("–"),
		"dots":               followed("·"),
		"zero width":         followed("\u200b"),
		"zero width joiners": followed("\u200d\u2060"),
		"variation selector": followed("\ufe0f"),
		"percent":            percent,
		"percent twice":      func(s string) string { return url.QueryEscape(percent(s)) },
		"JavaScript":         each(func(r rune) string { return units(r, "%%u%04x") }),
		"JSON escapes":       each(func(r rune) string { return units(r, `\u%04x`) }),
		"JSON escapes twice": each(func(r rune) string { return units(r, `\\u%04X`) }),
		"HTML":               each(func(r rune) string { return "&#" + strconv.Itoa(int(r)) + ";" }),
		"line breaks":        followed("\n"),
	}
}

func rest(r rune) (escaped string) {
	for _, c := range []byte(string(r))[1:] {
		escaped += fmt.Sprintf("%%%02x", c)
	}
	return escaped
}

func units(r rune, format string) (escaped string) {
	for _, u := range utf16.Encode([]rune{r}) {
		escaped += fmt.Sprintf(format, u)
	}
	return escaped
}

// sweepSpellings lets the vendor repeat every canary that a call sent, or that its
// token was got with, in every spelling: in a refusal, and if the vendor has one, in
// the message of a single record.
func (s Suite) sweepSpellings(t *testing.T, op Op) {
	var known []canary
	s.run(t.Context(), op, func(r *http.Request) (*http.Response, error) {
		known = s.known(r)
		return answer(http.StatusNotFound, "")(r)
	})
	for name, spell := range spellings() {
		for kind, wrap := range map[string]func(string) string{"refusal": s.Refuse, "record": op.Row} {
			if wrap == nil {
				continue
			}
			got := s.run(t.Context(), op, func(r *http.Request) (*http.Response, error) {
				var all []string
				for _, c := range known {
					all = append(all, spell(c.value))
				}
				resp, err := answer(http.StatusOK, wrap(inJSON("无效 "+strings.Join(all, " / ")+" bad")))(r)
				for i, name := range []string{"X-Request-Id", "X-Trace-Id", "X-Correlation-Id", "Eagleeye-Traceid", "X-Tt-Logid", "X-Amzn-Trace-Id", "Cf-Ray"} {
					if i < len(all) {
						resp.Header.Set(name, all[i])
					}
				}
				return resp, err
			})
			require.Error(t, got.err)
			for _, text := range append(texts(reflect.ValueOf(got.result)), got.err.Error(), got.text.String()) {
				for _, c := range known {
					assert.NotContains(t, bare(text), bare(c.value), "%s that quotes the %s: %s", kind, c.kind, name)
				}
			}
		}
	}
}

// known lists the canaries that a request holds, or was made possible by.
func (s Suite) known(r *http.Request) (known []canary) {
	body := ""
	if r.Body != nil {
		b, _ := io.ReadAll(r.Body)
		body = string(b)
		if form, err := url.QueryUnescape(body); err == nil {
			body += form
		}
	}
	query, _ := url.QueryUnescape(r.URL.RawQuery)
	for _, c := range canaries() {
		if slices.Contains(s.Behind, c.value) || strings.Contains(query+body+fmt.Sprint(r.Header), c.value) {
			known = append(known, c)
		}
	}
	return known
}

// inJSON returns text as it stands within the quotes of a JSON string.
func inJSON(text string) string {
	b, _ := json.Marshal(text) // a string
	return string(b[1 : len(b)-1])
}

// texts lists what the vendor says somewhere within a result.
func texts(v reflect.Value) (all []string) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			all = texts(v.Elem())
		}
	case reflect.Slice:
		for i := range v.Len() {
			all = append(all, texts(v.Index(i))...)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			field, name := v.Field(i), v.Type().Field(i).Name
			switch {
			case !v.Type().Field(i).IsExported():
			case name == "Message" || name == "Description" || name == "Messages" || name == "Code" || name == "RequestID":
				all = append(all, fmt.Sprint(field.Interface()))
			default:
				all = append(all, texts(field)...)
			}
		}
	default:
	}
	return all
}

var escapes = regexp.MustCompile(`(?i)%u[0-9a-f]{4}|\\+u[0-9a-f]{4}|(?:%[0-9a-f]{2})+`)

// bare is text without escapes, width, case and whatever is neither letter nor digit.
func bare(text string) string {
	for range 3 {
		text = escapes.ReplaceAllStringFunc(html.UnescapeString(text), func(e string) string {
			if i := strings.IndexAny(e, "uU"); i >= 0 {
				n, _ := strconv.ParseUint(e[i+1:], 16, 16)
				return string(rune(n))
			}
			plain, _ := url.PathUnescape(e)
			return plain
		})
	}
	return strings.Map(func(r rune) rune {
		if r >= '！' && r <= '～' {
			r -= '！' - '!'
		}
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			return -1
		}
		return unicode.ToLower(r)
	}, text)
}
