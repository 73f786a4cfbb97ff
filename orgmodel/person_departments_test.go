package orgmodel_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/aiguanhuai"
	"github.com/orgbridge/orgbridge/orgmodel"
	"github.com/orgbridge/orgbridge/tuzhan"
	"github.com/orgbridge/orgbridge/yunjian"
	"github.com/orgbridge/orgbridge/yunzhijia"
)

func inDepartments(ids ...string) orgmodel.Person {
	p := orgmodel.Person{ID: "u1"}
	p.SetDepartmentIDs(ids...)
	return p
}

func inMain(id string) orgmodel.Person {
	p := orgmodel.Person{ID: "u1"}
	p.SetMainDepartmentID(id)
	return p
}

func TestSideDepartmentsAreKnownApart(t *testing.T) {
	t.Parallel()
	both := orgmodel.Fields(orgmodel.PersonDepartments, orgmodel.PersonSideDepartments)
	assert.Equal(t, both, inDepartments("a", "b").Known)
	assert.Equal(t, orgmodel.Fields(orgmodel.PersonDepartments), inMain("a").Known)
	assert.Equal(t, []string{"a"}, inMain("a").DepartmentIDs)
	assert.Empty(t, inMain("").DepartmentIDs)
	assert.Equal(t, orgmodel.Fields(orgmodel.PersonDepartments), inMain("").Cleared())
	assert.Equal(t, orgmodel.Fields(orgmodel.PersonSideDepartments), inDepartments("a").Cleared(), "there are none")
	assert.Equal(t, both, inDepartments().Cleared())
	assert.True(t, inDepartments("a", "b").Cleared().IsEmpty())

	p := inDepartments("a", "b")
	p.Forget(orgmodel.PersonSideDepartments)
	assert.True(t, p.Equal(inMain("a")))
	p = inDepartments("a", "b")
	p.Known = p.Known.Without(orgmodel.PersonSideDepartments)
	assert.True(t, p.Equal(inMain("a")), "what is not known does not matter")
	assert.False(t, p.Equal(inDepartments("a")), "unknown is not none")
	sealed, _ := seal(t, nil, []orgmodel.Person{p}).Person("u1")
	assert.Equal(t, []string{"a"}, sealed.DepartmentIDs)
	p = inDepartments("a", "b")
	p.Known = p.Known.Without(orgmodel.PersonDepartments)
	assert.True(t, p.Equal(orgmodel.Person{ID: "u1"}), "there is no side without a main one")
	assert.True(t, p.Cleared().IsEmpty())
}

func TestMergeOfDepartments(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ base, update, want orgmodel.Person }{
		"everything wins":              {inDepartments("a", "b"), inDepartments("c"), inDepartments("c")},
		"a move keeps the others":      {inDepartments("a", "b", "c"), inMain("d"), inDepartments("d", "b", "c")},
		"a side one becomes the main":  {inDepartments("a", "b", "c"), inMain("b"), inDepartments("b", "c")},
		"nothing known of others":      {inMain("a"), inMain("b"), inMain("b")},
		"others become known":          {inMain("a"), inDepartments("a", "b"), inDepartments("a", "b")},
		"no main one, others unknown":  {inDepartments("a", "b"), inMain(""), inMain("")},
		"no main one, and no others":   {inDepartments("a"), inMain(""), inDepartments()},
		"placed again":                 {inDepartments(), inMain("a"), inDepartments("a")},
		"says nothing":                 {inDepartments("a", "b"), orgmodel.Person{ID: "u1"}, inDepartments("a", "b")},
		"the first to know":            {orgmodel.Person{ID: "u1"}, inMain("a"), inMain("a")},
		"the first to know everything": {orgmodel.Person{ID: "u1"}, inDepartments(), inDepartments()},
	} {
		merged, err := c.base.Merge(c.update)
		require.NoError(t, err)
		assert.True(t, merged.Equal(c.want), "%s: %v %v", name, merged.DepartmentIDs, merged.Known)
	}
}

func TestJSONOfSideDepartments(t *testing.T) {
	t.Parallel()
	for form, p := range map[string]orgmodel.Person{
		`{"id":"u1","departmentIds":["a","b"],"sideDepartments":true}`: inDepartments("a", "b"),
		`{"id":"u1","departmentIds":["a"]}`:                            inMain("a"),
		`{"id":"u1","departmentIds":[],"sideDepartments":true}`:        inDepartments(),
	} {
		encoded, err := json.Marshal(p)
		require.NoError(t, err)
		assert.JSONEq(t, form, string(encoded))
		var q orgmodel.Person
		require.NoError(t, json.Unmarshal(encoded, &q))
		assert.True(t, p.Equal(q))
	}
	var q orgmodel.Person
	err := json.Unmarshal([]byte(`{"id":"u1","departmentIds":["a"],"sideDepartments":false}`), &q)
	assert.Equal(t, "sideDepartments", requireRefusal(t, err, orgmodel.EntityPerson, "u1").Field)
}

