package aiguanhuai_test

import (
	"encoding/json"
	"errors"
	"reflect"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/orgbridge/orgbridge/aiguanhuai"
	"github.com/orgbridge/orgbridge/internal/optest"
)

func drawPerson(t *rapid.T) aiguanhuai.Person {
	text := optest.DrawText()
	return aiguanhuai.Person{
		UserID: text.Draw(t, "userId"), Account: text.Draw(t, "account"), RealName: text.Draw(t, "realName"),
		Gender: optest.DrawOpt(t, rapid.Map(rapid.Int(), func(n int) aiguanhuai.Gender { return aiguanhuai.Gender(n) }), "gender"),
		Email:  optest.DrawOpt(t, text, "email"), Mobile: optest.DrawOpt(t, text, "mobile"),
		Status:       aiguanhuai.Status(rapid.Int().Draw(t, "status")),
		DepartmentID: optest.DrawOpt(t, rapid.OneOf(rapid.Just([]string(nil)), rapid.SliceOf(text)), "departmentId"),
		Birthday:     optest.DrawOpt(t, optest.DrawDate(), "birthday"), JoinDate: optest.DrawOpt(t, optest.DrawDate(), "joinDate"),
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

// compact is a date as this vendor writes it.
type compact aiguanhuai.Date

func (c compact) MarshalText() ([]byte, error) {
	d := aiguanhuai.Date(c)
	if !d.IsZero() && !d.IsValid() {
		return nil, errors.New("no such day")
	}
	return []byte(d.Compact()), nil
}

// travelling is a Person without methods, and with what the client fills in.
func travelling(p aiguanhuai.Person) any {
	if p.OrgSource == 0 {
		p.OrgSource = aiguanhuai.DefaultOrgSource
	}
	if ids, ok := p.DepartmentID.Get(); ok && ids == nil {
		p.DepartmentID = aiguanhuai.Set([]string{})
	}
	date := func(o aiguanhuai.Opt[aiguanhuai.Date]) aiguanhuai.Opt[compact] {
		if d, set := o.Get(); set {
			return aiguanhuai.Set(compact(d))
		}
		return aiguanhuai.Opt[compact]{}
	}
	type fields aiguanhuai.Person
	return struct {
		fields

		Birthday  aiguanhuai.Opt[compact] `json:"birthday,omitzero"`
		JoinDate  aiguanhuai.Opt[compact] `json:"joinDate,omitzero"`
		Position  aiguanhuai.Opt[string]  `json:"position,omitzero"`
		OrgSource int                     `json:"orgSource"`
	}{fields(p), date(p.Birthday), date(p.JoinDate), p.Position, p.OrgSource}
}

// Marshalling a person gives what is sent, and it can be read back.
func TestAPersonIsMarshalledAsItIsSent(t *testing.T) {
	t.Parallel()
	p := samplePerson()
	p.OrgSource = aiguanhuai.DefaultOrgSource
	p.JoinDate = aiguanhuai.Set(aiguanhuai.Date{})
	sent, err := p.AppendJSON(nil)
	require.NoError(t, err)
	require.Contains(t, string(sent), `"birthday":"19871219"`)
	marshalled, err := json.Marshal(&p)
	require.NoError(t, err)
	assert.Equal(t, string(sent), string(marshalled))
	var back aiguanhuai.Person
	require.NoError(t, json.Unmarshal(marshalled, &back))
	assert.Equal(t, p, back)

	p.JoinDate = aiguanhuai.Set(aiguanhuai.Date{Year: 2025, Month: time.February, Day: 29})
	_, err = json.Marshal(p)
	require.ErrorIs(t, err, aiguanhuai.ErrInvalid)
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
