package aiguanhuai_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/orgbridge/orgbridge/aiguanhuai"
	"github.com/orgbridge/orgbridge/aiguanhuai/aiguanhuaitest"
)

func TestBadPersonIsRefused(t *testing.T) {
	t.Parallel()
	srv, c := simulated(t)
	for field, spoil := range map[string]func(p *aiguanhuai.Person){
		"userId":          func(p *aiguanhuai.Person) { p.UserID = "" },
		"account":         func(p *aiguanhuai.Person) { p.Account = " " },
		"realName":        func(p *aiguanhuai.Person) { p.RealName = "\xff" },
		"gender":          func(p *aiguanhuai.Person) { p.Gender = aiguanhuai.Set[aiguanhuai.Gender](3) },
		"email":           func(p *aiguanhuai.Person) { p.Email = aiguanhuai.Set("\xff") },
		"mobile":          func(p *aiguanhuai.Person) { p.Mobile = aiguanhuai.Set("\xff") },
		"position":        func(p *aiguanhuai.Person) { p.Position = aiguanhuai.Set("\xff") },
		"departmentId[1]": func(p *aiguanhuai.Person) { p.DepartmentID = aiguanhuai.Set([]string{"d", ""}) },
		"birthday": func(p *aiguanhuai.Person) {
			p.Birthday = aiguanhuai.Set(aiguanhuai.Date{Year: 2023, Month: time.February, Day: 29})
		},
		"joinDate": func(p *aiguanhuai.Person) { p.JoinDate = aiguanhuai.Set(aiguanhuai.Date{Year: 2023}) },
		"status":   func(p *aiguanhuai.Person) { p.Status = 2 },
	} {
		p := samplePerson()
		spoil(&p)
		result, err := c.UpdatePeople(t.Context(), []aiguanhuai.Person{p})
		requireFieldError(t, err, "data[0]."+field)
		assert.Len(t, result.Failed, 1)
	}
	masked := []aiguanhuai.Person{samplePerson(), samplePerson()} // as 云之家 gives them
	masked[0].RealName, masked[1].Mobile = "印*", aiguanhuai.Set("1326*******4")
	result, err := c.UpdatePeople(t.Context(), masked)
	require.ErrorContains(t, err, "data[0].realName is masked")
	require.ErrorContains(t, err, "data[1].mobile is masked")
	assert.Len(t, result.Failed, 2)
	assert.Zero(t, srv.Count(""))
}

func TestBadDepartmentIsRefused(t *testing.T) {
	t.Parallel()
	srv, c := simulated(t)
	for field, spoil := range map[string]func(d *aiguanhuai.Department){
		"departmentId":   func(d *aiguanhuai.Department) { d.DepartmentID = "" },
		"departmentName": func(d *aiguanhuai.Department) { d.DepartmentName = "" },
		"parentId":       func(d *aiguanhuai.Department) { d.ParentID = aiguanhuai.Set(d.DepartmentID) },
		"status":         func(d *aiguanhuai.Department) { d.Status = aiguanhuai.StatusRetired },
	} {
		d := department("d1")
		spoil(&d)
		result, err := c.UpdateDepartments(t.Context(), []aiguanhuai.Department{d})
		requireFieldError(t, err, "data[0]."+field)
		assert.Len(t, result.Failed, 1)
	}
	assert.Zero(t, srv.Count(""))
}

func optional[T any](g *rapid.Generator[T]) *rapid.Generator[aiguanhuai.Opt[T]] {
	return rapid.Custom(func(t *rapid.T) aiguanhuai.Opt[T] {
		if !rapid.Bool().Draw(t, "set") {
			return aiguanhuai.Opt[T]{}
		}
		return aiguanhuai.Set(g.Draw(t, "value"))
	})
}

func anyDate() *rapid.Generator[aiguanhuai.Date] {
	return rapid.Custom(func(t *rapid.T) aiguanhuai.Date {
		return aiguanhuai.Date{
			Year:  rapid.IntRange(-1, 10000).Draw(t, "year"),
			Month: time.Month(rapid.IntRange(-1, 13).Draw(t, "month")),
			Day:   rapid.IntRange(-1, 32).Draw(t, "day"),
		}
	})
}

func anyStatus() *rapid.Generator[aiguanhuai.Status] {
	return rapid.OneOf(rapid.SampledFrom([]aiguanhuai.Status{1, 11, 12}), rapid.Map(rapid.IntRange(-1, 13), func(n int) aiguanhuai.Status { return aiguanhuai.Status(n) }))
}

