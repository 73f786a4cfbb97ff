package yunjian_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"net/http/httptest"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/yunjian"
)

func packed(t testing.TB, text string) string {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, err := io.WriteString(w, text)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return b.String()
}

func utf16Of(text string, mark bool, high, low int) string {
	var b []byte
	if mark {
		text = "\ufeff" + text
	}
	for _, unit := range utf16.Encode([]rune(text)) {
		pair := [2]byte{}
		pair[high], pair[low] = byte(unit>>8), byte(unit&0xff)
		b = append(b, pair[0], pair[1])
	}
	return string(b)
}

// What surrounds a push does not matter where the push can be read, and is named where not.
func TestWhatSurroundsABody(t *testing.T) {
	t.Parallel()
	h := newHandler(t, func(c *yunjian.HandlerConfig) { c.MaxBody = 1 * mib })
	users := pushBody(login(t, h, vectorTime), "["+row(nil)+"]")
	gbk := strings.ReplaceAll(users, "张三", "\xd5\xc5\xc8\xfd")
	require.NotEqual(t, users, gbk)
	for name, c := range map[string]struct {
		contentType, encoding, body string
		status                      int
		says                        string
	}{
		"BOM":                            {"application/json", "", "\ufeff" + users, 200, "success"},
		"BOM and white space":            {"application/json", "", "\ufeff\r\n " + users + "\n", 200, "success"},
		"charset GBK, but UTF-8":         {"application/json;charset=GBK", "", users, 200, "success"},
		"charset ISO-8859-1, but UTF-8":  {"text/plain; charset=ISO-8859-1", "", users, 200, "success"},
		"charset without a value":        {"application/json; charset", "", users, 200, "success"},
		"charset in quotes":              {`application/json; charset="utf-8"`, "", users, 200, "success"},
		"gzip":                           {"application/json", "gzip", packed(t, users), 200, "success"},
		"gzip of a BOM":                  {"application/json", "x-gzip", packed(t, "\ufeff"+users), 200, "success"},
		"gzip without a header":          {"application/json", "", packed(t, users), 200, "success"},
		"gzip that is none":              {"application/json", "gzip", users, 200, "success"},
		"gzip in two parts":              {"application/json", "gzip", packed(t, users[:50]) + packed(t, users[50:]), 200, "success"},
		"identity":                       {"application/json", "identity", users, 200, "success"},
		"deflate":                        {"application/json", "deflate", users, 415, "gzip"},
		"br":                             {"application/json", "br", users, 415, "gzip"},
		"gzip, cut":                      {"application/json", "gzip", packed(t, users)[:60], 400, "ended early"},
		"gzip without its sum":           {"application/json", "gzip", packed(t, users)[:len(packed(t, users))-4], 400, "ended early"},
		"gzip, head only":                {"application/json", "gzip", "\x1f\x8b", 400, "ended early"},
		"gzip, broken":                   {"application/json", "gzip", packed(t, users)[:30] + strings.Repeat("\xff", 30), 400, "ended early"},
		"gzip twice":                     {"application/json", "gzip", packed(t, packed(t, users)), 400, "not in UTF-8"},
		"gzip of a long body":            {"application/json", "gzip", packed(t, strings.Repeat(" ", 2*mib)), 413, "too large"},
		"gzip of a long push":            {"application/json", "gzip", packed(t, users[:len(users)-1]+strings.Repeat(" ", 2*mib)+"}"), 413, "too large"},
		"gzip of nothing, over and over": {"application/json", "gzip", strings.Repeat(packed(t, ""), 40_000), 400, "documented"},
		"GBK":                            {"application/json;charset=GBK", "", gbk, 400, "not in UTF-8"},
		"GBK without a header":           {"application/json", "", gbk, 400, "not in UTF-8"},
		"GB18030 in gzip":                {"application/json", "gzip", packed(t, gbk), 400, "not in UTF-8"},
		"UTF-16, little endian":          {"application/json", "", utf16Of(users, true, 1, 0), 400, "UTF-16"},
		"UTF-16, big endian":             {"application/json", "", utf16Of(users, true, 0, 1), 400, "UTF-16"},
		"UTF-16 without a mark":          {"application/json;charset=utf-16", "", utf16Of(users, false, 1, 0), 400, "UTF-16"},
		"UTF-16 without a mark, big":     {"application/json", "", utf16Of(users, false, 0, 1), 400, "UTF-16"},
		"empty":                          {"application/json", "", "", 400, "documented"},
		"a BOM alone":                    {"application/json", "", "\ufeff", 400, "documented"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, chunked := range []bool{false, true} {
				r := request(t, "/users", c.body)
				if chunked {
					r.ContentLength = -1
				}
				r.Header.Set("Content-Type", c.contentType)
				r.Header.Set("Content-Encoding", c.encoding)
				w := httptest.NewRecorder()
				h.ServeHTTP(w, r)
				assert.Equal(t, c.status, w.Code)
				a := decodePush(t, w.Body.String())
				assert.Contains(t, a.ResMsg, c.says)
				assert.Equal(t, c.status == 200, a.ResCode == yunjian.CodeOK)
				assert.Equal(t, c.status != 200, a.ResCode == yunjian.CodeRequest)
			}
		})
	}
	for _, body := range []string{"\ufeff" + vectorBody, packed(t, vectorBody)} {
		_, answer := post(t, h, "/session", body)
		assert.Contains(t, answer, `"10000"`)
	}
	_, answer := post(t, h, "/session", utf16Of(vectorBody, true, 1, 0))
	assert.Contains(t, answer, "UTF-16")
	var a struct{ ResCode, ResMsg string }
	require.NoError(t, json.Unmarshal([]byte(answer), &a))
	assert.Equal(t, "10001", a.ResCode)
}

// The answer says what in the request cannot be read, not what it holds.
func TestEnvelopeProblemsAreNamed(t *testing.T) {
	t.Parallel()
	h := newHandler(t, nil)
	session := login(t, h, vectorTime)
	for body, says := range map[string]string{
		`{"sessionId":"` + session + `","sessionId":"` + session + `","data":[]}`:   "sessionId occurs twice",
		`{"sessionId":"` + session + `","data":[],"data":[]}`:                       "data occurs twice",
		`{"sessionId":"` + session + `","data":[],"account":{}}`:                    "account cannot be read as text",
		`{"sessionId":"` + session + `","data":[],"account":"\ud842"}`:              "account holds half a character",
		`{"sessionId":"` + session + `","data":[],"companyId":1,"companyId":1}`:     "companyId occurs twice",
		`{"sessionId":"` + session + `"}`:                                           "data is not a list",
		`{"sessionId":"` + session + `","Data":[]}`:                                 "data is not a list",
		`{"sessionId":"` + session + `","data":null}`:                               "data is not a list",
		`{"sessionId":"` + session + `","data":{"userNo":1}}`:                       "data is not a list",
		`{"sessionId":"` + session + `","data":"[]"}`:                               "data is not a list",
		`{"sessionId":"` + session + `","data":[` + row(nil) + `,]}`:                "body is not the documented JSON",
		`{"sessionId":"` + session + `","data":[` + row(nil) + `]`:                  "body is not the documented JSON",
		`{"sessionId":"` + session + `","data":[` + row(nil) + " " + row(nil) + `]`: "body is not the documented JSON",
		`[{"sessionId":"` + session + `","data":[]}]`:                               "body is not the documented JSON",
	} {
		status, answer := post(t, h, "/users", body)
		assert.Equal(t, 400, status, body)
		assert.Equal(t, says, decodePush(t, answer).ResMsg, body)
	}
}
