package tuzhan_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/orgbridge/orgbridge/tuzhan"
)

// Former names are what they were.
func TestFormerNames(t *testing.T) {
	t.Parallel()
	assert.Equal(t, []any{tuzhan.DeptTypeExternal, tuzhan.DeptActive, tuzhan.DeptInactive, tuzhan.RoleEmployee},
		[]any{tuzhan.DeptTypeOutChannel, tuzhan.DeptValid, tuzhan.DeptInvalid, tuzhan.RoleGeneralEmployee})
	assert.Equal(t, []any{tuzhan.DeptType("outchannel"), tuzhan.DeptStatus(1), tuzhan.DeptStatus(2), tuzhan.RoleKey("GENERAL_EMPLOYE")},
		[]any{tuzhan.DeptTypeExternal, tuzhan.DeptActive, tuzhan.DeptInactive, tuzhan.RoleEmployee})
}
