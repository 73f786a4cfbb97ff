package tuzhantest

import "github.com/orgbridge/orgbridge/tuzhan"

// departmentRow is the table 组织架构 of the vendor's page.
type departmentRow struct {
	DeptID        *integer `json:"deptId"`
	ParentID      *integer `json:"parentId"`
	DeptType      *string  `json:"deptType"`
	DeptName      *string  `json:"deptName"`
	ThirdDeptID   *string  `json:"thirdDeptId"`
	ThirdParentID *string  `json:"thirdParentId"`
	CorpID        *string  `json:"corpid"`
	WxDeptID      *integer `json:"wxDeptId"`
	WxParentID    *integer `json:"wxParentId"`
	DeptStatus    *integer `json:"deptStatus"`
	SerialNum     *integer `json:"serialNum"`
	CreateUser    *string  `json:"createUser"`
	CreateTime    *string  `json:"createTime"`
	UpdateUser    *string  `json:"updateUser"`
	UpdateTime    *string  `json:"updateTime"`
}

const (
	typeWeCom      = "qywx"
	typeOutChannel = "outchannel"
)

// ids: 外部渠道类型:thirdDeptId > deptId, 企业微信类型:wxDeptId > thirdDeptId > deptId.
func (r *departmentRow) ids() ids {
	by := ids{text(int64(or(r.WxDeptID))), or(r.ThirdDeptID), text(int64(or(r.DeptID)))}
	if or(r.DeptType) == typeOutChannel {
		by[0] = ""
	}
	return by
}

// parentIDs: 外部渠道类型:thirdParentId > parentId, 企业微信类型:wxParentId > thirdParentId > parentId.
func (r *departmentRow) parentIDs() ids {
	by := ids{text(int64(or(r.WxParentID))), or(r.ThirdParentID), text(int64(or(r.ParentID)))}
	if or(r.DeptType) == typeOutChannel {
		by[0] = ""
	}
	return by
}

// echo is the row in errorData, with what only the vendor's sample shows.
func (r departmentRow) echo() map[string]any {
	fields := asMap(r)
	fields["deleteFlag"] = nil
	if r.ThirdParentID == nil {
		fields["thirdParentId"] = ""
	}
	return fields
}

// department is one that the company has.
type department struct {
	departmentRow

	parent    *department
	below     map[*department]bool
	employees int
}

func (s *Server) applyDepartment(op operation, row *departmentRow) string {
	for _, id := range row.ids() {
		if message := s.refused[id]; message != "" {
			return message
		}
	}
	if message := row.check(op); message != "" {
		return message
	}
	for d := range s.departments.arrival {
		if or(d.DeptType) != *row.DeptType {
			return "部门类型互斥,只能存在一种类型的组织架构"
		}
		break // they are all of one type
	}
	switch op.opt {
	case optAdd:
		return s.addDepartment(row)
	case optUpdate:
		return s.updateDepartment(row)
	default:
		return s.deleteDepartment(row, op.withSubtree)
	}
}

// check tells which required field is missing.
func (r *departmentRow) check(op operation) string {
	deptType := or(r.DeptType)
	switch {
	case deptType != typeWeCom && deptType != typeOutChannel:
		return "deptType只能是qywx或outchannel"
	case r.ids() == ids{}:
		return "匹配标识必传一种"
	case op.opt == optDelete:
		return ""
	case or(r.DeptName) == "":
		return "deptName不能为空"
	case r.SerialNum == nil:
		return "serialNum不能为空"
	case deptType == typeWeCom && or(r.CorpID) == "":
		return "corpid不能为空"
	case op.opt == optAdd && deptType == typeWeCom && or(r.WxDeptID) == 0:
		return "wxDeptId不能为空"
	case op.opt == optAdd && deptType == typeOutChannel && or(r.ThirdDeptID) == "":
		return "thirdDeptId不能为空"
	case r.DeptStatus != nil && *r.DeptStatus != 1 && *r.DeptStatus != 2:
		return "deptStatus只能是1或2"
	case badTime(r.CreateTime) || badTime(r.UpdateTime):
		return "时间格式必须是yyyy-MM-dd HH:mm:ss"
	}
	return ""
}

func (s *Server) addDepartment(row *departmentRow) string {
	if s.departments.taken(row.ids(), nil) {
		return "部门已存在"
	}
	d := &department{departmentRow: *row, below: make(map[*department]bool)}
	if by := row.parentIDs(); by != (ids{}) {
		parent := s.departments.find(by)
		if parent == nil {
			return "父部门不存在"
		}
		d.under(parent)
	}
	if d.DeptID == nil {
		d.DeptID = new(integer(s.nextID()))
	}
	s.departments.put(d, d.ids())
	return ""
}

func (s *Server) updateDepartment(row *departmentRow) string {
	d := s.departments.find(row.ids())
	if d == nil {
		return "部门不存在"
	}
	if s.departments.taken(row.ids(), d) {
		return "部门已存在"
	}
	if by := row.parentIDs(); by != (ids{}) {
		parent := s.departments.find(by)
		if parent == nil {
			return "父部门不存在"
		}
		for up := parent; up != nil; up = up.parent {
			if up == d {
				return "父部门不能是本部门或其子部门"
			}
		}
		d.under(parent)
	} else if row.ThirdParentID != nil {
		d.under(nil) // "" takes it to the top
	}
	s.departments.forget(d, d.ids())
	merge(&d.departmentRow, row)
	s.departments.put(d, d.ids())
	return ""
}

func (d *department) under(parent *department) {
	if d.parent != nil {
		delete(d.parent.below, d)
	}
	d.parent = parent
	if parent != nil {
		parent.below[d] = true
	}
}

func (s *Server) deleteDepartment(row *departmentRow, withSubtree bool) string {
	d := s.departments.find(row.ids())
	switch {
	case d == nil:
		return "部门不存在"
	case len(d.below) > 0 && !withSubtree:
		return "存在子部门,无法删除"
	case d.staffed():
		return "部门下存在员工渠道,无法删除"
	}
	s.drop(d)
	return ""
}

// staffed reports whether d or a department below it has employees.
func (d *department) staffed() bool {
	for child := range d.below {
		if child.staffed() {
			return true
		}
	}
	return d.employees > 0
}

func (s *Server) drop(d *department) {
	for child := range d.below {
		s.drop(child)
	}
	d.under(nil)
	s.departments.remove(d, d.ids())
}

func (d *department) public() tuzhan.Department {
	return tuzhan.Department{
		DeptID:        int64(or(d.DeptID)),
		ParentID:      int64(or(d.ParentID)),
		DeptType:      tuzhan.DeptType(or(d.DeptType)),
		DeptName:      or(d.DeptName),
		ThirdDeptID:   or(d.ThirdDeptID),
		ThirdParentID: or(d.ThirdParentID),
		CorpID:        or(d.CorpID),
		WxDeptID:      int64(or(d.WxDeptID)),
		WxParentID:    int64(or(d.WxParentID)),
		DeptStatus:    tuzhan.DeptStatus(or(d.DeptStatus)),
		SerialNum:     int(or(d.SerialNum)),
		CreateUser:    opt(d.CreateUser),
		CreateTime:    instant(d.CreateTime),
		UpdateUser:    opt(d.UpdateUser),
		UpdateTime:    instant(d.UpdateTime),
	}
}

// opt returns what p points to as an optional field, absent for nil.
func opt[T any](p *T) tuzhan.Opt[T] {
	if p == nil {
		return tuzhan.Opt[T]{}
	}
	return tuzhan.Set(*p)
}
