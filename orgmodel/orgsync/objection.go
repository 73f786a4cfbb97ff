package orgsync

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
)

// objection is what the guard has against a plan: a violation, and the set that it is
// about. An approval names sets, so that changes elsewhere do not void it.
type objection struct {
	Violation

	set    []string // sorted
	number int      // instead of a set, of what is only counted
}

func (o *objection) name() string {
	return fmt.Sprintf("%s\x00%s\x00%s", o.Kind, o.Target, o.Department)
}

// digest names objections: the same sets, the same digest.
func digest(objections []objection) string {
	if len(objections) == 0 || slices.ContainsFunc(objections, func(o objection) bool { return o.Kind == KindNothing }) {
		return ""
	}
	objections = slices.Clone(objections)
	slices.SortFunc(objections, func(a, b objection) int {
		if a.name() < b.name() {
			return -1
		}
		return 1
	})
	sum := sha256.New()
	for i := range objections {
		o := &objections[i]
		fmt.Fprintf(sum, "%q %d %d\n", o.name(), o.number, len(o.set))
		for _, item := range o.set {
			fmt.Fprintf(sum, "%q\n", item)
		}
	}
	return hex.EncodeToString(sum.Sum(nil))
}

func removalName(t *targetPlan, c *change) string {
	d := t.detailOf(c)
	return entityKey(c.op.entity(), c.id) + "\x00" + cmp.Or(d.was, d.key)
}

// removedPeople yields the changes that take a person away: not the retirement of an
// earlier key, nor that of a tombstone.
func (t *targetPlan) removedPeople(yield func(*change) bool) {
	for _, s := range []step{stepReleaseKeys, stepRemovePeople} {
		for i := range t.steps[s] {
			c := &t.steps[s][i]
			d := t.detailOf(c)
			if t.reasonOf(c) == ReasonSuperseded || d.tombstone {
				continue
			}
			if !yield(c) {
				return
			}
		}
	}
}
