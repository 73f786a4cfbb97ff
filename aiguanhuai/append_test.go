package aiguanhuai_test

import (
	"reflect"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/orgbridge/orgbridge/aiguanhuai"
	"github.com/orgbridge/orgbridge/internal/optest"
)

func drawDate() *rapid.Generator[aiguanhuai.Date] {
	return rapid.Custom(func(t *rapid.T) aiguanhuai.Date {
		if rapid.Bool().Draw(t, "none") {
			return aiguanhuai.Date{}
		}
		return aiguanhuai.Date{
			Year: rapid.IntRange(1, 9999).Draw(t, "year"), Month: time.Month(rapid.IntRange(1, 12).Draw(t, "month")),
			Day: rapid.IntRange(1, 31).Draw(t, "day"), // the 31st of June among them
		}
	})
}

func drawPerson(t *rapid.T) aiguanhuai.Person {
	text := optest.DrawText()
	return aiguanhuai.Person{
		UserID: text.Draw(t, "userId"), Account: text.Draw(t, "account"), RealName: text.Draw(t, "realName"),
		Gender: optest.DrawOpt(t, rapid.Map(rapid.Int(), func(n int) aiguanhuai.Gender { return aiguanhuai.Gender(n) }), "gender"),
		Email:  optest.DrawOpt(t, text, "email"), Mobile: optest.DrawOpt(t, text, "mobile"),
		Status:       aiguanhuai.Status(rapid.Int().Draw(t, "status")),
		DepartmentID: optest.DrawOpt(t, rapid.OneOf(rapid.Just([]string(nil)), rapid.SliceOf(text)), "departmentId"),
		Birthday:     optest.DrawOpt(t, drawDate(), "birthday"), JoinDate: optest.DrawOpt(t, drawDate(), "joinDate"),
		Position:  optest.DrawOpt(t, text, "position"),
		OrgSource: rapid.OneOf(rapid.Just(0), rapid.Int()).Draw(t, "orgSource"),
	}
}

// The reflective encoding of the structs is what the appenders must write.
func TestAppendJSONIsTheEncodingOfTheStruct(t *testing.T) {
	t.Parallel()
	require.Equal(t, 12, reflect.TypeFor[aiguanhuai.Person]().NumField(), "drawPerson knows every field")
	require.Equal(t, 4, reflect.TypeFor[aiguanhuai.Department]().NumField(), "and so does this test")
	rapid.Check(t, func(t *rapid.T) {
		p := drawPerson(t)
		optest.SameJSON(t, p, travelling(p))
		text := optest.DrawText()
		d := aiguanhuai.Department{
			DepartmentID: text.Draw(t, "departmentId"), DepartmentName: text.Draw(t, "departmentName"),
			Status: aiguanhuai.Status(rapid.Int().Draw(t, "status")), ParentID: optest.DrawOpt(t, text, "parentId"),
		}
		optest.SameJSON(t, d, d)
	})
}

// travelling sets what the client fills in.
func travelling(p aiguanhuai.Person) aiguanhuai.Person {
	if p.OrgSource == 0 {
		p.OrgSource = aiguanhuai.DefaultOrgSource
	}
	if ids, ok := p.DepartmentID.Get(); ok && ids == nil {
		p.DepartmentID = aiguanhuai.Set([]string{})
	}
	return p
}

func TestAppendJSONOfNoSuchDay(t *testing.T) {
	t.Parallel()
	for _, set := range []func(*aiguanhuai.Person, aiguanhuai.Opt[aiguanhuai.Date]){
		func(p *aiguanhuai.Person, d aiguanhuai.Opt[aiguanhuai.Date]) { p.Birthday = d },
		func(p *aiguanhuai.Person, d aiguanhuai.Opt[aiguanhuai.Date]) { p.JoinDate = d },
	} {
		p := samplePerson()
		set(&p, aiguanhuai.Set(aiguanhuai.Date{Year: 2025, Month: time.February, Day: 29}))
		b, err := p.AppendJSON([]byte("before"))
		require.ErrorIs(t, err, aiguanhuai.ErrInvalid)
		assert.Equal(t, "before", string(b))
	}
}

func TestAppendJSONDoesNotAllocate(t *testing.T) { //nolint:paralleltest // AllocsPerRun forbids it
	p, d := samplePerson(), sampleDepartment()
	b := make([]byte, 0, 1<<10)
	assert.Zero(t, testing.AllocsPerRun(100, func() {
		b, _ = p.AppendJSON(b[:0])
		b, _ = d.AppendJSON(b)
	}))
}
