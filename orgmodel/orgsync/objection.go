package orgsync

import (
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
