package orgsync_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/orgmodel"
)

// A department changes, though neither its name nor its place is another one.
func TestADepartmentChangesInMoreThanItsName(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*orgmodel.Department){
		"status":    func(d *orgmodel.Department) { d.SetStatus(orgmodel.StatusDisabled) },
		"order":     func(d *orgmodel.Department) { d.SetOrder(7) },
		"attribute": func(d *orgmodel.Department) { d.SetAttribute("costCenter", "K1") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			target := newStageTarget("t")
			target.traits.Departments = true
			p := newPlay(t, 40, target)
			p.sync()
			require.False(t, p.sync().Reading.Full)
			change(&p.src.departments[2])
			require.Equal(t, "departments changed", p.sync().Reading.Why)
			require.False(t, p.sync().Reading.Full)
		})
	}
}
