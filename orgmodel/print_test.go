package orgmodel_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/orgmodel"
)

// secrets are the values of secretPerson that must never be printed.
var secrets = []string{"秘密", "13800000001", "secret@example.com", "1987-12", "19871219", "Year", "E-777", "secret-attribute", "secret-title"}

func secretPerson(id string) orgmodel.Person {
	p := person(id, "秘密", "d1")
	p.SetEmployeeNo("E-777")
	p.SetMobile("13800000001")
	p.SetEmail("secret@example.com")
	p.SetBirthday(orgmodel.Date{Year: 1987, Month: 12, Day: 19})
	p.SetPosition("secret-title")
	p.SetAttribute("k", "secret-attribute")
	return p
}

func TestNothingPrintsPersonalData(t *testing.T) {
	t.Parallel()
	departments := []orgmodel.Department{department("d1", "", "秘密部门")}
	var builder orgmodel.Builder
	require.NoError(t, builder.AddPeople(rows(secretPerson("u1"))))
	dir := seal(t, departments, []orgmodel.Person{secretPerson("u1"), secretPerson("u2")})
	p := secretPerson("u1")

	for _, value := range []any{
		p, &p, []orgmodel.Person{p}, map[string]orgmodel.Person{"u1": p}, struct{ P orgmodel.Person }{p},
		departments[0], &departments[0], departments, dir, *dir, &builder, builder,
	} {
		var printed strings.Builder
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x"} {
			fmt.Fprintf(&printed, verb, value)
		}
		for _, secret := range secrets {
			assert.NotContains(t, printed.String(), secret, "%T", value)
			assert.NotContains(t, printed.String(), fmt.Sprintf("%x", secret), "%T", value)
		}
	}
	for _, value := range []any{p, &p, departments[0], dir, *dir, &builder} {
		var out bytes.Buffer
		slog.New(slog.NewJSONHandler(&out, nil)).Info("x", "value", value)
		slog.New(slog.NewTextHandler(&out, nil)).Info("x", "value", value)
		for _, secret := range secrets {
			assert.NotContains(t, out.String(), secret, "%T", value)
		}
	}
}

func TestPrintedForm(t *testing.T) {
	t.Parallel()
	p := person("u1", "张三", "d1")
	assert.Equal(t, `person "u1" status=active known=[name status departmentIds sideDepartments]`, fmt.Sprint(p))
	p.Known = p.Known.Without(orgmodel.PersonStatus)
	assert.Equal(t, `person "u1" status=unknown known=[name departmentIds sideDepartments]`, fmt.Sprintf("%+v", p))
	d := department("d1", "", "总部")
	assert.Equal(t, `department "d1" status=unknown known=[parentId name]`, fmt.Sprint(d))
	d.SetStatus(orgmodel.StatusDisabled)
	assert.Equal(t, `department "d1" status=disabled known=[parentId name status]`, fmt.Sprint(d))
	assert.Equal(t, "directory departments=3 people=2 complete=true", fmt.Sprint(company(t)))
	assert.Equal(t, "builder departments=0 people=0", fmt.Sprint(&orgmodel.Builder{}))
	var out bytes.Buffer
	slog.New(slog.NewJSONHandler(&out, nil)).Info("x", "p", p, "d", d)
	assert.Contains(t, out.String(), `"p":{"id":"u1","status":"unknown","known":"[name departmentIds sideDepartments]"},"d":{"id":"d1","status":"disabled","known":"[parentId name status]"}`)
}
