package orgmodel_test

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/orgbridge/orgbridge/orgmodel"
)

// adapter is one vendor's four methods without the vendor's types.
type adapter struct {
	there       func(orgmodel.Person) (any, error)                     // FromPerson
	thereBack   func(orgmodel.Person) (orgmodel.Person, error)         // Person(FromPerson)
	departments func(orgmodel.Department) (any, error)                 // FromDepartment
	dBack       func(orgmodel.Department) (orgmodel.Department, error) // Department(FromDepartment)

	oneDepartment bool
	sameCode      []orgmodel.Status // which read back as "left"
	fields        map[orgmodel.PersonField][]string
}

func thereAndBack[T, V any](there func(T) (V, error), back func(V) (T, error)) (func(T) (any, error), func(T) (T, error)) {
	return func(record T) (any, error) { return there(record) },
		func(record T) (T, error) {
			v, err := there(record)
			if err != nil {
				return record, err
			}
			return back(v)
		}
}

func adapters(lookup func(string) (orgmodel.Department, bool)) map[string]adapter {
	var yzj, agh, tz, yj adapter
	yzj.there, yzj.thereBack = thereAndBack(orgmodel.Yunzhijia{}.FromPerson, orgmodel.Yunzhijia{}.Person)
	yzj.departments, yzj.dBack = thereAndBack(orgmodel.Yunzhijia{}.FromDepartment, orgmodel.Yunzhijia{}.Department)
	yzj.oneDepartment = true
	yzj.fields = map[orgmodel.PersonField][]string{
		orgmodel.PersonEmployeeNo: {"jobNo"}, orgmodel.PersonName: {"name"}, orgmodel.PersonGender: {"gender"},
		orgmodel.PersonStatus: {"status"}, orgmodel.PersonMobile: {"phone"}, orgmodel.PersonEmail: {"email"},
		orgmodel.PersonPosition: {"jobTitle"}, orgmodel.PersonDepartments: {"orgId", "department"},
	}

	agh.there, agh.thereBack = thereAndBack(orgmodel.Aiguanhuai{}.FromPerson, orgmodel.Aiguanhuai{}.Person)
	agh.departments, agh.dBack = thereAndBack(orgmodel.Aiguanhuai{}.FromDepartment, orgmodel.Aiguanhuai{}.Department)
	agh.sameCode = []orgmodel.Status{orgmodel.StatusDisabled}
	agh.fields = map[orgmodel.PersonField][]string{
		orgmodel.PersonGender: {"gender"}, orgmodel.PersonMobile: {"mobile"}, orgmodel.PersonEmail: {"email"},
		orgmodel.PersonPosition: {"position"}, orgmodel.PersonDepartments: {"departmentId"},
		orgmodel.PersonBirthday: {"birthday"}, orgmodel.PersonJoinDate: {"joinDate"},
	}

	tz.there, tz.thereBack = thereAndBack(orgmodel.Tuzhan{}.FromPerson, orgmodel.Tuzhan{}.Person)
	tz.departments, tz.dBack = thereAndBack(orgmodel.Tuzhan{}.FromDepartment, orgmodel.Tuzhan{}.Department)
	tz.fields = map[orgmodel.PersonField][]string{
		orgmodel.PersonPosition: {"job"}, orgmodel.PersonDepartments: {"thirdDeptId", "deputyDeptIds"},
	}

	cloud := orgmodel.Yunjian{UserNo: orgmodel.KeyID, Lookup: lookup}
	yj.there, yj.thereBack = thereAndBack(cloud.FromPerson, cloud.Person)
	yj.oneDepartment = true
	yj.sameCode = []orgmodel.Status{orgmodel.StatusDisabled, orgmodel.StatusRetired}
	yj.fields = map[orgmodel.PersonField][]string{
		orgmodel.PersonGender: {"gender"}, orgmodel.PersonEmail: {"emailAddress"}, orgmodel.PersonBirthday: {"birthday"},
		orgmodel.PersonDepartments: {"departmentCode", "departmentName"},
	}
	return map[string]adapter{"yunzhijia": yzj, "aiguanhuai": agh, "tuzhan": tz, "yunjian": yj}
}

func found(id string) (orgmodel.Department, bool) { return department(id, "", "部门"+id), id != "c" }

const (
	stale  = "stale-value"
	hidden = "1380***0001"
)

