package targettest

import (
	"fmt"

	"github.com/orgbridge/orgbridge/orgmodel"
)

const rootID = "targettest-root"

// departments are a root and two departments below it.
func departments() []orgmodel.Department {
	list := make([]orgmodel.Department, 3)
	for i, d := range []struct{ id, parent, name string }{
		{rootID, "", "总部"}, {"targettest-d1", rootID, "研发部"}, {"targettest-d2", "targettest-d1", "测试组"},
	} {
		list[i].ID = d.id
		list[i].SetParentID(d.parent)
		list[i].SetName(d.name)
		list[i].SetStatus(orgmodel.StatusActive)
	}
	return list
}

// whole is a person of whom all is known that targets ask for.
func whole(n int) orgmodel.Person {
	p := orgmodel.Person{ID: fmt.Sprintf("targettest-%05d", n)}
	p.SetName(fmt.Sprintf("员工%c", '一'+rune(n))) // #nosec G115 -- few people
	p.SetMobile(fmt.Sprintf("139%08d", n))
	p.SetEmployeeNo(fmt.Sprintf("TT%05d", n))
	p.SetEmail(fmt.Sprintf("targettest-%05d@corp.example", n))
	p.SetPosition("工程师")
	p.SetGender(orgmodel.GenderFemale)
	p.SetStatus(orgmodel.StatusActive)
	p.SetDepartmentIDs("targettest-d1", "targettest-d2")
	return p
}

// sparse are people of whom little is known, or what is known is of no use.
func sparse() map[string]orgmodel.Person {
	people := map[string]orgmodel.Person{"nothing": {}, "id": {ID: "targettest-x"}}
	add := func(what string, change func(*orgmodel.Person)) {
		p := whole(1)
		change(&p)
		people[what] = p
	}
	for _, status := range []orgmodel.Status{orgmodel.StatusActive, orgmodel.StatusDisabled, orgmodel.StatusLeft} {
		p := orgmodel.Person{ID: "targettest-x"}
		p.SetStatus(status)
		people["id and status "+status.String()] = p
	}
	for _, field := range []orgmodel.PersonField{
		orgmodel.PersonName, orgmodel.PersonMobile, orgmodel.PersonEmployeeNo, orgmodel.PersonEmail, orgmodel.PersonStatus,
		orgmodel.PersonDepartments, orgmodel.PersonSideDepartments, orgmodel.PersonPosition, orgmodel.PersonGender,
	} {
		add("without "+field.String(), func(p *orgmodel.Person) { p.Forget(field) })
	}
	add("cleared", func(p *orgmodel.Person) {
		p.SetName("")
		p.SetMobile("")
		p.SetEmployeeNo("")
		p.SetEmail("")
		p.SetPosition("")
		p.SetDepartmentIDs()
	})
	add("of departments that are not there", func(p *orgmodel.Person) { p.SetDepartmentIDs("targettest-nowhere") })
	add("of a hostile id", func(p *orgmodel.Person) { p.ID = "x\n\x1b[2J\xff" })
	return people
}

// directory is the organisation of the suite.
func directory(people ...orgmodel.Person) *orgmodel.Directory {
	var b orgmodel.Builder
	_ = b.AddDepartments(each(departments()))
	_ = b.AddPeople(each(people))
	return b.Seal()
}

func each[T any](records []T) func(yield func(T, error) bool) {
	return func(yield func(T, error) bool) {
		for _, r := range records {
			if !yield(r, nil) {
				return
			}
		}
	}
}
