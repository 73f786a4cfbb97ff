package yunjian_test

import (
	"encoding/json"
	"reflect"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/orgbridge/orgbridge/internal/optest"
	"github.com/orgbridge/orgbridge/yunjian"
)

func drawUser(t *rapid.T) yunjian.User {
	text, id := optest.DrawText(), rapid.Int64()
	extra := rapid.SampledFrom([]string{"", " ", "null", "{", `{ "a" : [1.50, "<\u2028 \"\\\" >", null ] }`, "{\"\u2028\":\n{}}", "{\"\xff\":1}"})
	cards := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) yunjian.Card {
		return yunjian.Card{
			CardType: text.Draw(t, "cardType"), CardTypeID: optest.DrawOpt(t, id, "cardTypeId"), CardNo: text.Draw(t, "cardNo"),
			ExpirationDate: optest.DrawOpt(t, id, "expirationDate"), GivenName: optest.DrawOpt(t, text, "givenName"), Surname: optest.DrawOpt(t, text, "surname"),
		}
	}), 0, 3)
	return yunjian.User{
		UserNo: text.Draw(t, "userNo"), UserID: optest.DrawOpt(t, id, "userId"),
		FullName: text.Draw(t, "fullName"), Mobile: text.Draw(t, "mobile"), IsLeave: rapid.Bool().Draw(t, "isLeave"),
		DepartmentName: optest.DrawOpt(t, text, "departmentName"), DepartmentCode: optest.DrawOpt(t, text, "departmentCode"),
		CostCenterName: optest.DrawOpt(t, text, "costCenterName"), CostCenterCode: optest.DrawOpt(t, text, "costCenterCode"),
		BranchName: optest.DrawOpt(t, text, "branchName"), BranchCode: optest.DrawOpt(t, text, "branchCode"),
		Gender: optest.DrawOpt(t, text, "gender"), EmailAddress: optest.DrawOpt(t, text, "emailAddress"),
		Level: optest.DrawOpt(t, text, "level"), LevelName: optest.DrawOpt(t, text, "levelName"), LevelCode: optest.DrawOpt(t, text, "levelCode"),
		Birthday: optest.DrawOpt(t, optest.DrawDate(), "birthday"), Nationality: optest.DrawOpt(t, text, "nationality"),
		Surname: optest.DrawOpt(t, text, "surname"), GivenName: optest.DrawOpt(t, text, "givenName"),
		ExtraInfo: json.RawMessage(extra.Draw(t, "extraInfo")), CardInfo: cards.Draw(t, "cardInfo"),
	}
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
		optest.SameJSON(t, u, travelling)
	})
}

func TestAppendJSONDoesNotAllocate(t *testing.T) { //nolint:paralleltest // AllocsPerRun forbids it
	u := sampleUsers()[0]
	u.ExtraInfo = json.RawMessage(`{ "a" : [ 1 ] }`)
	b := make([]byte, 0, 1<<10)
	assert.Zero(t, testing.AllocsPerRun(100, func() { b, _ = u.AppendJSON(b[:0]) }))
}
