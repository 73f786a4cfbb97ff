package yunjian_test

import (
	"encoding/json"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/internal/optest"
	"github.com/orgbridge/orgbridge/yunjian"
)

func TestHandlerRefusesWhatIsNoRequest(t *testing.T) {
	t.Parallel()
	h := newHandler(t, func(c *yunjian.HandlerConfig) { c.MaxBody = 100 << 10 })
	good := pushBody(login(t, h, vectorTime), "[]")
	with := func(method, path, contentType, body string) *http.Request {
		r := httptest.NewRequestWithContext(t.Context(), method, path, strings.NewReader(body))
		if contentType != "" {
			r.Header.Set("Content-Type", contentType)
		}
		return r
	}
	const js = "application/json"
	cut := with("POST", "/users", js, "")
	cut.Body = io.NopCloser(iotest.ErrReader(io.ErrUnexpectedEOF))
	for name, c := range map[string]struct {
		r    *http.Request
		want int
	}{
		"other path":           {with("POST", "/other", js, good), 404},
		"GET":                  {with("GET", "/users", js, ""), 405},
		"GET session":          {with("GET", "/session", js, ""), 405},
		"XML":                  {with("POST", "/users", "application/xml", good), 415},
		"form":                 {with("POST", "/users", "application/x-www-form-urlencoded", "a=b"), 400},
		"broken content type":  {with("POST", "/users", "application/json/x", good), 415},
		"multipart":            {with("POST", "/users", "multipart/form-data; boundary=x", good), 415},
		"multipart session":    {with("POST", "/session", "multipart/form-data; boundary=x", vectorBody), 415},
		"too large":            {with("POST", "/users", js, good+strings.Repeat(" ", 100<<10)), 413},
		"session too large":    {with("POST", "/session", js, vectorBody+strings.Repeat(" ", 64<<10)), 413},
		"cut":                  {cut, 400},
		"empty":                {with("POST", "/users", js, ""), 400},
		"half":                 {with("POST", "/users", js, good[:len(good)-1]), 400},
		"two":                  {with("POST", "/users", js, good+good), 400},
		"HTML":                 {with("POST", "/users", js, "<html>"), 400},
		"not UTF-8":            {with("POST", "/users", js, strings.Replace(good, "U001", "\xd5\xc5", 1)), 400},
		"list":                 {with("POST", "/users", js, "[]"), 400},
		"session is an object": {with("POST", "/users", js, `{"sessionId":{},"data":[]}`), 400},
		"no data":              {with("POST", "/users", js, strings.Replace(good, `"data":[]`, `"x":1`, 1)), 400},
		"data null":            {with("POST", "/users", js, strings.Replace(good, `[]`, `null`, 1)), 400},
		"data an object":       {with("POST", "/users", js, strings.Replace(good, `[]`, `{}`, 1)), 400},
		"rows of nothing":      {with("POST", "/users", js, strings.Replace(good, `[]`, "["+strings.Repeat("0,", 30_000)+"0]", 1)), 413},
		"deep":                 {with("POST", "/users", js, strings.Repeat(`{"data":[`, 10_000)), 400},
		"many fields":          {with("POST", "/session", js, "{"+manyFields(65)+"}"), 400},
		"session a list":       {with("POST", "/session", js, "[1]"), 400},
		"session empty":        {with("POST", "/session", js, ""), 400},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			status, answer := do(h, c.r)
			assert.Equal(t, c.want, status)
			var a struct{ ResCode any }
			require.NoError(t, json.Unmarshal([]byte(answer), &a))
			if c.r.URL.Path == "/session" {
				assert.Equal(t, "10001", a.ResCode)
			} else {
				assert.EqualValues(t, 10001, a.ResCode)
				assert.Contains(t, answer, `"data":[]`)
			}
		})
	}
	for _, contentType := range []string{
		"", js + ";charset=UTF-8", js + "; charset=utf8", "Application/JSON;", "text/json", "text/plain;charset=UTF-8",
		"application/vnd.tmc+json", "application/x-www-form-urlencoded", // what HttpURLConnection says if nobody tells it
	} {
		status, answer := do(h, with("POST", "/users", contentType, good))
		assert.Equal(t, 200, status, contentType)
		assert.Equal(t, 10000, decodePush(t, answer).ResCode, contentType)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, with("GET", "/users", js, ""))
	assert.Equal(t, "POST", w.Header().Get("Allow"))
	assert.Equal(t, "no-store", w.Header().Get("Cache-Control"))
	status, _ := do(h.Users(), with("POST", "/anywhere", "application/json; charset=UTF-8", "\ufeff"+good))
	assert.Equal(t, http.StatusOK, status)
	status, _ = do(h.Session(), with("POST", "/anywhere", "text/json; charset=utf8", vectorBody))
	assert.Equal(t, http.StatusOK, status)
}

