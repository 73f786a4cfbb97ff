package orgmodel_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/orgbridge/orgbridge/orgmodel"
)

func TestDate(t *testing.T) {
	t.Parallel()
	want := orgmodel.Date{Year: 1987, Month: time.December, Day: 19}
	for _, form := range []string{"1987-12-19", "19871219"} {
		got, err := orgmodel.ParseDate(form)
		require.NoError(t, err)
		assert.Equal(t, want, got)
	}
	assert.Equal(t, "1987-12-19", want.String())
	assert.Equal(t, "19871219", want.Compact())
	assert.Empty(t, orgmodel.Date{}.String())
	assert.Empty(t, orgmodel.Date{}.Compact())
	assert.True(t, orgmodel.Date{}.IsZero())
	assert.False(t, orgmodel.Date{}.IsValid())

	for _, bad := range []string{
		"", "1987-2-19", "19870230", "19870229", "1987-13-01", "1987-00-10", "0000-00-00", "00000101",
		"1987/12/19", "1987-12-19 00:00:00", "198712", "1987121x", "١٩٨٧", "-9871219", "+9871219", "1987-1219-",
	} {
		got, err := orgmodel.ParseDate(bad)
		require.ErrorIs(t, err, orgmodel.ErrInvalidDate, bad)
		assert.True(t, got.IsZero())
		if bad != "" {
			assert.NotContains(t, err.Error(), bad)
		}
	}
	_, err := orgmodel.NewDate(10000, time.January, 1)
	require.ErrorIs(t, err, orgmodel.ErrInvalidDate)
	leap, err := orgmodel.NewDate(2000, time.February, 29)
	require.NoError(t, err)
	assert.Equal(t, 1, leap.Compare(want))
	assert.Equal(t, -1, want.Compare(leap))
	assert.Zero(t, leap.Compare(leap))
}

func TestDateOfKeepsTheDayOfItsZone(t *testing.T) {
	t.Parallel()
	beijing := time.FixedZone("+08:00", 8*60*60)
	instant := time.Date(2000, time.January, 1, 0, 30, 0, 0, beijing)
	assert.Equal(t, "2000-01-01", orgmodel.DateOf(instant).String())
	assert.Equal(t, "1999-12-31", orgmodel.DateOf(instant.UTC()).String())
}

func TestDateText(t *testing.T) {
	t.Parallel()
	var d orgmodel.Date
	require.NoError(t, json.Unmarshal([]byte(`"20000102"`), &d))
	encoded, err := json.Marshal(d)
	require.NoError(t, err)
	assert.JSONEq(t, `"2000-01-02"`, string(encoded))
	require.ErrorIs(t, d.UnmarshalText([]byte("2000-02-30")), orgmodel.ErrInvalidDate)
	assert.Equal(t, "2000-01-02", d.String(), "a failed decoding changes nothing")
	require.NoError(t, d.UnmarshalText(nil))
	assert.True(t, d.IsZero())
	_, err = orgmodel.Date{Year: 2000, Month: 13, Day: 1}.MarshalText()
	require.ErrorIs(t, err, orgmodel.ErrInvalidDate)
}

func FuzzParseDate(f *testing.F) {
	for _, seed := range []string{"2000-02-29", "20000229", "", "0000-00-00", "1900-02-29", "9999-12-31"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, err := orgmodel.ParseDate(s)
		if err != nil {
			assert.True(t, d.IsZero())
			return
		}
		assert.Contains(t, []string{d.String(), d.Compact()}, s)
		assert.True(t, d.IsValid())
		parsed := time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC)
		assert.Equal(t, parsed.Format(time.DateOnly), d.String())
	})
}

