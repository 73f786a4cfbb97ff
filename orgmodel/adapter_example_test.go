package orgmodel_test

import (
	"errors"
	"fmt"

	"github.com/orgbridge/orgbridge/aiguanhuai"
	"github.com/orgbridge/orgbridge/orgmodel"
	"github.com/orgbridge/orgbridge/tuzhan"
	"github.com/orgbridge/orgbridge/yunjian"
	"github.com/orgbridge/orgbridge/yunzhijia"
)

func ExampleYunzhijia_Person() {
	p, err := orgmodel.Yunzhijia{}.Person(yunzhijia.Person{
		OpenID: "u1", Name: "张三", Gender: "1", Status: "1", OrgID: "d1",
		Phone: "1326*******4", // masked
		Email: "",             // not granted
	})
	fmt.Println(p.ID, p.Status, p.Known, err)
	// Output: u1 active [name gender status departmentIds] <nil>
}

func ExampleYunzhijia_FromPerson() {
	v, err := orgmodel.Yunzhijia{}.FromPerson(person("u1", "张三", "d1", "d2"))
	fmt.Println(v.OpenID, v.Status, v.OrgID, err)
	// Output: u1 1 d1 <nil>
}

func ExampleYunzhijia_Department() {
	d, err := orgmodel.Yunzhijia{}.Department(yunzhijia.Org{OrgID: "d1", Name: "总部"})
	fmt.Println(d.ID, d.Status, d.Known, d.IsRoot(), err)
	// Output: d1 active [parentId name status] true <nil>
}

func ExampleYunzhijia_FromDepartment() {
	d := department("d2", "d1", "销售部")
	d.SetStatus(orgmodel.StatusActive)
	v, err := orgmodel.Yunzhijia{}.FromDepartment(d)
	fmt.Println(v.OrgID, v.ParentID, err)
	// Output: d2 d1 <nil>
}

func ExampleAiguanhuai_Person() {
	p, err := orgmodel.Aiguanhuai{}.Person(aiguanhuai.Person{
		UserID: "u1", Account: "E7", RealName: "张三", Gender: aiguanhuai.Set(aiguanhuai.GenderFemale), Status: 11,
	})
	fmt.Println(p.ID, p.Status, p.Known, p.Gender, p.EmployeeNo, err)
	// Output: u1 left [employeeNo name gender status] female E7 <nil>
}

func ExampleAiguanhuai_FromPerson() {
	p := person("u1", "张三", "d1", "d2")
	v, err := orgmodel.Aiguanhuai{}.FromPerson(p)
	fmt.Println(v.UserID, v.Status, v.DepartmentID.Or(nil), "mobile", v.Mobile, err)

	p.Forget(orgmodel.PersonStatus)
	_, err = orgmodel.Aiguanhuai{}.FromPerson(p)
	fmt.Println(err)
	// Output:
	// u1 active [d1 d2] mobile absent <nil>
	// orgmodel: person "u1": status: is required, but unknown or empty
}

func ExampleAiguanhuai_Department() {
	d, err := orgmodel.Aiguanhuai{}.Department(aiguanhuai.Department{DepartmentID: "d1", DepartmentName: "总部", Status: 1})
	fmt.Println(d.ID, d.Status, d.Known, d.IsRoot(), err)
	// Output: d1 active [parentId name status] true <nil>
}

func ExampleAiguanhuai_FromDepartment() {
	d := department("d1", "", "总部")
	d.SetStatus(orgmodel.StatusDisabled)
	v, err := orgmodel.Aiguanhuai{}.FromDepartment(d)
	fmt.Println(v.DepartmentID, v.Status, "parentId", v.ParentID, err)
	// Output: d1 disabled parentId absent <nil>
}

func ExampleTuzhan_Person() {
	p, err := orgmodel.Tuzhan{}.Person(tuzhan.Employee{
		ThirdUserID: "u1", ChannelName: "张三", ThirdDeptID: "d1", DeputyDeptIDs: tuzhan.Set([]string{"d2"}),
	})
	fmt.Println(p.ID, p.Status, p.Known, p.DepartmentIDs, err)
	// Output: u1 unknown [name departmentIds sideDepartments] [d1 d2] <nil>
}

func ExampleTuzhan_FromPerson() {
	target := orgmodel.Tuzhan{}
	p := person("u1", "张三", "d1", "d2")
	_, err := target.FromPerson(p)
	fmt.Println(err)

	p.SetMobile("13800000001")
	v, err := target.FromPerson(p)
	fmt.Println(v.ThirdUserID, v.ThirdDeptID, v.DeputyDeptIDs.Or(nil), v.RoleKeys, err)

	p.SetStatus(orgmodel.StatusLeft)
	if _, err := target.FromPerson(p); errors.Is(err, orgmodel.ErrLeaver) {
		fmt.Println("to delete:", target.PersonRef(p).ThirdUserID)
	}
	// Output:
	// orgmodel: person "u1": mobile: is required, but unknown or empty
	// u1 d1 [d2] [GENERAL_EMPLOYE] <nil>
	// to delete: u1
}

func ExampleTuzhan_Department() {
	d, err := orgmodel.Tuzhan{}.Department(tuzhan.Department{
		DeptType: tuzhan.DeptTypeExternal, DeptName: "销售部", ThirdDeptID: "d2", ThirdParentID: "d1", DeptStatus: tuzhan.DeptActive,
	})
	fmt.Println(d.ID, d.Status, d.Known, d.ParentID, err)
	// Output: d2 active [parentId name status] d1 <nil>
}