// drawSendable draws a person who has what targets require more often than
// not. Unknown fields hold stale values, some known ones masked values.
func drawSendable(t *rapid.T) orgmodel.Person {
	p := drawPerson(t, "u1")
	often := func(set func()) {
		if rapid.IntRange(0, 5).Draw(t, "often") > 0 {
			set()
		}
	}
	often(func() { p.SetName("张三") })
	often(func() { p.SetMobile("13800000001") })
	often(func() { p.SetDepartmentIDs(append(ids(t), "b")...) })
	often(func() { p.SetStatus(orgmodel.StatusActive) })
	for field, value := range map[orgmodel.PersonField]*string{
		orgmodel.PersonEmployeeNo: &p.EmployeeNo, orgmodel.PersonName: &p.Name, orgmodel.PersonMobile: &p.Mobile,
		orgmodel.PersonEmail: &p.Email, orgmodel.PersonPosition: &p.Position,
	} {
		if !p.Known.Has(field) {
			*value = stale
		}
	}
	if !p.Known.Has(orgmodel.PersonDepartments) {
		p.DepartmentIDs = []string{stale}
	}
	for _, masked := range []struct {
		value *string
		field orgmodel.PersonField
	}{{&p.Mobile, orgmodel.PersonMobile}, {&p.Email, orgmodel.PersonEmail}, {&p.EmployeeNo, orgmodel.PersonEmployeeNo}} {
		if rapid.IntRange(0, 5).Draw(t, "masked") == 0 {
			*masked.value, p.Known = hidden, p.Known.With(masked.field)
		}
	}
	p.SetAttribute("yunjian.level", "")
	p.Attributes["yunjian.level"] = rapid.SampledFrom([]string{"L1", "", hidden}).Draw(t, "level")
	return p
}

// plain is p as the model takes it: without stale and masked values.
func plain(t require.TestingT, p orgmodel.Person) orgmodel.Person {
	clean, err := p.Merge(orgmodel.Person{ID: p.ID})
	require.NoError(t, err)
	return clean
}

// eachOnce is how a target is told of departments.
func eachOnce(ids []string) (once []string) {
	for _, id := range ids {
		if !slices.Contains(once, id) {
			once = append(once, id)
		}
	}
	return once
}

func TestPersonThereAndBackKnowsNoMore(t *testing.T) {
	t.Parallel()
	for name, a := range adapters(found) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sent := 0
			rapid.Check(t, func(t *rapid.T) {
				p := drawSendable(t)
				back, err := a.thereBack(p)
				if err != nil {
					requireRefusal(t, err, orgmodel.EntityPerson, "u1")
					return
				}
				sent++
				want := plain(t, p)
				want.DepartmentIDs = eachOnce(want.DepartmentIDs)
				if a.oneDepartment && want.PrimaryDepartmentID() != "" {
					want.SetDepartmentIDs(want.PrimaryDepartmentID())
				}
				for _, status := range a.sameCode {
					if want.Status == status {
						want.SetStatus(orgmodel.StatusLeft)
					}
				}
				delete(back.Attributes, "yunjian.departmentName")
				merged, err := want.Merge(back)
				require.NoError(t, err)
				require.True(t, merged.Equal(want), "knows %v of %v", back.Known, want.Known)
			})
			assert.NotZero(t, sent)
		})
	}
}

func TestUnknownAndMaskedNeverTravel(t *testing.T) {
	t.Parallel()
	for name, a := range adapters(found) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rapid.Check(t, func(t *rapid.T) {
				p := drawSendable(t)
				v, err := a.there(p)
				if err != nil {
					return
				}
				wire, err := json.Marshal(v)
				require.NoError(t, err)
				require.NotContains(t, string(wire), stale)
				require.NotContains(t, string(wire), "*")
				var members map[string]any
				require.NoError(t, json.Unmarshal(wire, &members))
				known := plain(t, p).Known
				for field, keys := range a.fields {
					for _, key := range keys {
						if value, there := members[key]; there && !known.Has(field) {
							// 云之家's own records have no absent fields.
							require.Equal(t, "yunzhijia", name)
							require.Empty(t, value, key)
						}
					}
				}
				if orgmodel.Masked(p.Attributes["yunjian.level"]) {
					require.NotContains(t, members, "level")
				}
			})
		})
	}
}

