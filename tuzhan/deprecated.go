package tuzhan

// Names that repeated the vendor's wording, for programs that have them.

// DeptTypeOutChannel is the former name of [DeptTypeExternal].
//
// Deprecated: use [DeptTypeExternal].
const DeptTypeOutChannel = DeptTypeExternal

// Former names of the states of a department.
//
// Deprecated: use [DeptActive] and [DeptInactive].
const (
	DeptValid   = DeptActive
	DeptInvalid = DeptInactive
)

// RoleGeneralEmployee is the former name of [RoleEmployee].
//
// Deprecated: use [RoleEmployee].
const RoleGeneralEmployee = RoleEmployee
