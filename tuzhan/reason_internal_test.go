package tuzhan

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// A vendor's free text says that a record exists, or does not, only as a whole message
// about the record itself.
func TestI26_cipp814(t *testing.T) {
	t.Parallel()
	own := []string{"王小明", "13800000001", "U1", "企业"}
	for message, want := range map[string]error{
		"":                  errFailed,
		"已存在":               ErrExists,
		"员工渠道已存在":           ErrExists,
		"该用户 已经存在。":         ErrExists,
		"员工王小明已存在":          ErrExists,
		"渠道U1不存在":           ErrNotExists,
		"此人员不存在.":           ErrNotExists,
		"企业不存在":             nil,
		"企业不存在或已停用":         nil,
		"部门不存在":             nil,
		"手机号13800000001已存在": nil,
		"角色不存在":             nil,
		"用户不存在或无权限访问":       nil,
		"不存在的应用":            nil,
		"员工已存在于其他企业":        nil,
	} {
		assert.Equal(t, want, reason(message, employeeExists, own), message)
	}
	for message, want := range map[string]error{
		"部门已存在": ErrExists, "该部门不存在": ErrNotExists, "部门研发部已存在": ErrExists,
		"父部门不存在": nil, "上级部门不存在": nil, "员工不存在": nil, "企业部门不存在": nil,
	} {
		assert.Equal(t, want, reason(message, departmentExists, []string{"研发部", "D1"}), message)
	}
}
