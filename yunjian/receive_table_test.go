package yunjian_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/internal/optest"
	"github.com/orgbridge/orgbridge/yunjian"
)

// texts are the fields of a row that hold optional texts.
func texts() []string {
	return []string{
		"departmentName", "departmentCode", "costCenterName", "costCenterCode", "branchName", "branchCode", "gender",
		"emailAddress", "level", "levelName", "levelCode", "nationality", "surname", "givenName",
	}
}

// Each field, each way of not being readable: the row fails by the field's name, and its
// neighbours arrive.
func TestUnreadableFieldsAreNamed(t *testing.T) {
	t.Parallel()
	odd := map[string][]string{
		"userNo":   {`{}`, `[]`, `true`, `91228.5`, `1e-1`, `9.99e18`, `"\ud842"`, `"\udfb7x"`, `"a\u0000b"`, `"a\nb"`},
		"userId":   {`{}`, `[1]`, `false`, `7.5`, `99999999999999999999`, `1e19`, `"7.0"`, `"7e0"`, `"abc"`, `"\ud842"`, `"7\u00008"`},
		"fullName": {`{}`, `["x"]`, `true`, `1.5`, `"\ud842"`, `"\ud842\ud842"`, `"张\u2028三"`, `"张\u0007三"`},
		"mobile":   {`{}`, `[]`, `false`, `1.38000000015E1`, `"138\u00000000001"`, `"\udfb7"`},
		"isLeave":  {`{}`, `[]`, `2`, `0.5`, `-1`, `"x"`, `"离职"`, `"1.0"`, `"\ud842"`},
		"birthday": {`{}`, `[]`, `true`, `19971110`, `879091200000`, `"1997-02-30"`, `"1997/11/10"`, `"1997-11-10 00:00:00"`, `"1997-11-1"`},
		"cardInfo": {`{}`, `"[]"`, `1`, `[null]`, `[[]]`, `["x"]`, `[{"cardType":"x","cardTypeId":1,"cardNo":"1"},null]`},
		"cardInfo.cardTypeId": {
			`[{"cardType":"x","cardTypeId":{},"cardNo":"1"}]`, `[{"cardType":"x","cardTypeId":1.5,"cardNo":"1"}]`,
			`[{"cardType":"x","cardTypeId":"身份证","cardNo":"1"}]`, `[{"cardType":"x","cardTypeId":1,"cardTypeId":1,"cardNo":"1"}]`,
		},
		"cardInfo.cardNo": {
			`[{"cardType":"x","cardTypeId":1,"cardNo":true}]`, `[{"cardType":"x","cardTypeId":1,"cardNo":"\ud842"}]`,
			`[{"cardType":"x","cardTypeId":1,"cardNo":"1"},{"cardType":"x","cardTypeId":1,"cardNo":1.5}]`,
		},
		"cardInfo.expirationDate": {
			`[{"cardType":"x","cardTypeId":1,"cardNo":"1","expirationDate":"2030-01-01"}]`, `[{"cardType":"x","cardTypeId":1,"cardNo":"1","expirationDate":1.5}]`,
		},
	}
	for _, field := range texts() {
		odd[field] = []string{`{}`, `[]`, `0.5`, `1e19`, `"\ud842"`, `"\udfb7\ud842"`, `"a\u0000b"`, `"a\tb"`}
	}
	h := newHandler(t, nil)
	for field, values := range odd {
		top, _, _ := strings.Cut(field, ".")
		for _, value := range values {
			a := push(t, h, "["+row(nil)+","+row(map[string]string{top: value})+","+row(nil)+"]")
			require.Len(t, a.Data, 3)
			assert.Equal(t, "字段格式错误: "+field, a.Data[1]["description"], value)
			assert.Equal(t, "101", fmt.Sprint(a.Data[0]["status"], a.Data[1]["status"], a.Data[2]["status"]), value)
		}
	}
}