func anyPerson() *rapid.Generator[aiguanhuai.Person] {
	return rapid.Custom(func(t *rapid.T) aiguanhuai.Person {
		text := rapid.String()
		return aiguanhuai.Person{
			UserID: text.Draw(t, "userId"), Account: text.Draw(t, "account"), RealName: text.Draw(t, "realName"),
			Gender: optional(rapid.Map(rapid.IntRange(-1, 3), func(n int) aiguanhuai.Gender { return aiguanhuai.Gender(n) })).Draw(t, "gender"),
			Email:  optional(text).Draw(t, "email"), Mobile: optional(text).Draw(t, "mobile"),
			Status:       anyStatus().Draw(t, "status"),
			DepartmentID: optional(rapid.SliceOfN(text, 0, 2)).Draw(t, "departmentId"),
			Birthday:     optional(anyDate()).Draw(t, "birthday"), JoinDate: optional(anyDate()).Draw(t, "joinDate"),
			Position:  optional(text).Draw(t, "position"),
			OrgSource: rapid.SampledFrom([]int{0, 1, 11}).Draw(t, "orgSource"),
		}
	})
}

// TestStatusIsAlwaysOnTheWire: whatever the record, it is refused here, or goes
// with the status it has and is what the vendor then holds.
func TestStatusIsAlwaysOnTheWire(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		srv, c := simulated(t)
		var want []int
		if rapid.Bool().Draw(rt, "people") {
			list := rapid.SliceOfN(anyPerson(), 1, 5).Draw(rt, "records")
			result, _ := c.UpdatePeople(t.Context(), list)
			for _, item := range result.Succeeded {
				want = append(want, int(item.Record.Status))
			}
			for _, item := range result.Failed {
				require.ErrorIs(rt, item.Err, aiguanhuai.ErrInvalid, "nothing that passes here is refused by the vendor")
			}
		} else {
			list := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) aiguanhuai.Department {
				return aiguanhuai.Department{
					DepartmentID: rapid.String().Draw(t, "id"), DepartmentName: rapid.String().Draw(t, "name"), Status: anyStatus().Draw(t, "status"),
				}
			}), 1, 5).Draw(rt, "records")
			result, _ := c.UpdateDepartments(t.Context(), list)
			for _, item := range result.Succeeded {
				want = append(want, int(item.Record.Status))
			}
		}
		var got []int
		for _, r := range srv.RequestsTo(aiguanhuaitest.OpUpdate) {
			kind, data := sent(t, r)
			for _, record := range data {
				require.Contains(rt, record, "status")
				got = append(got, int(record["status"].(float64)))
				if kind == "person" {
					require.Contains(rt, record, "orgSource")
				}
			}
		}
		assert.Equal(rt, want, got)
		assert.NotContains(rt, got, 0)
	})
}

func TestDate(t *testing.T) {
	t.Parallel()
	d, err := aiguanhuai.ParseDate("20240229")
	require.NoError(t, err)
	assert.Equal(t, aiguanhuai.Date{Year: 2024, Month: time.February, Day: 29}, d)
	assert.Equal(t, "20240229", d.Compact())
	none, err := aiguanhuai.ParseDate("")
	require.NoError(t, err)
	assert.True(t, none.IsZero())
	assert.False(t, none.IsValid())
	assert.Empty(t, none.String())
	for _, bad := range []string{"20230229", "2024-02-29", "2024022", "202402290", "20241301", "00000101", "２０２４0229", "2024022x"} {
		_, err := aiguanhuai.ParseDate(bad)
		requireFieldError(t, err, "date")
		assert.NotContains(t, err.Error(), bad)
	}
	_, err = json.Marshal(aiguanhuai.Date{Year: 2023, Month: 2, Day: 29})
	require.Error(t, err)
	require.Error(t, json.Unmarshal([]byte(`"20230229"`), &d))
}

func TestDateRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		d := anyDate().Draw(rt, "date")
		b, err := json.Marshal(d)
		require.Equal(rt, d.IsZero() || d.IsValid(), err == nil)
		if err == nil {
			var back aiguanhuai.Date
			require.NoError(rt, json.Unmarshal(b, &back))
			assert.Equal(rt, d, back)
		}
	})
}

func TestEnumsHaveNames(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "active disabled retired Status(0)", fmt.Sprint(
		aiguanhuai.StatusActive, " ", aiguanhuai.StatusDisabled, " ", aiguanhuai.StatusRetired, " ", aiguanhuai.Status(0)))
	assert.Equal(t, "unknown female male Gender(3)", fmt.Sprint(
		aiguanhuai.GenderUnknown, " ", aiguanhuai.GenderFemale, " ", aiguanhuai.GenderMale, " ", aiguanhuai.Gender(3)))
	assert.Equal(t, 1, int(aiguanhuai.GenderFemale), "1:女, the reverse of 云之家")
	assert.Equal(t, 2, int(aiguanhuai.GenderMale), "2:男")
}

func TestPersonRoundTrip(t *testing.T) {
	t.Parallel()
	p := samplePerson()
	b, err := json.Marshal(p)
	require.NoError(t, err)
	var back aiguanhuai.Person
	require.NoError(t, json.Unmarshal(b, &back))
	assert.Equal(t, p, back)
}