// GAM #30: what is unknown was sent as empty.
func TestI33_UnknownSideDepartmentsStayUntouched(t *testing.T) {
	t.Parallel()
	p, err := orgmodel.Yunzhijia{}.Person(yunzhijia.Person{OpenID: "u1", Name: "张三", Status: "1", OrgID: "a", Phone: "13800000001"})
	require.NoError(t, err)
	assert.False(t, p.Known.Has(orgmodel.PersonSideDepartments))
	wire := func(p orgmodel.Person) string {
		v, err := orgmodel.Tuzhan{}.FromPerson(p)
		require.NoError(t, err)
		text, err := json.Marshal(v)
		require.NoError(t, err)
		return string(text)
	}
	assert.NotContains(t, wire(p), "deputyDeptIds")
	agh, err := orgmodel.Aiguanhuai{}.FromPerson(p)
	require.NoError(t, err)
	assert.Equal(t, aiguanhuai.Set([]string{"a"}), agh.DepartmentID)
	p.SetDepartmentIDs("a")
	assert.Contains(t, wire(p), "deputyDeptIds")

	for name, c := range map[string]struct{ read, want orgmodel.Person }{
		"爱关怀 one":   {must(orgmodel.Aiguanhuai{}.Person(aiguanhuai.Person{UserID: "u1", DepartmentID: aiguanhuai.Set([]string{"a"})})), inMain("a")},
		"爱关怀 two":   {must(orgmodel.Aiguanhuai{}.Person(aiguanhuai.Person{UserID: "u1", DepartmentID: aiguanhuai.Set([]string{"a", "b"})})), inDepartments("a", "b")},
		"爱关怀 none":  {must(orgmodel.Aiguanhuai{}.Person(aiguanhuai.Person{UserID: "u1", DepartmentID: aiguanhuai.Set([]string{})})), inMain("")},
		"兔展 main":   {must(orgmodel.Tuzhan{}.Person(tuzhan.Employee{ThirdUserID: "u1", ThirdDeptID: "a"})), inMain("a")},
		"兔展 none":   {must(orgmodel.Tuzhan{}.Person(tuzhan.Employee{ThirdUserID: "u1", ThirdDeptID: "a", DeputyDeptIDs: tuzhan.Set([]string{})})), inDepartments("a")},
		"兔展 deputy": {must(orgmodel.Tuzhan{}.Person(tuzhan.Employee{ThirdUserID: "u1", ThirdDeptID: "a", DeputyDeptIDs: tuzhan.Set([]string{"b"})})), inDepartments("a", "b")},
	} {
		assert.Equal(t, c.want.Known, c.read.Known.Without(orgmodel.PersonStatus), name)
		assert.Equal(t, c.want.DepartmentIDs, c.read.DepartmentIDs, name)
	}
	yj := must(orgmodel.Yunjian{}.Person(yunjian.User{UserNo: "u1", DepartmentCode: yunjian.Set("a")}))
	assert.Equal(t, []string{"a"}, yj.DepartmentIDs)
	assert.False(t, yj.Known.Has(orgmodel.PersonSideDepartments))
}

func TestWhatIsSentSharesNoLists(t *testing.T) {
	t.Parallel()
	p := full()
	toTuzhan := must(orgmodel.Tuzhan{}.FromPerson(p))
	toAiguanhuai := must(orgmodel.Aiguanhuai{}.FromPerson(p))
	toTuzhan.DeputyDeptIDs.Or(nil)[0] = "x"
	toAiguanhuai.DepartmentID.Or(nil)[0] = "x"
	assert.True(t, full().Equal(p))
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

// A target is told of a place once, however often the source lists it.
func TestADepartmentCountsOnce(t *testing.T) {
	t.Parallel()
	p := person("u1", "张三")
	p.SetMobile("13800000001")
	p.SetStatus(orgmodel.StatusActive)
	given := []string{"d1", "d2", "d1", "d3", "d2"}
	p.DepartmentIDs = given
	p.Known = p.Known.With(orgmodel.PersonDepartments, orgmodel.PersonSideDepartments)
	care, err := orgmodel.Aiguanhuai{}.FromPerson(p)
	require.NoError(t, err)
	assert.Equal(t, []string{"d1", "d2", "d3"}, care.DepartmentID.Or(nil))
	rabbit, err := orgmodel.Tuzhan{}.FromPerson(p)
	require.NoError(t, err)
	assert.Equal(t, []string{"d2", "d3"}, rabbit.DeputyDeptIDs.Or(nil))
	assert.Equal(t, []string{"d1", "d2", "d1", "d3", "d2"}, given, "the caller's list stays")
}