func TestEnums(t *testing.T) {
	t.Parallel()
	for s, name := range map[orgmodel.Status]string{
		orgmodel.StatusUnknown: "unknown", orgmodel.StatusActive: "active", orgmodel.StatusLeft: "left",
		orgmodel.StatusDisabled: "disabled", orgmodel.StatusRetired: "retired",
	} {
		assert.Equal(t, name, s.String())
		got := orgmodel.Status(9)
		require.NoError(t, got.UnmarshalText([]byte(name)))
		assert.Equal(t, s, got)
		encoded, err := s.MarshalText()
		require.NoError(t, err)
		assert.Equal(t, name, string(encoded))
	}
	for g, name := range map[orgmodel.Gender]string{
		orgmodel.GenderUnknown: "unknown", orgmodel.GenderMale: "male", orgmodel.GenderFemale: "female",
	} {
		got := orgmodel.Gender(9)
		require.NoError(t, got.UnmarshalText([]byte(name)))
		assert.Equal(t, g, got)
		encoded, err := g.MarshalText()
		require.NoError(t, err)
		assert.Equal(t, name, string(encoded))
	}
	assert.Equal(t, "invalid", orgmodel.Status(5).String())
	assert.Equal(t, "invalid", orgmodel.Gender(3).String())
	_, err := orgmodel.Status(5).MarshalText()
	require.Error(t, err)
	_, err = orgmodel.Gender(3).MarshalText()
	require.Error(t, err)
	for _, bad := range []string{"", "invalid", "Active", "1"} {
		s, g := orgmodel.StatusActive, orgmodel.GenderMale
		require.Error(t, s.UnmarshalText([]byte(bad)))
		require.Error(t, g.UnmarshalText([]byte(bad)))
		assert.Equal(t, orgmodel.StatusActive, s)
		assert.Equal(t, orgmodel.GenderMale, g)
	}
}

func TestMasked(t *testing.T) {
	t.Parallel()
	for _, masked := range []string{"1326*******4", "印*", "138****0000", "***@x.com", "*", "138＊＊＊＊0000", "138••••0000", "138●●●●0000"} {
		assert.True(t, orgmodel.Masked(masked), masked)
	}
	for _, whole := range []string{"", "13800000001", "张三", "买买提·张", "买买提•张", "a_b+c@x.com", "#5", "O'Neil", "-"} {
		assert.False(t, orgmodel.Masked(whole), whole)
	}
}

func TestFieldSet(t *testing.T) {
	t.Parallel()
	s := orgmodel.Fields(orgmodel.PersonMobile, orgmodel.PersonName, orgmodel.PersonMobile)
	assert.True(t, s.Has(orgmodel.PersonName))
	assert.False(t, s.Has(orgmodel.PersonEmail))
	assert.False(t, s.Has(0))
	assert.Equal(t, "[name mobile]", s.String())
	assert.Equal(t, orgmodel.Fields(orgmodel.PersonName), s.Without(orgmodel.PersonMobile, 0, 200))
	assert.Equal(t, s, s.With(0, 13, 31, 200), "what is no field is not taken in")
	other := orgmodel.Fields(orgmodel.PersonName, orgmodel.PersonEmail)
	assert.Equal(t, orgmodel.Fields(orgmodel.PersonName), s.Intersect(other))
	assert.Equal(t, orgmodel.Fields(orgmodel.PersonMobile), s.Minus(other))
	assert.Equal(t, s.With(orgmodel.PersonEmail), s.Union(other))
	assert.True(t, orgmodel.FieldSet[orgmodel.PersonField]{}.IsEmpty())
	assert.False(t, s.IsEmpty())
	for f := range s.All() {
		assert.Equal(t, orgmodel.PersonName, f)
		break
	}
	encoded, err := json.Marshal(map[string]any{"some": s, "none": orgmodel.FieldSet[orgmodel.PersonField]{}})
	require.NoError(t, err)
	assert.JSONEq(t, `{"some":["name","mobile"],"none":[]}`, string(encoded))

	assert.Equal(t, "[employeeNo name gender status mobile email position birthday joinDate departmentIds sideDepartments managerIds]",
		orgmodel.AllFields[orgmodel.PersonField]().String())
	assert.Equal(t, "[parentId name status order managerIds]", orgmodel.AllFields[orgmodel.DepartmentField]().String())
	assert.Equal(t, "PersonField(0)", orgmodel.PersonField(0).String())
	assert.Equal(t, "PersonField(13)", orgmodel.PersonField(13).String())
	assert.Equal(t, "DepartmentField(6)", orgmodel.DepartmentField(6).String())
}

func TestFieldSetIsASet(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		draw := rapid.SliceOf(rapid.Custom(func(t *rapid.T) orgmodel.PersonField {
			return orgmodel.PersonField(rapid.IntRange(1, 12).Draw(t, "field"))
		}))
		a, b := draw.Draw(t, "a"), draw.Draw(t, "b")
		s, u := orgmodel.Fields(a...), orgmodel.Fields(b...)
		assert.Equal(t, s.Union(u), s.With(b...))
		assert.Equal(t, s.Minus(u), s.Without(b...))
		assert.Equal(t, s, s.Minus(u).Union(s.Intersect(u)))
		for f := range s.Union(u).All() {
			assert.True(t, s.Has(f) || u.Has(f))
		}
	})
}
