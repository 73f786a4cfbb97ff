package orgsync

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"github.com/orgbridge/orgbridge/orgmodel"
)

// digest names the plans: the same digest, the same changes.
func digest(plans []*targetPlan) string {
	sum := sha256.New()
	for _, t := range plans {
		fmt.Fprintf(sum, "%q %q %t\n", t.name, t.fingerprint, t.replace)
		for _, list := range t.lists() {
			for i := range list.items {
				it := &list.items[i]
				fmt.Fprintf(sum, "%q %q %q %q %t\n", it.id, it.action, it.next.Hash, it.key, it.handover)
			}
			fmt.Fprintln(sum)
		}
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// planned is one list of a plan.
type planned struct {
	entity orgmodel.Entity
	items  []item
}

// lists are in the order in which they are pushed.
func (t *targetPlan) lists() []planned {
	return []planned{
		{orgmodel.EntityDepartment, t.additions.newDepartments},
		{orgmodel.EntityDepartment, t.additions.changedDepartments},
		{orgmodel.EntityPerson, t.additions.newPeople},
		{orgmodel.EntityPerson, t.additions.changedPeople},
		{orgmodel.EntityPerson, t.removals.people},
		{orgmodel.EntityDepartment, t.removals.departments},
	}
}