func TestDepartmentThereAndBackKnowsNoMore(t *testing.T) {
	t.Parallel()
	for name, a := range adapters(nil) {
		if a.departments == nil {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sent := 0
			rapid.Check(t, func(t *rapid.T) {
				d := drawDepartment(t, "d1")
				if rapid.IntRange(0, 3).Draw(t, "often") > 0 {
					d.SetName("部门 *A*")
					d.SetStatus(orgmodel.StatusActive)
				}
				if !d.Known.Has(orgmodel.DepartmentParent) {
					d.ParentID = stale
				}
				back, err := a.dBack(d)
				if err != nil {
					requireRefusal(t, err, orgmodel.EntityDepartment, "d1")
					return
				}
				sent++
				want, err := d.Merge(orgmodel.Department{ID: "d1"})
				require.NoError(t, err)
				merged, err := d.Merge(back)
				require.NoError(t, err)
				require.True(t, merged.Equal(want), "knows %v of %v", back.Known, d.Known)
				require.True(t, back.Known.Has(orgmodel.DepartmentParent) && back.Known.Has(orgmodel.DepartmentName))
			})
			assert.NotZero(t, sent)
		})
	}
}

// requireRefusal asserts that err is a conversion error about that record.
func requireRefusal(t require.TestingT, err error, entity orgmodel.Entity, id string) *orgmodel.ConversionError {
	var refused *orgmodel.ConversionError
	require.ErrorAs(t, err, &refused)
	require.Equal(t, entity, refused.Entity)
	require.Equal(t, id, refused.ID)
	require.NotEmpty(t, refused.Field)
	require.NotEmpty(t, refused.Reason)
	return refused
}

// breakOne makes one known field a value that is none, or takes a required one away.
var breakOne = map[string]struct {
	field string
	do    func(*orgmodel.Person)
}{
	"gender":               {"gender", func(p *orgmodel.Person) { p.SetGender(9) }},
	"status":               {"status", func(p *orgmodel.Person) { p.SetStatus(9) }},
	"birthday":             {"birthday", func(p *orgmodel.Person) { p.SetBirthday(orgmodel.Date{Year: 1987, Month: 2, Day: 30}) }},
	"join date":            {"joinDate", func(p *orgmodel.Person) { p.SetJoinDate(orgmodel.Date{Year: 2009, Month: 13, Day: 1}) }},
	"empty department":     {"departmentIds", func(p *orgmodel.Person) { p.SetDepartmentIDs("d1", " ") }},
	"name unknown":         {"name", func(p *orgmodel.Person) { p.Forget(orgmodel.PersonName) }},
	"name not marked":      {"name", func(p *orgmodel.Person) { p.Known = p.Known.Without(orgmodel.PersonName) }},
	"name blank":           {"name", func(p *orgmodel.Person) { p.Name = " \t" }},
	"name masked":          {"name", func(p *orgmodel.Person) { p.Name = "canary*" }},
	"mobile unknown":       {"mobile", func(p *orgmodel.Person) { p.Forget(orgmodel.PersonMobile) }},
	"mobile cleared":       {"mobile", func(p *orgmodel.Person) { p.SetMobile("") }},
	"mobile masked":        {"mobile", func(p *orgmodel.Person) { p.Mobile = "canary****" }},
	"departments unknown":  {"departmentIds", func(p *orgmodel.Person) { p.Forget(orgmodel.PersonDepartments) }},
	"departments cleared":  {"departmentIds", func(p *orgmodel.Person) { p.SetDepartmentIDs() }},
	"status unknown":       {"status", func(p *orgmodel.Person) { p.Forget(orgmodel.PersonStatus) }},
	"status claimed":       {"status", func(p *orgmodel.Person) { p.Status = orgmodel.StatusUnknown }},
	"deputy with a comma":  {"departmentIds", func(p *orgmodel.Person) { p.SetDepartmentIDs("d1", "canary,d") }},
	"not in service":       {"status", func(p *orgmodel.Person) { p.SetStatus(orgmodel.StatusLeft) }},
	"retired":              {"status", func(p *orgmodel.Person) { p.SetStatus(orgmodel.StatusRetired) }},
	"employee no. unknown": {"employeeNo", func(p *orgmodel.Person) { p.Forget(orgmodel.PersonEmployeeNo) }},
}

// canary is a person all of whose values are recognisable.
func canary() orgmodel.Person {
	p := person("u1", "canary-name", "d1", "d2")
	p.SetEmployeeNo("canary-no")
	p.SetMobile("canary-mobile")
	p.SetEmail("canary-mail")
	p.SetPosition("canary-position")
	p.SetGender(orgmodel.GenderFemale)
	p.SetBirthday(orgmodel.Date{Year: 1987, Month: 12, Day: 19})
	p.SetJoinDate(orgmodel.Date{Year: 2009, Month: 11, Day: 3})
	return p
}

