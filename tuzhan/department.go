package tuzhan

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/orgbridge/orgbridge/internal/redact"
	"github.com/orgbridge/orgbridge/internal/wire"
)

// DeptType is the kind of a department tree (deptType). A company has one of
// the two kinds only.
type DeptType string

const (
	// DeptTypeWeCom is a tree that belongs to 企业微信.
	DeptTypeWeCom DeptType = "qywx"
	// DeptTypeExternal is any other tree (外部渠道, outchannel).
	DeptTypeExternal DeptType = "outchannel"
)

// DeptStatus is the state of a department (deptStatus).
type DeptStatus int

const (
	// DeptActive is 有效.
	DeptActive DeptStatus = 1
	// DeptInactive is 无效.
	DeptInactive DeptStatus = 2
)

// Opt is an optional field of a record: set or absent. The zero Opt leaves the
// field out of the request, whereas Set("") travels and clears what the vendor
// holds. It prints as "set" or "absent", never as its value.
//
//	func Set[T any](v T) Opt[T]       // an Opt that holds v
//	func (o Opt[T]) Get() (T, bool)   // the value, and whether it is set
//	func (o Opt[T]) Or(fallback T) T  // the value, or fallback when absent
//	func (o Opt[T]) IsSet() bool
//	func (o Opt[T]) IsZero() bool     // absent, for the omitzero tag
//
// As JSON a set Opt is its value, and an absent one null.
type Opt[T any] = wire.Opt[T]

// Set returns an Opt that holds v.
func Set[T any](v T) Opt[T] { return wire.Set(v) }

// Department is one department (组织架构) as it is sent. The vendor recognises
// it, for DeptTypeWeCom, by WxDeptID, else ThirdDeptID, else DeptID; for
// DeptTypeExternal by ThirdDeptID, else DeptID. A parent is named in the same
// order. A zero number, string or time is left out, except SerialNum, and a
// root has no parent field.
//
// Printed or logged, a Department shows type, ids and status.
type Department struct {
	// DeptID is the vendor's own id.
	DeptID int64 `json:"deptId,omitzero"`
	// ParentID is the vendor's own id of the parent.
	ParentID int64 `json:"parentId,omitzero"`
	// DeptType is required. All departments of one batch are of one type.
	DeptType DeptType `json:"deptType,omitzero"`
	// DeptName is required, except to delete.
	DeptName string `json:"deptName,omitzero"`
	// ThirdDeptID is the caller's id, required to add to DeptTypeExternal.
	ThirdDeptID string `json:"thirdDeptId,omitzero"`
	// ThirdParentID is the caller's id of the parent.
	ThirdParentID string `json:"thirdParentId,omitzero"`
	// CorpID is the 企业微信 id of the authorising company, required for
	// DeptTypeWeCom, except to delete.
	CorpID string `json:"corpid,omitzero"`
	// WxDeptID is the 企业微信 id, required to add to DeptTypeWeCom.
	WxDeptID int64 `json:"wxDeptId,omitzero"`
	// WxParentID is the 企业微信 id of the parent.
	WxParentID int64 `json:"wxParentId,omitzero"`
	// DeptStatus is DeptActive or DeptInactive.
	DeptStatus DeptStatus `json:"deptStatus,omitzero"`
	// SerialNum is the position among siblings. It is required by the vendor:
	// 0 is sent too.
	SerialNum int `json:"serialNum"`
	// CreateUser is who created it.
	CreateUser Opt[string] `json:"createUser,omitzero"`
	// CreateTime is when it was created, sent in Beijing time to the second.
	CreateTime time.Time `json:"createTime,omitzero"`
	// UpdateUser is who changed it last.
	UpdateUser Opt[string] `json:"updateUser,omitzero"`
	// UpdateTime is when it was changed last, sent in Beijing time to the second.
	UpdateTime time.Time `json:"updateTime,omitzero"`
}

// LogValue lists what is fit for a log.
func (d Department) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String("deptType", string(d.DeptType)),
		slog.Int64("deptId", d.DeptID),
		slog.String("thirdDeptId", d.ThirdDeptID),
		slog.Int64("wxDeptId", d.WxDeptID),
		slog.Int("deptStatus", int(d.DeptStatus)),
	)
}

// Format prints what LogValue lists, whatever the verb.
func (d Department) Format(f fmt.State, _ rune) { redact.Format(f, "tuzhan.Department", d.LogValue()) }

// AddDepartments adds departments (/api/integrate/dept/batchAdd, optType add),
// parents before their children whatever the order given: level by level, at
// most 500 a call. A parent that fails does not keep its children from being
// sent; the vendor decides. Records in or below a cycle of parents are refused.
//
// Nothing is ever added twice: a chunk whose answer is lost fails with
// [ErrOutcomeUnknown], and what has not been sent by then with [ErrNotSent].
func (c *Client) AddDepartments(ctx context.Context, departments []Department) (DepartmentResult, error) {
	return push(ctx, c, departmentKind(optAdd, departments), departments)
}

