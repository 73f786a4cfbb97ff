package yunjian_test

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/yunjian"
)

// Odd values are read where they mean one thing, and refused by name where they do not.
func TestOddValues(t *testing.T) {
	t.Parallel()
	var got []yunjian.User
	h := newHandler(t, func(c *yunjian.HandlerConfig) {
		c.Sync = func(_ context.Context, u yunjian.User) (yunjian.Ack, error) {
			got = append(got, u)
			return yunjian.Ack{}, nil
		}
	})
	plain := yunjian.User{UserNo: "91228", FullName: "张三", Mobile: "13800000001"}
	with := func(change func(*yunjian.User)) yunjian.User {
		u := plain
		change(&u)
		return u
	}
	for text, want := range map[string]yunjian.User{
		row(map[string]string{"userNo": `91228.0`, "mobile": `1.3800000001E10`, "isLeave": `0.0`}):           plain,
		row(map[string]string{"userNo": `9.1228E4`, "FullName": `"李四"`, "USERNO": `"7"`, "ISLEAVE": `true`}): plain,
		row(map[string]string{"userNo": `"\u200b91228\u0000"`, "fullName": `"张\ufeff三\n"`}):                  plain,
		row(map[string]string{"userNo": `"91228.0"`}):                                                        with(func(u *yunjian.User) { u.UserNo = "91228.0" }),
		row(map[string]string{"userId": `7.0`}):                                                              with(func(u *yunjian.User) { u.UserID = yunjian.Set(int64(7)) }),
		row(map[string]string{"levelCode": `1.0`, "gender": `""`, "level": `null`}):                          with(func(u *yunjian.User) { u.LevelCode, u.Gender = yunjian.Set("1"), yunjian.Set("") }),
		row(map[string]string{"birthday": `""`, "cardInfo": `null`, "extraInfo": `null`}):                    with(func(u *yunjian.User) { u.Birthday = yunjian.Set(yunjian.Date{}) }),
		row(map[string]string{"extraInfo": `{"a":1,"a":2}`}):                                                 with(func(u *yunjian.User) { u.ExtraInfo = json.RawMessage(`{"a":1,"a":2}`) }),
		row(map[string]string{"cardInfo": `[{"cardType":"x","cardTypeId":1.0,"cardNo":2.0,"CardNo":"3"}]`}): with(func(u *yunjian.User) {
			u.CardInfo = []yunjian.Card{{CardType: "x", CardTypeID: yunjian.Set(int64(1)), CardNo: "2"}}
		}),
	} {
		got = nil
		answer := push(t, h, "["+text+"]")
		require.Len(t, got, 1, "%s: %v", text, answer.Data)
		assert.Equal(t, want, got[0], text)
	}

	got = nil
	for text, field := range map[string]string{
		row(map[string]string{"userNo": `91228.5`}):                                      "userNo",
		row(map[string]string{"userNo": `1e19`}):                                         "userNo",
		row(map[string]string{"fullName": `"\ud842"`}):                                   "fullName",
		row(map[string]string{"fullName": `"张\u0000三"`}):                                 "fullName",
		row(map[string]string{"departmentName": `"\udfb7"`}):                             "departmentName",
		row(map[string]string{"birthday": `20000101`}):                                   "birthday",
		row(map[string]string{"cardInfo": `{}`}):                                         "cardInfo",
		row(map[string]string{"cardInfo": `[null]`}):                                     "cardInfo",
		row(map[string]string{"cardInfo": `[{"cardNo":"1","cardNo":"2"}]`}):              "cardInfo.cardNo",
		`{"userNo":1,"fullName":"x","mobile":"1","isLeave":false,"isLeave":true}`:        "isLeave",
		`{"userNo":1,"fullName":"x","mobile":"1","isLeave":false,"\u0075serNo":"2"}`:     "userNo",
		`{"userNo":1,"fullName":"x","mobile":"1","isLeave":false,"level":1,"level":"1"}`: "level",
	} {
		answer := push(t, h, "["+text+"]")
		assert.Equal(t, "字段格式错误: "+field, answer.Data[0]["description"], text)
	}
	for _, text := range []string{`null`, `1`, `"x"`, `[]`} {
		assert.Equal(t, "该条数据格式错误", push(t, h, "["+text+"]").Data[0]["description"], text)
	}
	assert.Empty(t, got, "none of them reaches the integrator")
}

// A request that says the same thing twice is none.
func TestOddRequests(t *testing.T) {
	t.Parallel()
	h := newHandler(t, nil)
	session := login(t, h, vectorTime)
	for _, body := range []string{
		`{"sessionId":"` + session + `","data":[],"data":[]}`, `{"sessionId":"` + session + `","sessionId":"x","data":[]}`,
		`{"sessionId":"\ud842","data":[]}`,
	} {
		status, _ := post(t, h, "/users", body)
		assert.Equal(t, 400, status, body)
	}
	status, answer := post(t, h, "/users", `{"SessionID":"`+session+`","data":[]}`)
	assert.Equal(t, 200, status)
	assert.NotContains(t, answer, `"resCode":10000`, "another key")
	status, _ = post(t, h, "/session", vectorBody[:len(vectorBody)-1]+`,"account":"`+account+`"}`)
	assert.Equal(t, 400, status, "a parameter that is signed twice")
}
