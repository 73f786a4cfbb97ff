package orgmodel_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/orgmodel"
)

const unknown = "(unknown)"

// asSet returns what a setter makes of a text, and asRead what a snapshot makes of
// the same text in a record that was put together by hand.
func asSet(t *testing.T, field orgmodel.PersonField, text string) (set, read string) {
	t.Helper()
	p, literal := orgmodel.Person{ID: "u1"}, orgmodel.Person{ID: "u1", Known: orgmodel.Fields(field)}
	value := func(p *orgmodel.Person) *string {
		switch field {
		case orgmodel.PersonEmployeeNo:
			return &p.EmployeeNo
		case orgmodel.PersonName:
			return &p.Name
		case orgmodel.PersonMobile:
			return &p.Mobile
		case orgmodel.PersonEmail:
			return &p.Email
		}
		return &p.Position
	}
	map[orgmodel.PersonField]func(string){
		orgmodel.PersonEmployeeNo: p.SetEmployeeNo, orgmodel.PersonName: p.SetName, orgmodel.PersonMobile: p.SetMobile,
		orgmodel.PersonEmail: p.SetEmail, orgmodel.PersonPosition: p.SetPosition,
	}[field](text)
	*value(&literal) = text
	sealed, found := seal(t, nil, []orgmodel.Person{literal}).Person("u1")
	require.True(t, found)
	result := func(p orgmodel.Person) string {
		if !p.Known.Has(field) {
			assert.Empty(t, *value(&p))
			return unknown
		}
		return *value(&p)
	}
	return result(p), result(sealed)
}

var textFields = []orgmodel.PersonField{
	orgmodel.PersonEmployeeNo, orgmodel.PersonName, orgmodel.PersonMobile, orgmodel.PersonEmail, orgmodel.PersonPosition,
}

// Laravel-Excel #1789, golang/go #14750, elizaOS PR 23678.
func TestI34_CleanTexts(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"": "", "a": "a", "张三": "张三", " 张三\t": "张三", "\u3000张三\u00a0\r\n": "张三",
		"\ufeff张三": "张三", "张\u200b三\u200e": "张三", "\u202eabc\u202c": "abc", "张\u200d三": "张三", "a\u00adb": "ab", "a\u2060b\u2066": "ab",
		"\u200da": "a", "สม\u200cชาย": "สม\u200cชาย", "ا\u200c": "ا", "👩\u200d🔬": "👩\u200d🔬",
		"張\x00三": unknown, "张三\x07": unknown, "a\nb": unknown, "a\tb": unknown, "a\u0085b": unknown, "a\u2028b": unknown, "a\x7fb": unknown,
		"张\ufffd": unknown, "a\xffb": unknown, " ": unknown, "\u200b\ufeff": unknown, "张*": unknown, "138••••0000": unknown,
	} {
		for _, field := range textFields {
			set, read := asSet(t, field, text)
			if field == orgmodel.PersonEmail || field == orgmodel.PersonMobile || field == orgmodel.PersonEmployeeNo {
				if want == "👩\u200d🔬" {
					continue // no letter and no digit
				}
			}
			assert.Equal(t, want, set, "%v %q", field, text)
			assert.Equal(t, want, read, "%v %q", field, text)
		}
	}
	p := orgmodel.Person{ID: "u1", Attributes: map[string]string{"a": " x ", "b": "x\x00", "c": ""}}
	sealed, _ := seal(t, nil, []orgmodel.Person{p}).Person("u1")
	assert.Equal(t, map[string]string{"a": "x", "c": ""}, sealed.Attributes)

	d := department("d1", "", "\u200b *总部* \n")
	assert.Equal(t, "*总部*", d.Name)
	d.SetName("总\x00部")
	d.SetAttribute("a", "\ufffd")
	assert.Equal(t, "*总部*", d.Name)
	d.Name, d.Attributes = "\ufeff", map[string]string{"a": "\x00", "b": " 1"}
	dir := seal(t, []orgmodel.Department{d}, nil)
	d, _ = dir.Department("d1")
	assert.False(t, d.Known.Has(orgmodel.DepartmentName))
	assert.Equal(t, map[string]string{"b": "1"}, d.Attributes)
}

// readxl #62, gson #1313.
func TestI34_ResidueOfSpreadsheets(t *testing.T) {
	t.Parallel()
	for _, residue := range []string{
		"-", "--", "—", "/", "无", "暂无", "不详", "保密", "未开放", "N/A", "n/a", "null", "NULL", "None", "0", "000", "#N/A", "#REF!", "#DIV/0!", "#NAME?",
		"#NULL!", "########", "1.38E+10", "1E+10", "1.5e10", "91228.0", "138.00", "0.00E+00", "?", ".",
	} {
		for _, field := range []orgmodel.PersonField{orgmodel.PersonEmployeeNo, orgmodel.PersonMobile, orgmodel.PersonEmail} {
			set, read := asSet(t, field, residue)
			assert.Equal(t, unknown, set, "%v %q", field, residue)
			assert.Equal(t, unknown, read, "%v %q", field, residue)
		}
		set, _ := asSet(t, orgmodel.PersonPosition, residue)
		assert.Equal(t, residue, set, "a position may be anything")
	}
	for _, no := range []string{"1E5", "E10", "00123", "1.2", "1.", "A-1", "1.38E", "12E+", "No.5", "#5", "NA", "NULL1", "1.5F+3"} {
		set, _ := asSet(t, orgmodel.PersonEmployeeNo, no)
		assert.Equal(t, no, set)
	}
	no, _ := asSet(t, orgmodel.PersonEmployeeNo, "HR\u00a0001 ")
	assert.Equal(t, "HR001", no)
}

// One number in nine forms.
func TestI34_MobileForms(t *testing.T) {
	t.Parallel()
	for _, form := range []string{
		"13800000002", "+8613800000002", "+86 138 0000 0002", "0086-13800000002", "86-138-0000-0002", "138-0000-0002", "138 0000 0002",
		"１３８０００００００２", "＋８６ １３８０００００００２", "138–0000—0002", " 138\u00a00000\u30000002", "\u202d13800000002\u202c",
	} {
		set, read := asSet(t, orgmodel.PersonMobile, form)
		assert.Equal(t, "13800000002", set, form)
		assert.Equal(t, "13800000002", read, form)
	}
	for _, other := range []string{
		"+852 9123 4567", "+1 212-555-0100", "010-1234 5678", "0086-10-12345678", "1380000000", "23800000002", "138000000021",
		"138 0000 0002 转 1", "+81-90-1234-5678", "(138)00000002",
	} {
		set, _ := asSet(t, orgmodel.PersonMobile, other)
		assert.Equal(t, other, set)
	}
}

func TestAnIDIsEmptyOrNeverChanged(t *testing.T) {
	t.Parallel()
	dir := seal(t, nil, []orgmodel.Person{person("\u200b\ufeff", "张三"), person(" u\u200b1 ", "李四")})
	_, found := dir.Person(" u\u200b1 ")
	assert.True(t, found)
	assert.Equal(t, 1, dir.NumPeople())
	assert.Len(t, dir.Quarantined(), 1)
	var p orgmodel.Person
	require.Error(t, json.Unmarshal([]byte(`{"id":"\u200b"}`), &p))
}