func ExampleTuzhan_FromDepartment() {
	v, err := orgmodel.Tuzhan{}.FromDepartment(department("d2", "d1", "销售部"))
	fmt.Println(v.DeptType, v.ThirdDeptID, v.ThirdParentID, err)
	// Output: outchannel d2 d1 <nil>
}

func ExampleYunjian_Person() {
	source := orgmodel.Yunjian{UserNo: orgmodel.KeyEmployeeNo}
	p, err := source.Person(yunjian.User{
		UserNo: "E7", FullName: "张三", Mobile: "13800000001", Gender: yunjian.Set("M"), Level: yunjian.Set("L3"),
	})
	fmt.Println(p.ID, p.Status, p.Known, p.Attributes, err)
	// Output: E7 active [employeeNo name gender status mobile] map[yunjian.level:L3] <nil>
}

func ExampleYunjian_FromPerson() {
	departments := map[string]orgmodel.Department{"d1": department("d1", "", "总部")}
	target := orgmodel.Yunjian{Lookup: func(id string) (orgmodel.Department, bool) {
		d, found := departments[id]
		return d, found
	}}
	p := person("u1", "张三", "d1", "d2")
	p.SetMobile("13800000001")
	p.SetStatus(orgmodel.StatusRetired)
	u, err := target.FromPerson(p)
	fmt.Println(u.UserNo, u.IsLeave, u.DepartmentCode.Or(""), u.DepartmentName, err)
	// Output: u1 true d1 set <nil>
}

// Reads the people of 云之家 and converts them for the three targets. Mobiles,
// which 云之家 masks, come from somewhere else.
func Example_adapters() {
	source := orgmodel.Yunzhijia{}
	var b orgmodel.Builder
	if err := b.AddDepartments(orgmodel.Convert(rows(
		yunzhijia.Org{OrgID: "d1", Name: "总部"},
		yunzhijia.Org{OrgID: "d2", ParentID: "d1", Name: "销售部"},
	), source.Department)); err != nil {
		fmt.Println(err)
	}
	if err := b.AddPeople(orgmodel.Convert(rows(
		yunzhijia.Person{OpenID: "u1", Name: "张三", Status: "1", OrgID: "d1", Phone: "1380*******1"},
		yunzhijia.Person{OpenID: "u2", Name: "李四", Status: "0", OrgID: "d2", Phone: "1380*******2"},
		yunzhijia.Person{OpenID: "u3", Name: "王五", Status: "1", OrgID: "d2", Phone: "1380*******3"},
	), source.Person), orgmodel.LastWins); err != nil {
		fmt.Println(err)
	}
	dir := b.Seal()
	mobiles := map[string]string{"u1": "13800000001", "u2": "13800000002"}

	care, show, travel := orgmodel.Aiguanhuai{}, orgmodel.Tuzhan{}, orgmodel.Yunjian{Lookup: dir.Department}
	for p := range dir.People() {
		if mobile, found := mobiles[p.ID]; found {
			p.SetMobile(mobile)
		}
		fmt.Println(p.ID)
		if v, err := care.FromPerson(p); err == nil {
			fmt.Println("  爱关怀:", v.Status, v.DepartmentID.Or(nil))
		}
		switch v, err := show.FromPerson(p); {
		case errors.Is(err, orgmodel.ErrLeaver):
			fmt.Println("  兔展: delete", show.PersonRef(p).ThirdUserID)
		case err != nil:
			fmt.Println("  兔展:", err)
		default:
			fmt.Println("  兔展:", v.ThirdDeptID)
		}
		if u, err := travel.FromPerson(p); err != nil {
			fmt.Println("  云简:", err)
		} else {
			fmt.Println("  云简:", u.IsLeave, u.DepartmentCode.Or(""))
		}
	}
	// Output:
	// u1
	//   爱关怀: active [d1]
	//   兔展: d1
	//   云简: false d1
	// u2
	//   爱关怀: disabled [d2]
	//   兔展: delete u2
	//   云简: true d2
	// u3
	//   爱关怀: active [d2]
	//   兔展: orgmodel: person "u3": mobile: is required, but unknown or empty
	//   云简: orgmodel: person "u3": mobile: is required, but unknown or empty
}

func ExampleYunzhijiaDirectory_Person() {
	var adapter orgmodel.YunzhijiaDirectory
	p, err := adapter.Person(yunzhijia.DirectoryPerson{
		OpenID: "u1", Name: "张三", Status: "1", OrgID: "d1", Phone: "137****0002", HireDate: "2019-03-01", Birthday: "",
	})
	adapter.SideDepartments(&p, "d3", "d2")
	fmt.Println(p.JoinDate, p.DepartmentIDs, p.Known, err)
	// Output: 2019-03-01 [d1 d2 d3] [name status joinDate departmentIds sideDepartments] <nil>
}

func ExampleYunzhijiaDirectory_Department() {
	d, err := orgmodel.YunzhijiaDirectory{}.Department(yunzhijia.DirectoryOrg{ID: "d1", Name: "集团", Department: yunzhijia.RootOrg})
	fmt.Println(d.ID, d.IsRoot(), err)
	// Output: d1 true <nil>
}