func manyFields(n int) string {
	var fields []string
	for i := range n {
		fields = append(fields, `"f`+string(rune(0x4e00+i))+`":1`)
	}
	return strings.Join(fields, ",")
}

// sessionMark in a hostile body becomes a session that is good, so that the
// body gets as far as it can.
const sessionMark = "SESSION"

func hostileBodies() []string {
	good := pushBody(sessionMark, "["+row(map[string]string{"cardInfo": `[{"cardType":"x","cardTypeId":"1","cardNo":"2"}]`, "extraInfo": `{"a":[1]}`})+"]")
	return []string{
		good, vectorBody, pushBody(sessionMark, "[]"), pushBody(sessionMark, "[null,1,\"x\",[],{}]"),
		"", " ", "null", "0", "[]", "{}", "{", `"`, "\x00", "\xff\xfe", "<html>", "{\"data\":",
		strings.Repeat("[", 20_000), strings.Repeat(`{"data":[`, 5_000), pushBody(sessionMark, strings.Repeat("[", 9_000)+strings.Repeat("]", 9_000)),
		pushBody(sessionMark, "["+strings.Repeat("{},", 1000)+"{}]"),
		pushBody(sessionMark, `[`+row(map[string]string{"userNo": strings.Repeat("9", 10_000)})+`]`),
		pushBody(sessionMark, `[`+row(map[string]string{"userNo": `1e999999999`, "userId": `-0`})+`]`),
		pushBody(sessionMark, `[`+row(map[string]string{"isLeave": `1e5`, "birthday": `"9999-99-99"`})+`]`),
		pushBody(sessionMark, `[{"userNo":1,"userNo":{},"userNo":"2","USERNO":3,"isLeave":true,"isLeave":{}}]`),
		pushBody(sessionMark, `[{"userNo":"\ud800","fullName":"\u0000","mobile":"\uffff","isLeave":"Y","extraInfo":{"\ud800":"\ud800"}}]`),
		`{"sessionId":"SESSION","companyId":{"a":1},"data":[{}]}`, `{"sessionId":"SESSION","companyId":1e400,"data":[{}]}`,
		`{"account":null,"secret":null,"timestamp":null,"sign":null}`,
		`{"account":"demo","account":"demo2","secret":"pw","timestamp":1618708800000,"sign":""}`,
		`{"timestamp":99999999999999999999999}`, `{"timestamp":-161870880000}`, `{"timestamp":1618708800000,"sign":{"sign":1}}`,
	}
}

// checkHostile sends a body to both endpoints and checks what holds whatever
// it is.
func checkHostile(t testing.TB, h *yunjian.Handler, session, body string) {
	t.Helper()
	body = strings.ReplaceAll(body, sessionMark, session)
	for _, path := range []string{"/session", "/users"} {
		status, answer := post(t, h, path, body)
		var a struct {
			ResCode json.RawMessage
			Data    json.RawMessage
		}
		if status < 200 || status > 499 || json.Unmarshal([]byte(answer), &a) != nil || len(a.ResCode) == 0 {
			t.Fatalf("%s answered HTTP %d with %d bytes", path, status, len(answer))
		}
		// The longest answer to the shortest row is some 30 times as long.
		if len(answer) > 1000+100*len(body) {
			t.Fatalf("%s answered %d bytes to %d", path, len(answer), len(body))
		}
	}
}

func FuzzHandler(f *testing.F) {
	for _, body := range hostileBodies() {
		f.Add(body)
	}
	h := newHandler(f, nil)
	session := login(f, h, vectorTime)
	f.Fuzz(func(t *testing.T, body string) { checkHostile(t, h, session, body) })
}

