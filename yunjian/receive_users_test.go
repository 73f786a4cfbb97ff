package yunjian_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/orgbridge/orgbridge/internal/optest"
	"github.com/orgbridge/orgbridge/yunjian"
)

// received pushes one row and returns the user that Sync got, if it got one.
func received(t *testing.T, raw string) (u yunjian.User, answer map[string]any) {
	t.Helper()
	h := newHandler(t, func(c *yunjian.HandlerConfig) {
		c.Sync = func(_ context.Context, got yunjian.User) (yunjian.Ack, error) {
			u = got
			return yunjian.Ack{BindID: "b"}, nil
		}
	})
	a := push(t, h, "["+raw+"]")
	require.Len(t, a.Data, 1)
	return u, a.Data[0]
}

func TestHandlerReadsWhatIsReallySent(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		`true`: true, `"Y"`: true, `"true"`: true, `1`: true, `"1"`: true, `"y"`: true,
		`false`: false, `"N"`: false, `"false"`: false, `0`: false, `"n"`: false,
	} {
		u, answer := received(t, row(map[string]string{"isLeave": text}))
		assert.Equal(t, "1", fmt.Sprint(answer["status"]), text)
		assert.Equal(t, want, u.IsLeave, text)
	}
	u, answer := received(t, row(map[string]string{"userNo": `12345678901234567890123`}))
	assert.Equal(t, "12345678901234567890123", u.UserNo, "the digits survive")
	assert.Equal(t, json.Number("12345678901234567890123"), answer["userNo"], "and go back in the form in which they came")

	u, answer = received(t, row(map[string]string{"userNo": `"00042"`}))
	assert.Equal(t, "00042", u.UserNo)
	assert.Equal(t, "00042", answer["userNo"])

	u, answer = received(t, row(map[string]string{"userNo": "", "userId": `"91228"`}))
	assert.Equal(t, yunjian.Set(int64(91228)), u.UserID)
	assert.Equal(t, "91228", answer["userId"])
	assert.NotContains(t, answer, "userNo")

	u, _ = received(t, row(map[string]string{"mobile": `13800000001`, "extraInfo": `{"b":1.0, "a":[ ]}`, "unknown": `{"x":1}`}))
	assert.Equal(t, "13800000001", u.Mobile)
	assert.Equal(t, `{"b":1.0, "a":[ ]}`, string(u.ExtraInfo), "byte for byte")

	u, _ = received(t, row(map[string]string{"cardInfo": `[{"cardType":"身份证","cardTypeId":1,"cardNo":12312312,"expirationDate":"1569347060000"}]`}))
	require.Len(t, u.CardInfo, 1)
	assert.Equal(t, yunjian.Set(int64(1)), u.CardInfo[0].CardTypeID)
	assert.Equal(t, "12312312", u.CardInfo[0].CardNo)
	assert.Equal(t, yunjian.Set(int64(1569347060000)), u.CardInfo[0].ExpirationDate)
}

func TestHandlerTellsAbsentFromCleared(t *testing.T) {
	t.Parallel()
	u, _ := received(t, row(map[string]string{"level": `""`, "birthday": `""`, "gender": "null", "extraInfo": "null"}))
	assert.Equal(t, yunjian.Set(""), u.Level, "cleared")
	assert.Equal(t, yunjian.Set(yunjian.Date{}), u.Birthday, "cleared")
	assert.False(t, u.Gender.IsSet(), "null says nothing")
	assert.False(t, u.DepartmentName.IsSet())
	assert.Nil(t, u.ExtraInfo)
}