// Keys match exactly, once each, whatever the field.
func TestKeysMatchExactly(t *testing.T) {
	t.Parallel()
	for _, field := range append(texts(), "birthday", "extraInfo") {
		value, another := `"a"`, `{}`
		if field == "birthday" {
			value = `"1997-11-10"`
		}
		if field == "extraInfo" {
			value, another = `{}`, `1`
		}
		for _, key := range []string{strings.ToUpper(field), strings.ToLower(field), strings.ToUpper(field[:1]) + field[1:], field + " ", "_" + field} {
			if key == field {
				continue
			}
			u, answer := received(t, row(map[string]string{key: another}))
			assert.NotContains(t, answer, "description", "%s is another field than %s, whatever it holds", key, field)
			assert.Equal(t, "91228", u.UserNo)
		}
		once := row(map[string]string{field: value})
		_, answer := received(t, once[:len(once)-1]+`,"`+field+`":`+value+`}`)
		assert.Equal(t, "字段格式错误: "+field, answer["description"], "twice, although the same")
		escaped := fmt.Sprintf(`\u%04x`, field[0]) + field[1:]
		_, answer = received(t, once[:len(once)-1]+`,"`+escaped+`":`+value+`}`)
		assert.Equal(t, "字段格式错误: "+field, answer["description"], "twice, once with an escape")
	}
}

// What may be written in more than one way is read in all of them.
func TestValuesAreReadHoweverTheyAreWritten(t *testing.T) {
	t.Parallel()
	for _, value := range []string{`91228`, `91228.0`, `91228.000`, `9.1228E4`, `9.1228e+4`, `91228e0`, `"91228"`, `"\u0039\u0031228"`, `"\ufeff91228"`, `"91228\u200b"`, `"91228\r\n"`, `"\t91228"`} {
		u, answer := received(t, row(map[string]string{"userNo": value}))
		assert.Equal(t, "91228", u.UserNo, value)
		assert.NotContains(t, answer, "description", value)
		if value[0] != '"' {
			u, _ = received(t, row(map[string]string{"userNo": "", "userId": value}))
			assert.Equal(t, yunjian.Set(int64(91228)), u.UserID, value)
		}
	}
	for _, value := range []string{`"\ud842\udfb7"`, `"𠮷"`, "\"\u200b𠮷\u00ad\"", `"\u202a\ud842\udfb7\u202c"`} {
		u, _ := received(t, row(map[string]string{"fullName": value, "surname": value}))
		assert.Equal(t, "𠮷", u.FullName, value)
		assert.Equal(t, yunjian.Set("𠮷"), u.Surname, value)
	}
	for _, value := range []string{`13800000001`, `1.3800000001E10`, `13800000001.0`, `"13800000001"`, `"13800000001\u0000"`} {
		u, _ := received(t, row(map[string]string{"mobile": value}))
		assert.Equal(t, "13800000001", u.Mobile, value)
	}
	// In quotes a double is what a spreadsheet left: no id, and as a text it is itself.
	u, _ := received(t, row(map[string]string{"userNo": `"1.38E+10"`, "levelCode": `"1.0"`}))
	assert.Equal(t, "1.38E+10", u.UserNo)
	assert.Equal(t, yunjian.Set("1.0"), u.LevelCode)
	for _, odd := range []string{`[]`, `"x"`, `"{}"`, `1`, `true`, `" "`, `{"a":{"b":[1.0]}}`} {
		u, _ = received(t, row(map[string]string{"extraInfo": odd}))
		assert.Equal(t, odd, string(u.ExtraInfo), "is the caller's to understand")
	}
	u, _ = received(t, row(map[string]string{"extraInfo": `""`}))
	assert.Nil(t, u.ExtraInfo)
	u, _ = received(t, row(map[string]string{"cardInfo": `[]`}))
	assert.Empty(t, u.CardInfo)
	for _, value := range []string{`1.0`, `1e0`, `"TRUE"`, `"yes"`, `" y "`} {
		u, _ = received(t, row(map[string]string{"isLeave": value}))
		assert.True(t, u.IsLeave, value)
	}
}