func TestHandlerSurvivesMutatedBodies(t *testing.T) {
	t.Parallel()
	h := newHandler(t, nil)
	session := login(t, h, vectorTime)
	random := rand.New(rand.NewPCG(1, 2))
	var seeds []string
	for _, s := range hostileBodies() {
		checkHostile(t, h, session, s)
		if len(s) < 2000 {
			seeds = append(seeds, s)
		}
	}
	for range 10_000 {
		body := []byte(seeds[random.IntN(len(seeds))])
		for range 1 + random.IntN(4) {
			body = mutate(random, body, seeds)
		}
		checkHostile(t, h, session, string(body))
	}
}

func mutate(random *rand.Rand, body []byte, seeds []string) []byte {
	const alphabet = "{}[]\",:0123456789.eE+-tfnull \\u\x00\x7f\xff"
	if len(body) == 0 {
		return []byte{alphabet[random.IntN(len(alphabet))]}
	}
	at := random.IntN(len(body))
	end := at + random.IntN(len(body)-at)
	switch random.IntN(5) {
	case 0: // change a byte
		body[at] = alphabet[random.IntN(len(alphabet))]
	case 1: // drop a part
		body = append(body[:at:at], body[end:]...)
	case 2: // double a part
		body = append(body[:end:end], body[at:]...)
	case 3: // put in a part of another one
		other := seeds[random.IntN(len(seeds))]
		body = append(body[:at:at], append([]byte(other[:random.IntN(len(other)+1)]), body[at:]...)...)
	case 4: // swap a value for another kind
		kinds := []string{"null", "{}", "[]", `""`, "1e400", "true", "-1"}
		body = []byte(strings.Replace(string(body), string(body[at:end]), kinds[random.IntN(len(kinds))], 1))
	}
	return body
}

func TestNewHandlerChecksItsConfig(t *testing.T) {
	t.Parallel()
	_, err := yunjian.NewHandler(yunjian.HandlerConfig{
		Access:      yunjian.NewAccess("", "", ""),
		SessionPath: "session", SyncPath: "session", SessionTTL: -1, TimestampWindow: -1, MaxBody: -1, MaxMemory: -1,
		BodyTimeout: -1, InvalidSessionCode: 10000,
	})
	require.ErrorIs(t, err, yunjian.ErrInvalid)
	for _, field := range []string{
		"Access.account", "Access.secret", "Access.signKey", "Sync", "SessionPath", "SyncPath",
		"SessionTTL", "TimestampWindow", "MaxBody", "MaxMemory", "BodyTimeout", "InvalidSessionCode",
	} {
		assert.ErrorContains(t, err, field)
	}
	_, err = yunjian.NewHandler(yunjian.HandlerConfig{})
	require.ErrorIs(t, err, yunjian.ErrInvalid)
	for _, c := range []struct {
		maxBody, maxMemory int64
		says               string
	}{
		{0, 0, ""}, {100 << 20, 0, ""}, {0, 1 << 20, ""}, {1 << 20, 6 << 20, ""},
		{1 << 20, 6<<20 - 1, "MaxMemory is less than 6 times MaxBody"}, {0, mib - 1, "MaxMemory is less than 1 MiB"},
	} {
		_, err = yunjian.NewHandler(yunjian.HandlerConfig{
			Access: yunjian.NewAccess("a", "b", "c"), Sync: syncOK, MaxBody: c.maxBody, MaxMemory: c.maxMemory,
		})
		if c.says == "" {
			require.NoError(t, err, "%+v", c)
			continue
		}
		require.ErrorContains(t, err, c.says)
	}
	_, err = yunjian.NewHandler(yunjian.HandlerConfig{Access: yunjian.NewAccess("a\n", "b&c=d", "c&d=e"), Sync: syncOK})
	require.ErrorContains(t, err, "Access.account")
	require.ErrorContains(t, err, "Access.secret")
	require.NotContains(t, err.Error(), "b&c", "the value")
	require.NotContains(t, err.Error(), "signKey")
}

func TestAccessIsSilent(t *testing.T) {
	t.Parallel()
	a := yunjian.NewAccess(account, optest.Secret, optest.SignKey)
	optest.Silent(t, "access", a)
	config := yunjian.HandlerConfig{Access: a}
	optest.Silent(t, "config", config)
	h, err := yunjian.NewHandler(yunjian.HandlerConfig{Access: a, Sync: syncOK})
	require.NoError(t, err)
	optest.Silent(t, "handler", h)
	b, err := json.Marshal(a)
	require.NoError(t, err)
	optest.NoCanary(t, "JSON", string(b))
}
