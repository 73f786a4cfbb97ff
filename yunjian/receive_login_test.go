package yunjian_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/yunjian"
)

const vectorBody = `{"account":"demo","platform":"tmc","secret":"pw","source":"tmc","timestamp":1618708800000,"userNo":"U001","sign":"` + vectorSign + `"}`

func TestSessionOfTheWorkedVector(t *testing.T) {
	t.Parallel()
	h := newHandler(t, nil)
	status, answer := post(t, h, "/session", vectorBody)
	require.Equal(t, http.StatusOK, status)
	var a map[string]any
	require.NoError(t, json.Unmarshal([]byte(answer), &a))
	assert.Equal(t, "10000", a["resCode"], "a String here")
	assert.Equal(t, "success", a["resMsg"])
	assert.Len(t, a["sessionId"], 43, "256 bits in base64")
	assert.InDelta(t, vectorTime.Add(2*time.Hour).UnixMilli(), a["timeLimit"], 0)
	assert.NotEqual(t, login(t, h, vectorTime), a["sessionId"])
}

// The signature is over what was sent, whatever its form.
func TestSessionTakesEveryFormOfTheSameParameters(t *testing.T) {
	t.Parallel()
	base := `"account":"demo","secret":"pw","timestamp":1618708800000`
	plain := map[string]string{"account": "demo", "secret": "pw", "timestamp": "1618708800000"}
	with := func(name, value string) map[string]string {
		m := map[string]string{name: value}
		maps.Copy(m, plain)
		return m
	}
	for name, c := range map[string]struct {
		fields string
		signed map[string]string
	}{
		"timestamp as string":        {`"account":"demo","secret":"pw","timestamp":"1618708800000"`, plain},
		"unknown parameter":          {base + `,"tenant":"t"`, with("tenant", "t")},
		"large number":               {base + `,"userId":12345678901234567890`, with("userId", "12345678901234567890")},
		"number with fraction":       {base + `,"userId":1.50`, with("userId", "1.50")},
		"boolean":                    {base + `,"test":true`, with("test", "true")},
		"Chinese":                    {base + `,"source":"云简"`, with("source", "云简")},
		"escaped":                    {base + `,"source":"\u4e91\u7b80 & <b>"`, with("source", "云简 & <b>")},
		"null left out":              {base + `,"userId":null`, plain},
		"null as empty":              {base + `,"userId":null`, with("userId", "")},
		"null as Java prints it":     {base + `,"userId":null`, with("userId", "null")},
		"empty left out":             {base + `,"userNo":""`, plain},
		"empty signed":               {base + `,"userNo":""`, with("userNo", "")},
		"null left out, empty not":   {base + `,"userNo":"","userId":null`, with("userNo", "")},
		"white space around scalars": {` "account" : "demo" , "secret" : "pw" , "timestamp" : 1618708800000 , "userId" : null `, plain},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, answer := post(t, newHandler(t, nil), "/session",
				fmt.Sprintf(`{%s,"sign":"%s"}`, c.fields, yunjian.Sign(signKey, c.signed)))
			assert.Contains(t, answer, `"resCode":"10000"`)
		})
	}
}

func TestSessionRefuses(t *testing.T) {
	t.Parallel()
	good := func(changes map[string]any) string {
		fields := map[string]any{"account": account, "secret": secret, "timestamp": vectorTime.UnixMilli()}
		maps.Copy(fields, changes)
		return signed(t, fields)
	}
	for name, c := range map[string]struct{ body, code string }{
		"wrong sign":         {strings.Replace(vectorBody, vectorSign, strings.Repeat("0", 32), 1), "10002"},
		"upper-case sign":    {strings.Replace(vectorBody, vectorSign, strings.ToUpper(vectorSign), 1), "10002"},
		"no sign":            {`{"account":"demo","secret":"pw","timestamp":1618708800000}`, "10002"},
		"changed parameter":  {strings.Replace(vectorBody, "U001", "U002", 1), "10002"},
		"wrong account":      {good(map[string]any{"account": "demo2"}), "10002"},
		"wrong secret":       {good(map[string]any{"secret": "pw2"}), "10002"},
		"account of objects": {`{"account":{"a":1},"secret":"pw","timestamp":1618708800000}`, "10001"},
		"no timestamp":       {`{"account":"demo","secret":"pw"}`, "10003"},
		"seconds":            {good(map[string]any{"timestamp": vectorTime.Unix()}), "10003"},
		"text as timestamp":  {good(map[string]any{"timestamp": "1618708800abc"}), "10003"},
		"too old":            {good(map[string]any{"timestamp": vectorTime.Add(-5*time.Minute - time.Millisecond).UnixMilli()}), "10003"},
		"too new":            {good(map[string]any{"timestamp": vectorTime.Add(5*time.Minute + time.Millisecond).UnixMilli()}), "10003"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			status, answer := post(t, newHandler(t, nil), "/session", c.body)
			assert.Less(t, status, 500)
			assert.Contains(t, answer, `"resCode":"`+c.code+`"`)
			assert.NotContains(t, answer, "sessionId")
			assert.NotContains(t, answer, "timeLimit")
			if c.code != "10001" {
				assert.Equal(t, http.StatusOK, status)
			}
		})
	}
}

func TestSessionTakesTheEdgeOfTheWindow(t *testing.T) {
	t.Parallel()
	h := newHandler(t, func(c *yunjian.HandlerConfig) { c.TimestampWindow = time.Minute })
	for _, off := range []time.Duration{-time.Minute, time.Minute} {
		login(t, h, vectorTime.Add(off))
	}
}

func TestSessionEndsAtItsTimeLimit(t *testing.T) {
	t.Parallel()
	now := vectorTime.Add(700 * time.Microsecond)
	h := newHandler(t, func(c *yunjian.HandlerConfig) {
		c.SessionTTL = time.Hour
		c.Now = func() time.Time { return now }
	})
	body := pushBody(login(t, h, now), "["+row(nil)+"]")
	now = vectorTime.Add(time.Hour - time.Millisecond)
	_, answer := post(t, h, "/users", body)
	assert.Equal(t, 10000, decodePush(t, answer).ResCode)
	now = vectorTime.Add(time.Hour)
	status, answer := post(t, h, "/users", body)
	assert.Equal(t, http.StatusOK, status)
	assert.Equal(t, yunjian.CodeSession, decodePush(t, answer).ResCode)
}