func TestHandlerFailsTheRowNotTheBatch(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ row, says string }{
		"no number":            {row(map[string]string{"userNo": ""}), "userNo"},
		"empty number":         {row(map[string]string{"userNo": `" "`}), "userNo"},
		"number is an object":  {row(map[string]string{"userNo": `{"a":1}`}), "userNo"},
		"userId is a text":     {row(map[string]string{"userId": `"abc"`}), "userId"},
		"userId beyond 64 bit": {row(map[string]string{"userId": `99999999999999999999`}), "userId"},
		"no name":              {row(map[string]string{"fullName": ""}), "fullName"},
		"name is a list":       {row(map[string]string{"fullName": `["张三"]`}), "fullName"},
		"no mobile":            {row(map[string]string{"mobile": "null"}), "mobile"},
		"no isLeave":           {row(map[string]string{"isLeave": ""}), "isLeave"},
		"isLeave null":         {row(map[string]string{"isLeave": "null"}), "isLeave"},
		"isLeave empty":        {row(map[string]string{"isLeave": `""`}), "isLeave"},
		"isLeave unreadable":   {row(map[string]string{"isLeave": `"离职"`}), "isLeave"},
		"isLeave object":       {row(map[string]string{"isLeave": `{}`}), "isLeave"},
		"birthday unreadable":  {row(map[string]string{"birthday": `"1997-02-30"`}), "birthday"},
		"department object":    {row(map[string]string{"departmentName": `{"a":1}`}), "departmentName"},
		"too many cards":       {row(map[string]string{"cardInfo": "[" + strings.Repeat("{},", 100) + "{}]"}), "cardInfo"},
		"card a number":        {row(map[string]string{"cardInfo": `[1]`}), "cardInfo"},
		"cards no list":        {row(map[string]string{"cardInfo": `"x"`}), "cardInfo"},
		"card without number":  {row(map[string]string{"cardInfo": `[{"cardType":"x","cardTypeId":1}]`}), "cardInfo.cardNo"},
		"card without type":    {row(map[string]string{"cardInfo": `[{"cardNo":"x","cardTypeId":1}]`}), "cardInfo.cardType"},
		"card without type id": {row(map[string]string{"cardInfo": `[{"cardType":"x","cardNo":"1"}]`}), "cardInfo.cardTypeId"},
		"card type id a text":  {row(map[string]string{"cardInfo": `[{"cardType":"x","cardTypeId":"x","cardNo":"1"}]`}), "cardTypeId"},
		"text":                 {`"x"`, ""},
		"null":                 {`null`, ""},
		"number":               {`7`, ""},
		"list":                 {`[]`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var synced atomic.Int32
			h := newHandler(t, func(c *yunjian.HandlerConfig) {
				c.Sync = func(context.Context, yunjian.User) (yunjian.Ack, error) {
					synced.Add(1)
					return yunjian.Ack{BindID: "b"}, nil
				}
			})
			a := push(t, h, "["+row(nil)+","+c.row+","+row(nil)+"]")
			assert.Equal(t, 10000, a.ResCode)
			require.Len(t, a.Data, 3)
			assert.Equal(t, "101", fmt.Sprint(a.Data[0]["status"], a.Data[1]["status"], a.Data[2]["status"]))
			assert.EqualValues(t, 2, synced.Load(), "the bad row is not passed on")
			assert.NotEmpty(t, a.Data[1]["description"])
			assert.Contains(t, a.Data[1]["description"], c.says)
			assert.Contains(t, a.Data[1], "bindId")
		})
	}
}

func TestHandlerSurvivesTheIntegrator(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	h := newHandler(t, func(c *yunjian.HandlerConfig) {
		c.Logger = slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
		c.Sync = func(_ context.Context, u yunjian.User) (yunjian.Ack, error) {
			switch u.UserNo {
			case "panic":
				panic("duplicate key " + u.Mobile + u.FullName)
			case "abort":
				panic(http.ErrAbortHandler)
			case "exit":
				runtime.Goexit()
			case "exit deferred":
				defer func() { _ = recover() }()
				defer runtime.Goexit()
				panic("covered by an exit")
			case "nil":
				panic(nil)
			case "error":
				return yunjian.Ack{}, errors.New("duplicate key " + u.Mobile)
			case "empty":
				return yunjian.Ack{}, yunjian.Reject("")
			case "reject":
				return yunjian.Ack{BindID: "held"}, fmt.Errorf("%s: %w", u.Mobile, yunjian.Reject("职级未维护"))
			}
			return yunjian.Ack{BindID: "b"}, nil
		}
	})
	var rows []string
	for _, no := range []string{"panic", "abort", "error", "empty", "reject", "exit", "exit deferred", "nil", "fine"} {
		rows = append(rows, row(map[string]string{
			"userNo": `"` + no + `"`, "mobile": `"` + optest.Mobile + `"`, "fullName": `"` + optest.Name + `"`,
		}))
	}
	session := login(t, h, vectorTime)
	_, answer := post(t, h, "/users", pushBody(session, "["+strings.Join(rows, ",")+"]"))
	a := decodePush(t, answer)
	require.Len(t, a.Data, 9)
	assert.Equal(t, 10000, a.ResCode)
	for i, want := range []string{"同步失败", "同步失败", "同步失败", "同步失败", "职级未维护", "同步失败", "同步失败", "同步失败"} {
		assert.Equal(t, want, a.Data[i]["description"])
		assert.Equal(t, json.Number("0"), a.Data[i]["status"])
	}
	assert.Equal(t, "held", a.Data[4]["bindId"])
	assert.Equal(t, "exit", a.Data[5]["userNo"])
	assert.Equal(t, json.Number("1"), a.Data[8]["status"])
	assert.NotContains(t, a.Data[8], "description")
	optest.NoCanary(t, "the answer", answer)
	optest.NoCanary(t, "the log", log.String())
	assert.NotContains(t, log.String(), session)
	assert.Contains(t, log.String(), "panic of string")
	assert.Equal(t, 2, strings.Count(log.String(), `"cause":"runtime.Goexit"`))
	assert.Contains(t, log.String(), "TestHandlerSurvivesTheIntegrator", "where the panic came from")
	assert.EqualError(t, yunjian.Reject("职级未维护"), "rejected: 职级未维护")
}

