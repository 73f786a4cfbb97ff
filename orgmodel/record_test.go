package orgmodel_test

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/orgbridge/orgbridge/orgmodel"
)

func TestSettersMark(t *testing.T) {
	t.Parallel()
	day := orgmodel.Date{Year: 2000, Month: 1, Day: 2}
	var p orgmodel.Person
	p.SetEmployeeNo("10")
	p.SetName("张三")
	p.SetGender(orgmodel.GenderFemale)
	p.SetStatus(orgmodel.StatusRetired)
	p.SetMobile("13800000001")
	p.SetEmail("a@example.com")
	p.SetPosition("经理")
	p.SetBirthday(day)
	p.SetJoinDate(day)
	p.SetDepartmentIDs("d1", "d2")
	p.SetManagerIDs("u2")
	p.SetAttribute("level", "5")
	assert.Equal(t, orgmodel.Person{
		EmployeeNo: "10", Name: "张三", Gender: orgmodel.GenderFemale, Status: orgmodel.StatusRetired, Mobile: "13800000001",
		Email: "a@example.com", Position: "经理", Birthday: day, JoinDate: day, DepartmentIDs: []string{"d1", "d2"},
		ManagerIDs: []string{"u2"}, Attributes: map[string]string{"level": "5"}, Known: orgmodel.AllFields[orgmodel.PersonField](),
	}, p)
	assert.Equal(t, "d1", p.PrimaryDepartmentID())
	assert.True(t, p.Cleared().IsEmpty())

	masked := p.Clone()
	masked.SetMobile("138****0001")
	masked.SetName("张*")
	masked.SetAttribute("level", "*")
	assert.Equal(t, p, masked, "a masked value says nothing")

	p.Forget(orgmodel.PersonDepartments, orgmodel.PersonStatus)
	assert.False(t, p.Known.Has(orgmodel.PersonDepartments))
	assert.Nil(t, p.DepartmentIDs)
	assert.Empty(t, p.PrimaryDepartmentID())
	p.SetDepartmentIDs()
	p.SetMobile("")
	assert.Equal(t, orgmodel.Fields(orgmodel.PersonDepartments, orgmodel.PersonSideDepartments, orgmodel.PersonMobile), p.Cleared())
	p.SetStatus(orgmodel.StatusActive)
	p.SetStatus(orgmodel.StatusUnknown)
	assert.False(t, p.Known.Has(orgmodel.PersonStatus))

	var d orgmodel.Department
	d.SetParentID("")
	d.SetName("*已撤销")
	d.SetStatus(orgmodel.StatusDisabled)
	d.SetOrder(0)
	d.SetManagerIDs()
	d.SetAttribute("code", "01")
	assert.Equal(t, orgmodel.AllFields[orgmodel.DepartmentField](), d.Known)
	assert.Equal(t, "*已撤销", d.Name)
	assert.Equal(t, orgmodel.Fields(orgmodel.DepartmentManagers), d.Cleared(), "a root and the number 0 are no absence")
	assert.True(t, d.IsRoot())
	d.Forget(orgmodel.DepartmentParent, orgmodel.DepartmentName)
	assert.False(t, d.IsRoot())
	assert.Empty(t, d.Name)
	d.SetStatus(orgmodel.StatusUnknown)
	assert.False(t, d.Known.Has(orgmodel.DepartmentStatus))
}

func TestCloneSharesNothing(t *testing.T) {
	t.Parallel()
	p := person("u1", "张三", "d1")
	p.SetManagerIDs("u2")
	p.SetAttribute("k", "v")
	c := p.Clone()
	c.DepartmentIDs[0], c.ManagerIDs[0], c.Attributes["k"] = "x", "x", "x"
	assert.Equal(t, "d1", p.DepartmentIDs[0])
	assert.Equal(t, "u2", p.ManagerIDs[0])
	assert.Equal(t, "v", p.Attributes["k"])

	copied := p
	copied.SetAttribute("k", "other")
	assert.Equal(t, "v", p.Attributes["k"], "setting on a copy leaves the original alone")

	list := []string{"d1"}
	p.SetDepartmentIDs(list...)
	list[0] = "x"
	assert.Equal(t, "d1", p.DepartmentIDs[0])

	d := department("d1", "", "总部")
	d.SetManagerIDs("u1")
	e := d.Clone()
	e.ManagerIDs[0] = "x"
	assert.Equal(t, "u1", d.ManagerIDs[0])
}

func TestMergeOfDifferentIDs(t *testing.T) {
	t.Parallel()
	_, err := person("u1", "张三").Merge(person("u2", "李四"))
	require.ErrorIs(t, err, orgmodel.ErrIDMismatch)
	assert.NotContains(t, err.Error(), "张三")
	_, err = department("d1", "", "总部").Merge(department("", "", "总部"))
	require.ErrorIs(t, err, orgmodel.ErrIDMismatch)
}