// UpdateDepartments changes departments (/api/integrate/dept/batchAdd, optType
// update), in the order of [Client.AddDepartments]. Calls are repeated after
// failures that may pass.
func (c *Client) UpdateDepartments(ctx context.Context, departments []Department) (DepartmentResult, error) {
	return push(ctx, c, departmentKind(optUpdate, departments), departments)
}

// DeleteDepartments deletes departments (/api/integrate/dept/batchAdd, optType
// delete). The vendor refuses one that has employees, or departments below it
// (deleteSubDepartmentFlag is "false"). Give the parent of each: children go
// before their parents. DeptType and an identity are all that is required;
// whatever else is set is sent. Calls are repeated after failures that may
// pass, so that a department may be gone already: [ErrNotExists].
func (c *Client) DeleteDepartments(ctx context.Context, departments []Department) (DepartmentResult, error) {
	k := departmentKind(optDelete, departments)
	k.params.DeleteSubDepartmentFlag = "false"
	return push(ctx, c, k, departments)
}

// DeleteDepartmentTrees is [Client.DeleteDepartments] with deleteSubDepartmentFlag "true"
// (/api/integrate/dept/batchAdd): it deletes the departments below those given, to any depth, as
// well.
func (c *Client) DeleteDepartmentTrees(ctx context.Context, departments []Department) (DepartmentResult, error) {
	k := departmentKind(optDelete, departments)
	k.params.DeleteSubDepartmentFlag = "true"
	return push(ctx, c, k, departments)
}

func departmentKind(opt optType, departments []Department) kind[Department] {
	deptType := commonType(departments)
	identify := func(wx, third, own name) identity {
		if deptType != DeptTypeWeCom {
			wx = name{}
		}
		return identity{wx, third, own}
	}
	return kind[Department]{
		exists: departmentExists,
		own: func(d *Department) []string {
			return []string{d.DeptName, d.ThirdDeptID, digits(d.WxDeptID), digits(d.DeptID)}
		},
		op:     operation("dept/batchAdd", opt),
		params: publicParams{OptType: opt},
		names:  [3]string{"wxDeptId", "thirdDeptId", "deptId"},
		self: func(d *Department) identity {
			return identify(number(d.WxDeptID), text(d.ThirdDeptID), number(d.DeptID))
		},
		echo: func(e echo) identity {
			return identify(echoed(e.wxDeptID), text(e.thirdDeptID), echoed(e.deptID))
		},
		parentNames: [3]string{"wxParentId", "thirdParentId", "parentId"},
		parent: func(d *Department) identity {
			return identify(number(d.WxParentID), text(d.ThirdParentID), number(d.ParentID))
		},
		childrenFirst: opt == optDelete,
		fault:         func(d *Department) (field, reason string) { return d.fault(opt, deptType) },
		appendTo:      func(b []byte, d *Department) []byte { return d.appendTo(b) },
	}
}

// commonType is the one that a whole call has (类型互斥): that of most records,
// so that a stray one is refused alone, wherever it stands. Of as many, the
// first.
func commonType(departments []Department) DeptType {
	var common DeptType
	count := map[DeptType]int{}
	for i := range departments {
		if t := departments[i].DeptType; t.known() {
			common = cmp.Or(common, t)
			count[t]++
		}
	}
	for t, n := range count {
		if n > count[common] {
			common = t
		}
	}
	return common
}

func (t DeptType) known() bool { return t == DeptTypeWeCom || t == DeptTypeExternal }

// fault returns the first field that the vendor's table would have refused.
func (d *Department) fault(opt optType, deptType DeptType) (name, reason string) {
	writes, weCom := opt != optDelete, d.DeptType == DeptTypeWeCom
	switch {
	case d.DeptType == "":
		return "deptType", isRequired
	case !d.DeptType.known():
		return "deptType", "is neither qywx nor outchannel"
	case d.DeptType != deptType:
		return "deptType", "differs from most of the records: a company has one type only"
	case weCom && d.WxDeptID == 0 && (opt == optAdd || blank(d.ThirdDeptID) && d.DeptID == 0):
		return "wxDeptId", isRequired
	case !weCom && blank(d.ThirdDeptID) && (opt == optAdd || d.DeptID == 0):
		return "thirdDeptId", isRequired
	case writes && weCom && blank(d.CorpID):
		return "corpid", isRequired
	case writes && blank(d.DeptName):
		return "deptName", isRequired
	case d.DeptStatus != 0 && d.DeptStatus != DeptActive && d.DeptStatus != DeptInactive:
		return "deptStatus", "is neither 1 nor 2"
	}
	return notUTF8(
		field{"deptName", d.DeptName}, field{"thirdDeptId", d.ThirdDeptID}, field{"thirdParentId", d.ThirdParentID},
		field{"corpid", d.CorpID}, field{"createUser", d.CreateUser.Or("")}, field{"updateUser", d.UpdateUser.Or("")},
	)
}