func TestHandlerStopsWithTheRequest(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	calls := 0
	h := newHandler(t, func(c *yunjian.HandlerConfig) {
		c.Sync = func(context.Context, yunjian.User) (yunjian.Ack, error) {
			calls++
			cancel()
			return yunjian.Ack{BindID: "b"}, nil
		}
	})
	body := pushBody(login(t, h, vectorTime), "["+row(nil)+","+row(nil)+","+row(nil)+"]")
	_, answer := do(h, request(t, "/users", body).WithContext(ctx))
	a := decodePush(t, answer)
	assert.Equal(t, 1, calls)
	require.Len(t, a.Data, 3)
	assert.Equal(t, "100", fmt.Sprint(a.Data[0]["status"], a.Data[1]["status"], a.Data[2]["status"]))
	assert.NotEmpty(t, a.Data[2]["description"])
}

func TestHandlerChecksTheSession(t *testing.T) {
	t.Parallel()
	h := newHandler(t, func(c *yunjian.HandlerConfig) { c.InvalidSessionCode = 40100 })
	good := login(t, h, vectorTime)
	for name, body := range map[string]string{
		"unknown":       pushBody("121312", "[]"),
		"empty":         pushBody("", "[]"),
		"absent":        `{"account":"demo","data":[]}`,
		"another one's": pushBody(login(t, newHandler(t, nil), vectorTime), "[]"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			status, answer := post(t, h, "/users", body)
			assert.Equal(t, http.StatusOK, status)
			assert.Equal(t, 40100, decodePush(t, answer).ResCode)
		})
	}
	status, answer := post(t, h, "/users", strings.Replace(pushBody(good, "[]"), `"demo"`, `"demo2"`, 1))
	assert.Equal(t, http.StatusOK, status)
	assert.Equal(t, yunjian.CodeCredentials, decodePush(t, answer).ResCode, "a new session would not help")
}

// true is nobody's number and nobody's name.
func TestHandlerTakesNoBooleanForAText(t *testing.T) {
	t.Parallel()
	h := newHandler(t, func(c *yunjian.HandlerConfig) {
		c.Sync = func(context.Context, yunjian.User) (yunjian.Ack, error) {
			t.Error("called")
			return yunjian.Ack{}, nil
		}
	})
	for _, field := range []string{"userNo", "fullName", "mobile"} {
		got := push(t, h, "["+row(map[string]string{field: "true"})+"]").Data[0]
		assert.Equal(t, "字段格式错误: "+field, got["description"])
		assert.EqualValues(t, "0", fmt.Sprint(got["status"]))
	}
	card := `[{"cardType":"身份证","cardTypeId":1,"cardNo":false}]`
	assert.Equal(t, "字段格式错误: cardInfo.cardNo", push(t, h, "["+row(map[string]string{"cardInfo": card})+"]").Data[0]["description"])
}

func TestHandlerIsSafeForConcurrentUse(t *testing.T) {
	t.Parallel()
	h := newHandler(t, nil)
	var all sync.WaitGroup
	for i := range 32 {
		all.Go(func() {
			a := push(t, h, "["+row(map[string]string{"userNo": strconv.Itoa(i)})+"]")
			assert.Len(t, a.Data, 1)
		})
	}
	all.Wait()
}

// Whatever the rows are and whatever becomes of them, each has one answer, in
// its place, with its own id.
func TestHandlerAnswersEveryRow(t *testing.T) {
	t.Parallel()
	h := newHandler(t, func(c *yunjian.HandlerConfig) {
		c.Sync = func(_ context.Context, u yunjian.User) (yunjian.Ack, error) {
			switch {
			case strings.HasSuffix(u.UserNo, "7"):
				panic("7")
			case strings.HasSuffix(u.UserNo, "3"):
				return yunjian.Ack{}, yunjian.Reject("3")
			}
			return yunjian.Ack{BindID: u.UserNo}, nil
		}
	})
	session := login(t, h, vectorTime)
	rapid.Check(t, func(rt *rapid.T) {
		ids := rapid.SliceOfN(rapid.Uint32(), 0, 20).Draw(rt, "ids")
		rows, good := make([]string, len(ids)), make([]bool, len(ids))
		for i, id := range ids {
			form := rapid.SampledFrom([]string{"%d", `"%d"`}).Draw(rt, "form")
			field := rapid.SampledFrom([]string{"fullName", "mobile", "isLeave", "gender"}).Draw(rt, "field")
			text := rapid.SampledFrom([]string{"", "null", "{}", `"Y"`}).Draw(rt, "text")
			rows[i] = row(map[string]string{"userNo": fmt.Sprintf(form, id), field: text})
			good[i] = text == `"Y"` || field == "gender" && text != "{}"
			good[i] = good[i] && id%10 != 7 && id%10 != 3
		}
		_, answer := post(t, h, "/users", pushBody(session, "["+strings.Join(rows, ",")+"]"))
		a := decodePush(t, answer)
		require.Len(rt, a.Data, len(ids))
		for i, id := range ids {
			require.Equal(rt, strconv.FormatUint(uint64(id), 10), fmt.Sprint(a.Data[i]["userNo"]))
			require.Equal(rt, good[i], a.Data[i]["status"] == json.Number("1"), rows[i])
			require.Equal(rt, !good[i], a.Data[i]["description"] != nil)
		}
	})
}
