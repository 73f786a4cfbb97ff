package orgsync

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
)

// digest names the plans: the same digest, the same changes.
func digest(plans []*targetPlan) string {
	sum := sha256.New()
	for _, t := range plans {
		fmt.Fprintf(sum, "%q %q %t\n", t.name, t.fingerprint, t.replace)
		for _, list := range t.lists() {
			for i := range list {
				it := &list[i]
				fmt.Fprintf(sum, "%q %q %q %q %t\n", it.id, it.action, it.next.Hash, it.key, it.handover)
			}
			fmt.Fprintln(sum)
		}
	}
	return hex.EncodeToString(sum.Sum(nil))
}

func (t *targetPlan) lists() [][]item {
	return [][]item{t.additions.newDepartments, t.additions.changedDepartments, t.additions.people, t.removals.people, t.removals.departments}
}