func TestMergeTakesNoMaskedValue(t *testing.T) {
	t.Parallel()
	base := person("u1", "张三", "d1")
	base.SetMobile("13800000001")
	update := orgmodel.Person{ID: "u1", Mobile: "138****0001", Known: orgmodel.Fields(orgmodel.PersonMobile), Attributes: map[string]string{"card": "11**"}}
	merged, err := base.Merge(update)
	require.NoError(t, err)
	assert.True(t, base.Equal(merged))
}

func TestMergeLawsOfPeople(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		base, update := drawPerson(t, "u1"), drawPerson(t, "u1")
		merged, err := base.Merge(update)
		require.NoError(t, err)

		again, err := merged.Merge(update)
		require.NoError(t, err)
		assert.True(t, merged.Equal(again), "idempotent")
		itself, err := base.Merge(base)
		require.NoError(t, err)
		assert.True(t, base.Equal(itself))
		none, err := base.Merge(orgmodel.Person{ID: "u1", Name: "unknown, so without effect"})
		require.NoError(t, err)
		assert.True(t, base.Equal(none))

		known := base.Known.Union(update.Known)
		if !update.Known.Has(orgmodel.PersonSideDepartments) && update.Cleared().Has(orgmodel.PersonDepartments) && len(base.DepartmentIDs) > 1 {
			known = known.Without(orgmodel.PersonSideDepartments) // no place for them without a primary one
		}
		assert.Equal(t, known, merged.Known)
		won, err := base.Merge(update)
		require.NoError(t, err)
		won.Known = won.Known.Intersect(update.Known)
		for key := range won.Attributes {
			if _, known := update.Attributes[key]; !known {
				delete(won.Attributes, key)
			}
		}
		assert.True(t, update.Equal(won), "what the update knows wins")
		kept := merged.Clone()
		kept.Known = base.Known.Minus(update.Known)
		old := base.Clone()
		old.Known = kept.Known
		kept.Attributes, old.Attributes = nil, nil
		assert.True(t, old.Equal(kept), "the rest stays")
	})
}

func TestMergeLawsOfDepartments(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		base, update := drawDepartment(t, "d1"), drawDepartment(t, "d1")
		merged, err := base.Merge(update)
		require.NoError(t, err)
		again, err := merged.Merge(update)
		require.NoError(t, err)
		assert.True(t, merged.Equal(again))
		none, err := base.Merge(orgmodel.Department{ID: "d1", Name: "unknown, so without effect"})
		require.NoError(t, err)
		assert.True(t, base.Equal(none))
		assert.Equal(t, base.Known.Union(update.Known), merged.Known)
		merged.Known = update.Known
		merged.Attributes, update.Attributes = nil, nil
		assert.True(t, update.Equal(merged))
	})
}

func TestEqual(t *testing.T) {
	t.Parallel()
	p := person("u1", "张三", "d1")
	q := p.Clone()
	q.Mobile = "13800000001" // not known
	assert.True(t, p.Equal(q))
	q.Known = q.Known.With(orgmodel.PersonMobile)
	assert.False(t, p.Equal(q))
	assert.False(t, p.Equal(person("u2", "张三", "d1")))
	assert.False(t, p.Equal(person("u1", "李四", "d1")))
	q = p.Clone()
	q.SetAttribute("k", "")
	assert.False(t, p.Equal(q), "a cleared attribute is not an unknown one")
	assert.False(t, department("d1", "", "总部").Equal(department("d1", "d0", "总部")))
}

func TestJSONForm(t *testing.T) {
	t.Parallel()
	p := orgmodel.Person{ID: "u1", Email: "unknown@example.com"}
	p.SetName(`张"三`)
	p.SetMobile("")
	p.SetGender(orgmodel.GenderUnknown)
	p.SetBirthday(orgmodel.Date{})
	p.SetJoinDate(orgmodel.Date{Year: 2009, Month: 11, Day: 3})
	p.SetDepartmentIDs("d1")
	p.SetManagerIDs()
	p.SetAttribute("level", "5")
	encoded, err := json.Marshal(p)
	require.NoError(t, err)
	assert.JSONEq(t, `{"id":"u1","name":"张\"三","gender":"unknown","mobile":"","birthday":"","joinDate":"2009-11-03",
		"departmentIds":["d1"],"sideDepartments":true,"managerIds":[],"attributes":{"level":"5"}}`, string(encoded))

	masked := orgmodel.Person{ID: "u1", Mobile: "138****0000", Known: orgmodel.Fields(orgmodel.PersonMobile)}
	encoded, err = json.Marshal(masked)
	require.NoError(t, err)
	assert.JSONEq(t, `{"id":"u1"}`, string(encoded))

	encoded, err = json.Marshal(orgmodel.Department{ID: "d1", Name: "总\x00部", Known: orgmodel.Fields(orgmodel.DepartmentName)})
	require.NoError(t, err)
	assert.JSONEq(t, `{"id":"d1"}`, string(encoded))

	var d orgmodel.Department
	require.NoError(t, json.Unmarshal([]byte(`{"id":"d1","parentId":"","order":3,"unheard":{"of":1}}`), &d))
	assert.Equal(t, orgmodel.Fields(orgmodel.DepartmentParent, orgmodel.DepartmentOrder), d.Known)
	assert.Equal(t, 3, d.Order)

	broken := orgmodel.Person{ID: "u1", Status: 9, Known: orgmodel.Fields(orgmodel.PersonStatus)}
	_, err = json.Marshal(broken)
	require.Error(t, err)
}

