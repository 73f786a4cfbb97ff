package yunjian_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/orgbridge/orgbridge/yunjian"
)

// What is signed is a list of parameters, each of them once, under a name.
func TestParametersThatCannotBeSigned(t *testing.T) {
	t.Parallel()
	const base = `"account":"demo","secret":"pw","timestamp":1618708800000`
	plain := map[string]string{"account": "demo", "secret": "pw", "timestamp": "1618708800000"}
	sign := func(more ...string) string {
		params := map[string]string{"account": "demo", "secret": "pw", "timestamp": "1618708800000"}
		for i := 0; i < len(more); i += 2 {
			params[more[i]] = more[i+1]
		}
		return `,"sign":"` + yunjian.Sign(signKey, params) + `"`
	}
	for name, c := range map[string]struct{ body, code string }{
		"keys out of order":           {`{"timestamp":1618708800000,"secret":"pw","account":"demo"` + sign() + `}`, "10000"},
		"sign first":                  {`{` + sign()[1:] + `,` + base + `}`, "10000"},
		"key with escapes":            {`{"\u0061ccount":"demo","secret":"pw","timestamp":1618708800000` + sign() + `}`, "10000"},
		"account twice":               {`{` + base + `,"account":"demo"` + sign() + `}`, "10001"},
		"account twice, once escaped": {`{` + base + `,"\u0061ccount":"demo"` + sign() + `}`, "10001"},
		"sign twice":                  {`{` + base + sign() + sign() + `}`, "10001"},
		"unknown twice":               {`{` + base + `,"x":1,"x":1` + sign("x", "1") + `}`, "10001"},
		"empty name":                  {`{` + base + `,"":"x"` + sign("", "x") + `}`, "10001"},
		"name with =":                 {`{` + base + `,"x=y":"x"` + sign("x=y", "x") + `}`, "10001"},
		"name with &":                 {`{` + base + `,"x&y":"x"` + sign("x&y", "x") + `}`, "10001"},
		"name with a control":         {`{` + base + `,"x\u0000":"x"` + sign("x\x00", "x") + `}`, "10001"},
		"name with half a character":  {`{` + base + `,"\ud842":"x"` + sign("\ufffd", "x") + `}`, "10001"},
		"value with half a character": {`{` + base + `,"source":"\ud842"` + sign("source", "\ufffd") + `}`, "10001"},
		"value with a control":        {`{` + base + `,"source":"tm\u0080c"` + sign("source", "tm\u0080c") + `}`, "10001"},
		"value with a line break":     {`{` + base + `,"source":"tmc\n"` + sign("source", "tmc\n") + `}`, "10001"},
		"value with a parameter":      {`{` + base + `,"source":"tmc&x=1"` + sign("source", "tmc&x=1") + `}`, "10001"},
		"value with =":                {`{` + base + `,"source":"tmc=="` + sign("source", "tmc==") + `}`, "10000"},
		"value with &":                {`{` + base + `,"source":"a=b & c"` + sign("source", "a=b & c") + `}`, "10000"},
		"signKey is sent":             {`{` + base + `,"signKey":"k1"` + sign() + `}`, "10001"},
		"Sign":                        {`{` + base + strings.Replace(sign(), "sign", "Sign", 1) + `}`, "10002"},
		"Account":                     {`{"Account":"demo","secret":"pw","timestamp":1618708800000,"sign":"` + yunjian.Sign(signKey, map[string]string{"Account": "demo", "secret": "pw", "timestamp": "1618708800000"}) + `"}`, "10002"},
		"sign in capitals":            {`{` + base + `,"sign":"` + strings.ToUpper(yunjian.Sign(signKey, plain)) + `"}`, "10002"},
		"sign with a blank":           {`{` + base + `,"sign":"` + yunjian.Sign(signKey, plain) + ` "}`, "10002"},
		"sign is null":                {`{` + base + `,"sign":null}`, "10002"},
		"unsigned":                    {`{` + base + `,"x":"1"` + sign() + `}`, "10002"},
		"unsigned and empty":          {`{` + base + `,"x":""` + sign() + `}`, "10002"},
		"unsigned and null":           {`{` + base + `,"x":null` + sign() + `}`, "10002"},
		"documented and null":         {`{` + base + `,"userId":null,"userNo":"","source":null,"platform":""` + sign() + `}`, "10000"},
		"signed without being sent":   {`{` + base + sign("x", "1") + `}`, "10002"},
		"timestamp as a double":       {`{"account":"demo","secret":"pw","timestamp":1.6187088E12` + sign("timestamp", "1.6187088E12") + `}`, "10000"},
		"timestamp as a quoted one":   {`{"account":"demo","secret":"pw","timestamp":"1618708800000.0"` + sign("timestamp", "1618708800000.0") + `}`, "10003"},
		"timestamp with a fraction":   {`{"account":"demo","secret":"pw","timestamp":1618708800000.5` + sign("timestamp", "1618708800000.5") + `}`, "10003"},
		"timestamp is null":           {`{"account":"demo","secret":"pw","timestamp":null` + sign("timestamp", "") + `}`, "10003"},
		"a form":                      {`account=demo&secret=pw&timestamp=1618708800000`, "10001"},
		"parameters in a list":        {`[{` + base + sign() + `}]`, "10001"},
		"parameters in a text":        {`"{}"`, "10001"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, answer := post(t, newHandler(t, nil), "/session", c.body)
			assert.Contains(t, answer, `"resCode":"`+c.code+`"`)
		})
	}
}

