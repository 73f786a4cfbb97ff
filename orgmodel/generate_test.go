package orgmodel_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/orgbridge/orgbridge/orgmodel"
)

// text draws a text that no mask rule applies to, the empty one included.
func text(t *rapid.T) string {
	return strings.Map(func(r rune) rune {
		if orgmodel.Masked(string([]rune{r, r})) {
			return -1
		}
		return r
	}, rapid.StringN(0, 6, -1).Draw(t, "text"))
}

func date(t *rapid.T) orgmodel.Date {
	if rapid.Bool().Draw(t, "no date") {
		return orgmodel.Date{}
	}
	return orgmodel.DateOf(time.Unix(rapid.Int64Range(-2e9, 4e9).Draw(t, "seconds"), 0).UTC())
}

func ids(t *rapid.T) []string {
	return rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "c"}), 0, 3).Draw(t, "ids")
}

// drawPerson draws a person each of whose fields is known, cleared or unknown.
func drawPerson(t *rapid.T, id string) orgmodel.Person {
	p := orgmodel.Person{ID: id}
	p.SetEmployeeNo(text(t))
	p.SetName(text(t))
	p.SetGender(rapid.SampledFrom([]orgmodel.Gender{orgmodel.GenderUnknown, orgmodel.GenderMale, orgmodel.GenderFemale}).Draw(t, "gender"))
	p.SetStatus(orgmodel.Status(rapid.IntRange(0, 4).Draw(t, "status")))
	p.SetMobile(text(t))
	p.SetEmail(text(t))
	p.SetPosition(text(t))
	p.SetBirthday(date(t))
	p.SetJoinDate(date(t))
	p.SetDepartmentIDs(ids(t)...)
	p.SetManagerIDs(ids(t)...)
	for _, key := range ids(t) {
		p.SetAttribute(key, text(t))
	}
	for f := range orgmodel.AllFields[orgmodel.PersonField]().All() {
		switch rapid.IntRange(0, 3).Draw(t, "knowledge") {
		case 0:
			p.Forget(f)
		case 1:
			p.Known = p.Known.Without(f) // the value stays behind
		}
	}
	if !p.Known.Has(orgmodel.PersonDepartments) {
		p.Known = p.Known.Without(orgmodel.PersonSideDepartments)
	}
	return p
}

func drawDepartment(t *rapid.T, id string) orgmodel.Department {
	d := orgmodel.Department{ID: id}
	d.SetParentID(rapid.SampledFrom([]string{"", "a", "b"}).Draw(t, "parent"))
	d.SetName(text(t))
	d.SetStatus(orgmodel.Status(rapid.IntRange(0, 4).Draw(t, "status")))
	d.SetOrder(rapid.IntRange(-2, 2).Draw(t, "order"))
	d.SetManagerIDs(ids(t)...)
	for _, key := range ids(t) {
		d.SetAttribute(key, text(t))
	}
	for f := range orgmodel.AllFields[orgmodel.DepartmentField]().All() {
		switch rapid.IntRange(0, 3).Draw(t, "knowledge") {
		case 0:
			d.Forget(f)
		case 1:
			d.Known = d.Known.Without(f)
		}
	}
	return d
}

// drawTree draws departments in any order, each below one drawn before it.
func drawTree(t *rapid.T, most int) []orgmodel.Department {
	n := rapid.IntRange(1, most).Draw(t, "departments")
	tree := []orgmodel.Department{department("d0", "", "总部")}
	for i := 1; i < n; i++ {
		parent := rapid.IntRange(0, i-1).Draw(t, "parent")
		tree = append(tree, department(fmt.Sprintf("d%d", i), fmt.Sprintf("d%d", parent), "部门"))
	}
	return rapid.Permutation(tree).Draw(t, "order")
}

func seal(t require.TestingT, departments []orgmodel.Department, people []orgmodel.Person, options ...orgmodel.PullOption) *orgmodel.Directory {
	var b orgmodel.Builder
	require.NoError(t, b.AddDepartments(rows(departments...)))
	require.NoError(t, b.AddPeople(rows(people...), options...))
	return b.Seal()
}

// company is a small organisation without a fault.
func company(t *testing.T) *orgmodel.Directory {
	t.Helper()
	return seal(t,
		[]orgmodel.Department{department("d3", "d2", "一组"), department("d1", "", "总部"), department("d2", "d1", "销售部")},
		[]orgmodel.Person{person("u2", "李四", "d3", "d1", "d3"), person("u1", "张三", "d1")})
}

func idsOf[T any](records []T, id func(T) string) []string {
	list := []string{}
	for _, record := range records {
		list = append(list, id(record))
	}
	return list
}

func departmentID(d orgmodel.Department) string { return d.ID }
func personID(p orgmodel.Person) string         { return p.ID }
