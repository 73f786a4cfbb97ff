package orgmodel_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/orgmodel"
)

// seacat-auth PR 18, eduvpn #151, nextcloud #15167, estuary PR 1802.
func TestI21_KeyIsKept(t *testing.T) {
	t.Parallel()
	withNumber := func(no string) orgmodel.Person {
		return orgmodel.Person{ID: "u1", EmployeeNo: no, Known: orgmodel.Fields(orgmodel.PersonEmployeeNo)}
	}
	usable := map[string]string{
		"E7": "E7", " E7\t": "E7", "\u00a0E7\u3000": "E7", "\ufeffE\u200b7": "E7", "\u202dE7\u202c": "E7", "E 7": "E7", "E\u200d7": "E7",
		"007": "007", "工1": "工1",
	}
	for no, want := range usable {
		for _, held := range []string{"", "E7", "old"} {
			for _, k := range []orgmodel.Key{orgmodel.KeyEmployeeNoOrID, orgmodel.KeyEmployeeNo} {
				key, provisional, err := k.Of(withNumber(no), held)
				require.NoError(t, err, "%q", no)
				assert.Equal(t, want, key, "%q", no)
				assert.False(t, provisional)
			}
		}
	}
	stale := withNumber("E7")
	stale.Known = stale.Known.Without(orgmodel.PersonEmployeeNo)
	unusable := []orgmodel.Person{stale}
	for _, no := range []string{
		"", " ", "\u200b", "E*7", "E••7", "E＊7", "-", "--", "/", "无", "暂无", "N/A", "#N/A", "#VALUE!", "null", "NULL", "none", "0", "0000",
		"E7\x00", "E\n7", "E\ufffd7", "1.38E+10",
	} {
		unusable = append(unusable, withNumber(no))
	}
	for _, p := range unusable {
		key, provisional, err := orgmodel.KeyEmployeeNoOrID.Of(p, "old")
		require.NoError(t, err)
		assert.Equal(t, "old", key, "%q never changes a key", p.EmployeeNo)
		assert.False(t, provisional)
		key, provisional, err = orgmodel.KeyEmployeeNoOrID.Of(p, "")
		require.NoError(t, err)
		assert.Equal(t, "u1", key)
		assert.True(t, provisional)

		key, provisional, err = orgmodel.KeyEmployeeNo.Of(p, "old")
		require.NoError(t, err)
		assert.Equal(t, "old", key)
		assert.False(t, provisional)
		_, _, err = orgmodel.KeyEmployeeNo.Of(p, "")
		assert.Equal(t, "employeeNo", requireRefusal(t, err, orgmodel.EntityPerson, "u1").Field)
	}
	key, provisional, err := orgmodel.KeyID.Of(withNumber("E7"), "E7")
	require.NoError(t, err)
	assert.Equal(t, "u1", key)
	assert.False(t, provisional)
	_, _, err = orgmodel.Key(3).Of(withNumber("E7"), "E7")
	requireRefusal(t, err, orgmodel.EntityPerson, "u1")
	_, _, err = orgmodel.KeyID.Of(orgmodel.Person{ID: "\u200b"}, "E7")
	require.Error(t, err)
}

func TestKeyOfAPerson(t *testing.T) {
	t.Parallel()
	numbered := func(no string) orgmodel.Person {
		p := person("u1", "张三", "d1")
		p.SetMobile("13800000001")
		p.EmployeeNo, p.Known = no, p.Known.With(orgmodel.PersonEmployeeNo)
		return p
	}
	unmarked := numbered("E7")
	unmarked.Known = unmarked.Known.Without(orgmodel.PersonEmployeeNo)
	for name, c := range map[string]struct {
		person              orgmodel.Person
		either, id, numbers string // "" is refused
	}{
		"with a number": {numbered("E7"), "E7", "u1", "E7"},
		"with none":     {numbered(""), "u1", "u1", ""},
		"blank":         {numbered("  "), "u1", "u1", ""},
		"masked":        {numbered("E*7"), "u1", "u1", ""},
		"unknown":       {unmarked, "u1", "u1", ""},
	} {
		for key, want := range map[orgmodel.Key]string{
			orgmodel.KeyEmployeeNoOrID: c.either, orgmodel.KeyID: c.id, orgmodel.KeyEmployeeNo: c.numbers, 3: "",
		} {
			agh, errAgh := orgmodel.Aiguanhuai{Account: key}.FromPerson(c.person)
			yj, errYj := orgmodel.Yunjian{UserNo: key}.FromPerson(c.person)
			assert.Equal(t, want, agh.Account, name)
			assert.Equal(t, want, yj.UserNo, name)
			for _, err := range []error{errAgh, errYj} {
				if want != "" {
					require.NoError(t, err, name)
					continue
				}
				assert.Equal(t, "employeeNo", requireRefusal(t, err, orgmodel.EntityPerson, "u1").Field)
			}
		}
	}
}

func ExampleKey_Of() {
	p := orgmodel.Person{ID: "u1"}
	p.SetEmployeeNo("E7 ")
	fmt.Println(orgmodel.KeyEmployeeNoOrID.Of(p, ""))

	p.Forget(orgmodel.PersonEmployeeNo)
	fmt.Println(orgmodel.KeyEmployeeNoOrID.Of(p, "E7"))
	fmt.Println(orgmodel.KeyEmployeeNoOrID.Of(p, ""))
	// Output:
	// E7 false <nil>
	// E7 false <nil>
	// u1 true <nil>
}