// Everything that is secret or personal goes in, in requests that are taken and in ones that
// are refused. None of it comes out: only the ids of rows do.
func TestHandlerKeepsSecrets(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	h := newHandler(t, func(c *yunjian.HandlerConfig) {
		c.Access = yunjian.NewAccess(account, optest.Secret, optest.SignKey)
		c.Logger = slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
		c.Sync = func(_ context.Context, u yunjian.User) (yunjian.Ack, error) {
			if u.IsLeave {
				panic(u)
			}
			return yunjian.Ack{}, errors.New(u.Mobile + u.FullName)
		}
	})
	params := map[string]string{"account": account, "secret": optest.Secret, "timestamp": "1618708800000", "x": optest.Mobile}
	sign := yunjian.Sign(optest.SignKey, params)
	signed := `{"account":"` + account + `","secret":"` + optest.Secret + `","timestamp":1618708800000,"x":"` + optest.Mobile + `","sign":"` + sign + `"}`
	_, answer := post(t, h, "/session", signed)
	require.Contains(t, answer, `"10000"`)
	session := answer[strings.Index(answer, `"sessionId":"`)+13:][:43]
	optest.NoCanary(t, "a login's answer", answer)

	canaries := map[string]string{
		"mobile": `"` + optest.Mobile + `"`, "fullName": `"` + optest.Name + `"`, "emailAddress": `"` + optest.Email + `"`,
		"extraInfo": `{"` + optest.Name + `":"` + optest.Card + `"}`, optest.Name: `"` + optest.Token + `"`,
		"cardInfo": `[{"cardType":"` + optest.Name + `","cardTypeId":1,"cardNo":"` + optest.Card + `","` + optest.Card + `":1}]`,
	}
	var rows []string
	rows = append(rows, row(canaries), `"`+optest.Mobile+`"`)
	for _, field := range []string{"isLeave", "birthday", "userId", "gender", "level", "userNo", "cardInfo", "extraInfo", "mobile", "fullName"} {
		for _, value := range []string{`["` + optest.Mobile + `"]`, `"` + optest.Name + `\u0000x"`, `"Y"`, `null`, `{"` + optest.Card + `":"` + optest.Token + `"}`} {
			changed := map[string]string{field: value}
			for k, v := range canaries {
				if k != field {
					changed[k] = v
				}
			}
			if (field == "userNo" || field == "userId") && value[0] == '"' {
				continue // an id goes back as it came
			}
			rows = append(rows, row(changed))
		}
	}
	good := pushBody(session, "["+strings.Join(rows, ",")+"]")
	for _, c := range []struct{ path, body string }{
		{"/users", good},
		{"/users", strings.Replace(good, session, optest.Token, 1)},
		{"/users", strings.Replace(good, `"`+account+`"`, `"`+optest.Secret+`"`, 1)},
		{"/users", strings.Replace(good, `"account"`, `"companyId":["`+optest.Card+`"],"account"`, 1)},
		{"/users", good[:len(good)-1]},
		{"/users", strings.Replace(good, `"data"`, `"`+optest.Mobile+`"`, 1)},
		{"/users", strings.Replace(good, `"data"`, `"sessionId":"`+optest.Token+`","data"`, 1)},
		{"/users/" + optest.Token, good},
		{"/session", strings.Replace(signed, sign, optest.Token, 1)},
		{"/session", strings.Replace(signed, account, optest.Name, 1)},
		{"/session", strings.Replace(signed, `"x"`, `"`+optest.Name+`=&"`, 1)},
		{"/session", strings.Replace(signed, optest.Mobile, optest.Mobile+`\u0000`, 1)},
		{"/session", strings.Replace(signed, "1618708800000", optest.Mobile, 1)},
		{"/session", signed[1:]},
		{"/session?sign=" + sign, signed + signed},
	} {
		_, answer := post(t, h, c.path, c.body)
		optest.NoCanary(t, "the answer of "+c.path, answer)
		assert.NotContains(t, answer, session)
		assert.NotContains(t, answer, sign)
	}
	optest.NoCanary(t, "the log", log.String())
	assert.NotContains(t, log.String(), session)
	assert.NotContains(t, log.String(), sign)
	assert.Greater(t, strings.Count(log.String(), "\n"), len(rows))
}