func TestRefusalsNameTheFieldAndNoValue(t *testing.T) {
	t.Parallel()
	invalid := []string{"gender", "status", "birthday", "join date", "empty department"}
	name := []string{"name unknown", "name not marked", "name blank", "name masked"}
	mobile := []string{"mobile unknown", "mobile cleared", "mobile masked"}
	status := []string{"status unknown", "status claimed"}
	departments := []string{"departments unknown", "departments cleared"}
	number := []string{"employee no. unknown"}
	agh := orgmodel.Aiguanhuai{Account: orgmodel.KeyEmployeeNo}
	yj := orgmodel.Yunjian{UserNo: orgmodel.KeyEmployeeNo}
	for vendor, c := range map[string]struct {
		there   func(orgmodel.Person) error
		refuses []string
	}{
		"yunzhijia":  {discard(orgmodel.Yunzhijia{}.FromPerson), slices.Concat(invalid, []string{"retired"})},
		"aiguanhuai": {discard(agh.FromPerson), slices.Concat(invalid, name, status, number)},
		"tuzhan": {discard(orgmodel.Tuzhan{}.FromPerson),
			slices.Concat(invalid, name, mobile, departments, []string{"deputy with a comma", "not in service", "retired"})},
		"yunjian": {discard(yj.FromPerson), slices.Concat(invalid, name, mobile, status, number)},
	} {
		require.NoError(t, c.there(canary()), vendor)
		assert.EqualError(t, c.there(orgmodel.Person{ID: " "}), `orgmodel: person "": id: is empty`)
		for fault, broken := range breakOne {
			t.Run(vendor+"/"+fault, func(t *testing.T) {
				t.Parallel()
				p := canary()
				broken.do(&p)
				err := c.there(p)
				if !slices.Contains(c.refuses, fault) {
					require.NoError(t, err)
					return
				}
				refused := requireRefusal(t, err, orgmodel.EntityPerson, "u1")
				assert.Equal(t, broken.field, refused.Field)
				for _, value := range []string{"canary", "1987", "2009", "d1", "d2"} {
					assert.NotContains(t, err.Error(), value)
				}
			})
		}
	}
}

func TestDepartmentRefusals(t *testing.T) {
	t.Parallel()
	all := map[string]func(orgmodel.Department) error{
		"yunzhijia":  discard(orgmodel.Yunzhijia{}.FromDepartment),
		"aiguanhuai": discard(orgmodel.Aiguanhuai{}.FromDepartment),
		"tuzhan":     discard(orgmodel.Tuzhan{}.FromDepartment),
	}
	needStatus := []string{"yunzhijia", "aiguanhuai"}
	for name, c := range map[string]struct {
		do      func(*orgmodel.Department)
		field   string
		refuses []string // all if nil
	}{
		"parent unknown": {func(d *orgmodel.Department) { d.Forget(orgmodel.DepartmentParent) }, "parentId", nil},
		"name unknown":   {func(d *orgmodel.Department) { d.Forget(orgmodel.DepartmentName) }, "name", nil},
		"name blank":     {func(d *orgmodel.Department) { d.Name = " " }, "name", nil},
		"left":           {func(d *orgmodel.Department) { d.SetStatus(orgmodel.StatusLeft) }, "status", nil},
		"no status":      {func(d *orgmodel.Department) { d.SetStatus(9) }, "status", nil},
		"status unknown": {func(d *orgmodel.Department) { d.Forget(orgmodel.DepartmentStatus) }, "status", needStatus},
		"status claimed": {func(d *orgmodel.Department) { d.Status = orgmodel.StatusUnknown }, "status", needStatus},
		"disabled":       {func(d *orgmodel.Department) { d.SetStatus(orgmodel.StatusDisabled) }, "status", []string{"yunzhijia"}},
	} {
		for vendor, there := range all {
			t.Run(name+"/"+vendor, func(t *testing.T) {
				t.Parallel()
				d := department("d1", "canary-parent", "canary-name")
				d.SetStatus(orgmodel.StatusActive)
				require.NoError(t, there(d))
				c.do(&d)
				err := there(d)
				if c.refuses != nil && !slices.Contains(c.refuses, vendor) {
					require.NoError(t, err)
					return
				}
				assert.Equal(t, c.field, requireRefusal(t, err, orgmodel.EntityDepartment, "d1").Field)
				assert.NotContains(t, err.Error(), "canary")
				assert.EqualError(t, there(orgmodel.Department{}), `orgmodel: department "": id: is empty`)
			})
		}
	}
}

func discard[T, V any](convert func(T) (V, error)) func(T) error {
	return func(record T) error {
		_, err := convert(record)
		return err
	}
}
