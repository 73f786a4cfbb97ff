package orgmodel_test

import (
	"errors"
	"fmt"
	"iter"

	"github.com/orgbridge/orgbridge/orgmodel"
)

// rows stands for a vendor's iterator.
func rows[T any](records ...T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for _, record := range records {
			if !yield(record, nil) {
				return
			}
		}
	}
}

func department(id, parentID, name string) orgmodel.Department {
	d := orgmodel.Department{ID: id}
	d.SetParentID(parentID)
	d.SetName(name)
	return d
}

func person(id, name string, departmentIDs ...string) orgmodel.Person {
	p := orgmodel.Person{ID: id}
	p.SetName(name)
	p.SetStatus(orgmodel.StatusActive)
	p.SetDepartmentIDs(departmentIDs...)
	return p
}

func ExampleBuilder() {
	var b orgmodel.Builder
	if err := b.AddDepartments(rows(
		department("d1", "", "总部"),
		department("d2", "d1", "销售部"),
	)); err != nil {
		fmt.Println(err)
	}
	// An event feed: the second record of u1 replaces the first.
	if err := b.AddPeople(rows(
		person("u1", "张三", "d1"),
		person("u1", "张三", "d2"),
		person("u2", "李四", "d3"),
	), orgmodel.LastWins); err != nil {
		fmt.Println(err)
	}
	dir := b.Seal()

	for depth, d := range dir.Walk() {
		fmt.Printf("%*s%s: %d\n", 2*depth, "", d.Name, len(dir.Members(d.ID)))
	}
	fmt.Println(dir.Complete())
	err := dir.Validate()
	fmt.Println(err)
	fmt.Println(errors.Is(err, orgmodel.ErrMissingDepartment))
	// Output:
	// 总部: 0
	//   销售部: 1
	// false
	// orgmodel: invalid directory: person: department is missing "u2", "d3"
	// true
}

func ExampleFieldSet() {
	p := orgmodel.Person{ID: "u1"}
	p.SetName("张三")
	p.SetMobile("138****0000")
	p.SetPosition("")

	fmt.Println(p.Known)
	fmt.Println("cleared:", p.Cleared())
	fmt.Println("mobile:", p.Known.Has(orgmodel.PersonMobile))

	roster := orgmodel.Person{ID: "u1"}
	roster.SetMobile("13800000001")
	merged, err := p.Merge(roster)
	fmt.Println(merged.Known, err)
	// Output:
	// [name position]
	// cleared: [position]
	// mobile: false
	// [name mobile position] <nil>
}

func ExampleSortParentsFirst() {
	levels, cyclic := orgmodel.SortParentsFirst([]orgmodel.Department{
		department("team", "sales", "一组"),
		department("sales", "hq", "销售部"),
		department("hq", "", "总部"),
		department("egg", "hen", "蛋"),
		department("hen", "egg", "鸡"),
	})
	for i, level := range levels {
		for _, d := range level {
			fmt.Println(i, d.ID)
		}
	}
	fmt.Println("in a cycle:", len(cyclic))
	// Output:
	// 0 hq
	// 1 sales
	// 2 team
	// in a cycle: 2
}

func ExampleConvert() {
	type row struct{ ID, Title string }
	convert := func(r row) (orgmodel.Department, error) {
		d := orgmodel.Department{ID: r.ID}
		if r.Title == "" {
			return d, d.Refuse(orgmodel.DepartmentName, "is empty")
		}
		d.SetName(r.Title)
		return d, nil
	}
	var b orgmodel.Builder
	err := b.AddDepartments(orgmodel.Convert(rows(row{"d1", "总部"}, row{"d2", ""}), convert))
	dir := b.Seal()
	fmt.Println(dir.NumDepartments(), err)
	for _, refused := range dir.Quarantined() {
		fmt.Println(refused)
	}
	// Output:
	// 1 <nil>
	// orgmodel: department "d2": name: is empty
}