func TestJSONRefusals(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ data, field string }{
		{`null`, ""}, {`[]`, ""}, {`13800000001`, ""},
		{`{}`, "id"}, {`{"id":""}`, "id"}, {`{"id":" "}`, "id"}, {`{"id":13800000001}`, "id"}, {`{"id":null}`, "id"},
		{`{"ID":"u1"}`, "id"},
		{`{"id":"u1","mobile":13800000001}`, "mobile"},
		{`{"id":"u1","mobile":null}`, "mobile"},
		{`{"id":"u1","birthday":"13800000001"}`, "birthday"},
		{`{"id":"u1","status":"13800000001"}`, "status"},
		{`{"id":"u1","gender":1}`, "gender"},
		{`{"id":"u1","departmentIds":"13800000001"}`, "departmentIds"},
		{`{"id":"u1","departmentIds":[null]}`, "departmentIds"},
		{`{"id":"u1","departmentIds":null}`, "departmentIds"},
		{`{"id":"u1","attributes":{"k":13800000001}}`, "attributes"},
		{`{"id":"u1","attributes":{"k":null}}`, "attributes"},
		{`{"id":"u1","attributes":null}`, "attributes"},
	} {
		p := person("before", "张三")
		err := json.Unmarshal([]byte(tc.data), &p)
		refused, ok := errors.AsType[*orgmodel.ConversionError](err)
		require.True(t, ok, tc.data)
		assert.Equal(t, tc.field, refused.Field, tc.data)
		assert.NotContains(t, err.Error(), "13800000001")
		assert.Equal(t, "before", p.ID, "a failed decoding changes nothing")
	}
	var d orgmodel.Department
	require.Error(t, json.Unmarshal([]byte(`{"id":"d1","order":1.5}`), &d))
	require.Error(t, json.Unmarshal([]byte(`{"name":"总部"}`), &d))
}

func TestJSONRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := drawPerson(t, rapid.StringMatching(`[a-z0-9]{1,4}`).Draw(t, "id"))
		encoded, err := json.Marshal(p)
		require.NoError(t, err)
		var q orgmodel.Person
		require.NoError(t, json.Unmarshal(encoded, &q))
		assert.True(t, p.Equal(q), "%s", encoded)
		assert.Equal(t, p.Known, q.Known)

		d := drawDepartment(t, "d1")
		encoded, err = json.Marshal(d)
		require.NoError(t, err)
		var e orgmodel.Department
		require.NoError(t, json.Unmarshal(encoded, &e))
		assert.True(t, d.Equal(e), "%s", encoded)
	})
}

func FuzzPersonJSON(f *testing.F) {
	f.Add([]byte(`{"id":"u1","name":"张三","mobile":"","departmentIds":["d1"],"attributes":{"k":"v"}}`))
	f.Add([]byte(`{"id":"u1","mobile":"138****0000","birthday":"20000102","status":"left"}`))
	f.Add([]byte(`{"id":"u1","managerIds":[null]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var p orgmodel.Person
		if json.Unmarshal(data, &p) != nil {
			assert.Equal(t, orgmodel.Person{}, p)
			return
		}
		assert.NotEmpty(t, p.ID)
		assert.False(t, orgmodel.Masked(p.Mobile))
		encoded, err := json.Marshal(p)
		require.NoError(t, err)
		var q orgmodel.Person
		require.NoError(t, json.Unmarshal(encoded, &q))
		assert.True(t, p.Equal(q))
	})
}

func FuzzDepartmentJSON(f *testing.F) {
	f.Add([]byte(`{"id":"d1","parentId":"","name":"总部","order":-1,"status":"active","managerIds":[]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var d, e orgmodel.Department
		if json.Unmarshal(data, &d) != nil {
			return
		}
		encoded, err := json.Marshal(d)
		require.NoError(t, err)
		require.NoError(t, json.Unmarshal(encoded, &e))
		assert.True(t, d.Equal(e))
	})
}
