package yunjian_test

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/orgbridge/orgbridge/internal/optest"
	"github.com/orgbridge/orgbridge/internal/wire"
	"github.com/orgbridge/orgbridge/yunjian"
)

func drawOpt[T any](t *rapid.T, values *rapid.Generator[T], label string) yunjian.Opt[T] {
	if rapid.Bool().Draw(t, label+" set") {
		return yunjian.Set(values.Draw(t, label))
	}
	return yunjian.Opt[T]{}
}

// drawText draws texts of every kind, such as JSON escapes and broken UTF-8.
func drawText() *rapid.Generator[string] {
	return rapid.OneOf(
		rapid.String(),
		rapid.SampledFrom([]string{"", "", "张三", "A&B <\"研发\">\\", "\u2028\x00\t\x7f", "张\xe5\xbc"}),
		rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) }),
	)
}

func drawDate() *rapid.Generator[yunjian.Date] {
	return rapid.Custom(func(t *rapid.T) yunjian.Date {
		if rapid.Bool().Draw(t, "none") {
			return yunjian.Date{}
		}
		return yunjian.Date{
			Year: rapid.IntRange(1, 9999).Draw(t, "year"), Month: time.Month(rapid.IntRange(1, 12).Draw(t, "month")),
			Day: rapid.IntRange(1, 31).Draw(t, "day"), // the 31st of June among them
		}
	})
}

func drawUser(t *rapid.T) yunjian.User {
	text, id := drawText(), rapid.Int64()
	extra := rapid.SampledFrom([]string{"", " ", "null", "{", `{ "a" : [1.50, "<\u2028 \"\\\" >", null ] }`, "{\"\u2028\":\n{}}", "{\"\xff\":1}"})
	cards := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) yunjian.Card {
		return yunjian.Card{
			CardType: text.Draw(t, "cardType"), CardTypeID: drawOpt(t, id, "cardTypeId"), CardNo: text.Draw(t, "cardNo"),
			ExpirationDate: drawOpt(t, id, "expirationDate"), GivenName: drawOpt(t, text, "givenName"), Surname: drawOpt(t, text, "surname"),
		}
	}), 0, 3)
	return yunjian.User{
		UserNo: text.Draw(t, "userNo"), UserID: drawOpt(t, id, "userId"),
		FullName: text.Draw(t, "fullName"), Mobile: text.Draw(t, "mobile"), IsLeave: rapid.Bool().Draw(t, "isLeave"),
		DepartmentName: drawOpt(t, text, "departmentName"), DepartmentCode: drawOpt(t, text, "departmentCode"),
		CostCenterName: drawOpt(t, text, "costCenterName"), CostCenterCode: drawOpt(t, text, "costCenterCode"),
		BranchName: drawOpt(t, text, "branchName"), BranchCode: drawOpt(t, text, "branchCode"),
		Gender: drawOpt(t, text, "gender"), EmailAddress: drawOpt(t, text, "emailAddress"),
		Level: drawOpt(t, text, "level"), LevelName: drawOpt(t, text, "levelName"), LevelCode: drawOpt(t, text, "levelCode"),
		Birthday: drawOpt(t, drawDate(), "birthday"), Nationality: drawOpt(t, text, "nationality"),
		Surname: drawOpt(t, text, "surname"), GivenName: drawOpt(t, text, "givenName"),
		ExtraInfo: json.RawMessage(extra.Draw(t, "extraInfo")), CardInfo: cards.Draw(t, "cardInfo"),
	}
}

// appender is what callers find in a record of any vendor.
type appender interface {
	AppendJSON(b []byte) ([]byte, error)
}

// The reflective encoding of the structs is what the appender must write.
func TestAppendJSONIsTheEncodingOfTheStruct(t *testing.T) {
	t.Parallel()
	require.Equal(t, 22, reflect.TypeFor[yunjian.User]().NumField(), "drawUser knows every field")
	require.Equal(t, 6, reflect.TypeFor[yunjian.Card]().NumField(), "and those of cards")
	rapid.Check(t, func(t *rapid.T) {
		u := drawUser(t)
		travelling := u
		if u.UserNo != "" {
			travelling.UserID = yunjian.Opt[int64]{}
		}
		want, wantErr := wire.Encode(travelling)
		a, ok := any(u).(appender)
		require.True(t, ok)
		got, err := a.AppendJSON([]byte("before"))
		require.Equal(t, wantErr == nil, err == nil)
		require.Equal(t, "before"+optest.Spelling(want), optest.Spelling(got))
	})
}

func TestAppendJSONDoesNotAllocate(t *testing.T) { //nolint:paralleltest // AllocsPerRun forbids it
	u := sampleUsers()[0]
	u.ExtraInfo = json.RawMessage(`{ "a" : [ 1 ] }`)
	b := make([]byte, 0, 1<<10)
	assert.Zero(t, testing.AllocsPerRun(100, func() { b, _ = u.AppendJSON(b[:0]) }))
}