// A login that is sent again, by anyone who has seen it, is the session that it was.
func TestAReplayedLoginIsTheSameSession(t *testing.T) {
	t.Parallel()
	now := vectorTime
	h := newHandler(t, func(c *yunjian.HandlerConfig) { c.Now = func() time.Time { return now } })
	_, first := post(t, h, "/session", vectorBody)
	own := login(t, h, now)
	for range 1000 {
		now = now.Add(time.Millisecond)
		status, again := post(t, h, "/session", vectorBody)
		if status != http.StatusOK || again != first {
			t.Fatal("a replay is another session")
		}
	}
	_, answer := post(t, h, "/users", pushBody(own, "[]"))
	assert.Contains(t, answer, `"resCode":10000`)

	now = vectorTime.Add(5*time.Minute + time.Millisecond)
	_, answer = post(t, h, "/session", vectorBody)
	assert.Contains(t, answer, `"resCode":"10003"`)
}

// Logins of 云简 itself, a new one for each push, end neither the session that others use nor
// one that was there before.
func TestAFloodOfLoginsEndsNoSessionInUse(t *testing.T) {
	t.Parallel()
	h := newHandler(t, nil)
	push := func(session string) string {
		_, answer := post(t, h, "/users", pushBody(session, "[]"))
		return answer
	}
	own := login(t, h, vectorTime)
	_, answer := post(t, h, "/session", vectorBody)
	other := answer[strings.Index(answer, `"sessionId":"`)+13:][:43]
	assert.Contains(t, push(own), `"resCode":10000`)
	for i := range 10_100 {
		_, answer := post(t, h, "/session", signed(t, map[string]any{
			"account": account, "secret": secret, "timestamp": vectorTime.UnixMilli(), "userId": i,
		}))
		if !strings.Contains(answer, `"10000"`) {
			t.Fatal(answer)
		}
	}
	assert.Contains(t, push(own), `"resCode":10000`)
	assert.Contains(t, push(other), `"resCode":10000`)
}

// An ended session cannot be had again by the login that it came from.
func TestAReplayDoesNotProlongASession(t *testing.T) {
	t.Parallel()
	now := vectorTime
	h := newHandler(t, func(c *yunjian.HandlerConfig) {
		c.SessionTTL = time.Minute
		c.Now = func() time.Time { return now }
	})
	_, answer := post(t, h, "/session", vectorBody)
	assert.Contains(t, answer, `"resCode":"10000"`)
	now = now.Add(time.Minute)
	_, answer = post(t, h, "/session", vectorBody)
	assert.Contains(t, answer, `"resCode":"10003"`)
	assert.NotContains(t, answer, "sessionId")
}
